/**
 * Times things side by side: each round runs every row once, and a row's figure is its least time over the rounds, divided by
 * the first row's.
 *
 * Only such ratios can be kept and compared: another machine changes all rows alike. The least, because what a busy neighbour does
 * to a row is always more, never less.
 */
import { cpuUs } from './process.ts';

/** Something to time. */
export interface Row {
  readonly name: string;
  /** Does its work once. */
  readonly work: () => void;
}

/** What a row came to. */
export interface Measured {
  readonly name: string;
  /** Least processor time of one piece of work, in microseconds: of this machine, now. */
  readonly us: number;
  /** That, over the reference's. */
  readonly ratio: number;
}

/** Long enough that the clock's resolution and a stray collection of garbage do not matter. */
const SLICE_US = 40_000;

function timeUs(row: Row, times: number): number {
  const startedUs = cpuUs();
  for (let n = 0; n < times; n += 1) row.work();
  return cpuUs() - startedUs;
}

/** How often a row's work fits into a slice; doubles until it nearly does. */
function timesInSlice(row: Row): number {
  let times = 1;
  for (;;) {
    const us = timeUs(row, times);
    if (us >= SLICE_US / 4) return Math.max(1, Math.round((times * SLICE_US) / us));
    times *= 2;
  }
}

/** Times all rows in `rounds` rounds; the first row is the reference. */
export function measure(rows: readonly Row[], rounds: number): Measured[] {
  // Once for nothing: what the first rows call is compiled for all of them.
  for (const row of rows) timesInSlice(row);
  const counted = rows.map((row) => ({ row, times: timesInSlice(row) }));
  const least = rows.map(() => Infinity);
  for (let round = 0; round < rounds; round += 1) {
    for (const [column, { row, times }] of counted.entries()) {
      least[column] = Math.min(least[column] ?? Infinity, timeUs(row, times) / times);
    }
  }
  return rows.map(({ name }, column) => ({
    name,
    us: least[column] ?? Infinity,
    ratio: (least[column] ?? Infinity) / (least[0] ?? Infinity),
  }));
}

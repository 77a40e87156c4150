/**
 * Where the clocks of a policy's regions lie in one array of due times: first those that wake the host, in the
 * order in which they run out at one instant, then those that are only looked at in passing.
 */
import { FIRST_CLOCK_COLUMN } from './program.ts';
import type { Region } from './region.ts';

/** A policy's regions, and what all their instances share. */
export interface Layout {
  readonly regions: readonly Region[];
  /** Place of each region's clock number 0, 1, … in the due times. */
  readonly slots: readonly Uint8Array[];
  /** Place of each region's lazy clock; -1 where it has none. */
  readonly lazySlots: Int16Array;
  /** Region and clock of each place. */
  readonly regionOfSlot: Uint8Array;
  readonly clockOfSlot: Uint8Array;
  /** How many of the places wake the host. */
  readonly wakers: number;
  /** 1 for each column of a host's call that any region cares about. */
  readonly hears: Uint8Array;
  /**
   * All numbers of one reaper lie in one row: absolute due times by place, Infinity where not armed; then for each region, from these
   * columns on, a tick of its grid, how long its drawn clock runs on this connection (0 where nothing is drawn), the length of the queue at its
   * previous sample, or how much has to be acknowledged by the next for progress, its state, and 1 while it waits for the answer to its Sample.
   */
  readonly origin: number;
  readonly drawn: number;
  readonly measured: number;
  readonly state: number;
  readonly asked: number;
  /** Length of a row. */
  readonly width: number;
  /** What the latest call to any of its reapers left. */
  readonly effects: Uint8Array;
  readonly effectMechanism: Uint8Array;
}

/** Lays the regions' clocks out, once per policy. */
export function layOut(regions: readonly Region[]): Layout {
  const all = regions.flatMap(({ program, lazyClock }, region) =>
    program.clocks.map((_, clock) => ({ region, clock, lazy: clock === lazyClock })),
  );
  const wakers = all.filter(({ lazy }) => !lazy);
  const ordered = [...wakers, ...all.filter(({ lazy }) => lazy)];
  const slots = regions.map(({ program }) => new Uint8Array(program.clocks.length));
  ordered.forEach(({ region, clock }, slot) => {
    const own = slots[region];
    if (own !== undefined) own[clock] = slot;
  });
  const lazySlots = regions.map(({ lazyClock }, region) => slots[region]?.[lazyClock] ?? -1);
  const hears = new Uint8Array(FIRST_CLOCK_COLUMN);
  for (const { program } of regions) {
    program.hears.forEach((heard, column) => {
      if (heard === 1) hears[column] = 1;
    });
  }
  const origin = ordered.length;
  const [drawn, measured, state, asked, width] = [1, 2, 3, 4, 5].map(
    (block) => origin + block * regions.length,
  ) as [number, number, number, number, number];
  // More than any one call can leave: for each clock a ping or a verdict, one for the call itself, and one look.
  const effectsLimit = ordered.length + regions.length + 1;
  return {
    regions,
    slots,
    lazySlots: Int16Array.from(lazySlots),
    regionOfSlot: Uint8Array.from(ordered, ({ region }) => region),
    clockOfSlot: Uint8Array.from(ordered, ({ clock }) => clock),
    wakers: wakers.length,
    hears,
    origin,
    drawn,
    measured,
    state,
    asked,
    width,
    effects: new Uint8Array(effectsLimit),
    effectMechanism: new Uint8Array(effectsLimit),
  };
}

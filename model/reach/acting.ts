/**
 * Which mechanisms can ever do anything in a cell: end the connection, or send a ping. Looked up in the compiled table, with what can
 * happen in the cell; the others need not be followed.
 */
import { Column, FIRST_CLOCK_COLUMN, Operation, operationOf } from '../reaper/program.ts';
import { NO_EDGE } from '../statechart/table.ts';
import type { Program } from '../reaper/program.ts';
import type { Region } from '../reaper/region.ts';

/** What a mechanism can hear of. */
export interface Happening {
  /** Pings are sent. */
  readonly pings: boolean;
  /** Messages are. */
  readonly writes: boolean;
  /** What waits in user space moves on. */
  readonly drains: boolean;
  /** Something is queued, whatever is sent now. */
  readonly queued: boolean;
  /** A pool's query is. */
  readonly asks: boolean;
  /** Bits of LifeBit that can arrive together. */
  readonly arrivals: readonly number[];
  /**
   * The socket may be found in another state than ESTABLISHED: by a process that stood still while the kernel ended the connection, by one that does not
   * close at the end of file.
   */
  readonly leavesEstablished: boolean;
}

const QUIET: ReadonlySet<number> = new Set([0, Operation.Arm, Operation.Cancel, Operation.Sample]);

/** Whether a mechanism's program has no verdict. */
export function endsNothing({ codes }: Program): boolean {
  return codes.every(
    (code) => QUIET.has(operationOf(code)) || operationOf(code) === Operation.Ping,
  );
}

/** Whether it asks the peer anything: a ping, or a test of a pool's entry. */
export function asks({ program: { codes } }: Region): boolean {
  return codes.some((code) => {
    const operation = operationOf(code);
    return operation === Operation.Ping || operation === Operation.Test;
  });
}

export function sendsPings({ program: { codes } }: Region): boolean {
  return codes.some((code) => operationOf(code) === Operation.Ping);
}

/** Whether some step that can be taken ends the connection or sends something. */
export function actsEver(region: Region, happening: Happening): boolean {
  const { initial, initialStart } = region.program;
  return acts(region.program, initialStart) || actsFrom(region, initial, happening);
}

/** Whether a row of effects does more than set clocks and look. */
function acts({ codes }: Program, from: number): boolean {
  for (let at = from; codes[at] !== 0; at += 1) {
    if (!QUIET.has(operationOf(codes[at] as number))) return true;
  }
  return false;
}

/** The same for a mechanism that stands in a state of its table. */
export function actsFrom(region: Region, from: number, happening: Happening): boolean {
  const { program, lifeMask, skipMask } = region;
  const { width, next, start } = program;
  const columns = columnsOf(happening, lifeMask, skipMask);
  for (let clock = 0; clock < program.clocks.length; clock += 1) {
    columns.add(FIRST_CLOCK_COLUMN + clock);
  }
  const seen = new Set([from]);
  for (const state of seen) {
    for (const column of columns) {
      const cell = state * width + column;
      const follows = next[cell] ?? NO_EDGE;
      if (follows === NO_EDGE) continue;
      if (acts(program, start[cell] as number)) return true;
      seen.add(follows);
    }
  }
  return false;
}

/** The column of what has been read: whether it is life to the mechanism, and makes its next tick superfluous. */
export function receivedColumn(
  { lifeMask, skipMask }: Pick<Region, 'lifeMask' | 'skipMask'>,
  bits: number,
): number {
  const life = (bits & lifeMask) === 0 ? Column.ReceivedOther : Column.ReceivedLife;
  return (bits & skipMask) === 0 ? life : life + Column.ReceivedSkip;
}

function columnsOf(
  { pings, writes, drains, queued, asks, arrivals, leavesEstablished }: Happening,
  lifeMask: number,
  skipMask: number,
): Set<number> {
  const columns = new Set<number>([Column.SampleEmpty]);
  // What waited while the process stood still is read as one.
  const together = arrivals.reduce((all, bits) => all | bits, 0);
  for (const bits of arrivals.length === 0 ? [] : [...arrivals, together]) {
    columns.add(receivedColumn({ lifeMask, skipMask }, bits));
  }
  if (pings) columns.add(Column.PingSent).add(Column.PingWritten);
  if (writes) {
    columns.add(Column.MessageSent).add(Column.SendAccepted).add(Column.SendBlocked);
  }
  if (drains) columns.add(Column.SendDrainedSome).add(Column.SendDrainedAll);
  if (asks) {
    columns.add(Column.Borrowed).add(Column.Requested).add(Column.Replied);
    columns.add(Column.MessageSent);
  }
  // Whatever arrives may have to be answered.
  if (pings || writes || queued || asks || arrivals.length > 0) {
    columns.add(Column.SampleMoved).add(Column.SampleStuck);
  }
  if (leavesEstablished) columns.add(Column.SampleNotEstablished);
  return columns;
}

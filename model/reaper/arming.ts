/**
 * How long a clock of the reaper may run from the step that arms it: what {@link dueUs} comes to when the phases of its grid are not known.
 */
import { Rule, type Region } from './region.ts';

/** Least and most, µs. */
export interface Within {
  readonly lo: number;
  readonly hi: number;
}

/**
 * @param onTick the step was made at a tick of the coarser timer that the region waits for
 * @param late the host stood still, and the step comes later than it was due
 */
export function armsWithin(region: Region, clock: number, onTick: boolean, late: boolean): Within {
  const runsUs = region.clockUs[clock] ?? 0;
  const mostUs = runsUs + (clock === region.drawnClock ? region.jitterUs : 0);
  const { intervalUs } = region;
  switch (region.rules[clock]) {
    case Rule.Tick: {
      // The server's own grid stands at any phase; the connection's, and one that is on time, a whole interval away.
      const anywhere = late || (region.sharedGrid && clock === 0);
      return { lo: anywhere ? 1 : intervalUs, hi: intervalUs };
    }
    case Rule.Look:
      return { lo: late ? Math.max(0, runsUs - intervalUs) : runsUs, hi: runsUs };
    case Rule.Rounded:
      return rounded(region, { lo: runsUs, hi: mostUs }, onTick, late);
    default:
      return { lo: runsUs, hi: mostUs };
  }
}

/** On to a tick of a coarser timer, of which nothing is known but that a step made at one stands on it. */
function rounded(
  { intervalUs, roundsDown }: Region,
  runs: Within,
  onTick: boolean,
  late: boolean,
): Within {
  if (onTick) {
    const ticks = (us: number): number =>
      Math.max(1, roundsDown ? Math.floor(us / intervalUs) : Math.ceil(us / intervalUs));
    return { lo: ticks(runs.lo) * intervalUs, hi: ticks(runs.hi) * intervalUs };
  }
  const before = late ? intervalUs : 0;
  if (roundsDown) {
    const lo = Math.max(1, runs.lo - intervalUs + 1 - before);
    return { lo, hi: Math.max(runs.hi, intervalUs) };
  }
  return { lo: Math.max(0, runs.lo - before), hi: runs.hi + intervalUs };
}

/** A mechanism of a policy that decides in the process, ready to run: its program and its numbers. */
import { clocksMs, lifeMaskOf } from '../machines/reaper/index.ts';
import type { Mechanism } from '../policy/types.ts';
import { CLOCKS, GRACE, INTERVAL, programOf } from './program.ts';
import type { Program } from './program.ts';

/** A compiled mechanism. */
export interface Region {
  readonly program: Program;
  /** Position in the policy's mechanisms. */
  readonly mechanism: number;
  readonly lifeMask: number;
  /** How long each clock runs that is not on a grid, µs. */
  readonly clockUs: Float64Array;
  /** Distance of the ticks of those that are, µs. */
  readonly intervalUs: number;
  /** Whether a late tick pushes the next one back: the time between two ticks is patience for an answer. */
  readonly ticksArePatience: boolean;
  /** Number of the clock that is only looked at when the mechanism is; -1 when there is none. */
  readonly lazyClock: number;
  /** Whether ticks stand on the server's shared grid. */
  readonly sharedGrid: boolean;
  /** What a sample is judged by; undefined for a mechanism that never looks at the socket. */
  readonly samples: 'established' | 'bytes-acked' | 'queue' | undefined;
}

const US_PER_MS = 1_000;

/** Compiles one mechanism; `index` is its position in the policy. */
export function compileRegion(mechanism: Mechanism, index: number): Region {
  const clockUs = clockDurations(mechanism);
  return {
    program: programOf(mechanism),
    mechanism: index,
    lifeMask: lifeMaskOf(mechanism),
    clockUs,
    intervalUs: clockUs[INTERVAL] ?? 0,
    ticksArePatience: mechanism.kind === 'sweep',
    lazyClock: mechanism.kind === 'send-stall' ? GRACE : -1,
    sharedGrid: mechanism.kind === 'sweep' && mechanism.timer === 'shared',
    samples: samplesOf(mechanism),
  };
}

function samplesOf(mechanism: Mechanism): Region['samples'] {
  if (mechanism.kind === 'peer-closed') return 'established';
  if (mechanism.kind !== 'send-stall' || mechanism.progress === 'application-ack') return undefined;
  return mechanism.progress;
}

function clockDurations(mechanism: Mechanism): Float64Array {
  const durations = new Float64Array(CLOCKS.length);
  const clocks = clocksMs(mechanism, { startMs: 0, sharedOriginMs: 0 });
  CLOCKS.forEach((kind, clock) => {
    durations[clock] = Math.round((clocks[kind] ?? 0) * US_PER_MS);
  });
  return durations;
}

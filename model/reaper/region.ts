/** A mechanism of a policy that decides in the process, ready to run: its program and its numbers. */
import {
  clocksMs,
  granularityOf,
  hasRegion,
  lifeMaskOf,
  skipMaskOf,
} from '../machines/reaper/index.ts';
import { kindOf } from '../mechanisms/index.ts';
import type { Sampled } from '../mechanisms/kind.ts';
import type { DelayKind } from '../mechanisms/region/clocks.ts';
import type { Granularity, Mechanism, Policy } from '../policy/types.ts';
import { programOf } from './program.ts';
import type { Program } from './program.ts';

/** From when a clock runs, and to when. */
export const Rule = {
  /** From the step that starts it. */
  Step: 0,
  /** To the next tick of the region's grid. */
  Tick: 1,
  /** From the look at which the step was made. */
  Look: 2,
  /** From the step, and on to a tick of a coarser timer. */
  Rounded: 3,
} as const;

/** A compiled mechanism. Clocks are numbered as in its program. */
export interface Region {
  readonly program: Program;
  /** Position in the policy's mechanisms. */
  readonly mechanism: number;
  readonly lifeMask: number;
  readonly skipMask: number;
  /** How long each clock runs, µs. */
  readonly clockUs: Float64Array;
  /** One of {@link Rule} for each clock. */
  readonly rules: Uint8Array;
  /** Distance of the grid's ticks, µs: of the mechanism's own, or of the coarser timer that it waits for. */
  readonly intervalUs: number;
  /** Whether the grid is the server's; else it begins with the connection. */
  readonly sharedGrid: boolean;
  /** Number of the clock at whose end the connection's own grid begins; -1 where that is the opening. */
  readonly firstTickClock: number;
  /** Whether a clock runs out at the last tick before its time, not at the first one after. */
  readonly roundsDown: boolean;
  /** Number of the clock whose length is drawn for each connection, -1 when there is none; up to what is added to it, µs. */
  readonly drawnClock: number;
  readonly jitterUs: number;
  /** Number of the clock that is patience for an answer; -1 when there is none. */
  readonly patienceClock: number;
  /** Number of the clock that is only looked at when the mechanism is; -1 when there is none. */
  readonly lazyClock: number;
  /** Whether that clock runs out before what is reported at the very instant. */
  readonly lazyFirst: boolean;
  /** What a sample is judged by; undefined for a mechanism that never looks at the socket. */
  readonly samples: Sampled | undefined;
  /** The least that counts as progress of bytes acknowledged. */
  readonly leastProgressBytes: number;
  /** Limits on what user space holds, bytes; Infinity where there is none. */
  readonly softBytes: number;
  readonly hardBytes: number;
}

const US_PER_MS = 1_000;
const LAZY: ReadonlySet<DelayKind> = new Set(['grace', 'strike', 'fresh']);

/** What of a policy decides in the process, ready to run. */
export function regionsOf({ mechanisms }: Policy): Region[] {
  return mechanisms.flatMap((mechanism, index) =>
    hasRegion(mechanism) ? [compileRegion(mechanism, index)] : [],
  );
}

/** Compiles one mechanism; `index` is its position in the policy. */
export function compileRegion(mechanism: Mechanism, index: number): Region {
  const program = programOf(mechanism);
  const { clocks } = program;
  const granularity = granularityOf(mechanism);
  // Without anything drawn: a jitter's least.
  const lengths = clocksMs(mechanism, { startMs: 0, sharedOriginMs: 0, draw: 0 });
  const lengthUs = (clock: DelayKind): number => Math.round((lengths[clock] ?? 0) * US_PER_MS);
  const lazy = clocks.find((clock) => LAZY.has(clock));
  const samples = kindOf(mechanism).samples?.(mechanism);
  const limits = kindOf(mechanism).limits?.(mechanism);
  return {
    program,
    mechanism: index,
    lifeMask: lifeMaskOf(mechanism),
    skipMask: skipMaskOf(mechanism),
    clockUs: Float64Array.from(clocks, lengthUs),
    rules: Uint8Array.from(clocks, (clock) => ruleOf(mechanism, clock, granularity)),
    intervalUs: granularity === undefined ? lengthUs('interval') : granularity.everyMs * US_PER_MS,
    sharedGrid: granularity === undefined ? isSwept(mechanism) : granularity.grid === 'process',
    firstTickClock: granularity === undefined ? clocks.indexOf('first') : -1,
    roundsDown: granularity?.direction === 'down',
    ...drawOf(mechanism, clocks),
    patienceClock: clocks.indexOf('reply'),
    lazyClock: lazy === undefined ? -1 : clocks.indexOf(lazy),
    lazyFirst: lazy === 'strike',
    samples,
    leastProgressBytes: kindOf(mechanism).leastProgressBytes?.(mechanism) ?? 1,
    softBytes: limits?.softBytes ?? Infinity,
    hardBytes: limits?.hardBytes ?? Infinity,
  };
}

/** The sweep of the whole server. */
function isSwept(mechanism: Mechanism): boolean {
  return kindOf(mechanism).sharesTimer?.(mechanism) === true;
}

function ruleOf(
  mechanism: Mechanism,
  clock: DelayKind,
  granularity: Granularity | undefined,
): number {
  if (granularity !== undefined) return Rule.Rounded;
  if (clock === 'first') return isSwept(mechanism) ? Rule.Tick : Rule.Step;
  const kind = kindOf(mechanism);
  if (clock === 'interval') return kind.lateTickDelaysNext === true ? Rule.Step : Rule.Tick;
  const looks = kind.samples?.(mechanism) !== undefined;
  return clock === 'grace' && looks ? Rule.Look : Rule.Step;
}

function drawOf(
  mechanism: Mechanism,
  clocks: readonly DelayKind[],
): Pick<Region, 'drawnClock' | 'jitterUs'> {
  const drawn = kindOf(mechanism).drawn?.(mechanism);
  if (drawn === undefined) return { drawnClock: -1, jitterUs: 0 };
  return { drawnClock: clocks.indexOf(drawn.clock), jitterUs: drawn.uptoUs };
}

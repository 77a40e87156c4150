/**
 * Over which instants a story has to be told so that it is told whole: the least common rhythm of everything that
 * repeats on the connection.
 *
 * Cycles of different clocks (a connection's own timers, a timer of the process, the load, the peer) each stand at a
 * phase that is drawn for every life, so they meet in every way. Cycles that are all counted from the opening keep
 * their distance: an event meets all of their phases only if its instant is spread over their least
 * common multiple. Where that is too long, it is spread over a stretch in which every single one of them comes round
 * many times, and `uncovered` says what is missing.
 *
 * Measured without round trips and rounding: a ping `after: 'last-reply'` repeats after its interval and one of
 * them.
 */
import { formatDuration, MAX_DURATION_MS } from '../duration.ts';
import type { Clock, Cycle } from '../mechanisms/cycle.ts';
import { kindOf } from '../mechanisms/index.ts';
import type { Mechanism, Policy } from '../policy/types.ts';
import type { Scenario } from '../scenario/types.ts';
import { cyclesOf } from './cycles.ts';

/** Where nothing repeats, an instant is drawn over one second. */
const NO_CYCLE_MS = 1_000;

/** A common rhythm longer than this, and than its longest cycle, is not covered. */
const LONGEST_WINDOW_MS = 3_600_000;

/** Nor is a common rhythm longer than this played through only to count what it costs. */
const LONGEST_ROUND_MS = 600_000;

/** How often the longest cycle comes round in a window that stands in for the common rhythm. */
const ROUNDS = 16;

/** The rhythm of a policy on a scenario. */
export interface Rhythm {
  readonly cycles: readonly Cycle[];
  /** An event is spread over so long, counted from the opening. */
  readonly windowMs: number;
  /** The same for the tick of the process's timers against the event. */
  readonly processMs: number;
  /** After so long everything is as it was, or, where that takes long, the longest cycle is round. */
  readonly roundMs: number;
  /** The longest single cycle, at least 1 s: in so long everything has happened at least once. */
  readonly longestMs: number;
  /** The shortest time between two packets of one cycle; Infinity where nothing repeats on the wire. */
  readonly wordsEveryMs: number;
  /** After so long the load and the peer have begun what they repeat, each from a phase of its own. */
  readonly begunMs: number;
  /** After so long the policy has, where a mechanism takes longer for its first time. */
  readonly firstMs: number;
  /** Which phases are not met, and why; null when all are. */
  readonly uncovered: string | null;
}

/**
 * The rhythm of everything that repeats while a policy watches over a healthy connection.
 *
 * @example
 * rhythmOf(presets['alive-flag-sweep'], scenarios['vanish-idle']).longestMs // => 30_000
 * rhythmOf(presets['none'], scenarios['vanish-idle']).windowMs // => 1_000
 */
export function rhythmOf(policy: Policy, scenario: Scenario): Rhythm {
  const cycles = cyclesOf(policy, scenario);
  const own = common(cycles, 'connection');
  const shared = common(cycles, 'process');
  const lengths = cycles.map(({ everyMs }) => everyMs);
  const words = cycles.filter(({ speaks }) => speaks).map(({ everyMs }) => everyMs);
  return {
    cycles,
    windowMs: own.windowMs,
    processMs: shared.windowMs,
    roundMs: roundOf(lengths),
    longestMs: Math.max(NO_CYCLE_MS, ...lengths),
    wordsEveryMs: Math.min(Infinity, ...words),
    begunMs: Math.max(0, ...cycles.map((cycle) => begunMs(cycle, scenario))),
    firstMs: Math.max(0, ...policy.mechanisms.map(firstMs)),
    uncovered: [own, shared].find((one) => one.uncovered !== null)?.uncovered ?? null,
  };
}

function roundOf(lengths: readonly number[]): number {
  const longestMs = Math.max(NO_CYCLE_MS, ...lengths);
  const commonMs = lengths.reduce(leastCommonMultiple, 1);
  return commonMs <= LONGEST_ROUND_MS ? Math.max(longestMs, commonMs) : longestMs;
}

/** Where both sides send, the client begins half a period after the server. */
function begunMs({ clock, everyMs }: Cycle, { load }: Scenario): number {
  if (clock === 'peer') return everyMs;
  if (clock !== 'load') return 0;
  return load.kind === 'periodic' && load.direction === 'both' ? 1.5 * everyMs : everyMs;
}

/** When a mechanism begins, where that is not with its first cycle. */
function firstMs(mechanism: Mechanism): number {
  return mechanism.lost === 'timer' ? 0 : (kindOf(mechanism).beginsMs?.(mechanism) ?? 0);
}

/** The least common multiple of one clock's cycles, or what stands in for it. */
function common(cycles: readonly Cycle[], clock: Clock): Pick<Rhythm, 'windowMs' | 'uncovered'> {
  const own = cycles.filter((cycle) => cycle.clock === clock);
  const longestMs = Math.max(0, ...own.map(({ everyMs }) => everyMs));
  const commonMs = own.map(({ everyMs }) => everyMs).reduce(leastCommonMultiple, 1);
  if (commonMs <= Math.max(LONGEST_WINDOW_MS, longestMs)) {
    const windowMs = Math.ceil(NO_CYCLE_MS / commonMs) * commonMs;
    return { windowMs: own.length === 0 ? NO_CYCLE_MS : windowMs, uncovered: null };
  }
  const rounds = longestMs > LONGEST_WINDOW_MS ? 2 : ROUNDS;
  const windowMs = Math.min(rounds * longestMs, MAX_DURATION_MS);
  const named = [
    ...new Set(own.map(({ what, everyMs }) => `${what} every ${formatDuration(everyMs)}`)),
  ];
  const meet = Number.isSafeInteger(commonMs) ? ` before ${hours(commonMs)}` : '';
  return {
    windowMs,
    uncovered:
      `${named.join(', ')} do not come round together${meet}: ` +
      `the instant is drawn over ${formatDuration(windowMs)}, in which each has met every phase, but not every pair`,
  };
}

function hours(ms: number): string {
  return `${Math.round(ms / 360_000) / 10} h`;
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

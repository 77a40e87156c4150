/**
 * B by reachability: what is asked, and which cell answers it.
 */
import type { Policy } from '../policy/types.ts';
import type { Scenario } from '../scenario/types.ts';
import { Answered } from './answered.ts';
import { BoundSearch, Older, type Asked } from './bound-search.ts';
import { withoutOneJudge } from './judges.ts';
import { NotModelled } from './not-modelled.ts';
import { openingBound } from './opening.ts';
import { CutOff, reasonWords } from './search.ts';
import type { Setting } from './setting.ts';
import { exploredOf } from './through.ts';
import type { ProvedBound, ReachBound } from './types.ts';

/** Steps that one question may cost. */
const MOST_WORK = 20_000;

/**
 * The bound of a policy on a scenario's fault: the longest time to the application's decision.
 *
 * @param mostWork steps that the answer may cost; one more, and nothing is proved
 * @param asksStart whether a run that attains it is wanted
 * @example
 * reachBound(presets['alive-flag-sweep'], scenarios['vanish-idle']).decidedMs // => 60_000
 */
export function reachBound(
  policy: Policy,
  scenario: Scenario,
  mostWork: number = MOST_WORK,
  asksStart = false,
): ReachBound {
  const known = answered.of(policy, scenario, mostWork, asksStart);
  return known ?? search(policy, scenario, mostWork, asksStart, Infinity);
}

const answered = new Answered<ProvedBound>();

function search(
  policy: Policy,
  scenario: Scenario,
  mostWork: number,
  asksStart: boolean,
  enoughMs: number,
): ReachBound {
  if (scenario.kind !== 'fault') return { kind: 'not-proved', because: 'nobody goes' };
  try {
    const { setting, scenario: near } = exploredOf(policy, scenario, 'latest');
    if (near.kind !== 'fault') return { kind: 'not-proved', because: 'nobody goes' };
    const { fault } = near;
    if (fault.kind === 'handshake-abandoned') return openingBound(setting, near, fault.after);
    const settles = enoughMs !== Infinity;
    const asked = { scenario: near, mostWork, asksStart, longestMs: enoughMs, settles };
    const { bound, spent, isCutOff } = tightest(setting, asked);
    if (bound.kind === 'proved' && enoughMs === Infinity) {
      const last = isCutOff ? mostWork : Infinity;
      const kept = { answer: bound, leastWork: spent, mostWork: last, hasStart: asksStart };
      answered.keep(policy, scenario, kept);
    }
    return bound;
  } catch (error) {
    if (!(error instanceof NotModelled)) throw error;
    return { kind: 'not-proved', because: error.message };
  }
}

interface Explored {
  readonly bound: ReachBound;
  /** Some states were joined, or not followed: the bound may be larger than it need be. */
  readonly isLoose: boolean;
  readonly isCutOff: boolean;
  /** With fewer steps it might have been cut off. */
  readonly spent: number;
}

function explored(setting: Setting, asked: Asked): Explored {
  const exploration = new BoundSearch(setting, asked);
  try {
    const bound = exploration.run();
    const isLoose = exploration.isJoined || bound.kind === 'not-proved';
    return { bound, isLoose, isCutOff: false, spent: exploration.spent };
  } catch (error) {
    const isAnswer = [NotModelled, CutOff, Older].some((kind) => error instanceof kind);
    if (!isAnswer) throw error;
    const isCutOff = error instanceof CutOff;
    const isLoose = exploration.isJoined || !(error instanceof Older);
    const spent = isCutOff ? asked.mostWork : exploration.spent;
    const because = reasonWords((error as Error).message, asked.mostWork);
    return { bound: { kind: 'not-proved', because }, isLoose, isCutOff, spent };
  }
}

/** The least bound. Where states had to be joined, it may be that of the cell without one that only judges: one more never makes it larger. */
function tightest(setting: Setting, asked: Asked): Explored {
  let least = explored(setting, asked);
  const seen = new Set<string>();
  const waiting = least.isLoose ? withoutOneJudge(setting) : [];
  for (const less of waiting) {
    const name = less.parts.map(({ region, thread }) => `${thread} ${region.mechanism}`).join();
    if (seen.has(name)) continue;
    seen.add(name);
    const { longestMs, settles } = asked;
    const leastMs = least.bound.kind === 'proved' ? least.bound.decidedMs : Infinity;
    if (settles && leastMs <= longestMs) break;
    const other = explored(less, { ...asked, longestMs: Math.min(leastMs, longestMs) });
    least = tighter(least, other);
    if (other.isLoose) waiting.push(...withoutOneJudge(less));
  }
  return least;
}

/**
 * The decision comes no later than where a judge is left out; what follows it is known of the cell itself alone. That nothing ends it without the judge says
 * nothing.
 */
function tighter(one: Explored, other: Explored): Explored {
  const isCutOff = one.isCutOff || other.isCutOff;
  const all = { isLoose: true, isCutOff, spent: Math.max(one.spent, other.spent) };
  const mine = one.bound;
  const theirs = other.bound;
  if (theirs.kind !== 'proved' || theirs.decidedMs === Infinity) return { ...all, bound: mine };
  if (mine.kind !== 'proved') {
    const unknown = { kind: 'not-proved', because: mine.because } as const;
    return { ...all, bound: { ...theirs, closed: unknown, released: unknown } };
  }
  if (mine.decidedMs <= theirs.decidedMs) return { ...all, bound: mine };
  const { closed, released } = mine;
  return { ...all, bound: { ...theirs, closed, released } };
}

/**
 * Whether every ghost is found within so long, as far as is proved: for whoever asks of many candidates. A single ghost that lives longer ends the search.
 *
 * @param mostWork steps that the answer may cost; one more, and it is no
 * @example
 * isFoundWithin(presets['alive-flag-sweep'], scenarios['vanish-idle'], 60_000) // => true
 * isFoundWithin(presets['alive-flag-sweep'], scenarios['vanish-idle'], 59_999) // => false
 */
export function isFoundWithin(
  policy: Policy,
  scenario: Scenario,
  ms: number,
  mostWork: number = MOST_WORK,
): boolean {
  const bound = search(policy, scenario, mostWork, false, ms);
  return bound.kind === 'proved' && bound.decidedMs <= ms;
}

/**
 * B and T as they are stated. B is what reachability proves, the clocks of the worst path; T is its, too, and where it is cut off, or proves less, a
 * closed form's. What is not proved is not stated, and says why.
 */
import { formatDuration } from '../duration.ts';
import { lazily } from '../lazily.ts';
import type { Policy } from '../policy/types.ts';
import {
  inARow,
  isFoundWithin,
  isSurvived,
  reachBound,
  reachTolerance,
  type Leg,
  type ProvedBound,
} from '../reach/index.ts';
import type { FaultScenario, Scenario } from '../scenario/types.ts';
import type { Doubt } from './proved/facts.ts';
import { toleranceDoubt } from './proved/tolerance.ts';
import { toleranceOf } from './tolerance.ts';
import type { Bound, Bounds, ToleranceForm } from './types.ts';

export type { Bound, Bounds, Tolerance } from './types.ts';
export { preventsFault } from '../signs/quiet.ts';

const NOT_PROVED = 'not proved';

/** A form, if nothing speaks against its being a theorem. */
function stated({ maxMs, by, formula, derivation }: ToleranceForm, doubt: Doubt): Bound {
  return doubt === null ? { maxMs, proved: true, by, formula, derivation } : notProved(doubt);
}

function notProved(because: string): Bound {
  return {
    maxMs: null,
    proved: false,
    because,
    by: NOT_PROVED,
    formula: NOT_PROVED,
    derivation: `Not proved: ${because}.`,
  };
}

/** Steps of reachability that one cell may cost here, where many are asked for. */
const MOST_STEPS = 8_000;

/** The same for T, which has the peer's kernel beside the server's. */
const MOST_STEPS_OF_T = 20_000;

function sumOf(path: readonly Leg[]): string {
  const terms = inARow(path).map(({ leg: { clock, ms }, times }) => {
    const term = `${clock} ${formatDuration(Math.ceil(ms))}`;
    return times === 1 ? term : `${times} × (${term})`;
  });
  return terms.join(' + ');
}

/** The closed form of T, where it is a theorem. */
function toleranceByForm(policy: Policy, scenario: Scenario): Bound {
  const form = toleranceOf(policy, scenario);
  return stated(form, toleranceDoubt(policy, scenario, form));
}

/**
 * T: what reachability proves. A closed form has the word where that is cut off, and where the form promises more: of two lengths that are proved to be survived the
 * longer. That no length ends anybody is believed of the exploration alone, where that comes to its end.
 */
function tolerance(policy: Policy, scenario: Scenario): Bound {
  const byForm = toleranceByForm(policy, scenario);
  const reached = reachTolerance(policy, scenario, MOST_STEPS_OF_T);
  if (reached.kind === 'not-proved') return byForm;
  const { ms, by, path, work } = reached;
  if (byForm.proved && (byForm.maxMs ?? 0) > ms) return byForm;
  const maxMs = Number.isFinite(ms) ? ms : null;
  const formula = maxMs === null ? '∞' : maxMs === 0 ? '0' : shortest(path);
  const derivation = `Reaper, both kernels, path and peer explored together, a silence of any length beginning at every phase and age; ${work} steps.`;
  return { maxMs, proved: true, by, formula, derivation };
}

function shortest(path: readonly Leg[]): string {
  if (path.length === 0) return 'no shorter silence ends it';
  return `shortest silence, to its end: ${sumOf(path)}`;
}

/** B for one instant, at the latest so long after the fault. */
function latest(ms: number, by: string, bound: ProvedBound): Bound {
  const derivation = `Reaper, kernel, path and peer explored together, at every phase and age; ${bound.work} steps.`;
  const maxMs = ms === Infinity ? null : ms;
  return { maxMs, proved: true, by, formula: throughDecision(bound, ms), derivation };
}

/** The clocks of the worst path, and what follows the decision. */
function throughDecision({ path, decidedMs }: ProvedBound, ms: number): string {
  if (ms === Infinity) return 'never, in some phase';
  if (ms <= decidedMs) return sumOf(path) || '0';
  return `${sumOf(path)} + what follows the decision ${formatDuration(Math.ceil(ms - decidedMs))}`;
}

/** Nobody becomes a ghost: on a living peer, and where traffic keeps the fault from happening. */
const NO_GHOST: Readonly<Record<'living' | 'prevented', Bound>> = {
  living: {
    maxMs: null,
    proved: true,
    by: 'nothing',
    formula: '∞',
    derivation: 'The peer lives: there is no ghost whose life could be bounded.',
  },
  prevented: {
    maxMs: 0,
    proved: true,
    by: 'nothing',
    formula: '0',
    derivation: "The policy's own traffic keeps the fault from happening.",
  },
};

type Instant = 'decided' | 'closed' | 'released';

/** Whether every silence of the scenario's kind that is shorter is survived: for whoever asks of one length alone, and of many candidates. */
export function survives(policy: Policy, scenario: Scenario, lengthMs: number): boolean {
  const byForm = toleranceByForm(policy, scenario);
  return (
    (byForm.proved && (byForm.maxMs ?? 0) >= lengthMs) || isSurvived(policy, scenario, lengthMs)
  );
}

/** Whether every ghost of the fault is found within so long: for whoever asks of many candidates. */
export function findsWithin(policy: Policy, fault: FaultScenario, ms: number): boolean {
  return isFoundWithin(policy, fault, ms, MOST_STEPS);
}

/**
 * B for the four instants of a ghost's end, and T, of a policy on a scenario.
 *
 * On a fault, times are milliseconds after it, over every phase and age; `maxMs` null = there
 * is a phase in which it never comes. On a living peer there is no ghost, and only `tolerance` says something:
 * silences of the scenario's kind that are shorter than `maxMs` end no living connection, whatever the phase; null = no
 * length does. A number that is not proved is not stated: `proved` is false, `maxMs` null, and `because` says why.
 *
 * @example
 * const { decided } = bounds(presets['alive-flag-sweep'], scenarios['vanish-idle']);
 * decided.maxMs // => 60_000
 * decided.proved // => true
 * bounds(presets['none'], scenarios['vanish-idle']).decided.maxMs // => null
 */
export function bounds(policy: Policy, scenario: Scenario): Bounds {
  const reach = lazily({ bound: () => reachBound(policy, scenario, MOST_STEPS) });
  const at = (instant: Instant): Bound => {
    if (scenario.kind !== 'fault') return NO_GHOST.living;
    const { bound } = reach;
    if (bound.kind === 'not-proved') return notProved(bound.because);
    if (bound.prevented) return NO_GHOST.prevented;
    if (instant === 'decided') return latest(bound.decidedMs, bound.by, bound);
    const later = bound[instant];
    return later.kind === 'proved' ? latest(later.ms, later.by, bound) : notProved(later.because);
  };
  return lazily<Bounds>({
    decided: () => at('decided'),
    closed: () => at('closed'),
    // On no path that is followed does the kernel's socket outlive the descriptor in ESTABLISHED.
    kernelClosed: () => at('closed'),
    released: () => at('released'),
    tolerance: () => tolerance(policy, scenario),
  });
}

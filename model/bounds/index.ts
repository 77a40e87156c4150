/**
 * B and T: how long a ghost can live under a policy, and the longest silence of a living peer that the policy never
 * mistakes for death. What is not proved for the policy and the scenario at hand is not stated.
 */
import { formatDuration } from '../duration.ts';
import { lazily } from '../lazily.ts';
import type { Policy } from '../policy/types.ts';
import { inARow, reachBound, reachTolerance, type Leg, type ProvedBound } from '../reach/index.ts';
import type { Scenario } from '../scenario/types.ts';
import { closedForms } from './forms.ts';
import { decidedDoubt, doubts, type Doubt } from './proved/index.ts';
import type { Bound, Bounds, Form, ToleranceForm } from './types.ts';

export type { Bound, Bounds, Tolerance } from './types.ts';
export { preventsFault } from '../signs/quiet.ts';

const NOT_PROVED = 'not proved';

/** A form, if nothing speaks against its being a theorem. */
function stated({ maxMs, by, formula, derivation }: ToleranceForm, doubt: Doubt): Bound {
  if (doubt === null) return { maxMs, proved: true, by, formula, derivation };
  return {
    maxMs: null,
    proved: false,
    because: doubt,
    by: NOT_PROVED,
    formula: NOT_PROVED,
    derivation: `Not proved: ${doubt}.`,
  };
}

/** Steps of reachability that one cell may cost here, where many are asked for. */
const MOST_STEPS = 4_000;

/** The same for T, which has the peer's kernel beside the server's. */
const MOST_STEPS_OF_T = 20_000;

function sumOf(path: readonly Leg[]): string {
  const terms = inARow(path).map(({ leg: { clock, ms }, times }) => {
    const term = `${clock} ${formatDuration(Math.ceil(ms))}`;
    return times === 1 ? term : `${times} × (${term})`;
  });
  return terms.join(' + ');
}

/** T: the closed form where it is a theorem and promises anything, else what reachability proves. */
function tolerance(policy: Policy, scenario: Scenario, form: ToleranceForm, doubt: Doubt): Bound {
  const byForm = stated(form, doubt);
  // A form of 0 promises nothing; where no limit of age or idleness ends everybody, there may be more to promise.
  const promises = byForm.maxMs !== 0 || byForm.by === 'age' || byForm.by === 'idle';
  if (byForm.proved && promises) return byForm;
  const reached = reachTolerance(policy, scenario, MOST_STEPS_OF_T);
  if (reached.kind === 'not-proved') return byForm;
  const { ms, by, path, work } = reached;
  const maxMs = Number.isFinite(ms) ? ms : null;
  const formula =
    maxMs === null ? '∞' : maxMs === 0 ? '0' : `shortest silence, to its end: ${sumOf(path)}`;
  const derivation = `Reaper, both kernels, path and peer explored together, a silence of any length beginning at every phase and age; ${work} steps.`;
  return { maxMs, proved: true, by, formula, derivation };
}

/** What reachability says of one instant: the latest that it comes, ms, and what ends the ghost then. */
interface Reached {
  readonly ms: number;
  readonly by: string;
  readonly bound: ProvedBound;
}

/**
 * B for one instant: the smaller one of what the closed form and reachability prove. That there is a run that never ends, reachability
 * only says of its abstraction: infinity is stated where the form says so too.
 */
function least(form: Form, doubt: Doubt, reached: Reached | null): Bound {
  const formMs = form.maxMs ?? Infinity;
  if (reached === null || (doubt === null && formMs <= reached.ms)) return stated(form, doubt);
  if (reached.ms === Infinity && form.maxMs !== null) return stated(form, doubt);
  const { bound, ms, by } = reached;
  const maxMs = ms === Infinity ? null : ms;
  const derivation = `Reaper, kernel, path and peer explored together, at every phase and age; ${bound.work} steps.`;
  return { maxMs, proved: true, by, formula: throughDecision(bound, ms), derivation };
}

/** The clocks of the worst path, and what follows the decision. */
function throughDecision({ path, decidedMs }: ProvedBound, ms: number): string {
  if (ms === Infinity) return 'never, in some phase';
  if (ms <= decidedMs) return sumOf(path);
  return `${sumOf(path)} + what follows the decision ${formatDuration(Math.ceil(ms - decidedMs))}`;
}

/**
 * B to the decision, by the first proof that is at hand: for whoever asks of many candidates whether it is small enough. It is never
 * smaller than what {@link bounds} states, which takes the smaller of two proofs.
 */
export function decidedBound(policy: Policy, scenario: Scenario): Bound {
  const form = closedForms(policy, scenario).decided;
  const doubt = decidedDoubt(policy, scenario, form);
  return doubt === null ? stated(form, doubt) : bounds(policy, scenario).decided;
}

/** Whether every silence of the scenario's kind that is shorter is survived: for whoever asks of many candidates. */
export function survives(policy: Policy, scenario: Scenario, needMs: number): boolean {
  const forms = closedForms(policy, scenario);
  const byForm = stated(forms.tolerance, doubts(policy, scenario, forms).tolerance);
  if (byForm.proved && (byForm.maxMs ?? Infinity) >= needMs) return true;
  const reached = reachTolerance(policy, scenario, MOST_STEPS_OF_T, false, needMs);
  if (reached.kind === 'not-proved') return reached.atLeastMs >= needMs;
  return reached.ms >= needMs;
}

/**
 * B for the four instants of a ghost's end, and T, of a policy on a scenario.
 *
 * On a fault, times are milliseconds after it, over every phase and age of a settled connection; `maxMs` null = there
 * is a phase in which it never comes. On a living peer there is no ghost, and only `tolerance` says something:
 * silences of the scenario's kind that are shorter than `maxMs` end no living connection, whatever the phase; null = no
 * length does. A number that is not proved is not stated: `proved` is false, `maxMs` null, and `because` says why.
 *
 * @example
 * const { decided } = bounds(presets['alive-flag-sweep'], scenarios['vanish-idle']);
 * decided.maxMs // => 59_975
 * decided.proved // => true
 * decided.formula // => '2 · intervalMs − rttMs / 2'
 * bounds(presets['none'], scenarios['vanish-idle']).decided.maxMs // => null
 */
export function bounds(policy: Policy, scenario: Scenario): Bounds {
  const forms = closedForms(policy, scenario);
  const doubt = doubts(policy, scenario, forms);
  const reach = lazily({ bound: () => reachBound(policy, scenario, MOST_STEPS) });
  const reached = (instant: 'decided' | 'closed' | 'released'): Reached | null => {
    if (scenario.kind !== 'fault') return null;
    const { bound } = reach;
    if (bound.kind === 'not-proved' || bound.prevented) return null;
    if (instant === 'decided') return { ms: bound.decidedMs, by: bound.by, bound };
    const later = bound[instant];
    return later.kind === 'proved' ? { ms: later.ms, by: later.by, bound } : null;
  };
  return lazily<Bounds>({
    decided: () => least(forms.decided, doubt.decided, reached('decided')),
    closed: () => least(forms.closed, doubt.closed, reached('closed')),
    kernelClosed: () => least(forms.kernelClosed, doubt.closed, reached('closed')),
    released: () => least(forms.released, doubt.released, reached('released')),
    tolerance: () => tolerance(policy, scenario, forms.tolerance, doubt.tolerance),
  });
}

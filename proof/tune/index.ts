/**
 * Synthesis: from what is wanted (how long a ghost may live, which silences a living client must be granted, what the
 * path forgets) to the cheapest policy that gives it, or the reason why none exists.
 *
 * No search by simulation: what is proved of B and T is solved for the numbers of a few families of
 * policies. What is found is then held against every witness, as `verify` does.
 */
import { assert } from '../../model/assert.ts';
import { bounds } from '../../model/bounds/index.ts';
import { canonicalJson } from '../../model/canonical-json.ts';
import { formatDuration } from '../../model/duration.ts';
import { InputError } from '../../model/issue.ts';
import { definePolicy } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type {
  Cost,
  TunedCandidate,
  TunedRejection,
  TunedRow,
  Tuning,
} from '../../model/results/tuning.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { formatSeed, parseSeed } from '../../sim/random.ts';
import { verify } from '../verify.ts';
import { conflictOf } from './conflict.ts';
import { cheaper, dominates, idleCost } from './cost.ts';
import { familiesOf, type Family } from './families.ts';
import { planOf, type Demand, type Plan, type TuneRequest } from './plan.ts';
import { addsNothing, solve, type Known, type Miss, type Outcome } from './solve.ts';

export { silenceKinds, usefulKinds, type SilenceKind, type TuneRequest } from './plan.ts';

/** Random lives that check each demand: B and T have their proof already. */
const DEFAULT_RUNS = 20;

/** Points of the grid of phases that check each demand. */
const PHASES = 8;

interface Found {
  readonly family: string;
  readonly policy: Policy;
  readonly cost: Cost;
}

/** One word of a policy's name for each of its mechanisms. */
function nameOf({ mechanisms }: Policy): string {
  return ['tuned', ...mechanisms.map(({ kind }) => kind)].join('-');
}

function described(policy: Policy, { maxGhostMs, demands }: Plan): Policy {
  const survives = demands
    .filter(({ asked }) => asked)
    .map(({ scenario, needMs, what }) =>
      needMs === 0 ? scenario.name : `${formatDuration(needMs)} of ${what}`,
    );
  const spares = survives.length === 0 ? '' : `; survives ${[...new Set(survives)].join(', ')}`;
  const title = `Tuned: ghosts within ${formatDuration(maxGhostMs)}${spares}`.slice(0, 200);
  const { mechanisms } = policy;
  return definePolicy({ name: nameOf(policy), title, source: 'ghostbound tune', mechanisms });
}

/** Why a family was left out, in a few words. */
function reasonOf({ obstacle, fault, ghostMs, demand }: Miss): string {
  switch (obstacle) {
    case 'patience':
      return `is not proved to spare ${demand?.scenario.name ?? 'living peers'} however patient`;
    case 'blind':
      return `never notices ${fault?.name ?? 'a fault'}`;
    case 'unproved':
      return `is not proved to notice ${fault?.name ?? 'a fault'}`;
    case 'path':
      return 'does not keep the path awake';
    case 'ghost':
      return `needs ${formatDuration(Math.ceil(ghostMs))} for ${fault?.name ?? 'a fault'}`;
    case 'budget':
      return 'costs too many packets';
  }
}

/** More than these is a list nobody reads. */
const MOST_ALTERNATIVES = 6;

/** Whether all that `a` does, `b` does too. */
function within(a: Policy, b: Policy): boolean {
  const texts = new Set(b.mechanisms.map(canonicalJson));
  return a.mechanisms.every((mechanism) => texts.has(canonicalJson(mechanism)));
}

/** What there is to choose from, without those that only add to a cheaper one. */
function candidates(found: readonly Found[]): readonly TunedCandidate[] {
  return found
    .filter(({ policy }, i) => !found.slice(0, i).some((other) => within(other.policy, policy)))
    .slice(0, MOST_ALTERNATIVES)
    .map(({ policy, cost }) => {
      const dominated = found.some((other) => dominates(other.cost, cost));
      return { policy, cost, dominated };
    });
}

/** The demands that the user made. */
function askedOf({ demands }: Plan): readonly Demand[] {
  return demands.filter(({ asked }) => asked);
}

/** Each demand and fault with what is proved of it and what the witnesses say of it. */
function rowsOf(policy: Policy, plan: Plan, runs: number, seed: bigint | string): TunedRow[] {
  const asked: readonly (readonly [Scenario, number])[] = [
    ...plan.faults.map((fault) => [fault, plan.maxGhostMs] as const),
    ...askedOf(plan).map(({ scenario, needMs }) => [scenario, needMs] as const),
  ];
  const scenarios = asked.map(([scenario]) => scenario);
  const { rows } = verify(policy, { scenarios, runs, phases: PHASES, seed });
  return asked.map(([scenario, limitMs], index) => {
    const row = rows[index];
    assert(row !== undefined, 'a verification has a row per scenario');
    const { decided, tolerance } = bounds(policy, scenario);
    const { maxMs, by, formula } = scenario.kind === 'fault' ? decided : tolerance;
    const { name, kind } = scenario;
    return { scenario: name, kind, limitMs, statedMs: maxMs, by, formula, verdict: row.verdict };
  });
}

/** Every family, but for those that only add to one which is as cheap without. */
function solveAll(plan: Plan): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  const bare = new Map<Family['asks'], Policy>();
  const known: Known = new Map();
  for (const family of familiesOf(plan.allow)) {
    const without = bare.get(family.asks);
    if (without !== undefined && addsNothing(family, plan, without)) continue;
    const outcome = solve(family, plan, known);
    if ('policy' in outcome && family.helpers.length === 0) bare.set(family.asks, outcome.policy);
    outcomes.push(outcome);
  }
  return outcomes;
}

function sorted(outcomes: readonly Outcome[], plan: Plan): readonly Found[] {
  return outcomes
    .flatMap((outcome) => {
      if ('miss' in outcome) return [];
      const policy = described(outcome.policy, plan);
      return [{ family: outcome.family, policy, cost: idleCost(policy, plan.rttMs) }];
    })
    .toSorted((a, b) => cheaper(a.cost, b.cost));
}

/**
 * Finds the cheapest policy that notices every ghost in time and spares every silence asked for: fewest packets
 * per hour on an idle connection, then bytes, then wake-ups, then mechanisms.
 *
 * Deterministic; the numbers are durations as people set them (tenths of a second up to ten, halves up to a minute,
 * then whole seconds), so the optimum is that of this grid.
 *
 * @param request durations in milliseconds or as text
 * @returns `policy` with its rows, cost and alternatives; or null and `conflict`, which names the two demands
 *   that exclude each other and the nearest that could be met
 * @throws InputError when the request asks for nothing, or a value is out of range
 * @example
 * const { policy, rows } = tune({ maxGhostMs: '45s', survive: { outage: '8s' }, pathIdleMs: '60s' });
 * rows.every(({ verdict }) => verdict === 'agree') // => true
 * policy.mechanisms.map(({ kind }) => kind) // => ['ping']
 * tune({ maxGhostMs: '20s', survive: { outage: '30s' }, allow: ['ping'] }).policy // => null
 */
export function tune(request: TuneRequest): Tuning {
  const plan = planOf(request);
  const { runs = DEFAULT_RUNS, seed = '1' } = request;
  const parsed = parseSeed(seed, 'seed');
  if (!parsed.ok) throw new InputError(parsed.issues);
  const outcomes = solveAll(plan);
  const found = sorted(outcomes, plan);
  const misses = outcomes.flatMap((outcome) => ('miss' in outcome ? [outcome.miss] : []));
  const best = found[0];
  const rejected: readonly TunedRejection[] = misses.map((miss) => ({
    family: miss.family,
    reason: reasonOf(miss),
  }));
  const { maxGhostMs, pathIdleMs, rttMs, kernels, maxPacketsPerHour, allow } = plan;
  return {
    schemaVersion: 1,
    seed: formatSeed(parsed.value),
    runs,
    request: {
      maxGhostMs,
      faults: plan.faults.map(({ name }) => name),
      survive: askedOf(plan).map(({ scenario, needMs }) => ({
        scenario: scenario.name,
        silenceMs: needMs,
      })),
      pathIdleMs,
      rttMs,
      ...(kernels !== undefined && { environment: kernels }),
      maxPacketsPerHour,
      allow,
    },
    policy: best?.policy ?? null,
    cost: best?.cost ?? null,
    rows: best === undefined ? [] : rowsOf(best.policy, plan, runs, seed),
    alternatives: candidates(found),
    rejected,
    conflict: best === undefined ? conflictOf(plan, misses) : null,
  };
}

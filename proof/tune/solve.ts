/**
 * The numbers of one family: the shortest patience of each part that spares everybody, then the longest
 * period that still finds every ghost in time. Bisection over durations as people set them; no simulation.
 */
import type { MechanismInput } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { FaultScenario } from '../../model/scenario/types.ts';
import { idleCost } from './cost.ts';
import {
  candidate,
  familiesOf,
  LONGEST_MS,
  patiences,
  SHORTEST_PERIOD_MS,
  type Family,
  type Prober,
} from './families.ts';
import { durations, first, firstFrom, last } from './grid.ts';
import { findsAll, keepsAwake, meets, spares, worstGhost } from './judge.ts';
import { bestKeepalive } from './keepalive.ts';
import type { Demand, Plan } from './plan.ts';

/** The widest step between two durations of the grid. */
const LONGER_MS = 1_000;

/** Why a family fails, the nearest miss last. */
export type Obstacle = 'patience' | 'blind' | 'unproved' | 'path' | 'ghost' | 'budget';

/** A family that cannot meet the plan. */
export interface Miss {
  readonly family: string;
  readonly obstacle: Obstacle;
  /** The demand that forces the longest patience. */
  readonly demand: Demand | undefined;
  /** The patience that it forces. */
  readonly patience: { readonly field: string; readonly ms: number } | undefined;
  /** The fault whose ghost lives longest at best, and how long. */
  readonly fault: FaultScenario | undefined;
  readonly ghostMs: number;
}

/** What became of a family. */
export type Outcome =
  | { readonly family: string; readonly policy: Policy }
  | { readonly family: string; readonly miss: Miss };

/** A patience found, and the demand that asks for it. */
interface Patience {
  readonly ms: number;
  readonly demand: Demand | undefined;
}

/**
 * Patiences found, by the part that waits: what stands beside it changes little, so the next family is asked first whether they hold for it, too.
 */
export type Known = Map<string, Patience>;

/**
 * The shortest patience under which a candidate spares everybody; the demand that fails if none up to the plan's longest does.
 *
 * @param part who waits, in a word
 */
function shortestPatience(
  plan: Plan,
  known: Known,
  part: string,
  of: (ms: number) => Policy,
): Patience | Demand {
  const before = known.get(part);
  if (before !== undefined && isShortest(plan, before, of)) return before;
  const { mostPatienceMs } = plan;
  const lookedAt =
    mostPatienceMs === null ? patiences : patiences.filter((ms) => ms <= mostPatienceMs);
  let found: Patience = { ms: patiences[0] ?? 0, demand: undefined };
  for (const demand of plan.demands) {
    if (spares(of(found.ms), demand)) continue;
    const refused = found.ms;
    const fromMs = Math.max(refused, demand.leastPatienceMs);
    const ms = firstFrom(lookedAt, fromMs, (one) => one !== refused && spares(of(one), demand));
    if (ms === undefined) return demand;
    found = { ms, demand };
  }
  known.set(part, found);
  return found;
}

/** Whether a patience spares everybody, and the next shorter one does not spare whoever asks for it. */
function isShortest(plan: Plan, { ms, demand }: Patience, of: (ms: number) => Policy): boolean {
  const shorterMs = patiences[patiences.indexOf(ms) - 1];
  if (demand === undefined || shorterMs === undefined) return false;
  return !spares(of(shorterMs), demand) && sparesAll(plan, of(ms));
}

function sparesAll({ demands }: Plan, policy: Policy): boolean {
  return demands.every((demand) => spares(policy, demand));
}

/** The patiences of the helpers, or the demand that one of them never meets. */
function settleHelpers(
  plan: Plan,
  known: Known,
  { asks, helpers }: Family,
): readonly (Patience & { readonly field: string })[] | Demand {
  const asking = asks === null || asks === 'keepalive' ? null : asks;
  const beside = asking === null ? [] : [asking.of(LONGEST_MS, LONGEST_MS)];
  const settled: (Patience & { readonly field: string })[] = [];
  for (const helper of helpers) {
    const others = helpers.filter((other) => other !== helper).map((other) => other.of(LONGEST_MS));
    const part = `${helper.kind} beside ${asking?.kind ?? 'nothing'}`;
    const found = shortestPatience(plan, known, part, (ms) =>
      candidate([...beside, ...others, helper.of(ms)]),
    );
    if ('scenario' in found) return found;
    settled.push({ ...found, field: helper.field });
  }
  return settled;
}

function missed(family: Family, obstacle: Obstacle, rest: Partial<Miss> = {}): Outcome {
  const nothing = { demand: undefined, patience: undefined, fault: undefined };
  const ghostMs = Number.POSITIVE_INFINITY;
  return {
    family: family.name,
    miss: { family: family.name, obstacle, ...nothing, ghostMs, ...rest },
  };
}

/** What it is called when no bound is small enough: nothing ever notices, or it is not proved that something does. */
function unseen(proved: boolean): Obstacle {
  return proved ? 'blind' : 'unproved';
}

/** Why not even the most eager candidate of a family will do. */
function missOf(family: Family, plan: Plan, eager: Policy, rest: Partial<Miss>): Outcome {
  const { fault, ms, proved } = worstGhost(eager, plan.faults);
  const found = { ...rest, fault, ghostMs: ms };
  if (ms === Number.POSITIVE_INFINITY) return missed(family, unseen(proved), found);
  if (ms > plan.maxGhostMs) return missed(family, 'ghost', found);
  return missed(family, keepsAwake(eager, plan) ? 'budget' : 'path', found);
}

function affordable({ maxPacketsPerHour, rttMs }: Plan, policy: Policy): boolean {
  return maxPacketsPerHour === null || idleCost(policy, rttMs).packetsPerHour <= maxPacketsPerHour;
}

/** The best of a family that asks by a ping of the application. */
function solveProber(
  family: Family,
  plan: Plan,
  known: Known,
  prober: Prober,
  beside: readonly MechanismInput[],
): Outcome {
  const relaxed = family.helpers.map((helper) => helper.of(LONGEST_MS));
  const patience = shortestPatience(plan, known, prober.kind, (ms) =>
    candidate([prober.of(prober.kind === 'sweep' ? ms : LONGEST_MS, ms), ...relaxed]),
  );
  if ('scenario' in patience) return missed(family, 'patience', { demand: patience });
  const at = (periodMs: number): Policy => candidate([prober.of(periodMs, patience.ms), ...beside]);
  const periods = durations(
    Math.max(SHORTEST_PERIOD_MS, prober.leastPeriodMs(patience.ms)),
    LONGEST_MS,
  );
  const rest = { demand: patience.demand, patience: { field: prober.field, ms: patience.ms } };
  const periodMs = last(periods, (ms) => findsAll(at(ms), plan) && keepsAwake(at(ms), plan));
  // Of those that spare everybody the most eager one: sooner than by it nobody can be found.
  const eager = (): Policy =>
    at(first(periods, (ms) => sparesAll(plan, at(ms))) ?? prober.leastPeriodMs(patience.ms));
  if (periodMs === undefined) return missOf(family, plan, eager(), rest);
  if (!sparesAll(plan, at(periodMs))) {
    return missed(family, 'ghost', { ...rest, ...ghostOf(eager(), plan) });
  }
  const policy = at(periodMs);
  if (affordable(plan, policy)) return { family: family.name, policy };
  const cheap = first(periods, (ms) => affordable(plan, at(ms)));
  return missed(family, 'budget', {
    ...rest,
    ...(cheap === undefined ? {} : ghostOf(at(cheap), plan)),
  });
}

function ghostOf(policy: Policy, { faults }: Plan): Pick<Miss, 'fault' | 'ghostMs'> {
  const { fault, ms } = worstGhost(policy, faults);
  return { fault, ghostMs: ms };
}

function solveKeepalive(family: Family, plan: Plan, beside: readonly MechanismInput[]): Outcome {
  const { best, eager, ...waiting } = bestKeepalive(plan, family.helpers, beside);
  if (best !== undefined && affordable(plan, best)) return { family: family.name, policy: best };
  if (best !== undefined) return missed(family, 'budget', ghostOf(best, plan));
  if (eager === undefined) return missed(family, 'patience', waiting);
  return missOf(family, plan, eager, waiting);
}

/**
 * Whether a family's helpers cannot make it cheaper than it is without them: not even the strictest lets
 * it ask less often.
 */
export function addsNothing(family: Family, plan: Plan, without: Policy): boolean {
  const { asks, helpers } = family;
  if (helpers.length === 0 || asks === null || asks === 'keepalive') return false;
  const [asking, ...rest] = without.mechanisms;
  if (asking === undefined || rest.length > 0 || !('intervalMs' in asking)) return false;
  const { intervalMs } = asking;
  const patienceMs = 'replyTimeoutMs' in asking ? (asking.replyTimeoutMs ?? 0) : intervalMs;
  const longerMs = durations(intervalMs + 1, 2 * intervalMs + LONGER_MS)[0] ?? LONGEST_MS;
  const strictest = helpers.map((helper) => helper.of(patiences[0] ?? 0));
  const policy = candidate([asks.of(longerMs, patienceMs), ...strictest]);
  return !findsAll(policy, plan) || !keepsAwake(policy, plan);
}

/** The most eager candidate of a family: what it does not notice, no other one does. */
function mostEager({ asks, helpers }: Family): Policy {
  const [shortestMs = 0] = patiences;
  const strictest = helpers.map((helper) => helper.of(shortestMs));
  if (asks === null) return candidate(strictest);
  if (asks !== 'keepalive')
    return candidate([asks.of(SHORTEST_PERIOD_MS, shortestMs), ...strictest]);
  const keepalive = { kind: asks, idleMs: 1_000, intervalMs: 1_000, probes: 1 } as const;
  return candidate([keepalive, ...strictest]);
}

/**
 * The cheapest policy of a family that meets the plan, or what stands in its way.
 *
 * @param known patiences of other families of the same plan
 */
export function solve(family: Family, plan: Plan, known: Known = new Map()): Outcome {
  const { asks, helpers } = family;
  const eager = mostEager(family);
  if (!findsAll(eager, plan)) {
    const { fault, ms, proved } = worstGhost(eager, plan.faults);
    if (ms === Number.POSITIVE_INFINITY) return missed(family, unseen(proved), { fault });
  }
  const settled = settleHelpers(plan, known, family);
  if ('scenario' in settled) return missed(family, 'patience', { demand: settled });
  const beside = helpers.map((helper, i) => helper.of(settled[i]?.ms ?? LONGEST_MS));
  const outcome =
    asks === null
      ? solveAlone(family, plan, beside, settled)
      : asks === 'keepalive'
        ? solveKeepalive(family, plan, beside)
        : solveProber(family, plan, known, asks, beside);
  if ('policy' in outcome && !meets(outcome.policy, plan)) {
    return missOf(family, plan, outcome.policy, {});
  }
  return outcome;
}

/**
 * Whether some policy meets the plan. Of whoever waits for longer than a ghost may live nothing is expected: with a helper that does, a family is
 * no better than without.
 */
export function isSolvable(plan: Plan): boolean {
  const hasty = { ...plan, mostPatienceMs: plan.maxGhostMs };
  const known: Known = new Map();
  return familiesOf(plan.allow).some((family) => 'policy' in solve(family, hasty, known));
}

/** A family that only listens: there is no period to choose. */
function solveAlone(
  family: Family,
  plan: Plan,
  beside: readonly MechanismInput[],
  settled: readonly (Patience & { readonly field: string })[],
): Outcome {
  const policy = candidate(beside);
  if (findsAll(policy, plan) && keepsAwake(policy, plan)) return { family: family.name, policy };
  const slowest = settled.reduce<(typeof settled)[number] | undefined>(
    (most, one) => (most === undefined || one.ms > most.ms ? one : most),
    undefined,
  );
  return missOf(family, plan, policy, {
    demand: slowest?.demand,
    patience: slowest === undefined ? undefined : { field: slowest.field, ms: slowest.ms },
  });
}

/**
 * The numbers of SO_KEEPALIVE. Linux takes whole seconds; with TCP_USER_TIMEOUT the number of probes
 * does not count, so the timeout is made as long as the busy faults allow and the probes fit into it.
 */
import { firstOf } from '../../model/mechanisms/index.ts';
import type { MechanismInput } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { cheaper, idleCost } from './cost.ts';
import { candidate, patiences, type Helper } from './families.ts';
import { first, last } from './grid.ts';
import { findsAll, keepsAwake, spares } from './judge.ts';
import type { Demand, Plan } from './plan.ts';

/** Seconds between probes that people set. */
const INTERVALS_S = [1, 2, 3, 5, 10, 15, 20, 30, 60, 75];

/** The strictest user timeout that is looked at. */
const SHORTEST_MS = 100;

/** MAX_TCP_KEEPCNT. */
const MOST_PROBES = 127;
/** MAX_TCP_KEEPIDLE, less what the largest interval takes. */
const MOST_IDLE_S = 32_000;

/** Idle times that are looked at below the one that spares everybody: B goes up and down within one interval. */
const STEPS_DOWN = 160;

interface Setting {
  readonly plan: Plan;
  /** The helpers but for the user timeout. */
  readonly others: readonly MechanismInput[];
  /** TCP_USER_TIMEOUT; null = not set. */
  readonly timeoutMs: number | null;
}

/** The best of the family, its most eager member, and the demand that makes it wait. */
export interface KeepaliveFound {
  readonly best: Policy | undefined;
  /** undefined = nothing spares everybody. */
  readonly eager: Policy | undefined;
  /** The first demand that a single probe does not meet. */
  readonly demand: Demand | undefined;
  /** How long the most eager member waits for an answer. */
  readonly patience: { readonly field: string; readonly ms: number } | undefined;
}

/** Unanswered probes until the end. */
function probesOf(idleS: number, intervalS: number, timeoutMs: number, probes: number): number {
  if (timeoutMs === 0) return probes;
  return Math.max(1, Math.ceil((timeoutMs - idleS * 1_000) / (intervalS * 1_000)));
}

function policyOf(setting: Setting, idleS: number, intervalS: number, counted: number): Policy {
  const { others, timeoutMs } = setting;
  const probes = Math.min(MOST_PROBES, probesOf(idleS, intervalS, timeoutMs ?? 0, counted));
  const keepalive = {
    kind: 'keepalive',
    idleMs: idleS * 1_000,
    intervalMs: intervalS * 1_000,
    probes,
  } as const;
  const timeout: readonly MechanismInput[] =
    timeoutMs === null ? [] : [{ kind: 'user-timeout', timeoutMs }];
  return candidate([keepalive, ...timeout, ...others]);
}

function sparesAll({ demands }: Plan, policy: Policy): boolean {
  return demands.every((demand) => spares(policy, demand));
}

function upTo(most: number): readonly number[] {
  return Array.from({ length: most }, (_, i) => i + 1);
}

/** The best idle time for one interval between probes. */
function bestIdle(setting: Setting, intervalS: number): Pick<KeepaliveFound, 'best' | 'eager'> {
  const { plan, timeoutMs } = setting;
  const none = { best: undefined, eager: undefined };
  const probes =
    timeoutMs === null
      ? first(upTo(MOST_PROBES), (n) => sparesAll(plan, policyOf(setting, 1, intervalS, n)))
      : 1;
  if (probes === undefined) return none;
  const of = (idleS: number): Policy => policyOf(setting, idleS, intervalS, probes);
  const eager = of(1);
  if (!sparesAll(plan, eager)) return none;
  const mostS = Math.min(
    MOST_IDLE_S,
    Math.ceil(Math.min(plan.maxGhostMs, plan.pathIdleMs ?? Infinity) / 1_000),
  );
  const sparing = last(upTo(mostS), (s) => sparesAll(plan, of(s)) && keepsAwake(of(s), plan));
  // With data in flight keepalive defers: those ghosts do not know its idle time.
  const idle = plan.faults.filter(({ load }) => load.kind === 'idle');
  const busy = plan.faults.filter(({ load }) => load.kind !== 'idle');
  if (!findsAll(eager, { ...plan, faults: busy })) return { best: undefined, eager };
  for (let s = sparing ?? 0; s > 0 && s > (sparing ?? 0) - STEPS_DOWN; s -= 1) {
    const policy = of(s);
    if (findsAll(policy, { ...plan, faults: idle })) return { best: policy, eager };
  }
  return { best: undefined, eager };
}

/** The longest user timeout that finds the busy ghosts in time, at least the one that spares everybody. */
function longestTimeout(plan: Plan, leastMs: number): number {
  const busy = plan.faults.filter(
    ({ load, fault }) => load.kind !== 'idle' && fault.kind === 'vanish',
  );
  const fits = (timeoutMs: number): boolean => {
    const policy = candidate([{ kind: 'user-timeout', timeoutMs }]);
    return findsAll(policy, { ...plan, faults: busy });
  };
  const longer = patiences.filter((ms) => ms >= leastMs && ms <= plan.maxGhostMs);
  return last(longer, fits) ?? leastMs;
}

/** The numbers of keepalive beside what stands there already. */
export function bestKeepalive(
  plan: Plan,
  helpers: readonly Helper[],
  beside: readonly MechanismInput[],
): KeepaliveFound {
  const timeout = beside.find((one) => one.kind === 'user-timeout');
  const leastMs = timeout?.kind === 'user-timeout' ? Number(timeout.timeoutMs) : null;
  const timeoutMs = leastMs === null ? null : longestTimeout(plan, leastMs);
  const others = beside.filter((_, i) => helpers[i]?.kind !== 'user-timeout');
  const setting: Setting = { plan, others, timeoutMs };
  const found = INTERVALS_S.map((intervalS) => bestIdle(setting, intervalS));
  const cost = (policy: Policy): ReturnType<typeof idleCost> => idleCost(policy, plan.rttMs);
  const best = found
    .flatMap(({ best: policy }) => policy ?? [])
    .toSorted((a, b) => cheaper(cost(a), cost(b)))[0];
  const eager = found.find((one) => one.eager !== undefined)?.eager;
  const hasty: Setting = { ...setting, timeoutMs: timeoutMs === null ? null : SHORTEST_MS };
  const demand = plan.demands.find((one) => !spares(policyOf(hasty, 1, 1, 1), one));
  return { best, eager, demand, patience: patienceOf(eager, timeoutMs) };
}

function patienceOf(
  eager: Policy | undefined,
  timeoutMs: number | null,
): KeepaliveFound['patience'] {
  if (timeoutMs !== null) return { field: 'timeoutMs', ms: timeoutMs };
  const keepalive = firstOf('keepalive', eager?.mechanisms ?? []);
  if (keepalive === undefined) return undefined;
  return { field: 'probes · intervalMs', ms: keepalive.probes * keepalive.intervalMs };
}

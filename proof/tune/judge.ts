/** A candidate against the plan, by what is proved of it. */
import { bounds, findsWithin, survives, type Bound } from '../../model/bounds/index.ts';
import { longestQuietMs } from '../../model/signs/quiet.ts';
import type { Policy } from '../../model/policy/types.ts';
import { defineScenario, type FaultScenario, type Scenario } from '../../model/scenario/index.ts';
import type { Demand, Plan } from './plan.ts';

/** What the path is asked about: nobody says anything. */
const QUIET: Scenario = defineScenario({
  kind: 'live',
  name: 'quiet',
  silence: { kind: 'none' },
});

/** Twice the heartbeat, so that one that is lost or late costs nothing. */
export const HEARTBEATS_PER_IDLE = 2;

function msOf({ maxMs, proved }: Bound): number {
  return proved ? (maxMs ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
}

/** The fault whose ghost lives longest, how long, and whether that is proved. */
export interface WorstGhost {
  readonly fault: FaultScenario | undefined;
  readonly ms: number;
  readonly proved: boolean;
}

/** The worst ghost of several faults; one that is never noticed, or not proved to be, ends the search. */
export function worstGhost(policy: Policy, faults: readonly FaultScenario[]): WorstGhost {
  let worst: WorstGhost = { fault: undefined, ms: 0, proved: true };
  for (const fault of faults) {
    const { decided } = bounds(policy, fault);
    const ms = msOf(decided);
    if (ms > worst.ms) worst = { fault, ms, proved: decided.proved };
    if (ms === Number.POSITIVE_INFINITY) break;
  }
  return worst;
}

/** What was answered of candidates, by story: families, and the steps of a search, come to the same ones again. */
const answered = new WeakMap<Scenario, Map<string, boolean>>();

/** What `ask` says of a candidate in a story, within so long; it is asked once. */
function once(
  { mechanisms, peerHeartbeat }: Policy,
  scenario: Scenario,
  ms: number,
  ask: () => boolean,
): boolean {
  const answers = answered.get(scenario) ?? new Map<string, boolean>();
  answered.set(scenario, answers);
  const candidate = JSON.stringify([ms, mechanisms, peerHeartbeat]);
  const answer = answers.get(candidate) ?? ask();
  answers.set(candidate, answer);
  return answer;
}

/** Whether every fault is noticed in time. */
export function findsAll(policy: Policy, { faults, maxGhostMs }: Plan): boolean {
  return faults.every((fault) =>
    once(policy, fault, maxGhostMs, () => findsWithin(policy, fault, maxGhostMs)),
  );
}

/** Whether a living peer is left alone for as long as is asked. */
export function spares(policy: Policy, { scenario, needMs }: Demand): boolean {
  return once(policy, scenario, needMs, () => survives(policy, scenario, needMs));
}

/** Whether an idle connection stays awake on the path, one heartbeat lost. */
export function keepsAwake(policy: Policy, { pathIdleMs, rttMs }: Plan): boolean {
  if (pathIdleMs === null) return true;
  const quietMs = longestQuietMs(policy, { ...QUIET, path: { rttMs } });
  return quietMs !== null && HEARTBEATS_PER_IDLE * quietMs <= pathIdleMs;
}

/** Whether everything asked for holds. */
export function meets(policy: Policy, plan: Plan): boolean {
  return (
    plan.demands.every((demand) => spares(policy, demand)) &&
    findsAll(policy, plan) &&
    keepsAwake(policy, plan)
  );
}

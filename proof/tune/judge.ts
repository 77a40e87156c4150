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

/** Whether every fault is noticed in time. */
export function findsAll(policy: Policy, { faults, maxGhostMs }: Plan): boolean {
  return faults.every((fault) => findsWithin(policy, fault, maxGhostMs));
}

/** Whether a living peer is left alone for as long as is asked. */
export function spares(policy: Policy, { scenario, needMs }: Demand): boolean {
  return survives(policy, scenario, needMs);
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

/** Faults that a policy's own traffic keeps from happening: a middlebox forgets only idle flows. */
import { keepaliveOf } from '../mechanisms/in-force.ts';
import type { Policy } from '../policy/types.ts';
import { longestRttMs, wholePathOf } from '../scenario/path.ts';
import type { Scenario } from '../scenario/types.ts';
import { policyOn } from '../scenario/degraded-policy.ts';
import { pingPeriodMs } from './rhythm.ts';
import { pingers } from './sources.ts';

/** The longest time without a packet that a policy leaves on a healthy connection, ms; null = no limit. */
export function longestQuietMs(stated: Policy, scenario: Scenario): number | null {
  const policy = policyOn(stated, scenario.server.broken);
  const rttMs = longestRttMs(wholePathOf(scenario));
  const periods = pingers(policy).map((pinger) => pingPeriodMs(pinger, rttMs));
  const keepalive = keepaliveOf(policy);
  if (keepalive !== null) periods.push(keepalive.idleMs);
  const { load } = scenario;
  if (load.kind === 'periodic') periods.push(load.everyMs);
  if (load.kind === 'saturated') periods.push(0);
  const pingEveryMs = scenario.client?.pingEveryMs ?? null;
  if (pingEveryMs !== null) periods.push(pingEveryMs);
  if (policy.peerHeartbeat !== undefined) periods.push(policy.peerHeartbeat.everyMs);
  return periods.length === 0 ? null : Math.min(...periods);
}

/**
 * Whether the policy's own traffic keeps the scenario's fault from happening: its pings or keepalive
 * probes come more often than a middlebox forgets. The bounds of such a scenario say what would hold
 * if it happened nevertheless.
 *
 * @example
 * preventsFault(presets['keepalive-10-5-3'], scenarios['nat-forgets']) // => true
 * preventsFault(presets['keepalive-linux-default'], scenarios['nat-forgets']) // => false
 */
export function preventsFault(policy: Policy, scenario: Scenario): boolean {
  if (scenario.kind !== 'fault' || scenario.fault.kind !== 'nat-expiry') return false;
  const quietMs = longestQuietMs(policy, scenario);
  return quietMs !== null && quietMs < scenario.fault.idleMs;
}

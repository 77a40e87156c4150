/**
 * The kernel's numbers beside what a policy and its peer send. Who sends, acknowledges with what it sends, or late: a
 * pong makes a kernel take the connection for an interactive one, and the other side then measures round trips that are
 * too long by a delay. Where nothing but pings is sent, each is acknowledged by its own pong.
 */
import type { Policy } from '../../policy/types.ts';
import type { Scenario } from '../../scenario/types.ts';
import { pingers } from '../life/sources.ts';
import { clientMessagePeriodMs, serverLoad } from '../situation.ts';
import { kernelRules, withAnyDelays, type KernelRules } from './kernel-rules.ts';

/** Whether what the server sends may be acknowledged late. */
export function answersLate(policy: Policy, scenario: Scenario): boolean {
  const clientTalks =
    policy.peerHeartbeat !== undefined ||
    (scenario.client?.pingEveryMs ?? null) !== null ||
    clientMessagePeriodMs(scenario) !== null;
  return clientTalks || (serverLoad(scenario).kind !== 'idle' && pingers(policy).length > 0);
}

/** The server's kernel under a policy. */
export function serverRules(policy: Policy, scenario: Scenario): KernelRules {
  const rules = kernelRules(scenario);
  return answersLate(policy, scenario) ? withAnyDelays(rules) : rules;
}

/**
 * The kernel's numbers beside what a policy and its peer send. Who sends, acknowledges with what it sends, or late: a
 * pong makes a kernel take the connection for an interactive one, and the other side then measures round trips that are
 * too long by a delay. Where nothing but pings is sent, each is acknowledged by its own pong.
 */
import { clientMessagePeriodMs, serverLoad } from '../../scenario/load.ts';
import { DELAYED_ACK_MAX_MS, DELAYED_ACK_MIN_MS, MSS } from '../../linux/constants.ts';
import type { Policy } from '../../policy/types.ts';
import { longestRttMs } from '../../scenario/path.ts';
import type { Scenario } from '../../scenario/types.ts';
import { pingers } from '../../signs/sources.ts';
import { kernelRules, withAnyDelays, type KernelRules } from './kernel-rules.ts';

/** Whether what the server sends may be acknowledged late. */
export function answersLate(policy: Policy, scenario: Scenario): boolean {
  const clientTalks =
    policy.peerHeartbeat !== undefined ||
    (scenario.client?.pingEveryMs ?? null) !== null ||
    clientMessagePeriodMs(scenario) !== null;
  return clientTalks || (serverLoad(scenario).kind !== 'idle' && pingers(policy).length > 0);
}

/** Two segments within a delay of each other make it grow by half; the timer that it then sets resets it (tcp_delack_timer_handler). */
const GROWN_ONCE_MS = 1.5 * DELAYED_ACK_MIN_MS;

/** How long an acknowledgement may be delayed: more than once it grows only where writes crowd. */
function grownMs(policy: Policy, scenario: Scenario): number | undefined {
  const load = serverLoad(scenario);
  const asking = pingers(policy);
  const [pinger] = asking;
  const sparse =
    load.kind === 'periodic' &&
    scenario.load.kind === 'periodic' &&
    scenario.load.direction === 'server' &&
    policy.peerHeartbeat === undefined &&
    (scenario.client?.pingEveryMs ?? null) === null &&
    asking.length <= 1 &&
    load.bytes <= MSS &&
    load.everyMs > longestRttMs(scenario.path) + DELAYED_ACK_MAX_MS &&
    (pinger?.intervalMs ?? Infinity) > 2 * load.everyMs;
  return sparse ? GROWN_ONCE_MS : undefined;
}

/** Rules of one side's kernel, whose segments the other may acknowledge late. */
export function withLateAnswers(
  rules: KernelRules,
  policy: Policy,
  scenario: Scenario,
): KernelRules {
  return withAnyDelays(rules, grownMs(policy, scenario));
}

/** The server's kernel under a policy. */
export function serverRules(policy: Policy, scenario: Scenario): KernelRules {
  const rules = kernelRules(scenario);
  return answersLate(policy, scenario) ? withLateAnswers(rules, policy, scenario) : rules;
}

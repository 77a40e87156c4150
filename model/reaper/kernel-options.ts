/** The part of a policy that the kernel carries out: what to set on each socket. */
import type { Policy } from '../policy/types.ts';
import type { KernelOptions } from './types.ts';

const MS_PER_S = 1_000;

/**
 * Socket options of the policy, as setsockopt(2) takes them: TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT and
 * TCP_USER_TIMEOUT of tcp(7). A lost mechanism is never set. Of two of a kind the later one holds,
 * as with two calls of setsockopt.
 */
export function kernelOptions(policy: Policy): KernelOptions {
  const options: { -readonly [Name in keyof KernelOptions]: KernelOptions[Name] } = {};
  for (const mechanism of policy.mechanisms) {
    if (mechanism.lost !== undefined) continue;
    if (mechanism.kind === 'keepalive') {
      const { idleMs, intervalMs, probes } = mechanism;
      options.keepalive = { idleS: idleMs / MS_PER_S, intervalS: intervalMs / MS_PER_S, probes };
    } else if (mechanism.kind === 'user-timeout') {
      options.userTimeoutMs = mechanism.timeoutMs;
    }
  }
  return options;
}

/**
 * How long a shutdown waits, ms: null = for ever, undefined = the policy does not say. A drain whose
 * deadline is lost waits for ever.
 */
export function drainDeadlineMs(policy: Policy): number | null | undefined {
  let deadline: number | null | undefined;
  for (const mechanism of policy.mechanisms) {
    if (mechanism.kind !== 'drain') continue;
    deadline = mechanism.lost === undefined ? mechanism.deadlineMs : null;
  }
  return deadline;
}

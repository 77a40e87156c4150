/** Keepalive and user timeout that fit together: what the cures of several rules propose. */
import type { KeepaliveMechanism, UserTimeoutMechanism } from '../policy/types.ts';

/** Linux takes whole seconds, at least one. */
function seconds(ms: number): number {
  return Math.max(1, Math.floor(ms / 1_000)) * 1_000;
}

/** Keepalive whose third unanswered probe, or later, meets a user timeout. */
export function keepaliveFor(timeoutMs: number): KeepaliveMechanism {
  const intervalMs = Math.min(seconds(timeoutMs / 6), 75_000);
  const idleMs = Math.min(seconds(timeoutMs / 2), 7_200_000);
  return { kind: 'keepalive', idleMs, intervalMs, probes: 3 };
}

/** The user timeout that says the same as a keepalive's probes. */
export function userTimeoutFor({
  idleMs,
  intervalMs,
  probes,
}: KeepaliveMechanism): UserTimeoutMechanism {
  return { kind: 'user-timeout', timeoutMs: idleMs + probes * intervalMs };
}

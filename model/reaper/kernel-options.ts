/** The part of a policy that the kernel carries out: what to set on each socket. */
import type { SocketOptionValues } from '../linux/socket-options.ts';
import { firstOf, kindOf } from '../mechanisms/index.ts';
import type { KernelOptions } from '../mechanisms/kind.ts';
import type { Policy } from '../policy/types.ts';

/**
 * Socket options of the policy, as setsockopt(2) takes them: TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT and
 * TCP_USER_TIMEOUT of tcp(7). A lost mechanism is never set. Of two of a kind the later one holds,
 * as with two calls of setsockopt.
 */
export function kernelOptions({ mechanisms }: Pick<Policy, 'mechanisms'>): KernelOptions {
  const options = mechanisms.map((mechanism) =>
    mechanism.lost === undefined ? kindOf(mechanism).socketOptions?.(mechanism) : undefined,
  );
  return Object.assign({}, ...options) as KernelOptions;
}

/** The same by the names of setsockopt(2). */
export function socketOptionValues({
  keepalive,
  userTimeoutMs,
}: KernelOptions): SocketOptionValues {
  return {
    ...(keepalive !== undefined && {
      TCP_KEEPIDLE: keepalive.idleS,
      TCP_KEEPINTVL: keepalive.intervalS,
      TCP_KEEPCNT: keepalive.probes,
      SO_KEEPALIVE: 1,
    }),
    ...(userTimeoutMs !== undefined && { TCP_USER_TIMEOUT: userTimeoutMs }),
  };
}

/**
 * How long a shutdown waits, ms: null = for ever, undefined = the policy does not say. A drain whose
 * deadline is lost waits for ever.
 */
export function drainDeadlineMs({ mechanisms }: Policy): number | null | undefined {
  const drain = firstOf('drain', mechanisms);
  return drain?.lost === undefined ? drain?.deadlineMs : null;
}

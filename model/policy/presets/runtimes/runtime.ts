/**
 * What a language or library sets on every connection that it opens, whether the system asks for it or not: Go switches
 * SO_KEEPALIVE on, Node does not. It belongs to the policy as much as the system's own timers.
 */
import type { MechanismInput } from '../../types.ts';

/** The socket options that bear on how long a ghost stands, by whoever opens the socket. */
export interface Runtime {
  /** What opens the socket. */
  readonly name: string;
  /** The options that it sets, in words; or that it sets none. */
  readonly sets: string;
  readonly source: string;
  /** The same as mechanisms. A preset that sets an option itself has that one instead. */
  readonly mechanisms: readonly MechanismInput[];
}

/** A runtime that leaves SO_KEEPALIVE and TCP_USER_TIMEOUT as the kernel has them: off. */
export function setsNothing(name: string, source: string): Runtime {
  return {
    name,
    sets: 'neither SO_KEEPALIVE nor TCP_USER_TIMEOUT by itself',
    source,
    mechanisms: [],
  };
}

/** The kernel itself: the policy is about its timers, no program's. */
export const kernelItself: Runtime = setsNothing('the kernel alone', 'tcp(7)');

/** A connection of somebody else: the supervisor only stops the process. */
export const supervised: Runtime = setsNothing(
  'whatever process is stopped, here one that sets nothing',
  'tcp(7)',
);

/** SO_KEEPALIVE with nothing else set: tcp_keepalive_time, tcp_keepalive_intvl, tcp_keepalive_probes (tcp(7)). */
export const SYSTEM_KEEPALIVE = {
  kind: 'keepalive',
  idleMs: 7_200_000,
  intervalMs: 75_000,
  probes: 9,
} as const satisfies MechanismInput;

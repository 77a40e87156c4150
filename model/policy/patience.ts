/** How long each mechanism waits before it strikes: what a watch over a connection has to outlast. */
import { kindOf } from '../mechanisms/index.ts';
import type { Mechanism, Policy } from './types.ts';

/** How long after a sign of life a mechanism may still strike, ms; 0 = its strike hangs on no sign of life. */
export function patienceMs(mechanism: Mechanism): number {
  return mechanism.lost === 'timer' ? 0 : kindOf(mechanism).patienceMs(mechanism);
}

/**
 * After so long in which nothing is heard of the peer, a policy has done all that it will ever do, ms: its mechanisms
 * one after the other, each from a whole cycle of its own. Far more than any of them needs; what the kernel does
 * besides is not in it.
 *
 * @example
 * // Up to one interval until the first look, two until the flag is still false.
 * wholePatienceMs(presets['alive-flag-sweep']) // => 90_000
 * wholePatienceMs(presets['none']) // => 0
 */
export function wholePatienceMs({ mechanisms }: Policy): number {
  return mechanisms.reduce((sum, mechanism) => sum + lastStrikeMs(mechanism), 0);
}

function lastStrikeMs(mechanism: Mechanism): number {
  return mechanism.lost === 'timer' ? 0 : kindOf(mechanism).lastStrikeMs(mechanism);
}

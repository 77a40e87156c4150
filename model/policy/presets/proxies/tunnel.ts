/** A balancer or router in front of an upgraded connection of which one limit is known: the time in which nothing moves. */
import type { MechanismInput } from '../../types.ts';

/** Bytes of either side count, and those that were taken for the other. */
export function quietTunnel(timeoutMs: number): MechanismInput {
  return { kind: 'receive-deadline', timeoutMs, life: ['any-byte', 'send-accepted', 'drained'] };
}

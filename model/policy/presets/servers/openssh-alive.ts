/** What sshd and ssh have in common: a request that has to be answered after silence, so many times. */
import type { MechanismInput } from '../../types.ts';

export const ALIVE_COUNT = { min: 0, max: 1_000 } as const;

/** The first request after one interval of silence; the count is compared before the next, so it is exceeded one later. */
export function aliveRequests(
  intervalMs: number,
  countMax: number,
  life: readonly ('any-byte' | 'send-accepted' | 'drained')[],
): MechanismInput {
  return {
    kind: 'ping',
    intervalMs,
    after: 'last-life',
    replyTimeoutMs: countMax === 0 ? null : countMax * intervalMs,
    replyClock: 'enqueued',
    life,
    answeredBy: 'application',
  };
}

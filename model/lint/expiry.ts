/** What a box does with a connection whose idle time is over: as a fault, in words, and as lives that show it. */
import type { Policy } from '../policy/types.ts';
import type { Fault, Load } from '../scenario/types.ts';
import type { Expiry } from '../stack/index.ts';
import type { Box } from './subject.ts';
import { late, latenessMs, quietMs } from './link.ts';
import { gone, type Circumstances } from './story.ts';
import type { StackSubject } from './subject.ts';
import type { Problem, Trial } from './types.ts';
import { inWords } from './words.ts';

export function expiryOf(atExpiry: Expiry, idleMs: number): Fault {
  const onExpiry = { silent: 'drop', reset: 'reset-next', close: 'fin-both' } as const;
  return { kind: 'nat-expiry', idleMs, onExpiry: onExpiry[atExpiry] };
}

export function expiryInWords(atExpiry: Expiry): string {
  const ends: Readonly<Record<Expiry, string>> = {
    silent: 'forgets it and tells nobody: what is sent afterwards vanishes',
    reset: 'forgets it and resets whoever sends next: the message is lost',
    close:
      'closes it towards both ends: a living client is cut off and comes back, again and again',
  };
  return ends[atExpiry];
}

/** What a connection at a box is like. */
export interface AtBox {
  readonly policy: Policy;
  readonly load: Load;
  readonly around?: Circumstances;
}

/** Whether what repeats is so close to the idle time of a box that one that is a little late comes too late. */
export function isTight(subject: StackSubject, idleMs: number, everyMs: number): boolean {
  return everyMs < idleMs + latenessMs(subject) && idleMs < everyMs + latenessMs(subject);
}

/**
 * Lives in which a box gives up a connection whose ends are well: while all comes in time; and, where the box leaves
 * hardly any time beyond the interval, with everything a little late.
 */
export function givenUp(
  subject: StackSubject,
  rule: string,
  { hop }: Box,
  { policy, load, around }: AtBox,
  problem: Problem,
): readonly Trial[] {
  const { idleMs = null, atExpiry = 'close' } = hop;
  if (idleMs === null) return [];
  const expect = { kind: 'path-forgets' } as const;
  const fault = expiryOf(atExpiry, idleMs);
  const life = (of: { policy: Policy; load: Load }, told: Problem): Trial => ({
    policy: of.policy,
    scenario: gone(subject.served, rule, fault, of.load, around),
    expect,
    lives: 3,
    tell: () => told,
  });
  const everyMs = quietMs({ rttMs: subject.rttMs, load }, policy);
  const inTime = everyMs === null || everyMs >= idleMs ? [life({ policy, load }, problem)] : [];
  if (everyMs === null || !isTight(subject, idleMs, everyMs)) return inTime;
  const lateMs = latenessMs(subject);
  const message = `${problem.message.replace(/\.$/, '')} (seen when what is sent comes ${inWords(lateMs)} late).`;
  const tight = { ...problem, message, severity: 'warning' } as const;
  return [...inTime, life(late(policy, load, lateMs), tight)];
}

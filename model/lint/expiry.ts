/** What a box does with a connection whose idle time is over: as a fault, and in words. */
import type { Expiry } from '../chain/types.ts';
import type { Fault } from '../scenario/types.ts';

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

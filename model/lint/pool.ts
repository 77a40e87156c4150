/** Pools, as the rules of lint speak of them. */
import { poolsOf } from '../stack/index.ts';
import { indexOf } from './ask.ts';
import type { Box, StackSubject } from './subject.ts';
import { inWords } from './words.ts';

/**
 * Whether a box may give up quiet connections: what rests in a pool is the matter of the pool's rules, and where the
 * server itself closes idle connections nobody counts on one that a box has closed.
 */
export function isHarmless(subject: StackSubject, { hop, index }: Box): boolean {
  const isPooled = poolsOf(subject.stack).some(
    ({ holder, end }) => index > holder.index && index <= end.index,
  );
  return isPooled || (hop.atExpiry === 'close' && indexOf(subject.served, 'idle') >= 0);
}

export function rests(idleMs: number | null): string {
  return idleMs === null ? 'for ever' : `for up to ${inWords(idleMs)}`;
}

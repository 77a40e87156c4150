/** Hops that keep idle connections for a next request. */
import type { ClientHop, ProxyHop } from '../chain/types.ts';
import { indexOf } from './ask.ts';
import type { Box, Placed } from './subject.ts';
import { called } from './link.ts';
import type { ChainSubject } from './subject.ts';
import { inWords } from './words.ts';

/** A hop that keeps idle connections for the next request, and how long. */
export interface Pool {
  readonly holder: Placed<ClientHop | ProxyHop>;
  readonly index: number;
  readonly name: string;
  /** null = for ever. */
  readonly idleMs: number | null;
}

export function poolsOf({ client, boxes }: ChainSubject): readonly Pool[] {
  const holders = [...(client === undefined ? [] : [client]), ...boxes];
  return holders.flatMap(({ hop, index }) => {
    if (hop.kind === 'middlebox' || hop.poolIdleMs === undefined) return [];
    const holder = { hop, index };
    return [{ holder, index, name: called(holder), idleMs: hop.poolIdleMs }];
  });
}

/** Index of the hop where the pool's own TCP connections end. */
export function endOf({ boxes, server }: ChainSubject, pool: Pool): number {
  const next = boxes.find(({ hop, index }) => hop.kind === 'proxy' && index > pool.index);
  return next?.index ?? server.index;
}

/**
 * Whether a box may give up quiet connections: what rests in a pool is the matter of the pool's rules, and where the
 * server itself closes idle connections nobody counts on one that a box has closed.
 */
export function isHarmless(subject: ChainSubject, { hop, index }: Box): boolean {
  const isPooled = poolsOf(subject).some(
    (pool) => index > pool.index && index <= endOf(subject, pool),
  );
  return isPooled || (hop.atExpiry === 'close' && indexOf(subject.served, 'idle') >= 0);
}

export function rests(idleMs: number | null): string {
  return idleMs === null ? 'for ever' : `for up to ${inWords(idleMs)}`;
}

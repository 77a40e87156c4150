/** Hops that keep idle connections for a next request. */
import type { Facts, Placed } from '../stack/index.ts';
import { indexOf } from './ask.ts';
import type { Box, StackSubject } from './subject.ts';
import { called } from './link.ts';
import { inWords } from './words.ts';

/** A hop that keeps idle connections for the next request, and how long. */
export interface Pool {
  readonly holder: Placed;
  readonly index: number;
  readonly name: string;
  /** null = for ever. */
  readonly idleMs: number | null;
}

/** How long a hop keeps them: what somebody says; or what it does with connections that carry requests. */
export function poolIdleMs(facts: Facts): number | null | undefined {
  return facts.poolIdleMs === undefined ? facts.requestPoolIdleMs : facts.poolIdleMs;
}

export function poolsOf({ client, boxes, served }: StackSubject): readonly Pool[] {
  return [client, ...boxes].flatMap((holder) => {
    const { hop, index } = holder;
    const idleMs = served.isForRequests ? poolIdleMs(hop) : hop.poolIdleMs;
    return idleMs === undefined ? [] : [{ holder, index, name: called(holder), idleMs }];
  });
}

/** Index of the hop where the pool's own TCP connections end. */
export function endOf({ boxes, server }: StackSubject, pool: Pool): number {
  const next = boxes.find(({ hop, index }) => hop.role === 'proxy' && index > pool.index);
  return next?.index ?? server.index;
}

/**
 * Whether a box may give up quiet connections: what rests in a pool is the matter of the pool's rules, and where the
 * server itself closes idle connections nobody counts on one that a box has closed.
 */
export function isHarmless(subject: StackSubject, { hop, index }: Box): boolean {
  const isPooled = poolsOf(subject).some(
    (pool) => index > pool.index && index <= endOf(subject, pool),
  );
  return isPooled || (hop.atExpiry === 'close' && indexOf(subject.served, 'idle') >= 0);
}

export function rests(idleMs: number | null): string {
  return idleMs === null ? 'for ever' : `for up to ${inWords(idleMs)}`;
}

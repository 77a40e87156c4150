/** Hops that keep idle connections for a next request, and where the connections that they keep end. */
import { presetNamed } from '../policy/presets/find.ts';
import type { Policy } from '../policy/types.ts';
import { statedPolicy } from './effective.ts';
import type { Facts } from './facts.ts';
import { linksOf, wayOf, type Link, type Placed } from './links.ts';
import type { Stack } from './schema.ts';

/** A hop that keeps idle connections for the next request, and how long. */
export interface Pool {
  readonly holder: Placed;
  /** null = for ever. */
  readonly idleMs: number | null;
  /** The party at which the pool's own TCP connections end. */
  readonly end: Placed;
  readonly link: Link;
}

/** How long a hop keeps them: what somebody says; or what it does with connections that carry requests. */
export function poolIdleMs(facts: Facts): number | null | undefined {
  return facts.poolIdleMs === undefined ? facts.requestPoolIdleMs : facts.poolIdleMs;
}

/** Whether the connections of a built-in policy carry requests, and may be closed between two of them. */
export function isOfRequests({ name }: Policy): boolean {
  const found = presetNamed(name);
  const tags = found.ok ? found.value.tags : [];
  return tags.includes('pool') || tags.includes('requests');
}

/** Whether what reaches the server are requests, with rests between them. */
export function carriesRequests(stack: Stack): boolean {
  const way = wayOf(stack);
  const server = way.at(-1)?.hop;
  const isPooled = way.slice(0, -1).some(({ hop }) => hop.poolIdleMs !== undefined);
  return (
    isPooled ||
    (server !== undefined &&
      (server.httpKeepAliveMs !== undefined || isOfRequests(statedPolicy(server))))
  );
}

/**
 * The pools of a stack, from the client on.
 *
 * @example
 * const read = parseExpression('browser > aws-alb > node');
 * poolsOf(read.value).map(({ holder, end }) => [holder.hop.called, end.hop.called]) // => [['aws-alb', 'node']]
 */
export function poolsOf(stack: Stack): readonly Pool[] {
  const isForRequests = carriesRequests(stack);
  return linksOf(stack).flatMap((link): readonly Pool[] => {
    const { left: holder, right: end } = link;
    const idleMs = isForRequests ? poolIdleMs(holder.hop) : holder.hop.poolIdleMs;
    return idleMs === undefined ? [] : [{ holder, idleMs, end, link }];
  });
}

/** The links of a stack: one TCP connection between two neighbouring parties, over a path with boxes on it. */
import type { Load } from '../scenario/types.ts';
import { hopsOf, type Hop } from './hops.ts';
import type { Stack, StatedLink } from './schema.ts';

/** A hop and its place in the stack. */
export interface Placed {
  readonly hop: Hop;
  readonly index: number;
}

export interface Link {
  /** 0 = the client's. */
  readonly index: number;
  /** Who opened it, and who accepted it. */
  readonly left: Placed;
  readonly right: Placed;
  readonly boxes: readonly Placed[];
  readonly path: Pick<StatedLink, 'rttMs' | 'jitterMs' | 'lossPercent'>;
}

/** The hops between client and server, both included. */
export function wayOf(stack: Stack): readonly Placed[] {
  return hopsOf(stack)
    .filter(({ role }) => role !== 'orchestrator')
    .map((hop, index) => ({ hop, index }));
}

export function linksOf(stack: Stack): readonly Link[] {
  const way = wayOf(stack);
  const parties = way.filter(({ hop }) => hop.role !== 'box');
  return stack.links.map(({ rttMs, jitterMs, lossPercent }, index) => {
    const left = parties[index] as Placed;
    const right = parties[index + 1] as Placed;
    const path = {
      rttMs,
      ...(jitterMs === undefined ? {} : { jitterMs }),
      ...(lossPercent === undefined ? {} : { lossPercent }),
    };
    const boxes = way.filter((one) => one.index > left.index && one.index < right.index);
    return { index, left, right, boxes, path };
  });
}

/** The same stack with another round trip on the client's link. */
export function withRtt(stack: Stack, rttMs: number | undefined): Stack {
  const [first, ...rest] = stack.links;
  if (rttMs === undefined || first === undefined) return stack;
  return Object.freeze({ ...stack, links: Object.freeze([{ ...first, rttMs }, ...rest]) });
}

/** Round trip from end to end. */
export function wholeRttMs({ links }: Stack): number {
  return links.reduce((sum, { rttMs }) => sum + rttMs, 0);
}

/** What the two applications send while nothing is wrong; idle where neither says. */
export function loadOf(stack: Stack): Load {
  const loads = hopsOf(stack).flatMap(({ sends }) => (sends === undefined ? [] : [sends]));
  const [first, second] = loads;
  if (first === undefined) return { kind: 'idle' };
  const flatOut = loads.find(({ kind }) => kind === 'saturated');
  if (flatOut !== undefined) return flatOut;
  return second !== undefined && first.kind === 'periodic'
    ? { ...first, direction: 'both' }
    : first;
}

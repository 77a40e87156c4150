/**
 * One way a connection may end after the fault, with the instant's ends over all phases. A bound is
 * the earliest of these: every mechanism of the policy contributes one, and so do the kernel's rules.
 */

import type { VerdictManner } from '../../policy/types.ts';

/** Ends of an instant over all phases, ms after the fault. */
export interface Span {
  /** null = never happens. */
  readonly minMs: number | null;
  /** null = some phase in which it never happens. */
  readonly maxMs: number | null;
}

/** Who carries the end out, and so what the kernel still has to do after it. */
export type Manner =
  /** The process closes the descriptor at once. */
  | 'destroy'
  /** The kernel gave up: the socket is gone with the decision. */
  | 'kernel'
  /** The process closes it so that the kernel forgets the connection at once (SO_LINGER 0). */
  | 'reset'
  /** The process says goodbye first (idle, age, and verdicts that close). */
  | 'orderly'
  /** The process closes it when user space holds nothing any more. */
  | 'flush'
  /** The peer said goodbye or its host refused: the process closes what is already half closed. */
  | 'peer';

export interface Ending extends Span {
  readonly manner: Manner;
  /** Whether something of ours is unacknowledged whenever this ends it: what it judges by was sent. */
  readonly inFlight: boolean;
  readonly by: string;
  readonly formula: string;
  readonly derivation: string;
}

/** A mechanism that never ends this ghost, and why: it says what would be there if nothing else did. */
export function never(by: string, derivation: string): Ending {
  return {
    minMs: null,
    maxMs: null,
    manner: 'destroy',
    inFlight: true,
    by,
    formula: '∞',
    derivation,
  };
}

/** One that ends some ghosts of a kind and not others, and why not: without a bound, but it may come first. */
export function seldom(
  by: string,
  derivation: string,
  minMs: number | null,
  manner: Manner,
  inFlight: boolean,
): Ending {
  return { ...never(by, derivation), minMs, manner, inFlight };
}

/** How a mechanism's verdict is carried out. */
export function mannerOf({ verdict }: { readonly verdict?: VerdictManner }): Manner {
  return verdict === 'close' ? 'orderly' : (verdict ?? 'destroy');
}

/** The sum of two spans. */
export function plus(a: Span, b: Span): Span {
  return {
    minMs: a.minMs === null || b.minMs === null ? null : a.minMs + b.minMs,
    maxMs: a.maxMs === null || b.maxMs === null ? null : a.maxMs + b.maxMs,
  };
}

/** Both ends moved by the same time. */
export function shift(span: Span, byMs: number): Span {
  return plus(span, { minMs: byMs, maxMs: byMs });
}

/** The earlier of two: the smaller of each end, where never is later than anything. */
export function earliest(a: Span, b: Span): Span {
  const least = (x: number | null, y: number | null): number | null =>
    x === null ? y : y === null ? x : Math.min(x, y);
  return { minMs: least(a.minMs, b.minMs), maxMs: least(a.maxMs, b.maxMs) };
}

/** The later of two: the greater of each end, where never wins. */
export function latest(a: Span, b: Span): Span {
  return {
    minMs: a.minMs === null || b.minMs === null ? null : Math.max(a.minMs, b.minMs),
    maxMs: a.maxMs === null || b.maxMs === null ? null : Math.max(a.maxMs, b.maxMs),
  };
}

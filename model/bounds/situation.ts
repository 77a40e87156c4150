/**
 * What a fault leaves of a connection, in the few numbers that every mechanism's closed form needs:
 * until when the peer still answered, what the policy and the load put on the wire, and since when
 * something is unacknowledged. Times are ms after the fault; the connection had settled before it.
 */
import type { Policy } from '../policy/types.ts';
import type { Fault, FaultScenario } from '../scenario/types.ts';
import type { Span } from './ends/ending.ts';
import type { KernelRules } from './kernel/kernel-rules.ts';
import type { Flight } from './kernel/episode.ts';

/** Something unacknowledged since some instant after the fault. */
export interface Unacked {
  readonly since: Span;
  readonly flight: Flight;
  /** What was sent, for the derivation. */
  readonly what: string;
  /** Only in some phases; in others nothing is in flight. */
  readonly sometimes?: true;
}

/** Handshake and first round trips: over after this, and the connection counts as settled. */
export const SETTLE_MS = 2_000;

/** What every closed form starts from. */
export interface Situation {
  /** As it works on this server: what is broken is lost. */
  readonly policy: Policy;
  readonly scenario: FaultScenario;
  readonly rules: KernelRules;
  /** A ping sent after −edgeMs is no longer answered by the peer's application. */
  readonly edgeMs: number;
  /** One sent before −farEdgeMs still was: further away where pings wait behind a full send path. */
  readonly farEdgeMs: number;
  /** What the peer sent before the fault is read by then. */
  readonly lateMs: number;
  /** The peer's kernel (or a proxy's) still acknowledges what arrives. */
  readonly kernelAnswers: boolean;
  /** TCP_USER_TIMEOUT in force, or null. */
  readonly userTimeoutMs: number | null;
  /** First bytes that are never acknowledged; null when nothing is ever sent again. */
  readonly unacked: Unacked | null;
}

/** Whether the client's process, or the part of it that answers, has stopped while its kernel goes on. */
export function kernelOutlives(fault: Fault): boolean {
  switch (fault.kind) {
    case 'freeze':
    case 'page-freeze':
    case 'tunnel-dead':
    case 'close-unanswered':
    case 'half-close':
      return true;
    case 'handshake-abandoned':
      return fault.after === 'established';
    default:
      return false;
  }
}

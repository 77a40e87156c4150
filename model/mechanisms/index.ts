/**
 * The registry: every kind of mechanism, and what it says of itself.
 * A kind is one file and one line here: schema, types and every look-up follow from it.
 */
import { union, type Canonical } from '../schema/words.ts';
import { age } from './age.ts';
import { borrowCheck } from './borrow-check.ts';
import { closeHandshake } from './close-handshake.ts';
import { drain } from './drain.ts';
import { handshakeDeadline } from './handshake-deadline.ts';
import { idle } from './idle.ts';
import { keepalive } from './keepalive.ts';
import { peerClosed } from './peer-closed.ts';
import { ping } from './ping.ts';
import { pingStrikes } from './ping-strikes.ts';
import { pongTimer } from './pong-timer.ts';
import { receiveDeadline } from './receive-deadline.ts';
import { requestDeadline } from './request-deadline.ts';
import { sendQueueLimit } from './send-queue-limit.ts';
import { sendStall } from './send-stall.ts';
import { sweep } from './sweep.ts';
import { userTimeout } from './user-timeout.ts';
import { writeDeadline } from './write-deadline.ts';
import type { VerdictManner } from './fields.ts';
import type { KindOf } from './kind.ts';

/** By the word in a policy file, in the order of the pages. */
export const mechanismKinds = {
  sweep,
  ping,
  'pong-timer': pongTimer,
  'receive-deadline': receiveDeadline,
  'write-deadline': writeDeadline,
  'send-queue-limit': sendQueueLimit,
  'ping-strikes': pingStrikes,
  'handshake-deadline': handshakeDeadline,
  'request-deadline': requestDeadline,
  'borrow-check': borrowCheck,
  'close-handshake': closeHandshake,
  keepalive,
  'user-timeout': userTimeout,
  'send-stall': sendStall,
  'peer-closed': peerClosed,
  idle,
  age,
  drain,
} as const;

/** The word that tells mechanisms apart, e.g. `sweep`. */
export type MechanismKind = keyof typeof mechanismKinds;

export const mechanismSchema = union(
  'One way of finding or ending connections.',
  Object.values(mechanismKinds).map(({ schema }) => schema),
);

/** One way of finding or ending connections, told apart by `kind`. */
export type Mechanism = Canonical<typeof mechanismSchema>;

/** The mechanisms of a kind. */
export type MechanismOf<K extends MechanismKind> = Extract<Mechanism, { readonly kind: K }>;

/** Every kind's word. */
export const mechanismWords = Object.keys(mechanismKinds) as readonly MechanismKind[];

/** The kinds of which a policy may have one at most. */
export const onlyOnce = mechanismWords.filter((word) => isOnlyOnce(mechanismKinds[word]));

function isOnlyOnce({ onlyOnce: once }: KindOf<Mechanism>): boolean {
  return once === true;
}

/** The kind of a mechanism, for what it says of that mechanism. */
export function kindOf({ kind }: Mechanism): KindOf<Mechanism> {
  return mechanismKinds[kind];
}

/** The mechanisms of a kind, in their order. */
export function allOf<K extends MechanismKind>(
  kind: K,
  mechanisms: readonly Mechanism[],
): readonly MechanismOf<K>[] {
  return mechanisms.filter((one): one is MechanismOf<K> => one.kind === kind);
}

/** The first mechanism of a kind; undefined where the list has none. */
export function firstOf<K extends MechanismKind>(
  kind: K,
  mechanisms: readonly Mechanism[],
): MechanismOf<K> | undefined {
  return mechanisms.find((one): one is MechanismOf<K> => one.kind === kind);
}

/** The position of the first mechanism of a kind; -1 where the list has none. */
export function placeOf(kind: MechanismKind, mechanisms: readonly Mechanism[]): number {
  return mechanisms.findIndex((one) => one.kind === kind);
}

/** How a mechanism ends its connection; the kernel and the supervisor do not ask. */
export function mannerOf(mechanism: Mechanism): VerdictManner {
  const manner = 'verdict' in mechanism ? mechanism.verdict : undefined;
  return manner ?? (kindOf(mechanism).ends === 'in-order' ? 'close' : 'destroy');
}

/** Whether the reaper itself judges by it, in the process or beside it. */
export function isOfReaper(mechanism: Mechanism): boolean {
  return kindOf(mechanism).region !== undefined;
}

/**
 * The registry: every kind of mechanism, and what it says of itself.
 * A kind is one file and one line here; a kind of the policy language without a line does not compile.
 */
import type { Mechanism, MechanismKind as Word, VerdictManner } from '../policy/types.ts';
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
import type { MechanismKind, MechanismOf } from './kind.ts';

/** By the word in a policy file, in the order of the pages. */
export const mechanismKinds: { readonly [K in Word]: MechanismKind<K> } = {
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
};

/** The kind of a mechanism, for what it says of that mechanism. */
export function kindOf({ kind }: Mechanism): MechanismKind {
  return mechanismKinds[kind];
}

/** The mechanisms of a kind, in their order. */
export function allOf<K extends Word>(
  kind: K,
  mechanisms: readonly Mechanism[],
): readonly MechanismOf<K>[] {
  return mechanisms.filter((one): one is MechanismOf<K> => one.kind === kind);
}

/** The first mechanism of a kind; undefined where the list has none. */
export function firstOf<K extends Word>(
  kind: K,
  mechanisms: readonly Mechanism[],
): MechanismOf<K> | undefined {
  return mechanisms.find((one): one is MechanismOf<K> => one.kind === kind);
}

/** The position of the first mechanism of a kind; -1 where the list has none. */
export function placeOf(kind: Word, mechanisms: readonly Mechanism[]): number {
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

/**
 * The record of one connection's life: its instants in virtual microseconds, and who ended it how. One record, filled in
 * place and reset for the next run. Infinity = it has not happened within the watch.
 */
import type { Errno } from '../kernel/types.ts';

/** How the server's side ended, before it is known whether there was a fault. */
export type Ending = 'open' | 'reaped' | 'closed';

/** The supervisor's kill at the end of a drain: no verdict about the peer. */
export const BY_DRAIN = 'drain';

/** The peer's own doing: its closing handshake, its end of file, its kernel's reset. */
export const BY_PEER = 'peer';

export interface ConnectionRecord {
  /** accept(2). */
  acceptedAtUs: number;
  /** The server last read bytes of the peer before it decided, pongs included; accept(2) counts as the first. */
  lastHeardAtUs: number;
  /** When the peer was gone; Infinity when the fault did not happen. */
  faultAtUs: number;
  /** The server is told to stop (SIGTERM). */
  sigtermAtUs: number;
  /** Somebody borrows the connection for a query, and hears the answer. */
  askedAtUs: number;
  answeredAtUs: number;
  /** The application decides: a verdict, an error or an end of file read from the socket. */
  decidedAtUs: number;
  /** A send has been blocked since then; and the longest time for which one was, until all of it was taken. */
  blockedAtUs: number;
  blockedUs: number;
  /** The descriptor is closed. */
  closedAtUs: number;
  /** The kernel socket leaves ESTABLISHED. */
  kernelClosedAtUs: number;
  /** The kernel forgets the socket: no memory, no timer, no tuple. */
  releasedAtUs: number;
  /** A proxy on the way ended it by a limit of its own: when, and which by what; empty = none did. */
  proxyGaveUpAtUs: number;
  proxyBy: string;
  /** It took one side for dead, and was not merely done with it. */
  proxyJudged: boolean;
  ending: Ending;
  /** Whether SIGKILL found the descriptor open. */
  killed: boolean;
  reason: string;
  /**
   * What ended it, in a word: the kind of the mechanism, `kernel ETIMEDOUT` (or another errno), `drain` for the
   * supervisor's kill, `close` for a closing handshake that the application began, `peer`; empty while it is open.
   */
  by: string;
}

export function newRecord(): ConnectionRecord {
  const life = {} as ConnectionRecord;
  resetRecord(life);
  return life;
}

export function resetRecord(life: ConnectionRecord): void {
  life.acceptedAtUs = Infinity;
  life.lastHeardAtUs = Infinity;
  life.faultAtUs = Infinity;
  life.sigtermAtUs = Infinity;
  life.askedAtUs = Infinity;
  life.answeredAtUs = Infinity;
  life.killed = false;
  life.decidedAtUs = Infinity;
  life.blockedAtUs = Infinity;
  life.blockedUs = 0;
  life.closedAtUs = Infinity;
  life.kernelClosedAtUs = Infinity;
  life.releasedAtUs = Infinity;
  life.proxyGaveUpAtUs = Infinity;
  life.proxyBy = '';
  life.proxyJudged = false;
  life.ending = 'open';
  life.reason = 'nothing noticed';
  life.by = '';
}

/** Whether the server's side ended it while the peer was there, or a proxy did, whoever or whatever decided. */
export function endedWhileAlive(life: ConnectionRecord): boolean {
  const { ending, by, decidedAtUs, faultAtUs, proxyGaveUpAtUs } = life;
  const byServer = ending !== 'open' && by !== BY_PEER && decidedAtUs < faultAtUs;
  return byServer || proxyGaveUpAtUs < faultAtUs;
}

/** Whether it was ended for being idle or old, or because the application was done: no verdict about the peer. */
export function endedInOrder({ ending, by, proxyBy, proxyJudged }: ConnectionRecord): boolean {
  return (proxyBy !== '' && !proxyJudged) || (ending === 'closed' && by !== BY_PEER);
}

/** Whether somebody took the peer for dead: not the supervisor, who ends everybody. */
export function endedByVerdict({ ending, by }: ConnectionRecord): boolean {
  return ending === 'reaped' && by !== BY_DRAIN;
}

/** Errors by which the peer itself ended the connection, as opposed to a kernel that gave up on it. */
export function endedByPeer(errno: Errno): boolean {
  return errno === 'ECONNRESET' || errno === 'EPIPE';
}

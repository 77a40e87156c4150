/**
 * The SYN-ACK timer's rules as steps on numbers: a listener repeats its SYN-ACK a few times and then drops the request, and
 * nobody is told (RFC 9293 §3.5). TCP_DEFER_ACCEPT makes it wait for the first data.
 *
 * Source: net/ipv4/inet_connection_sock.c reqsk_timer_handler, syn_ack_recalc; include/net/tcp.h tcp_reqsk_timeout.
 */
import { INITIAL_RTO_MS } from './constants.ts';
import { msToJiffies } from './jiffies.ts';

/** What of a request sock the rules read. */
export interface SynAckTimer {
  readonly timeouts: number;
  /** TCP_SYNCNT of the listener; 0 = `tcp_synack_retries`. */
  readonly synCount: number;
  /** TCP_DEFER_ACCEPT as a number of timeouts. */
  readonly deferAccept: number;
  /** The last ACK of the handshake has come, and data is waited for. */
  readonly requestAcked: boolean;
  readonly rtoMaxJ: number;
}

export const SynAckStep = { Wait: 0, Resend: 1, Drop: 2 } as const;
export type SynAckStepCode = (typeof SynAckStep)[keyof typeof SynAckStep];

/** The timer has gone off. While data is waited for, only the last timeout of the deferral asks again. */
export function synAckExpired(timer: SynAckTimer, synAckRetries: number): SynAckStepCode {
  const most = timer.synCount > 0 ? timer.synCount : synAckRetries;
  const deferring = timer.requestAcked && timer.timeouts < timer.deferAccept;
  if (timer.timeouts >= most && !deferring) return SynAckStep.Drop;
  const resend = !timer.requestAcked || timer.timeouts >= timer.deferAccept - 1;
  return resend ? SynAckStep.Resend : SynAckStep.Wait;
}

/** tcp_reqsk_timeout: one second, doubled for each timeout (RFC 6298 §2.1, §5.5). */
export function synAckDelayJ(timer: SynAckTimer, hz: number): number {
  return Math.min(msToJiffies(INITIAL_RTO_MS, hz) * 2 ** timer.timeouts, timer.rtoMaxJ);
}

/**
 * The sequence number check (RFC 9293 §3.10.7.4, RFC 5961): segments outside the window, and resets and SYNs that may be
 * forged, are answered with an ACK (challenge ACK) and otherwise ignored, zero-length ones at most every `tcp_invalid_ratelimit`. That is how a
 * keepalive or window probe gets its answer, and why the second window probe often does not.
 * Source: net/ipv4/tcp_input.c tcp_validate_incoming, tcp_send_dupack, tcp_oow_rate_limited,
 * tcp_send_challenge_ack (RFC 5961).
 */
import { enterQuickAckMode } from './delayed-ack.ts';
import { onReset } from './done.ts';
import { noteReceivedTwice } from './duplicate.ts';
import { openWindow } from './receive-window.ts';
import { endSeq } from '../network/segment.ts';
import { NEVER, type Sock } from './tcp-sock.ts';
import { sendAck } from './transmit.ts';
import type { Segment } from '../network/segment.ts';
import { TcpState } from './types.ts';
import { takes } from '../../model/rare-paths.ts';

/** __tcp_oow_rate_limited: whether an answer is withheld, because another one left a moment ago. */
export function rateLimited(sk: Sock): boolean {
  const nowJ = sk.kernel.jiffies();
  const limitJ = sk.kernel.ms(sk.kernel.sysctls.tcp_invalid_ratelimit);
  if (sk.lastInvalidAckJ !== NEVER && nowJ - sk.lastInvalidAckJ < limitJ) {
    takes('answer-withheld');
    return true;
  }
  sk.lastInvalidAckJ = nowJ;
  return false;
}

/** tcp_send_dupack for a segment outside the window. */
export function onInvalidSegment(sk: Sock, segment: Segment): void {
  if (segment.rst) return;
  const empty = endSeq(segment) === segment.seq || segment.syn;
  if (empty && rateLimited(sk)) return;
  if (segment.length > 0 && segment.seq < sk.rcvNxt) {
    enterQuickAckMode(sk);
    noteReceivedTwice(sk, segment.seq, Math.min(endSeq(segment), sk.rcvNxt));
  }
  sendAck(sk, 'duplicate-ack');
}

function challenge(sk: Sock): void {
  if (rateLimited(sk)) return;
  takes('challenge-ack');
  sendAck(sk, 'challenge-ack');
}

/**
 * The acknowledgement check (RFC 9293 §3.10.7.4, RFC 5961 §5.2; tcp_ack): a segment that acknowledges what was never sent, or what is older
 * than a window, is not looked at further. The answer to the former is left out in ESTABLISHED, in Linux before 6.18.
 */
export function acknowledges(sk: Sock, segment: Segment): boolean {
  const { ackSeq } = segment;
  if (ackSeq > sk.sndNxt) {
    if (sk.state !== TcpState.Established || sk.kernel.profile === '6.18') challenge(sk);
    return false;
  }
  const bytesAcked = sk.sndUna - (sk.activeOpen ? 0 : 1);
  if (ackSeq >= sk.sndUna - Math.min(sk.maxWindow, bytesAcked)) return true;
  challenge(sk);
  return false;
}

/**
 * tcp_disordered_ack: an old timestamp on a pure ACK that says nothing new comes of reordering on the way, and is let through.
 */
function isDisordered(sk: Sock, segment: Segment): boolean {
  if (segment.seq !== endSeq(segment) || segment.seq !== sk.rcvNxt) return false;
  if (segment.ackSeq !== sk.sndUna || segment.windowBytes !== sk.sndWnd) return false;
  return sk.tsRecent - segment.timestampMs <= REPLAY_MS;
}

/** tcp_tsval_replay: RTO times 1.2, and a second at most. */
const REPLAY_MS = 1_000;

/**
 * The upper end of tcp_sequence. Since 6.17 what reaches beyond the window, by more than a FIN, is taken only while nothing else is
 * unread.
 */
function isBeyondWindow(sk: Sock, segment: Segment, end: number): boolean {
  const limit = sk.rcvNxt + openWindow(sk);
  if (end <= limit) return false;
  if (segment.seq > limit) return true;
  const reaches = segment.fin ? end - 1 : end;
  return sk.kernel.profile === '6.18' && reaches > limit && sk.receiveQueue.bytes > 0;
}

/** tcp_validate_incoming: whether the segment may be looked at further; an old timestamp comes first (PAWS, RFC 7323 §5.3). */
export function acceptable(sk: Sock, segment: Segment): boolean {
  const end = endSeq(segment);
  if (sk.timestamps && segment.timestampMs < sk.tsRecent && !segment.syn && !segment.rst) {
    if (!isDisordered(sk, segment)) {
      onInvalidSegment(sk, segment);
      return false;
    }
  }
  if (end < sk.rcvWup || isBeyondWindow(sk, segment, end)) {
    onInvalidSegment(sk, segment);
    return false;
  }
  if (segment.rst) {
    const exact = segment.seq === sk.rcvNxt;
    const afterFin = sk.peerFinSeen && segment.seq === sk.rcvNxt - 1;
    const edge = sk.outOfOrder.length > 0 && segment.seq === sk.outOfOrder.lastEnd;
    if (exact || afterFin || edge) onReset(sk);
    else challenge(sk);
    return false;
  }
  if (segment.syn) {
    challenge(sk);
    return false;
  }
  return segment.ack;
}

/**
 * Measuring the round trip (RFC 6298 §3, §4). Karn's rule: a segment that was sent more than once measures nothing, unless the
 * timestamp that comes back says which sending is answered (RFC 7323 §4). A sample also ends the back-off; without one the
 * timeout stays doubled.
 *
 * Source: net/ipv4/tcp_input.c tcp_ack_update_rtt, tcp_rtt_estimator, tcp_set_rto.
 */
import { feedRtt } from '../../model/linux/estimator.ts';
import { unbackedRtoJ } from '../../model/linux/retransmit-timer.ts';
import type { Segment } from '../network/segment.ts';
import { NEVER, type Sock } from './tcp-sock.ts';

/**
 * Takes the sample that an ACK allows; returns whether there was one.
 *
 * @param sentUs when the oldest newly acknowledged segment that was sent only once was sent; NEVER = there is none
 * @param advanced whether the ACK acknowledges anything in order: only then its timestamp counts
 */
export function measure(sk: Sock, segment: Segment, sentUs: number, advanced: boolean): boolean {
  if (sentUs !== NEVER) {
    takeSample(sk, sk.kernel.nowUs - sentUs);
    return true;
  }
  return advanced && sampleByTimestamp(sk, segment);
}

/** RTTM (RFC 7323 §4.1): the segment echoes when what it answers was sent. Returns whether it does. */
export function sampleByTimestamp(sk: Sock, segment: Segment): boolean {
  const { kernel } = sk;
  if (segment.echoMs === NEVER || !sk.timestamps) return false;
  takeSample(sk, Math.max(1, kernel.clockMs() - segment.echoMs) * 1000);
  return true;
}

/** Feeds the estimator and recomputes the timeout. */
export function takeSample(sk: Sock, sampleUs: number): void {
  sk.minRttUs = Math.min(sk.minRttUs, Math.max(1, sampleUs));
  const before = sk.srtt8;
  feedRtt(sk, sampleUs, sk.rtoMinUs, sk.sndUna, sk.sndNxt);
  sk.rttSamples += 1;
  if (sk.srtt8 !== before) sk.rttChanges += 1;
  sk.rtoJ = unbackedRtoJ(sk, sk.kernel.phase.hz);
  sk.backoff = 0;
}

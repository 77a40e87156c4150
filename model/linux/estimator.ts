/**
 * The round-trip estimator: from samples to the retransmission timeout (RFC 6298 §2).
 *
 * RFC 6298 in scaled integers, with two twists: the 200 ms minimum is a floor on the variance term
 * and not on the timeout, and that floor is put back once per window. So the timeout is never
 * below the smoothed round trip plus 200 ms.
 * Source: net/ipv4/tcp_input.c tcp_rtt_estimator, tcp_set_rto; include/net/tcp.h __tcp_set_rto.
 */
import { usToJiffies } from './jiffies.ts';

/** Scaled integers of struct tcp_sock; 0 in `srtt8` means: no sample yet. */
export interface RttState {
  /** Smoothed round trip in us, times 8. */
  srtt8: number;
  /** Mean deviation in us, times 4: `tcpi_rttvar` is a quarter of it. */
  mdev4: number;
  /** The variance term of the timeout, in us. */
  rttvar4: number;
  /** Largest deviation of this window. */
  mdevMax4: number;
  /** The window ends when `snd_una` passes this. */
  rttSeq: number;
}

/**
 * Feeds one measured round trip.
 *
 * @param sampleUs the measurement, microseconds
 * @param rtoMinUs floor of the variance term, 200 000 by default
 */
export function feedRtt(
  rtt: RttState,
  sampleUs: number,
  rtoMinUs: number,
  sndUna: number,
  sndNxt: number,
): void {
  if (rtt.srtt8 === 0) {
    rtt.srtt8 = Math.max(1, sampleUs * 8);
    rtt.mdev4 = sampleUs * 2;
    rtt.rttvar4 = Math.max(rtt.mdev4, rtoMinUs);
    rtt.mdevMax4 = rtt.rttvar4;
    rtt.rttSeq = sndNxt;
    return;
  }
  const error = sampleUs - Math.floor(rtt.srtt8 / 8);
  rtt.srtt8 = Math.max(1, rtt.srtt8 + error);
  let deviation = Math.abs(error) - Math.floor(rtt.mdev4 / 4);
  // A round trip that falls may raise the deviation only slowly (an eighth of the usual gain).
  if (error < 0 && deviation > 0) deviation = Math.floor(deviation / 8);
  rtt.mdev4 += deviation;
  if (rtt.mdev4 > rtt.mdevMax4) {
    rtt.mdevMax4 = rtt.mdev4;
    if (rtt.mdevMax4 > rtt.rttvar4) rtt.rttvar4 = rtt.mdevMax4;
  }
  if (sndUna > rtt.rttSeq) {
    if (rtt.mdevMax4 < rtt.rttvar4) {
      rtt.rttvar4 -= Math.floor((rtt.rttvar4 - rtt.mdevMax4) / 4);
    }
    rtt.rttSeq = sndNxt;
    rtt.mdevMax4 = rtoMinUs;
  }
}

/** The timeout in jiffies for the state of the estimator, not yet bounded by the largest one. */
export function rtoJiffies(rtt: RttState, hz: number): number {
  return usToJiffies(Math.floor(rtt.srtt8 / 8) + rtt.rttvar4, hz);
}

/**
 * The delayed-ACK timer's rules as steps on numbers (RFC 5681 §4.2, RFC 1122 §4.2.3.2: less than half a second, and at
 * least every second full segment at once). The delay follows the rhythm in which data comes, and grows each time it
 * expires unused.
 *
 * Source: net/ipv4/tcp_input.c tcp_event_data_recv; net/ipv4/tcp_output.c tcp_send_delayed_ack; net/ipv4/tcp_timer.c
 * tcp_delack_timer_handler.
 */
import { usToJiffies } from './jiffies.ts';

/** What of a socket the rules read. */
export interface DelayedAckTimer {
  /** icsk_ack.ato: the delay as it stands; 0 = no data has come yet. */
  readonly atoJ: number;
  /** Interactive session: 1 and more once the process answers what it reads. */
  readonly pingpong: number;
  /** ICSK_ACK_PUSHED. */
  readonly ackPushed: number;
  readonly rtoJ: number;
  readonly rtoMinUs: number;
  readonly srtt8: number;
}

/** TCP_DELACK_MIN and TCP_DELACK_MAX in jiffies, and the ticks per second. */
export interface DelayedAckLimits {
  readonly delayedAckMinJ: number;
  readonly delayedAckMaxJ: number;
}

/** After a gap longer than the timeout the sender may have begun slow start anew: it is acknowledged at once for a while. */
export function isLongGap(timer: DelayedAckTimer, gapJ: number, minJ: number): boolean {
  return gapJ > Math.max(timer.rtoJ, Math.floor(minJ / 2)) && gapJ >= timer.atoJ;
}

/** tcp_event_data_recv: the delay after data that came `gapJ` after the data before it. */
export function atoAfterDataJ(
  timer: DelayedAckTimer,
  gapJ: number,
  limits: DelayedAckLimits,
): number {
  const halfMinJ = Math.floor(limits.delayedAckMinJ / 2);
  if (gapJ <= halfMinJ) return Math.floor(timer.atoJ / 2) + halfMinJ;
  if (gapJ < timer.atoJ) {
    return Math.min(Math.floor(timer.atoJ / 2) + gapJ, timer.rtoJ, limits.delayedAckMaxJ);
  }
  return timer.atoJ;
}

/** tcp_send_delayed_ack: how long the ACK waits. */
export function delayedAckJ(timer: DelayedAckTimer, limits: DelayedAckLimits, hz: number): number {
  let { atoJ } = timer;
  if (atoJ > limits.delayedAckMinJ) {
    let maxJ = Math.floor(hz / 2);
    if (timer.pingpong >= 1 || timer.ackPushed > 0) maxJ = limits.delayedAckMaxJ;
    if (timer.srtt8 > 0) {
      const roundTripJ = usToJiffies(Math.floor(timer.srtt8 / 8), hz);
      maxJ = Math.min(maxJ, Math.max(roundTripJ, limits.delayedAckMinJ));
    }
    atoJ = Math.min(atoJ, maxJ);
  }
  const belowRtoMinJ = Math.max(usToJiffies(timer.rtoMinUs, hz), 2) - 1;
  return Math.min(atoJ, limits.delayedAckMaxJ, belowRtoMinJ);
}

/** Whether an ACK that is already waiting is so near that it goes at once. */
export function isNearlyDue(timeoutJ: number, atoJ: number, nowJ: number): boolean {
  return timeoutJ <= nowJ + Math.floor(atoJ / 4);
}

/**
 * tcp_delack_timer_handler: the delay was in vain; next time wait longer, unless the session is interactive. Never longer than
 * TCP_DELACK_MAX: what is behind it halves with the next burst, and would else take the delay up with every second of a slow sender.
 */
export function atoAfterExpiryJ(timer: DelayedAckTimer, limits: DelayedAckLimits): number {
  if (timer.pingpong >= 1) return limits.delayedAckMinJ;
  return Math.min(timer.atoJ * 2, timer.rtoJ, limits.delayedAckMaxJ);
}

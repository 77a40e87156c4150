/**
 * The reordering timer's rules (RACK, RFC 8985 §6.2) as steps on numbers: how much later than a later segment a segment may
 * arrive before it counts as lost, and when to look again.
 *
 * Source: net/ipv4/tcp_recovery.c tcp_rack_reo_wnd, tcp_rack_mark_lost.
 */
import { PROBE_SLACK_US } from './constants.ts';
import { usToJiffies } from './jiffies.ts';

/**
 * tcp_rack_reo_wnd: the reordering window, µs.
 *
 * @param noReordering none was ever seen, and in recovery, or enough segments have been selectively acknowledged: nothing is waited for
 */
export function reorderingWindowUs(minRttUs: number, srtt8: number, noReordering: boolean): number {
  return noReordering ? 0 : Math.min(Math.floor(minRttUs / 4), Math.floor(srtt8 / 8));
}

/** How long until the last segment in doubt counts as lost, jiffies; never later than the retransmission timeout. */
export function reorderingDelayJ(waitUs: number, rtoJ: number, hz: number): number {
  return Math.min(usToJiffies(waitUs + PROBE_SLACK_US, hz), rtoJ);
}

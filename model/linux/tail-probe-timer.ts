/**
 * The tail loss probe's timer (RFC 8985 §7.2) as a step on numbers: two smoothed round trips and some slack, and never later than the
 * retransmission timeout of the oldest segment.
 *
 * Source: net/ipv4/tcp_output.c tcp_schedule_loss_probe.
 */
import { INITIAL_RTO_MS, PROBE_SLACK_US } from './constants.ts';
import { msToJiffies, usToJiffies } from './jiffies.ts';
import type { Sysctls } from './sysctls.ts';

/**
 * Whether a probe is scheduled at all (RFC 8985 §7.2): `tcp_early_retrans` 3 or 4, SACK negotiated, something in flight and
 * nothing lost or out of order.
 */
export function tailProbeAllowed(
  packetsOut: number,
  inOrder: boolean,
  { tcp_early_retrans: mode, tcp_sack: sack }: Sysctls,
): boolean {
  return mode >= 3 && sack !== 0 && packetsOut > 0 && inOrder;
}

/**
 * How long until the probe, jiffies.
 *
 * @param srtt8 eight smoothed round trips, µs; 0 = no sample yet
 * @param packetsOut segments in flight: the answer to a lone one may be delayed
 * @param untilRetransmitUs until the retransmission timeout; at or below 0 it no longer counts
 */
export function tailProbeDelayJ(
  srtt8: number,
  packetsOut: number,
  rtoMinUs: number,
  untilRetransmitUs: number,
  hz: number,
): number {
  const slackUs = packetsOut === 1 ? rtoMinUs : PROBE_SLACK_US;
  const probeJ =
    srtt8 > 0 ? usToJiffies(Math.floor(srtt8 / 4) + slackUs, hz) : msToJiffies(INITIAL_RTO_MS, hz);
  return untilRetransmitUs > 0 ? Math.min(probeJ, usToJiffies(untilRetransmitUs, hz)) : probeJ;
}

/**
 * A load without limit as intervals of time: how long a ping waits behind what is queued, and how long an acknowledgement may be delayed.
 *
 * Bytes become round trips. A sender in slow start has twice as much in flight in each of them as in the one before, from ten segments on,
 * until its buffer holds no more (RFC 5681 §3.1; net/ipv4/tcp_input.c tcp_sndbuf_expand).
 */
import { DELAYED_ACK_MAX_MS, DELAYED_ACK_MIN_MS, MSS } from '../linux/constants.ts';
import { sysctlsOf } from '../scenario/sysctls.ts';
import type { Scenario } from '../scenario/types.ts';
import { NotModelled } from './not-modelled.ts';
import { roundTrips } from './slow-start.ts';

const US_PER_MS = 1_000;

/** A round trip of flight, and a buffer that has just grown for it: the send buffer holds two windows, and its memory is not all payload. */
export const FLIGHTS_IN_BUFFER = 4;

/** A mean of samples of which each other one is 1, moved by an eighth of each error: 1/8 : (1 − (7/8)²), and rounding. */
const EACH_OTHER_SAMPLE = 0.54;

/** A load without limit, as far as it does not hang on the fault. */
export interface Full {
  /** What the server hands over stands behind so much for so long at most, µs. */
  readonly behindUs: number;
  /** The longest that an acknowledgement of the peer's kernel is delayed in it, µs. */
  readonly ackDelayUs: number;
  /**
   * How much of that its estimator can take for the round trip, and for its deviation, µs: of each burst an acknowledgement of several segments comes at once, so
   * not two samples in a row are late. Such a mean, with a gain of 1/8, stays below 0.534 of the delay.
   */
  readonly sampleDelayUs: number;
  /** The peer sends something, too. */
  readonly peerTalks: boolean;
  /** A ping waits for the lock that the blocked send holds, and with it the thread that judges. */
  readonly locked: boolean;
}

/** How long what is sent stands behind a full send path at most, µs. */
export interface Behind {
  /** While the peer reads, from when it is handed over until it leaves. */
  readonly takesUs: number;
  /** User space is empty so often, something is acknowledged, and more is handed over; Infinity = not known. */
  readonly emptiesUs: number;
  /** Once a peer that did not read does so again, all that had piled up. */
  readonly drainsUs: number;
  /** Once something that was lost gets through, all that was lost or waited. */
  readonly recoversUs: number;
  /** What is in flight at any time was sent so long before, and its timer set by an acknowledgement. */
  readonly unacknowledgedUs: number;
  /** What user space and both kernels hold at most, bytes. */
  readonly holdsBytes: number;
  /** Room for control frames before a limit on the queue is exceeded, bytes, as far as it is reckoned with; below 0 = not even for what the application writes. */
  readonly controlBytes: number;
}

/** What the estimator can take for the round trip of a delay, µs; see {@link Full.sampleDelayUs}. */
export function sampledDelayUs(delayUs: number): number {
  return Math.ceil(delayUs * EACH_OTHER_SAMPLE);
}

/**
 * @param talks the peer sends something, too: then its kernel waits for that with an acknowledgement
 * @throws NotModelled
 */
export function fullOf(scenario: Scenario, talks: boolean): Full | null {
  const { load, path, server, kernel } = scenario;
  if (load.kind !== 'saturated') return null;
  if (load.messageBytes < 2 * MSS) throw new NotModelled('a full send path of small messages');
  if (server.broken?.kind === 'loop-stalled') {
    throw new NotModelled('a full send path that nobody fills for a while');
  }
  const rttUs = Math.round(path.rttMs * US_PER_MS);
  const tickUs = 1_000_000 / kernel.hz;
  const longestUs = DELAYED_ACK_MAX_MS * US_PER_MS;
  // Who sends nothing measures the round trip of its opening alone, and delays by no more (tcp_send_delayed_ack).
  const delayUs = talks
    ? longestUs
    : Math.min(longestUs, Math.max(rttUs, DELAYED_ACK_MIN_MS * US_PER_MS));
  const ackDelayUs = delayUs + 2 * tickUs;
  const values = sysctlsOf(scenario, 'server');
  const queued = server.userQueueBytes + load.messageBytes + values['tcp_wmem.1'];
  const behindUs = 2 * (FLIGHTS_IN_BUFFER + roundTrips(queued)) * (rttUs + ackDelayUs);
  return {
    behindUs,
    ackDelayUs,
    sampleDelayUs: sampledDelayUs(ackDelayUs),
    peerTalks: talks,
    locked: server.sendPath === 'locked',
  };
}

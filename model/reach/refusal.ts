/**
 * A kernel that is told that what it sends does not arrive: by ICMP from a router, or by its own interface, which is down. Its timers go on, by other rules.
 *
 * A router that speaks takes each back-off back (RFC 6069 §4.2), at most once a second: retransmissions come at one distance, a second or the timeout,
 * whichever is longer, until tcp_retries2's time is over. Without a route nothing leaves: what is written then waits, and its timer is that of a shut
 * window, which counts; what was in flight is sent again to nobody, and its limits count from when it was sent (tcp_retransmit_skb).
 *
 * Source: net/ipv4/tcp_ipv4.c tcp_ld_RTO_revert; net/ipv4/icmp.c icmpv4_xrlim_allow; net/ipv4/tcp_timer.c tcp_probe_timer.
 */
import { ICMP_RATE_LIMIT_MS } from '../linux/constants.ts';
import { msToJiffies } from '../linux/jiffies.ts';
import { givesUpAfterMs } from '../linux/retransmit-timer.ts';
import { wheelGranularity } from '../linux/wheel.ts';
import { wheelWindow } from '../linux/wheel-window.ts';
import { windowProbeBaseJ, windowProbeIntervalJ } from '../linux/window-probe-timer.ts';
import type { KernelNumbers, Span } from './setting.ts';

/** By whom the kernel is told. */
export type Refusal = 'router' | 'interface';

const US_PER_MS = 1_000;

/**
 * The longest wait between two retransmissions beside a router that speaks, µs. A packet a second or more after the one before it is always answered, so
 * the timeout doubles only while it is shorter than that.
 */
export function longestWaitUs({ hz, tickUs, rtoMaxJ }: KernelNumbers, rtoJ: Span): number {
  const apartJ = msToJiffies(ICMP_RATE_LIMIT_MS, hz);
  let mostJ = 0;
  for (let j = rtoJ.lo; j <= rtoJ.hi; j += 1) {
    let backedJ = j;
    while (backedJ < apartJ) backedJ *= 2;
    mostJ = Math.max(mostJ, Math.min(backedJ, rtoMaxJ));
  }
  // Armed anew when the router is heard, for what is left: that is rounded up, and the jiffy has begun.
  return (mostJ + wheelGranularity(mostJ) + 2) * tickUs;
}

/** From the first retransmission to the kernel's end beside such a router, µs. */
export function refusedForUs(kernel: KernelNumbers, rtoJ: Span): Span {
  const { userTimeoutMs, retries2, rtoMaxMs } = kernel;
  const limitUs = US_PER_MS * givesUpAfterMs(userTimeoutMs, retries2, rtoMaxMs);
  // Both instants are taken in whole ms.
  return { lo: limitUs - US_PER_MS, hi: limitUs + longestWaitUs(kernel, rtoJ) };
}

/** What cannot leave its own host: when its probe timer gives up, and the waits until then, µs since it was written. */
export interface Unsent {
  readonly end: Span;
  /** From when on each wait can be under way, and how long it is at most. */
  readonly waits: readonly { readonly fromUs: number; readonly mostUs: number }[];
}

/** @param probes the timer gives up when it finds so many out */
export function unsent(kernel: KernelNumbers, probes: number): Unsent {
  const { hz, tickUs, rto, rtoMaxJ, userTimeoutMs, retries2 } = kernel;
  const idle = { orphan: false, softError: null, probesOut: 0, probesStampJ: -1, userTimeoutMs };
  const intervalJ = (rtoJ: number, backoff: number): number =>
    windowProbeIntervalJ({ ...idle, rtoMaxJ, rtoJ, backoff }, hz);
  let window = wheelWindow(windowProbeBaseJ(rto.lo, hz), windowProbeBaseJ(rto.hi, hz), 0, tickUs);
  const waits = [{ fromUs: 0, mostUs: window.hiUs }];
  const first = { lo: window.loUs, hi: window.hiUs };
  let end = first;
  for (let out = 1; out <= probes; out += 1) {
    const backoff = Math.min(out, retries2);
    window = wheelWindow(
      intervalJ(rto.lo, backoff),
      intervalJ(rto.hi, backoff),
      window.widthJ,
      tickUs,
    );
    waits.push({ fromUs: end.lo, mostUs: window.hiUs });
    end = { lo: end.lo + window.loUs, hi: end.hi + window.hiUs };
  }
  if (userTimeoutMs === 0) return { end, waits };
  // Counted from the first expiry; the last wait is cut short, and comes a bucket late at most.
  const cutJ = msToJiffies(userTimeoutMs, hz);
  const lateJ = wheelGranularity(cutJ) + 2;
  const over = { lo: first.lo + (cutJ - 1) * tickUs, hi: first.hi + (cutJ + lateJ) * tickUs };
  return { end: { lo: Math.min(end.lo, over.lo), hi: Math.min(end.hi, over.hi) }, waits };
}

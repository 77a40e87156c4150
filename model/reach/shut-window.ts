/**
 * How long a peer that reads no more goes on taking what a load without limit sends it, and how soon a user timeout ends what then stands behind its shut
 * window: intervals of time, from bytes and from the rules of the window probe (RFC 9293 §3.8.6.1).
 */
import { PROBE_BASE_MS, PROBE_SHIFT_LIMIT } from '../linux/constants.ts';
import { msToJiffies } from '../linux/jiffies.ts';
import { sysctlTable } from '../linux/sysctls.ts';
import { wheelGranularity } from '../linux/wheel.ts';
import { wheelWindow } from '../linux/wheel-window.ts';
import { PAGE_BUFFER_BYTES } from '../scenario/reading.ts';
import { sysctlsOf } from '../scenario/sysctls.ts';
import type { Scenario } from '../scenario/types.ts';
import { NotModelled } from './not-modelled.ts';
import { roundTrips } from './slow-start.ts';
import type { KernelNumbers, Setting, Span } from './setting.ts';

/**
 * Round trips in which a receive buffer is filled: it was given room for what was read in one, doubled, and more while flights doubled
 * (tcp_rcv_space_adjust). While they double, and where they do not.
 */
const FLIGHTS_IN_WINDOW: Span = { lo: 3, hi: 9 };

/** From a fault on, how long a peer whose kernel takes what comes, and whose process reads so much of it, goes on. */
export interface Closing {
  /** Its page, or the proxy, has read what it can hold. */
  readonly readUs: number;
  /** The last byte is acknowledged, and the window is shut. */
  readonly shutUs: number;
}

/** @throws NotModelled where the peer's buffers may be of another size than what was read makes them */
export function closingOf(
  { rttUs, kernel, full }: Setting,
  scenario: Scenario,
  isPage: boolean,
  swallowsBytes: number,
): Closing {
  const client = sysctlsOf(scenario, 'client');
  const server = sysctlsOf(scenario, 'server');
  if (client['tcp_rmem.1'] > sysctlTable['tcp_rmem.1'].default || full === null) {
    throw new NotModelled('a receive buffer that begins larger');
  }
  const roundUs = rttUs + full.ackDelayUs;
  const read = roundTrips(isPage ? PAGE_BUFFER_BYTES : swallowsBytes);
  // A send buffer that can grow no more takes its own size in a round trip; half of it may be heads.
  const most = Math.ceil(client['tcp_rmem.2'] / (server['tcp_wmem.2'] / 2));
  const fills = Math.max(FLIGHTS_IN_WINDOW.lo, Math.min(most, FLIGHTS_IN_WINDOW.hi));
  const readUs = (1 + read) * roundUs;
  // What is left of the window, less than a segment, is sent by the first probe of it.
  const baseJ = probeBaseJ(kernel).hi;
  const probeUs = wheelWindow(baseJ, baseJ, 0, kernel.tickUs).hiUs;
  return { readUs, shutUs: readUs + fills * roundUs + probeUs + rttUs + full.ackDelayUs };
}

/** tcp_probe0_base, over all timeouts that the estimator can stand at. */
function probeBaseJ({ rto, hz }: KernelNumbers): Span {
  const leastJ = msToJiffies(PROBE_BASE_MS, hz);
  return { lo: Math.max(rto.lo, leastJ), hi: Math.max(rto.hi, leastJ) };
}

/**
 * TCP_USER_TIMEOUT behind a window that has just been shut: its clock starts with the first probe, the wait between probes doubles, and the last one is cut
 * to what is left of it (tcp_probe_timer, tcp_clamp_probe0_to_user_timeout). The wheel makes that last wait late by its bucket. null where none is set.
 */
export function shutWindowEndUs(kernel: KernelNumbers, { rttUs }: Setting): Span | null {
  const { userTimeoutMs, tickUs, hz, rtoMaxJ, retries2 } = kernel;
  if (userTimeoutMs === 0) return null;
  const limitJ = msToJiffies(userTimeoutMs, hz);
  const base = probeBaseJ(kernel);
  const first = wheelWindow(base.lo, base.hi, 0, tickUs);
  const rttJ = Math.ceil(rttUs / tickUs);
  // The count of retries also limits how often the wait doubles.
  let lateJ = retries2 < PROBE_SHIFT_LIMIT ? wheelGranularity(Math.min(limitJ, rtoMaxJ)) : 1;
  let elapsed: Span = { lo: 0, hi: 0 };
  for (let wait = base; elapsed.lo < limitJ;) {
    wait = { lo: Math.min(2 * wait.lo, rtoMaxJ), hi: Math.min(2 * wait.hi, rtoMaxJ) };
    const longestJ = Math.min(wait.hi, Math.max(2, limitJ - elapsed.lo));
    // Each answer, a round trip later, starts the wait anew.
    const hi = elapsed.hi + wait.hi + wheelGranularity(wait.hi) + rttJ;
    if (hi >= limitJ) lateJ = Math.max(lateJ, wheelGranularity(longestJ));
    elapsed = { lo: elapsed.lo + wait.lo, hi };
  }
  return {
    lo: first.loUs + limitJ * tickUs,
    hi: first.hiUs + (limitJ + lateJ + 3) * tickUs,
  };
}

/** An orphan behind a window that has been shut: when the kernel gives it up, µs since then. */
export interface ShutOrphan {
  /** The first expiry at which it does, if it is an orphan by then: not before, and at the latest. */
  readonly soonestUs: number;
  readonly surelyUs: number;
  /** How long it is to the next expiry after that at most. */
  readonly waitUs: number;
}

/**
 * Its probes are answered, so they are not counted; it is given up once its timeout, doubled with each of them, has stopped growing and was doubled
 * `tcp_orphan_retries` times (tcp_probe_timer). null where it never is.
 */
export function shutOrphan(kernel: KernelNumbers, { rttUs }: Setting): ShutOrphan | null {
  const { rto, rtoMaxJ, orphanRetries, retries2, tickUs, hz } = kernel;
  const leastJ = msToJiffies(PROBE_BASE_MS, hz);
  let soonestUs = Infinity;
  let surelyUs = 0;
  for (let rtoJ = rto.lo; rtoJ <= rto.hi; rtoJ += 1) {
    const doubled = Math.max(orphanRetries, Math.ceil(Math.log2(rtoMaxJ / rtoJ)));
    if (doubled > retries2) return null;
    const baseJ = Math.max(rtoJ, leastJ);
    const first = wheelWindow(baseJ, baseJ, 0, tickUs);
    let { loUs, hiUs } = first;
    for (let back = 1; back <= doubled; back += 1) {
      const waitJ = Math.min(baseJ * 2 ** Math.min(back, PROBE_SHIFT_LIMIT), rtoMaxJ);
      const wait = wheelWindow(waitJ, waitJ, 0, tickUs);
      loUs += wait.loUs;
      // Each answer, a round trip later, starts the wait anew.
      hiUs += wait.hiUs + rttUs;
    }
    soonestUs = Math.min(soonestUs, loUs);
    surelyUs = Math.max(surelyUs, hiUs);
  }
  const waitUs = wheelWindow(rtoMaxJ, rtoMaxJ, 0, tickUs).hiUs + rttUs;
  return { soonestUs, surelyUs, waitUs };
}

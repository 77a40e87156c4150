/**
 * The kernel's instants on a path with jitter or loss, or with errors about it. The schedule of an even path is
 * a row of known numbers; here the estimator, and with it every timeout, is only known between limits, and an episode
 * may have begun before the fault. So these are careful: nothing is earlier than the least, nothing later than the
 * most.
 */
import { ICMP_RATE_LIMIT_MS, INITIAL_CWND, PROBE_BASE_MS } from '../../linux/constants.ts';
import { timeoutModelMs } from '../../linux/timeout-model.ts';
import { wheelGranularity } from '../../linux/wheel.ts';
import type { Flight } from './episode.ts';
import { ceilJiffies, type KernelRules } from './kernel-rules.ts';

/** Nothing that follows puts it off. */
const LONE: Flight = { start: 'lone', everyMs: null };

interface Range {
  readonly minMs: number;
  readonly maxMs: number;
}

/** The longest a kernel timer of this length takes. */
export function latestExpiryMs({ tickMs }: KernelRules, delayMs: number): number {
  const delay = ceilJiffies(delayMs, tickMs);
  return (delay + 1 + wheelGranularity(delay)) * tickMs;
}

/** The longest wait for any retransmission timer. */
export function latestTimeoutMs(rules: KernelRules): number {
  return latestExpiryMs(rules, rules.rtoMaxMs);
}

/** For how long writes that follow may put the first timeout off (see `stream.ts`). */
function longestPutOffMs(rules: KernelRules, { everyMs, putOffMs }: Flight): number {
  if (putOffMs !== undefined) return typeof putOffMs === 'number' ? putOffMs : putOffMs.maxMs;
  const puts = everyMs !== null && everyMs <= rules.rto.max * rules.tickMs;
  return puts ? INITIAL_CWND * everyMs : 0;
}

/** Write, loss probe, first timeout: each wait is at most an RTO, and one more write may push it back. */
export function unevenFirstRetransmission(rules: KernelRules, flight: Flight): Range {
  const waitsMs = 3 * latestExpiryMs(rules, rules.rto.max * rules.tickMs);
  return { minMs: 0, maxMs: waitsMs + longestPutOffMs(rules, flight) };
}

/**
 * What cannot leave its own host was never sent: the probe timer takes over from the retransmission timer, its waits
 * double from an RTO, and it counts its probes (tcp_probe_timer).
 */
function probesWithoutRoute(rules: KernelRules, probes: number): number {
  let totalMs = 0;
  for (let probe = 0; probe <= probes; probe += 1) {
    const waitMs = Math.min(rules.rto.max * rules.tickMs * 2 ** probe, rules.rtoMaxMs);
    totalMs += latestExpiryMs(rules, waitMs);
  }
  return totalMs;
}

/**
 * With a user timeout the last wait is cut to what is left of it (tcp_clamp_rto_to_user_timeout), but where an ICMP
 * error has taken back-off back it is armed anew and whole (tcp_ld_RTO_revert). A router answers every segment that
 * comes as seldom as it may speak, so these waits do not double beyond that.
 */
function revertedWaitMs(rules: KernelRules): number {
  if (!rules.softErrors) return 0;
  return latestExpiryMs(rules, 2 * Math.max(ICMP_RATE_LIMIT_MS, rules.rto.max * rules.tickMs));
}

/** Death at the first expiry past the limit, which counts from the first retransmission. */
export function unevenDeath(
  rules: KernelRules,
  flight: Flight,
  userTimeoutMs: number | null,
): Range {
  const first = unevenFirstRetransmission(rules, flight).maxMs;
  const limitMs = userTimeoutMs ?? timeoutModelMs(rules.retries2, rules.rtoMaxMs);
  const lastMs =
    userTimeoutMs === null
      ? latestTimeoutMs(rules)
      : latestExpiryMs(rules, userTimeoutMs) - limitMs + revertedWaitMs(rules);
  const probesMs = rules.noRoute ? probesWithoutRoute(rules, rules.retries2) : 0;
  return {
    // Where packets are lost anyhow the episode may be old when the fault comes.
    minMs: rules.lossy ? 0 : limitMs - rules.tickMs,
    maxMs: Math.max(first + limitMs + lastMs, probesMs),
  };
}

/** The same for an orphan, closed `closedAfterMs` after the episode began. */
export function unevenOrphanDeath(
  rules: KernelRules,
  flight: Flight,
  closedAfterMs: number,
  userTimeoutMs: number | null,
): Range {
  if (userTimeoutMs !== null) return unevenDeath(rules, flight, userTimeoutMs);
  const limitMs = timeoutModelMs(rules.orphanRetries || 8, rules.rtoMaxMs);
  const since = unevenFirstRetransmission(rules, flight).maxMs + limitMs;
  const probesMs = rules.noRoute ? probesWithoutRoute(rules, rules.orphanRetries || 8) : 0;
  return { minMs: 0, maxMs: Math.max(since, closedAfterMs) + latestTimeoutMs(rules) + probesMs };
}

/** TCP_USER_TIMEOUT behind a closed window: it counts from the first probe, and cuts the waits after it. */
export function unevenClosedWindowDeath(rules: KernelRules, userTimeoutMs: number): Range {
  return {
    minMs: rules.lossy ? 0 : userTimeoutMs - rules.tickMs,
    maxMs:
      2 * latestExpiryMs(rules, rules.rto.max * rules.tickMs) +
      latestExpiryMs(rules, userTimeoutMs),
  };
}

/** An orphan behind a closed window: its waits double until they are the largest, whoever answers; Infinity = never. */
export function unevenClosedWindowOrphan(
  rules: KernelRules,
  orphanedAfterMs: number,
  userTimeoutMs: number | null,
): Range {
  const { maxMs } = unevenOrphanDeath(rules, LONE, orphanedAfterMs, userTimeoutMs);
  const { tickMs, rto, retries2, rtoMaxMs } = rules;
  // Back-off stops at tcp_retries2: probes that are answered and never that far apart go on for ever.
  const grows = Math.max(rto.min * tickMs, PROBE_BASE_MS) * 2 ** retries2 >= rtoMaxMs;
  const ends = userTimeoutMs !== null || grows;
  return { minMs: 0, maxMs: ends ? maxMs + 3 * latestTimeoutMs(rules) : Infinity };
}

/**
 * The longest outage that a retransmission bridges within `patienceMs`: as they double, the last one before any
 * deadline has come at half of it, less what the first timeouts take. On a lossy path none is certain.
 */
export function unevenBridgeMs(rules: KernelRules, flight: Flight, patienceMs: number): number {
  if (rules.lossy) return 0;
  const room = (patienceMs - rules.rttMaxMs) / 2;
  return Math.max(0, room - unevenFirstRetransmission(rules, flight).maxMs);
}

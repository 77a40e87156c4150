/**
 * The kernel's instants on a path with jitter or loss, or with errors about it. The schedule of an even path is
 * a row of known numbers; here the estimator, and with it every timeout, is only known between limits, and an episode
 * may have begun before the fault. So these are careful: nothing is earlier than the least, nothing later than the
 * most.
 */
import { INITIAL_CWND } from '../../linux/constants.ts';
import { wheelGranularity } from '../../linux/wheel.ts';
import type { Flight } from './episode.ts';
import { ceilJiffies, type KernelRules } from './kernel-rules.ts';

interface Range {
  readonly minMs: number;
  readonly maxMs: number;
}

/** The longest a kernel timer of this length takes. */
export function latestExpiryMs({ tickMs }: KernelRules, delayMs: number): number {
  const delay = ceilJiffies(delayMs, tickMs);
  return (delay + 1 + wheelGranularity(delay)) * tickMs;
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

/** TCP_USER_TIMEOUT behind a closed window: it counts from the first probe, and cuts the waits after it. */
export function unevenClosedWindowDeath(rules: KernelRules, userTimeoutMs: number): Range {
  return {
    minMs: rules.lossy ? 0 : userTimeoutMs - rules.tickMs,
    maxMs:
      2 * latestExpiryMs(rules, rules.rto.max * rules.tickMs) +
      latestExpiryMs(rules, userTimeoutMs),
  };
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

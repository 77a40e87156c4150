/**
 * The server kernel's numbers that the closed forms are made of: ticks, retransmission and probe
 * timeouts at the path's round trip, and the sysctls that say when the kernel gives up.
 *
 * On an even path the round trip is constant, so the estimator settles at once: srtt is the
 * round trip and the variance term rests on its floor. Only above half of `tcp_rto_min_us` does the
 * first sample (variance twice the sample) outlast the settling; then both ends are carried. On an uneven one,
 * with jitter or loss, what the estimator makes of it is kept between the least and the most it can be.
 */
import { DELAYED_ACK_MAX_MS, DELAYED_ACK_MIN_MS } from '../../linux/constants.ts';
import { usToJiffies } from '../../linux/jiffies.ts';
import { sysctlsOf } from '../../scenario/sysctls.ts';
import { longestRttMs } from '../../scenario/path.ts';
import type { Scenario } from '../../scenario/types.ts';

/** A pair of ends of a quantity in jiffies. */
export interface JiffyRange {
  readonly min: number;
  readonly max: number;
}

/** What the closed forms need of one kernel. */
export interface KernelRules {
  readonly hz: number;
  readonly tickMs: number;
  readonly rttMs: number;
  /** The longest round trip of what is not lost. */
  readonly rttMaxMs: number;
  /** The path loses packets. */
  readonly lossy: boolean;
  /** The server's own link is down: it is its own kernel that cannot send. */
  readonly noRoute: boolean;
  /** A router says that the client cannot be reached. */
  readonly softErrors: boolean;
  /** Jitter, loss or errors about the path: the instants of the even path's schedule are only limits. */
  readonly uneven: boolean;
  /** RTO before any back-off, jiffies. */
  readonly rto: JiffyRange;
  /** Probe timeout with one segment in flight and with several, jiffies (tcp_schedule_loss_probe). */
  readonly ptoLone: number;
  readonly ptoMany: number;
  /** The same where no sample was late, if it may be either. */
  readonly ptoManyOnTime?: number;
  readonly tailLossProbe: boolean;
  readonly rtoMaxMs: number;
  readonly retries2: number;
  readonly orphanRetries: number;
  readonly finTimeoutMs: number;
  /** The peer answers one zero-length probe in this time (its `tcp_invalid_ratelimit`). */
  readonly peerRateLimitMs: number;
}

/** Jiffies of a duration, rounded up as msecs_to_jiffies and usecs_to_jiffies do. */
export function ceilJiffies(durationMs: number, tickMs: number): number {
  // A double's rounding must not add a jiffy: durations are whole microseconds.
  return usToJiffies(Math.round(durationMs * 1000), 1000 / tickMs);
}

/**
 * The rules of one side's kernel in a scenario.
 *
 * @param side whose sysctls count: T depends on the client's kernel too
 */
export function kernelRules(scenario: Scenario, side: 'server' | 'client' = 'server'): KernelRules {
  const { hz } = scenario.kernel;
  const values = sysctlsOf(scenario, side);
  const peer = sysctlsOf(scenario, side === 'server' ? 'client' : 'server');
  const tickMs = 1000 / hz;
  const { rttMs, lossPercent = 0 } = scenario.path;
  const rttMaxMs = longestRttMs(scenario.path);
  const lossy = lossPercent > 0;
  const fault = scenario.kind === 'fault' ? scenario.fault.kind : null;
  const noRoute = fault === 'link-down';
  const softErrors = fault === 'unreachable';
  const rtoMinMs = values.tcp_rto_min_us / 1000;
  const rtoMaxMs = values.tcp_rto_max_ms;
  const rtoMax = ceilJiffies(rtoMaxMs, tickMs);
  const settled = Math.min(ceilJiffies(rttMs + rtoMinMs, tickMs), rtoMax);
  // tcp_rtt_estimator, first sample: rttvar = max(2·R, rtoMin). Later ones: four times the mean deviation.
  const variationMs = Math.max(2 * rttMaxMs, 4 * (rttMaxMs - rttMs), rtoMinMs);
  const fresh = Math.min(ceilJiffies(rttMaxMs + variationMs, tickMs), rtoMax);
  return {
    hz,
    tickMs,
    rttMs,
    rttMaxMs,
    lossy,
    noRoute,
    softErrors,
    // A router that says where the loss is takes back-off back (RFC 6069).
    uneven: lossy || rttMaxMs > rttMs || noRoute || softErrors,
    // A lost acknowledgement makes a sample as long as it took to be replaced, and so on, without a limit below.
    rto: { min: settled, max: lossy ? rtoMax : fresh },
    ptoLone: ceilJiffies(2 * rttMs + rtoMinMs, tickMs),
    ptoMany: ceilJiffies(2 * rttMs + 2, tickMs),
    tailLossProbe: values.tcp_early_retrans > 0 && values.tcp_sack > 0,
    rtoMaxMs,
    retries2: values.tcp_retries2,
    orphanRetries: values.tcp_orphan_retries,
    finTimeoutMs: values.tcp_fin_timeout * 1000,
    peerRateLimitMs: peer.tcp_invalid_ratelimit,
  };
}

/** The most that four mean deviations come to, where samples are late by up to one delay: an eighth and a quarter at a time. */
const DEVIATIONS_OF_A_DELAY = 2.25;

/**
 * The rules of a sender some of whose acknowledgements, it matters not which, are delayed: an invariant of the
 * estimator, which holds after any sequence of samples between a round trip and one with the longest delay
 * (tcp_send_delayed_ack: 40 ms, or the round trip that the peer has measured, with our delays in it; 200 ms at most).
 *
 * @param grownMs what the peer's delay may have grown to
 */
export function withAnyDelays(rules: KernelRules, grownMs = DELAYED_ACK_MAX_MS): KernelRules {
  const { tickMs, rto } = rules;
  const delayMs = Math.min(grownMs, rules.rttMaxMs + DELAYED_ACK_MIN_MS) + tickMs;
  const leastVariationMs = rto.min * tickMs - rules.rttMs;
  const moreMs = delayMs + Math.max(0, DEVIATIONS_OF_A_DELAY * delayMs - leastVariationMs);
  const longest = ceilJiffies(rules.rtoMaxMs, tickMs);
  const max = Math.min(rto.max + ceilJiffies(moreMs, tickMs), longest);
  // A loss probe waits two of the smoothed round trips, and no longer than the timeout.
  const ptoMany = rules.ptoMany + ceilJiffies(2 * delayMs, tickMs);
  const ptoLone = Math.max(rules.ptoLone, max);
  return { ...rules, rto: { min: rto.min, max }, ptoLone, ptoMany, ptoManyOnTime: rules.ptoMany };
}

/** The same rules with each loss probe that there may be: late samples put it off, and others do not. */
export function probesOf(rules: KernelRules): readonly KernelRules[] {
  const { ptoManyOnTime, ...late } = rules;
  return ptoManyOnTime === undefined ? [rules] : [late, { ...late, ptoMany: ptoManyOnTime }];
}

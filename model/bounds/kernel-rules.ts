/**
 * The server kernel's numbers that the closed forms are made of: ticks, retransmission and probe
 * timeouts at the path's round trip, and the sysctls that say when the kernel gives up.
 *
 * The round trip of a simulated path is constant, so the estimator settles at once: srtt is the
 * round trip and the variance term rests on its floor. Only above half of `tcp_rto_min_us` does the
 * first sample (variance twice the sample) outlast the settling; then both ends are carried.
 */
import { assert } from '../assert.ts';
import { usToJiffies } from '../linux/jiffies.ts';
import { resolveSysctls, type Sysctls } from '../linux/sysctls.ts';
import type { Scenario } from '../scenario/types.ts';

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
  /** RTO before any back-off, jiffies. */
  readonly rto: JiffyRange;
  /** Probe timeout with one segment in flight and with several, jiffies (tcp_schedule_loss_probe). */
  readonly ptoLone: number;
  readonly ptoMany: number;
  readonly tailLossProbe: boolean;
  readonly rtoMaxMs: number;
  readonly retries2: number;
  readonly orphanRetries: number;
  readonly finTimeoutMs: number;
}

/** Jiffies of a duration, rounded up as msecs_to_jiffies and usecs_to_jiffies do. */
export function ceilJiffies(durationMs: number, tickMs: number): number {
  // A double's rounding must not add a jiffy: durations are whole microseconds.
  return usToJiffies(Math.round(durationMs * 1000), 1000 / tickMs);
}

/** `net.ipv4.*` in force on one side of a scenario. */
export function sysctlsOf(scenario: Scenario, side: 'server' | 'client'): Sysctls {
  const { profile, serverSysctls, clientSysctls } = scenario.kernel;
  const resolved = resolveSysctls(side === 'server' ? serverSysctls : clientSysctls, profile);
  assert(resolved.ok, 'a parsed scenario names only sysctls that exist');
  return resolved.value;
}

/**
 * The rules of one side's kernel in a scenario.
 *
 * @param side whose sysctls count: T depends on the client's kernel too
 */
export function kernelRules(scenario: Scenario, side: 'server' | 'client' = 'server'): KernelRules {
  const { hz } = scenario.kernel;
  const values = sysctlsOf(scenario, side);
  const tickMs = 1000 / hz;
  const rttMs = scenario.path.rttMs;
  const rtoMinMs = values.tcp_rto_min_us / 1000;
  const rtoMaxMs = values.tcp_rto_max_ms;
  const rtoMax = ceilJiffies(rtoMaxMs, tickMs);
  const settled = Math.min(ceilJiffies(rttMs + rtoMinMs, tickMs), rtoMax);
  // tcp_rtt_estimator, first sample: rttvar = max(2·R, rtoMin).
  const fresh = Math.min(ceilJiffies(rttMs + Math.max(2 * rttMs, rtoMinMs), tickMs), rtoMax);
  return {
    hz,
    tickMs,
    rttMs,
    rto: { min: settled, max: fresh },
    ptoLone: ceilJiffies(2 * rttMs + rtoMinMs, tickMs),
    ptoMany: ceilJiffies(2 * rttMs + 2, tickMs),
    tailLossProbe: values.tcp_early_retrans > 0 && values.tcp_sack > 0,
    rtoMaxMs,
    retries2: values.tcp_retries2,
    orphanRetries: values.tcp_orphan_retries,
    finTimeoutMs: values.tcp_fin_timeout * 1000,
  };
}

/** TCP_DELACK_MIN: a segment that nothing answers is acknowledged this much later (tcp_send_delayed_ack). */
export const DELAYED_ACK_MS = 40;

/**
 * The rules of a sender whose peer delayed up to `samples` acknowledgements in a row: each late sample
 * moves the smoothed round trip, and with it the RTO, by an eighth of what is left to the delay.
 *
 * @param samples how many late samples there may have been; Infinity = every one is late
 */
export function withDelayedAnswers(rules: KernelRules, samples: number): KernelRules {
  const lateMs = (DELAYED_ACK_MS + rules.tickMs) * (1 - (7 / 8) ** samples);
  const most = rules.rto.max + ceilJiffies(lateMs, rules.tickMs);
  return {
    ...rules,
    rto: { min: rules.rto.min, max: Math.min(most, ceilJiffies(rules.rtoMaxMs, rules.tickMs)) },
  };
}

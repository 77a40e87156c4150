/**
 * The server kernel's numbers that the closed forms are made of: ticks, retransmission and probe
 * timeouts at the path's round trip, and the sysctls that say when the kernel gives up.
 *
 * The round trip of a simulated path is constant, so the estimator settles at once: srtt is the
 * round trip and the variance term rests on its floor. Only above half of `tcp_rto_min_us` does the
 * first sample (variance twice the sample) outlast the settling; then both ends are carried.
 */
import type { Scenario } from '../scenario/types.ts';

/** Linux defaults of `net.ipv4.*` that decide when a connection ends (Documentation/networking/ip-sysctl.rst). */
const SYSCTL_DEFAULTS = {
  tcp_retries2: 15,
  tcp_orphan_retries: 0,
  tcp_fin_timeout: 60,
  tcp_rto_min_us: 200_000,
  tcp_rto_max_ms: 120_000,
  tcp_early_retrans: 3,
  tcp_sack: 1,
} as const;

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
  return Math.ceil(Math.round(durationMs * 1000) / Math.round(tickMs * 1000));
}

function sysctl(
  values: Readonly<Record<string, number>>,
  name: keyof typeof SYSCTL_DEFAULTS,
): number {
  return values[`net.ipv4.${name}`] ?? values[name] ?? SYSCTL_DEFAULTS[name];
}

/**
 * The rules of one side's kernel in a scenario.
 *
 * @param side whose sysctls count: T depends on the client's kernel too
 */
export function kernelRules(scenario: Scenario, side: 'server' | 'client' = 'server'): KernelRules {
  const { hz, profile, serverSysctls, clientSysctls } = scenario.kernel;
  const values = side === 'server' ? serverSysctls : clientSysctls;
  const tickMs = 1000 / hz;
  const rttMs = scenario.path.rttMs;
  const rtoMinMs = sysctl(values, 'tcp_rto_min_us') / 1000;
  // `tcp_rto_max_ms` entered Linux in 6.15; before, TCP_RTO_MAX is a constant.
  const rtoMaxMs =
    profile === '6.12' ? SYSCTL_DEFAULTS.tcp_rto_max_ms : sysctl(values, 'tcp_rto_max_ms');
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
    tailLossProbe: sysctl(values, 'tcp_early_retrans') > 0 && sysctl(values, 'tcp_sack') > 0,
    rtoMaxMs,
    retries2: sysctl(values, 'tcp_retries2'),
    orphanRetries: sysctl(values, 'tcp_orphan_retries'),
    finTimeoutMs: sysctl(values, 'tcp_fin_timeout') * 1000,
  };
}

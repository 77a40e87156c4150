/** SO_KEEPALIVE as configuration files spell it: three settings whose zero is the system's default. */
import type { MechanismInput } from '../../types.ts';
import { count, KEEPALIVE_MS, type PresetOption, time } from '../options.ts';

const SECOND = 1_000;
/** tcp(7): tcp_keepalive_time, tcp_keepalive_intvl, tcp_keepalive_probes. */
const SYSTEM = { idle: '7200s', interval: '75s', probes: 9 } as const;
/** What the kernel takes for an idle time or an interval. */
export const wholeSeconds = {
  bare: 's',
  minMs: SECOND,
  maxMs: 32_767 * SECOND,
  multipleOfMs: SECOND,
  plausibleMs: KEEPALIVE_MS,
} as const;

/** The three settings under the names that a system gives them. */
export function keepaliveOptions<I extends string, V extends string, C extends string>(
  idle: I,
  interval: V,
  probes: C,
): Record<I | V | C, PresetOption<number>> {
  return {
    [idle]: time(SYSTEM.idle, 'TCP_KEEPIDLE.', wholeSeconds),
    [interval]: time(SYSTEM.interval, 'TCP_KEEPINTVL.', wholeSeconds),
    [probes]: count(SYSTEM.probes, 'TCP_KEEPCNT.', { min: 1, max: 127 }),
  } as Record<I | V | C, PresetOption<number>>;
}

/** The mechanism that three such settings make. */
export function keepaliveOf(idleMs: number, intervalMs: number, probes: number): MechanismInput {
  return { kind: 'keepalive', idleMs, intervalMs, probes };
}

/**
 * Jiffies: the tick in which every kernel timer is counted.
 *
 * Conversions from milliseconds and microseconds round up, so a timer is never short of what was
 * asked for. Source: kernel/time/time.c, msecs_to_jiffies, usecs_to_jiffies.
 */

/** Milliseconds to ticks, rounded up. */
export function msToJiffies(ms: number, hz: number): number {
  return Math.ceil((ms * hz) / 1000);
}

/** Microseconds to ticks, rounded up. */
export function usToJiffies(us: number, hz: number): number {
  return Math.ceil((us * hz) / 1_000_000);
}

/** Ticks to microseconds, exact for every HZ that divides a million. */
export function jiffiesToUs(jiffies: number, hz: number): number {
  return jiffies * (1_000_000 / hz);
}

/**
 * Where the ticks of a machine lie on a time axis that starts somewhere between two of them.
 * The millisecond clock has its zero on a tick, as CLOCK_MONOTONIC has.
 */
export interface TickPhase {
  /** Ticks per second. */
  readonly hz: number;
  /** Microseconds per tick. */
  readonly tickUs: number;
  /** Whole jiffies at time 0. */
  readonly baseJiffy: number;
  /** Microseconds that had passed at time 0 since that jiffy began. */
  readonly sinceTickUs: number;
}

/** The phase that makes `jiffiesAtZero` (with its fraction) the jiffy count at time 0. */
export function tickPhase(jiffiesAtZero: number, hz: number): TickPhase {
  const tickUs = 1_000_000 / hz;
  const baseJiffy = Math.floor(jiffiesAtZero);
  const sinceTickUs = Math.floor((jiffiesAtZero - baseJiffy) * tickUs);
  return { hz, tickUs, baseJiffy, sinceTickUs };
}

/** The jiffy count at a time in microseconds. */
export function jiffyAt(phase: TickPhase, timeUs: number): number {
  return phase.baseJiffy + Math.floor((timeUs + phase.sinceTickUs) / phase.tickUs);
}

/** The instant at which a jiffy begins, in microseconds. */
export function startOfJiffyUs(phase: TickPhase, jiffy: number): number {
  return (jiffy - phase.baseJiffy) * phase.tickUs - phase.sinceTickUs;
}

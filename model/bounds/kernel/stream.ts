/**
 * Writes that come more often than acknowledgements: something is always in flight, but the congestion window is
 * not full, so that writes go on into a fault and each of them arms the shared timer anew as a loss probe.
 *
 * On an acknowledgement the probe waits two round trips. A later write puts it off as long as the timeout of the oldest
 * segment is past, or brings it forward to that timeout while it is not (tcp_rto_delta_us), until the
 * congestion window has no room. So the first timeout lies between two limits, and not at one place.
 * Source: tcp_schedule_loss_probe, tcp_rearm_rto, tcp_is_cwnd_limited.
 */
import type { Periodic } from '../../signs/queue.ts';
import { INITIAL_CWND, MSS } from '../../linux/constants.ts';
import type { Flight, PhaseRange } from './episode.ts';
import type { KernelRules } from './kernel-rules.ts';

/** Writes for which the congestion window still has room beside what is in flight. */
function sparedWrites(rttMaxMs: number, { everyMs, bytes }: Periodic): number {
  const packets = Math.ceil(bytes / MSS);
  const inFlight = Math.floor(rttMaxMs / everyMs) * packets;
  // In slow start the window grows while less than half of it was in flight, and no more.
  const window = Math.max(INITIAL_CWND, 2 * (inFlight + packets));
  return Math.ceil((window - inFlight) / packets);
}

/** How much later or earlier the first timeout comes than two round trips and an RTO after the last acknowledgement. */
function putOffMs(rules: KernelRules, load: Periodic): PhaseRange {
  const { tickMs, rttMaxMs } = rules;
  const probeMs = Math.min(rules.ptoMany, rules.rto.max) * tickMs;
  return {
    minMs: -probeMs - rttMaxMs,
    maxMs: sparedWrites(rttMaxMs, load) * load.everyMs,
  };
}

/** The same with the delays in between, evenly: for what does not only hang on its ends. */
export function streamsOf(rules: KernelRules, load: Periodic, count: number): readonly Flight[] {
  const { minMs, maxMs } = putOffMs(rules, load);
  return Array.from({ length: count }, (_, i) => ({
    start: 'stream',
    everyMs: null,
    putOffMs: minMs + ((maxMs - minMs) * i) / (count - 1),
  }));
}

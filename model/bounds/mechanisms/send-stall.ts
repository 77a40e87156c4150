/**
 * The watchdog on the send path: something is queued and nothing moves for the grace.
 *
 * The socket is looked at every `everyMs`, so the grace in effect is `graceMs` rounded up to a whole
 * number of looks, and it starts with the look that found the last progress, less than `everyMs`
 * after it. By application acknowledgement the grace starts with the message itself.
 */
import { serverLoad } from '../../scenario/load.ts';
import { DELAYED_ACK_MIN_MS } from '../../linux/constants.ts';
import type { SendStallMechanism } from '../../policy/types.ts';
import { longestRttMs } from '../../scenario/path.ts';
import type { Scenario } from '../../scenario/types.ts';
import type { ToleranceForm } from '../types.ts';

const BY = 'send stall';

/** Looks of one grace that are told apart: more come so close that nothing falls between them. */
const MOST_LOOKS = 10_000;

/** From the last progress to the reap. */
export function stallPatience(stall: SendStallMechanism): { minMs: number; maxMs: number } {
  const { graceMs, everyMs } = stall;
  const grace =
    stall.progress === 'application-ack' ? graceMs : Math.ceil(graceMs / everyMs) * everyMs;
  return { minMs: grace, maxMs: grace + everyMs };
}

/**
 * Whether the looks can fall into step with the writes: then each one finds the same bytes still
 * unacknowledged, and a healthy connection looks stuck.
 */
export function aliases(stall: SendStallMechanism, scenario: Scenario): boolean {
  if (stall.progress !== 'queue') return false;
  const load = serverLoad(scenario);
  // A saturating sender fills the queue up again to the same length whenever it gets shorter.
  if (load.kind === 'saturated') return true;
  const rhythmsMs = load.kind === 'periodic' ? [load.everyMs] : [];
  // Pings of the client are answered.
  const pingEveryMs = scenario.client?.pingEveryMs ?? null;
  if (pingEveryMs !== null) rhythmsMs.push(pingEveryMs);
  return rhythmsMs.some((ms) => widestUnseenMs(stall, ms) >= shortestChangeMs(scenario, ms));
}

/** Of the time from one write to the next, the longest stretch into which no look of one grace falls. */
function widestUnseenMs({ everyMs: lookMs, graceMs }: SendStallMechanism, writeMs: number): number {
  const looks = Math.min(Math.ceil(graceMs / lookMs), MOST_LOOKS);
  const seenMs = Array.from({ length: looks }, (_, look) => (look * lookMs) % writeMs).toSorted(
    (a, b) => a - b,
  );
  const roundMs = writeMs + (seenMs[0] ?? 0) - (seenMs.at(-1) ?? 0);
  return seenMs.reduce((widest, ms, i) => Math.max(widest, ms - (seenMs[i - 1] ?? ms)), roundMs);
}

/**
 * How long the queue is at its shortest, or longer than that, between two writes, whichever is less: a look
 * must fall into both to see it get shorter. Every message is in it for a round trip, and for as long as its
 * acknowledgement may be delayed.
 */
function shortestChangeMs({ path, kernel }: Scenario, writeMs: number): number {
  const leastMs = path.rttMs;
  const mostMs = longestRttMs(path) + DELAYED_ACK_MIN_MS + 1000 / kernel.hz;
  const messages = Math.ceil(leastMs / writeMs);
  if (messages !== Math.ceil(mostMs / writeMs)) return 0;
  const shortestForMs = messages * writeMs - mostMs;
  // An empty queue is no standstill, so it need not have been longer before.
  return messages === 1
    ? shortestForMs
    : Math.min(shortestForMs, leastMs - (messages - 1) * writeMs);
}

/** T where looks and writes fall into step: none at all. */
export function aliasedTolerance(): ToleranceForm {
  return {
    maxMs: 0,
    by: BY,
    formula: '0',
    derivation:
      'The looks can fall into step with the writes: each one then finds the same bytes on their way, and a healthy connection looks stuck, silence or not.',
  };
}

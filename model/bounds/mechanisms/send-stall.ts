/**
 * The watchdog on the send path: something is queued and nothing moves for the grace.
 *
 * The socket is looked at every `everyMs`, so the grace in effect is `graceMs` rounded up to a whole
 * number of looks, and it starts with the look that found the last progress, less than `everyMs`
 * after it. By application acknowledgement the grace starts with the message itself.
 */
import { judges } from '../../mechanisms/in-force.ts';
import { serverLoad } from '../../scenario/load.ts';
import { queueDelayMs } from '../../signs/queue.ts';
import { DELAYED_ACK_MIN_MS } from '../../linux/constants.ts';
import type { SendStallMechanism } from '../../policy/types.ts';
import { longestRttMs } from '../../scenario/path.ts';
import type { Scenario } from '../../scenario/types.ts';
import { fillMs, userRoomBytes } from '../kernel/buffers.ts';
import {
  latest,
  mannerOf,
  never,
  plus,
  seldom,
  shift,
  type Ending,
  type Span,
} from '../ends/ending.ts';
import type { ToleranceForm } from '../types.ts';
import { pingingOf } from '../../signs/rhythm.ts';
import { lastHeard } from '../life/signs.ts';
import { type Situation } from '../situation.ts';
import { pingers } from '../../signs/sources.ts';
import { firstQuery, loadUnacked } from '../kernel/unacked.ts';
import { latestTimeoutMs } from '../kernel/uneven.ts';
import { windowCloses } from '../kernel/window.ts';

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

interface Stuck {
  readonly since: Span;
  readonly what: string;
}

/** By application acknowledgement: the first message that nobody answers. */
function unanswered(situation: Situation): Stuck | string {
  const { scenario, edgeMs } = situation;
  if (scenario.load.kind === 'saturated') {
    if (!situation.kernelAnswers) {
      return 'The last acknowledgement that arrives ends the grace, and a full send path takes no further message to start another.';
    }
    // Kernels still move data, so a message follows the last acknowledgement.
    const closed = windowCloses(situation)?.closed.maxMs ?? null;
    return {
      since: { minMs: -edgeMs, maxMs: closed },
      what: 'the message after the last acknowledgement',
    };
  }
  const sent = firstQuery(scenario) ?? loadUnacked(situation);
  if (sent === null) return 'No message is sent, so no acknowledgement is missed.';
  const { maxMs } = shift(sent.since, answersMayBeLateMs(situation));
  return {
    since: { minMs: sent.since.minMs, maxMs },
    what: 'the first message that nobody answers',
  };
}

/**
 * How much later than without other writes the last answer may come: behind what stands in a full window, or what was
 * lost and is sent again, and a delayed acknowledgement at each end of it.
 */
function answersMayBeLateMs({ scenario, rules, kernelAnswers }: Situation): number {
  const load = serverLoad(scenario);
  const streams = load.kind === 'periodic' && load.everyMs <= rules.rttMaxMs;
  const delayedMs = streams ? 2 * (DELAYED_ACK_MIN_MS + rules.tickMs) : 0;
  const lostMs = rules.lossy && kernelAnswers ? latestTimeoutMs(rules) : 0;
  return delayedMs + queueDelayMs(scenario) + lostMs;
}

/** By bytes acked or by the queue: the first byte that stays. */
function stuckBytes(situation: Situation): Stuck | string {
  if (situation.kernelAnswers) {
    const window = windowCloses(situation);
    if (window === null) {
      return "The peer's kernel acknowledges all there is, so nothing is queued.";
    }
    // The bytes that fill the window, a probe's among them, are acknowledged and count as progress.
    return {
      since: { minMs: window.stuck.minMs, maxMs: window.closed.maxMs },
      what: 'the first byte behind the closed window',
    };
  }
  const { unacked } = situation;
  if (unacked === null) return 'Nothing is sent, so nothing is queued.';
  if (unacked.sometimes === true) {
    return { since: { minMs: unacked.since.minMs, maxMs: null }, what: unacked.what };
  }
  return { since: unacked.since, what: unacked.what };
}

/** Since when nothing moves by the mechanism's measure; a text = why it never comes to that. */
function stuckSince(situation: Situation, stall: SendStallMechanism): Stuck | string {
  if (stall.progress === 'application-ack') return unanswered(situation);
  const stuck = stuckBytes(situation);
  const load = serverLoad(situation.scenario);
  if (typeof stuck === 'string' || stall.progress === 'bytes-acked') return stuck;
  // So does every answer to a ping of the peer.
  const pinged = lastHeard(situation, ['ping']);
  if (pinged !== null) {
    const { minMs, maxMs } = latest(stuck.since, pinged);
    const full =
      load.kind === 'periodic'
        ? fillMs(situation.scenario, load, userRoomBytes(situation.scenario)).maxMs
        : 0;
    return {
      since: {
        minMs: minMs === null ? null : Math.min(minMs, 0),
        maxMs: maxMs === null ? null : maxMs + full,
      },
      what: stuck.what,
    };
  }
  const patience = stallPatience(stall);
  const pings = pingers(situation.policy).some(
    (one) => pingingOf(one).pauseMs.minMs < patience.maxMs,
  );
  // Every ping makes the queue longer, and that counts as progress for ever.
  if (pings) return { since: { minMs: stuck.since.minMs, maxMs: null }, what: stuck.what };
  if (load.kind === 'saturated') {
    return { since: { minMs: -patience.maxMs, maxMs: stuck.since.maxMs }, what: stuck.what };
  }
  if (load.kind !== 'periodic' || load.everyMs >= patience.maxMs) return stuck;
  // Every write makes the queue longer, and that counts as progress until the writer finds no room.
  const full = plus(
    stuck.since,
    fillMs(situation.scenario, load, userRoomBytes(situation.scenario)),
  );
  const since: Span = aliases(stall, situation.scenario)
    ? { minMs: -patience.minMs, maxMs: full.maxMs }
    : load.everyMs > patience.minMs
      ? { minMs: stuck.since.minMs, maxMs: full.maxMs }
      : full;
  return { since, what: 'the last write for which the queue had room' };
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

/** When the send-stall watchdog reaps a ghost. */
export function sendStallEnding(situation: Situation, stall: SendStallMechanism): Ending {
  if (!judges(stall)) return never(BY, 'The watchdog is lost: nobody looks, or nobody acts.');
  const stuck = stuckSince(situation, stall);
  if (typeof stuck === 'string') {
    // A message that followed the last acknowledgement that was read starts the grace nevertheless.
    const started =
      stall.progress === 'application-ack' &&
      serverLoad(situation.scenario).kind === 'saturated' &&
      !situation.kernelAnswers;
    const least = Math.max(0, stallPatience(stall).minMs - 2 * situation.rules.rttMaxMs);
    return started ? seldom(BY, stuck, least, mannerOf(stall), true) : never(BY, stuck);
  }
  const looks = stall.progress === 'application-ack' ? 'graceMs' : '⌈graceMs / everyMs⌉ · everyMs';
  return {
    ...plus(stuck.since, stallPatience(stall)),
    manner: mannerOf(stall),
    inFlight: true,
    by: BY,
    formula: `${stuck.what} + ${looks} + everyMs`,
    derivation: `Counted from ${stuck.what}, ${stuck.since.minMs} to ${stuck.since.maxMs} ms after the fault: the look that sees it comes less than everyMs later, and the reap at the first look at which the grace is over.`,
  };
}

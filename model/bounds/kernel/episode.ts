/**
 * One episode of retransmission: the write, a tail loss probe, the first retransmission timeout (it stamps the
 * episode), then timeouts that double. Every timer goes through the wheel, whose buckets sit at absolute
 * jiffies; what comes of it over all phases is found by walking the episode from each phase of the coarsest
 * bucket it meets, which is all there is to vary.
 */
import { assert } from '../../assert.ts';
import { INITIAL_CWND } from '../../linux/constants.ts';
import { fireJiffy, wheelGranularity } from '../../linux/wheel.ts';
import { ceilJiffies, type KernelRules } from './kernel-rules.ts';

/** How data comes to be in flight. */
export interface Flight {
  /**
   * `lone`: one write on a quiet connection. `stream`: others are in flight before it, and the episode starts with
   * the last acknowledgement that arrived.
   */
  readonly start: 'lone' | 'stream';
  /** More writes follow at this period, ms; null = none. They can push the first timeout back. */
  readonly everyMs: number | null;
  /** When the first of them comes, ms; absent = after one period. */
  readonly nextMs?: number;
  /**
   * How much later (or earlier, negative) than without other writes the first timeout of a `stream` comes, ms; absent
   * = no later. Where it is a range, the ends over both of its ends are meant.
   */
  readonly putOffMs?: number | PhaseRange;
  /** So many writes of others may come just when the first timer is due; each arms it anew as a loss probe. 0 when absent. */
  readonly otherWrites?: number;
}

/** What the writes of others may add to the first timeout, ms. */
function putOffByOthersMs(rules: KernelRules, { otherWrites = 0 }: Flight): number {
  return otherWrites * rules.ptoMany * rules.tickMs;
}

/** One walked episode, absolute jiffies. */
export interface Episode {
  /** Retransmissions: tail loss probe (if any), then each timeout that sent again. */
  readonly sent: number[];
  /** First retransmission by timeout: `retrans_stamp`. */
  readonly stamp: number;
  /** The expiry that ended it. */
  readonly end: number;
}

/** Decides at an expiry, `sinceStampMs` after the stamp, whether the episode is over. */
export type GiveUp = (sinceStampMs: number, atJiffy: number, rtoJiffies: number) => boolean;

/**
 * The jiffy of the first retransmission timeout, pushing retransmissions before it to `sent`.
 * Source: tcp_schedule_loss_probe, tcp_send_loss_probe, tcp_rearm_rto.
 */
export function firstTimeout(
  rules: KernelRules,
  rto: number,
  start: number,
  flight: Flight,
  sent: number[],
): number {
  if (!rules.tailLossProbe) return fireJiffy(start, rto, false);
  if (flight.putOffMs !== undefined) return putOffTimeout(rules, rto, start, flight.putOffMs, sent);
  const lone = flight.start === 'lone';
  let fires = fireJiffy(start, Math.min(lone ? rules.ptoLone : rules.ptoMany, rto), false);
  let probed = false;
  let headSent = start;
  let packets = 1;
  let pending: 'probe' | 'timeout' = 'probe';
  const period =
    lone && flight.everyMs !== null ? flight.everyMs / rules.tickMs : Number.POSITIVE_INFINITY;
  const next = flight.nextMs === undefined ? period : flight.nextMs / rules.tickMs;
  for (let write = 0; ;) {
    const writes = Math.floor(start + next + (write > 0 ? write * period : 0));
    if (writes < fires && packets < INITIAL_CWND) {
      // A write in state Open arms a loss probe again, whatever timer was pending.
      const left = headSent + rto - writes;
      fires = fireJiffy(writes, left > 0 ? Math.min(rules.ptoMany, left) : rules.ptoMany, false);
      pending = 'probe';
      packets += 1;
      write += 1;
    } else if (pending === 'timeout') {
      return fires;
    } else if (probed) {
      // One loss probe per episode: the second only arms what is left of the timeout.
      fires = fireJiffy(fires, Math.max(1, headSent + rto - fires), true);
      pending = 'timeout';
    } else {
      sent.push(fires);
      probed = true;
      if (packets === 1) headSent = fires;
      fires = fireJiffy(fires, rto, true);
      pending = 'timeout';
    }
  }
}

/** Probe and timeout of a stream whose other writes move them. */
function putOffTimeout(
  rules: KernelRules,
  rto: number,
  start: number,
  putOffMs: number | PhaseRange,
  sent: number[],
): number {
  assert(typeof putOffMs === 'number', 'an episode is walked with one delay');
  const from = start + Math.ceil(putOffMs / rules.tickMs);
  const probe = Math.max(start + 1, fireJiffy(from, Math.min(rules.ptoMany, rto), false));
  sent.push(probe);
  return fireJiffy(probe, rto, true);
}

/** The flights of which the ends are meant. */
function edgesOf(flight: Flight): readonly Flight[] {
  const { putOffMs } = flight;
  if (putOffMs === undefined || typeof putOffMs === 'number') return [flight];
  return [putOffMs.minMs, putOffMs.maxMs].map((edgeMs) => ({ ...flight, putOffMs: edgeMs }));
}

/** Walks one episode from a write (or a last acknowledgement) in jiffy `start` to its end. */
export function walkEpisode(
  rules: KernelRules,
  rtoJiffies: number,
  start: number,
  flight: Flight,
  userTimeoutMs: number | null,
  giveUp: GiveUp,
): Episode {
  const { tickMs } = rules;
  const rtoMax = ceilJiffies(rules.rtoMaxMs, tickMs);
  const sent: number[] = [];
  const stamp = firstTimeout(rules, rtoJiffies, start, flight, sent);
  sent.push(stamp);
  // tcp_clamp_rto_to_user_timeout
  const over = userTimeoutMs === null ? Infinity : stamp + ceilJiffies(userTimeoutMs, tickMs);
  let at = stamp;
  // The first expiry only stamps: without a retransmission so far nothing has timed out.
  for (let rto = Math.min(2 * rtoJiffies, rtoMax); ; rto = Math.min(2 * rto, rtoMax)) {
    at = fireJiffy(at, Math.max(1, Math.min(rto, over - at)), true);
    if (giveUp((at - stamp) * tickMs, at, rto)) return { sent, stamp, end: at };
    sent.push(at);
    assert(sent.length < 100_000, 'a retransmission episode must end');
  }
}

/** Least and greatest of something over all phases of the timer wheel, ms after the start of an episode. */
export interface PhaseRange {
  readonly minMs: number;
  readonly maxMs: number;
}

/** More values of the RTO than this are thinned out evenly, ends kept. */
const RTO_VALUES = 64;

/** The RTO values to look at. */
function rtoChoices(rules: KernelRules): readonly number[] {
  const { min, max } = rules.rto;
  const count = Math.min(max - min + 1, RTO_VALUES);
  if (count === 1) return [min];
  return Array.from({ length: count }, (_, i) => Math.round(min + ((max - min) * i) / (count - 1)));
}

/** Walks per question, give or take: beyond so many phases are left out. */
const WALKS = 16_384;

/** How many phases there are to tell apart: the width of the coarsest bucket of an episode. */
export function episodePhases(rules: KernelRules): number {
  return wheelGranularity(ceilJiffies(rules.rtoMaxMs, rules.tickMs));
}

/**
 * Every value of the RTO at every phase of the wheel, as the jiffy in which an episode starts; where these are too many,
 * every so many phases. The step is odd, so that what is left out is no bucket's edge in particular.
 */
export function forEachPhase(
  rules: KernelRules,
  visit: (rto: number, start: number) => void,
): void {
  const phases = episodePhases(rules);
  const choices = rtoChoices(rules);
  const step = Math.floor((phases * choices.length) / (WALKS + 1)) | 1;
  for (const rto of choices) {
    // Far from zero, so that nothing depends on small numbers.
    for (let phase = 0; phase < phases; phase += step) visit(rto, phases * 8 + phase);
  }
}

/**
 * Ends over all phases of an instant of an episode, in ms after its start. A start lies somewhere
 * inside its jiffy, so the least is one tick below the whole-jiffy difference.
 */
export function overPhases(
  rules: KernelRules,
  flight: Flight,
  instant: (rto: number, start: number, flight: Flight) => number,
): PhaseRange {
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (const edge of edgesOf(flight)) {
    forEachPhase(rules, (rto, start) => {
      const jiffies = instant(rto, start, edge) - start;
      min = Math.min(min, jiffies);
      max = Math.max(max, jiffies);
    });
  }
  const maxMs = max * rules.tickMs + putOffByOthersMs(rules, flight);
  return { minMs: Math.max(0, (min - 1) * rules.tickMs), maxMs };
}

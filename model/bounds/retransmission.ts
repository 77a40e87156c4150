/**
 * Data in flight to a peer that no longer answers: when Linux sends it again, and when it gives up.
 *
 * One episode: the write, a tail loss probe, the first retransmission timeout (it stamps the
 * episode), then timeouts that double. Linux looks at its clock only when such a timer fires, so an
 * episode dies at the first expiry past its limit, counted from the stamp. Every timer goes through
 * the wheel, whose buckets sit at absolute jiffies; the ends over all phases are found by walking
 * the episode from each phase of the coarsest bucket it meets, which is all there is to vary.
 */
import { assert } from '../assert.ts';
import { fireJiffy, wheelGranularity } from '../linux/wheel.ts';
import { timeoutModelMs } from '../linux/timeout-model.ts';
import { ceilJiffies, type KernelRules } from './kernel-rules.ts';
import {
  latestTimeoutMs,
  unevenBridgeMs,
  unevenDeath,
  unevenFirstRetransmission,
  unevenOrphanDeath,
} from './uneven.ts';

/** How data comes to be in flight. */
export interface Flight {
  /**
   * `lone`: one write on a quiet connection. `stream`: a full window, and the episode starts with the
   * last acknowledgement that arrived.
   */
  readonly start: 'lone' | 'stream';
  /** More writes follow at this period, ms; null = none. They can push the first timeout back. */
  readonly everyMs: number | null;
  /** When the first of them comes, ms; absent = after one period. */
  readonly nextMs?: number;
}

/** One walked episode, absolute jiffies. */
interface Episode {
  /** Retransmissions: tail loss probe (if any), then each timeout that sent again. */
  readonly sent: number[];
  /** First retransmission by timeout: `retrans_stamp`. */
  readonly stamp: number;
  /** The expiry that ended it. */
  readonly end: number;
}

/** Decides at an expiry, `sinceStampMs` after the stamp, whether the episode is over. */
type GiveUp = (sinceStampMs: number, atJiffy: number, rtoJiffies: number) => boolean;

/** Packets that may leave before an acknowledgement on a quiet connection (TCP_INIT_CWND). */
const INITIAL_WINDOW_PACKETS = 10;

/**
 * The jiffy of the first retransmission timeout, pushing retransmissions before it to `sent`.
 * Source: tcp_schedule_loss_probe, tcp_send_loss_probe, tcp_rearm_rto.
 */
function firstTimeout(
  rules: KernelRules,
  rto: number,
  start: number,
  flight: Flight,
  sent: number[],
): number {
  if (!rules.tailLossProbe) return fireJiffy(start, rto, false);
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
    if (writes < fires && packets < INITIAL_WINDOW_PACKETS) {
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

/** Walks one episode from a write (or a last acknowledgement) in jiffy `start` to its end. */
function walkEpisode(
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
  let at = stamp;
  // The first expiry only stamps: without a retransmission so far nothing has timed out.
  for (let rto = Math.min(2 * rtoJiffies, rtoMax); ; rto = Math.min(2 * rto, rtoMax)) {
    let delay = rto;
    if (userTimeoutMs !== null) {
      // tcp_clamp_rto_to_user_timeout
      const leftMs = userTimeoutMs - (at - stamp) * tickMs;
      delay = leftMs <= 0 ? 1 : Math.min(rto, ceilJiffies(leftMs, tickMs));
    }
    at = fireJiffy(at, delay, true);
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

const remembered = new Map<string, PhaseRange>();

/** Computes a range once per distinct question: a grid of cells asks the same ones over and over. */
export function rememberRange(key: string, compute: () => PhaseRange): PhaseRange {
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const range = compute();
  remembered.set(key, range);
  return range;
}

/** More values of the RTO than this are thinned out evenly, ends kept. */
const RTO_VALUES = 64;

/** The RTO values to look at. */
export function rtoChoices(rules: KernelRules): readonly number[] {
  const { min, max } = rules.rto;
  const count = Math.min(max - min + 1, RTO_VALUES);
  if (count === 1) return [min];
  return Array.from({ length: count }, (_, i) => Math.round(min + ((max - min) * i) / (count - 1)));
}

/** Walks beyond this many per question leave out phases that only the finest buckets tell apart. */
const WALKS = 16_384;

/** How many phases there are to tell apart: the width of the coarsest bucket of an episode. */
export function episodePhases(rules: KernelRules): number {
  return wheelGranularity(ceilJiffies(rules.rtoMaxMs, rules.tickMs));
}

/**
 * Ends over all phases of an instant of an episode, in ms after its start. A start lies somewhere
 * inside its jiffy, so the least is one tick below the whole-jiffy difference.
 */
function overPhases(
  rules: KernelRules,
  instant: (rto: number, start: number) => number,
): PhaseRange {
  const phases = episodePhases(rules);
  const choices = rtoChoices(rules);
  const step = Math.ceil((phases * choices.length) / WALKS);
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (const rto of choices) {
    for (let phase = 0; phase < phases; phase += step) {
      // Far from zero, so that nothing depends on small numbers.
      const start = phases * 8 + phase;
      const jiffies = instant(rto, start) - start;
      min = Math.min(min, jiffies);
      max = Math.max(max, jiffies);
    }
  }
  return { minMs: Math.max(0, (min - 1) * rules.tickMs), maxMs: max * rules.tickMs };
}

function keyOf(name: string, rules: KernelRules, ...rest: readonly unknown[]): string {
  return JSON.stringify([name, rules, rest]);
}

/** When the first retransmission by timeout is sent: the origin of every limit. */
export function firstRetransmission(rules: KernelRules, flight: Flight): PhaseRange {
  if (rules.uneven) return unevenFirstRetransmission(rules);
  return rememberRange(keyOf('first', rules, flight), () =>
    overPhases(rules, (rto, start) => firstTimeout(rules, rto, start, flight, [])),
  );
}

/**
 * When an owned connection with unacknowledged data dies: by TCP_USER_TIMEOUT if set, else by
 * `tcp_retries2` (tcp_write_timeout, retransmits_timed_out).
 *
 * @returns ms after the write (`lone`) or the last acknowledgement (`stream`)
 */
export function retransmissionDeath(
  rules: KernelRules,
  flight: Flight,
  userTimeoutMs: number | null,
): PhaseRange {
  if (rules.uneven) return unevenDeath(rules, userTimeoutMs);
  const limitMs = userTimeoutMs ?? timeoutModelMs(rules.retries2, rules.rtoMaxMs);
  return rememberRange(keyOf('death', rules, flight, userTimeoutMs), () =>
    overPhases(
      rules,
      (rto, start) =>
        walkEpisode(rules, rto, start, flight, userTimeoutMs, (since) => since >= limitMs).end,
    ),
  );
}

/**
 * When the kernel forgets a connection that the process closed `closedAfterMs` after the episode
 * began, data still unacknowledged (tcp_orphan_retries). Owned until then, so the episode's own
 * limit is assumed to lie beyond.
 *
 * @returns ms after the episode's start
 */
export function orphanDeath(
  rules: KernelRules,
  flight: Flight,
  closedAfterMs: number,
  userTimeoutMs: number | null,
): PhaseRange {
  if (rules.uneven) return unevenOrphanDeath(rules, closedAfterMs, userTimeoutMs);
  const rtoMax = ceilJiffies(rules.rtoMaxMs, rules.tickMs);
  return rememberRange(keyOf('orphan', rules, flight, closedAfterMs, userTimeoutMs), () =>
    overPhases(rules, (rto, start) => {
      const closed = start + closedAfterMs / rules.tickMs;
      return walkEpisode(rules, rto, start, flight, userTimeoutMs, (since, at, current) => {
        if (userTimeoutMs !== null) return since >= userTimeoutMs;
        if (at < closed) return false;
        const retries = rules.orphanRetries || (current < rtoMax ? 8 : 0);
        return since >= timeoutModelMs(retries, rules.rtoMaxMs);
      }).end;
    }),
  );
}

/** The retransmission that was sent last among those that `counts`, least over all phases, ms; 0 without one. */
function lastRetransmission(
  rules: KernelRules,
  flight: Flight,
  userTimeoutMs: number | null,
  over: GiveUp,
  counts: (afterJiffies: number, end: number) => boolean,
): PhaseRange {
  return overPhases(rules, (rto, start) => {
    const since: GiveUp = (sinceStamp, at, current) => over(sinceStamp, at - start, current);
    const episode = walkEpisode(rules, rto, start, flight, userTimeoutMs, since);
    const inTime = episode.sent.filter((at) => counts(at - start, episode.end - start));
    return inTime.at(-1) ?? start;
  });
}

/**
 * The longest outage, from the instant data was sent into it, that a retransmission still bridges so
 * that the answer is there within `patienceMs`: the last retransmission which comes back in time.
 * Least over all phases; 0 when not even the first one does.
 */
export function bridgedOutageMs(rules: KernelRules, flight: Flight, patienceMs: number): number {
  if (rules.uneven) return unevenBridgeMs(rules, patienceMs);
  const room = (patienceMs - rules.rttMs) / rules.tickMs;
  return rememberRange(keyOf('bridge', rules, flight, patienceMs), () =>
    lastRetransmission(
      rules,
      flight,
      null,
      (_since, after) => after >= room,
      (after) => after < room,
    ),
  ).minMs;
}

/**
 * The same against the kernel's own patience: the last retransmission whose acknowledgement arrives
 * before TCP_USER_TIMEOUT or `tcp_retries2` ends the connection.
 */
export function bridgedBeforeDeathMs(
  rules: KernelRules,
  flight: Flight,
  userTimeoutMs: number | null,
): number {
  const limitMs = userTimeoutMs ?? timeoutModelMs(rules.retries2, rules.rtoMaxMs);
  if (rules.uneven) return unevenBridgeMs(rules, limitMs);
  const roundTrip = rules.rttMs / rules.tickMs;
  return rememberRange(keyOf('bridge death', rules, flight, userTimeoutMs), () =>
    lastRetransmission(
      rules,
      flight,
      userTimeoutMs,
      (since) => since >= limitMs,
      (after, end) => after + roundTrip < end,
    ),
  ).minMs;
}

/**
 * When the first segment of an episode leaves at or after `fromMs`: the write itself, or the
 * retransmission that follows a too early one.
 *
 * @param since when the episode begins; this and the result count from the same instant
 */
export function transmissionAfter(
  rules: KernelRules,
  flight: Flight,
  since: PhaseRange,
  fromMs: number,
): PhaseRange {
  if (rules.uneven) {
    const waitsMs = latestTimeoutMs(rules);
    return { minMs: Math.max(since.minMs, fromMs), maxMs: Math.max(since.maxMs, fromMs) + waitsMs };
  }
  return rememberRange(keyOf('after', rules, flight, since, fromMs), () => {
    const from = fromMs / rules.tickMs;
    const latest = since.maxMs / rules.tickMs;
    const most = overPhases(rules, (rto, start) => {
      const over: GiveUp = (_since, at) => at - start + since.minMs / rules.tickMs >= from;
      const episode = walkEpisode(rules, rto, start, flight, null, over);
      let worst = latest;
      let before = 0;
      for (const at of [...episode.sent, episode.end]) {
        const after = at - start;
        worst = Math.max(worst, Math.min(latest + after, from + after - before));
        before = after;
      }
      return start + worst;
    });
    return { minMs: Math.max(since.minMs, fromMs), maxMs: most.maxMs };
  });
}

/**
 * The longest outage that a retransmission bridges.
 *
 * What was lost comes back with the first retransmission after the heal. The instants of these do not depend on
 * anybody's patience, so they are walked once per kind of flight; every patience reads the same schedule.
 */
import { timeoutModelMs } from '../../linux/timeout-model.ts';
import { fireJiffy } from '../../linux/wheel.ts';
import { forEachPhase, overPhases, walkEpisode } from './episode.ts';
import type { Flight } from './episode.ts';
import { ceilJiffies, probesOf, type KernelRules } from './kernel-rules.ts';
import { keyOf, rememberRange } from './remember.ts';
import { unevenBridgeMs } from './uneven.ts';

/** Schedules are walked so far at the least, jiffies: to start small and go on costs more. */
const SHORTEST_HORIZON = 2 ** 13;

/** After so many of the longest waits every phase has come to them, and repeats them for ever. */
const WAITS_UNTIL_REPEATED = 16;

/** The retransmissions of every phase, after the start of the episode. */
interface Schedule {
  readonly horizon: number;
  /** Jiffies from which on another retransmission is the oldest of all phases' last ones, ascending. */
  readonly from: Float64Array;
  /** That oldest one; 0 where one phase has none yet. */
  readonly oldest: Float64Array;
}

const schedules = new Map<string, Schedule>();

function scheduleOf(rules: KernelRules, flight: Flight, room: number): Schedule {
  const key = keyOf('schedule', rules, flight);
  const known = schedules.get(key);
  if (known !== undefined && known.horizon >= room) return known;
  let horizon = SHORTEST_HORIZON;
  while (horizon < room) horizon *= 2;
  const schedule = walked(rules, flight, horizon);
  schedules.set(key, schedule);
  return schedule;
}

function walked(rules: KernelRules, flight: Flight, horizon: number): Schedule {
  // By retransmission: until when it is the last one of some phase that has it; 0 where no phase has.
  const until = new Float64Array(horizon);
  forEachPhase(rules, (rto, start) => {
    const over = start + horizon;
    const { sent } = walkEpisode(rules, rto, start, flight, null, (_since, at) => at >= over);
    let before = 0;
    for (const jiffy of sent) {
      const after = jiffy - start;
      until[before] = Math.max(until[before] as number, after);
      if (after >= horizon) return;
      before = after;
    }
    until[before] = Infinity;
  });
  return { horizon, ...oldestLast(until) };
}

/** The oldest of all phases' last retransmissions, as time goes on: what is over never comes back. */
function oldestLast(until: Float64Array): Pick<Schedule, 'from' | 'oldest'> {
  const from: number[] = [];
  const oldest: number[] = [];
  let now = 0;
  for (let jiffy = 0; jiffy < until.length; jiffy += 1) {
    const over = until[jiffy] as number;
    if (over <= now) continue;
    from.push(now);
    oldest.push(jiffy);
    now = over;
  }
  return { from: Float64Array.from(from), oldest: Float64Array.from(oldest) };
}

/** How many of the ascending values lie below `limit`. */
function countBelow(values: Float64Array, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The longest outage, from the instant data was sent into it, that a retransmission still bridges so
 * that the answer is there within `patienceMs`: the last retransmission which comes back in time.
 * Least over all phases; 0 when not even the first one does.
 */
export function bridgedOutageMs(rules: KernelRules, flight: Flight, patienceMs: number): number {
  if (rules.uneven) return unevenBridgeMs(rules, flight, patienceMs);
  return Math.min(...probesOf(rules).map((one) => bridgedOn(one, flight, patienceMs)));
}

/** The same with one loss probe. */
function bridgedOn(rules: KernelRules, flight: Flight, patienceMs: number): number {
  const room = (patienceMs - rules.rttMs) / rules.tickMs;
  const rtoMax = ceilJiffies(rules.rtoMaxMs, rules.tickMs);
  // What an expiry on a bucket's edge waits for the next one.
  const longestWait = fireJiffy(0, rtoMax, true);
  const beyond = room - WAITS_UNTIL_REPEATED * rtoMax;
  const repeated = Math.max(0, Math.ceil(beyond / longestWait)) * longestWait;
  const { from, oldest } = scheduleOf(rules, flight, room - repeated);
  // A start lies somewhere inside its jiffy: the least is one tick below the difference in whole jiffies.
  const last = oldest[countBelow(from, room - repeated) - 1] ?? 0;
  return Math.max(0, (last + repeated - 1) * rules.tickMs);
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
  if (rules.uneven) return unevenBridgeMs(rules, flight, limitMs);
  const each = probesOf(rules).map((one) => bridgedByDeath(one, flight, userTimeoutMs, limitMs));
  return Math.min(...each);
}

/** The same with one loss probe. */
function bridgedByDeath(
  rules: KernelRules,
  flight: Flight,
  userTimeoutMs: number | null,
  limitMs: number,
): number {
  const roundTrip = rules.rttMs / rules.tickMs;
  return rememberRange(keyOf('bridge death', rules, flight, userTimeoutMs), () =>
    overPhases(rules, flight, (rto, start, one) => {
      const { sent, end } = walkEpisode(
        rules,
        rto,
        start,
        one,
        userTimeoutMs,
        (since) => since >= limitMs,
      );
      return sent.findLast((at) => at + roundTrip < end) ?? start;
    }),
  ).minMs;
}

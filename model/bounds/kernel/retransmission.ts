/**
 * Data in flight to a peer that no longer answers: when Linux sends it again, and when it gives up.
 *
 * Linux looks at its clock only when a retransmission timer fires, so an episode dies at the first expiry
 * past its limit, counted from the stamp.
 */
import { timeoutModelMs } from '../../linux/timeout-model.ts';
import { firstTimeout, overPhases, walkEpisode } from './episode.ts';
import type { Flight, GiveUp, PhaseRange } from './episode.ts';
import { ceilJiffies, probesOf, type KernelRules } from './kernel-rules.ts';
import { keyOf, rememberRange } from './remember.ts';
import {
  latestTimeoutMs,
  unevenDeath,
  unevenFirstRetransmission,
  unevenOrphanDeath,
} from './uneven.ts';

/** The ends over every loss probe that there may be. */
function overProbes(rules: KernelRules, ask: (rules: KernelRules) => PhaseRange): PhaseRange {
  const ranges = probesOf(rules).map(ask);
  return {
    minMs: Math.min(...ranges.map(({ minMs }) => minMs)),
    maxMs: Math.max(...ranges.map(({ maxMs }) => maxMs)),
  };
}

/** When the first retransmission by timeout is sent: the origin of every limit. */
export function firstRetransmission(rules: KernelRules, flight: Flight): PhaseRange {
  if (rules.uneven) return unevenFirstRetransmission(rules, flight);
  return overProbes(rules, (one) =>
    rememberRange(keyOf('first', one, flight), () =>
      overPhases(one, flight, (rto, start, edge) => firstTimeout(one, rto, start, edge, [])),
    ),
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
  if (rules.uneven) return unevenDeath(rules, flight, userTimeoutMs);
  const limitMs = userTimeoutMs ?? timeoutModelMs(rules.retries2, rules.rtoMaxMs);
  return overProbes(rules, (one) =>
    rememberRange(keyOf('death', one, flight, userTimeoutMs), () =>
      overPhases(
        one,
        flight,
        (rto, start, edge) =>
          walkEpisode(one, rto, start, edge, userTimeoutMs, (since) => since >= limitMs).end,
      ),
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
  if (rules.uneven) return unevenOrphanDeath(rules, flight, closedAfterMs, userTimeoutMs);
  const rtoMax = ceilJiffies(rules.rtoMaxMs, rules.tickMs);
  return overProbes(rules, (one) =>
    rememberRange(keyOf('orphan', one, flight, closedAfterMs, userTimeoutMs), () =>
      overPhases(one, flight, (rto, start, edge) => {
        const closed = start + closedAfterMs / one.tickMs;
        return walkEpisode(one, rto, start, edge, userTimeoutMs, (since, at, current) => {
          if (userTimeoutMs !== null) return since >= userTimeoutMs;
          if (at < closed) return false;
          const retries = one.orphanRetries || (current < rtoMax ? 8 : 0);
          return since >= timeoutModelMs(retries, one.rtoMaxMs);
        }).end;
      }),
    ),
  );
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
  return overProbes(rules, (one) => transmissionOn(one, flight, since, fromMs));
}

/** The same with one loss probe. */
function transmissionOn(
  rules: KernelRules,
  flight: Flight,
  since: PhaseRange,
  fromMs: number,
): PhaseRange {
  return rememberRange(keyOf('after', rules, flight, since, fromMs), () => {
    const from = fromMs / rules.tickMs;
    const latest = since.maxMs / rules.tickMs;
    const most = overPhases(rules, flight, (rto, start, one) => {
      const over: GiveUp = (_since, at) => at - start + since.minMs / rules.tickMs >= from;
      const episode = walkEpisode(rules, rto, start, one, null, over);
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

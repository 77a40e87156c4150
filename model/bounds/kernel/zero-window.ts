/**
 * A window that stays closed: the peer's kernel acknowledges everything it takes and answers every
 * probe, and the rest of the data waits (tcp_probe_timer, tcp_send_probe0, tcp_ack_probe).
 *
 * Without TCP_USER_TIMEOUT such a connection is immortal while somebody owns it. With it, the clock
 * starts at the first probe and is looked at when the probe timer fires. Without an owner (the
 * process closed it, the FIN stuck behind the data) it lives until the probe interval has grown to the
 * largest RTO.
 */
import { assert } from '../../assert.ts';
import { PROBE_BASE_MS, PROBE_SHIFT_LIMIT } from '../../linux/constants.ts';
import { fireJiffy } from '../../linux/wheel.ts';
import { ceilJiffies, type KernelRules } from './kernel-rules.ts';
import { overPhases, type Flight, type PhaseRange } from './episode.ts';
import { keyOf, rememberRange } from './remember.ts';
import { unevenClosedWindowDeath } from './uneven.ts';

/** What counts is only when the window closed. */
const CLOSED: Flight = { start: 'lone', everyMs: null };

interface ProbeWalk {
  /** Jiffy of the acknowledgement that closed the window. */
  readonly closed: number;
  readonly rto: number;
  readonly userTimeout: number | null;
  /** Jiffy at which the process closed the descriptor; Infinity while it owns it. */
  readonly orphaned: number;
}

/** tcp_probe0_when. */
function interval(base: number, backoff: number, rtoMax: number): number {
  return Math.min(base * (1 << Math.min(backoff, PROBE_SHIFT_LIMIT)), rtoMax);
}

/** The jiffy at which a connection with a closed window, every probe answered, ends; Infinity = never. */
function walkProbes(rules: KernelRules, walk: ProbeWalk): number {
  const { tickMs } = rules;
  const base = Math.max(walk.rto, ceilJiffies(PROBE_BASE_MS, tickMs));
  const rtoMax = ceilJiffies(rules.rtoMaxMs, tickMs);
  const answer = rules.rttMs / tickMs;
  let backoff = 0;
  let stamp: number | null = null;
  let answered = Number.NEGATIVE_INFINITY;
  let lastWait = 0;
  const when = (now: number): number => {
    const waits = interval(base, backoff, rtoMax);
    if (walk.userTimeout === null || stamp === null) return waits;
    // tcp_clamp_probe0_to_user_timeout
    return Math.min(waits, Math.max(2, walk.userTimeout - (now - stamp)));
  };
  let at = fireJiffy(walk.closed, when(walk.closed), false);
  for (let step = 0; step < 100_000; step += 1) {
    if (stamp === null) stamp = at;
    else if (walk.userTimeout !== null && at - stamp >= walk.userTimeout) return at;
    const alive = base * 2 ** backoff < rtoMax;
    if (at >= walk.orphaned) {
      // tcp_orphan_retries: a dying orphan gets no probe beyond those it has had.
      const probes = rules.orphanRetries || (alive ? 8 : 0);
      if (!alive && backoff >= probes) return at;
    }
    const grows = backoff < rules.retries2 || !alive;
    if (walk.userTimeout === null && (walk.orphaned === Infinity || !grows)) return Infinity;
    const rests = interval(base, backoff, rtoMax) === rtoMax;
    if (backoff < rules.retries2) backoff += 1;
    let next = fireJiffy(at, when(at), true);
    const arrives = at + answer;
    if ((arrives - answered) * tickMs >= rules.peerRateLimitMs && arrives < next) {
      answered = arrives;
      const heard = Math.floor(arrives);
      next = fireJiffy(heard, when(heard), false);
    }
    // At the longest wait every probe is like the one before it, until the process lets go.
    const wait = next - at;
    const alike = rests && wait === lastWait && walk.userTimeout === null;
    const skipped = alike ? Math.max(0, Math.floor((walk.orphaned - next) / wait)) * wait : 0;
    lastWait = wait;
    answered += skipped;
    at = next + skipped;
  }
  assert(false, 'a closed window ends or is known to be for ever');
}

/** Ends over all phases; null = in some phase never. */
function endOfProbes(
  name: string,
  rules: KernelRules,
  userTimeout: number | null,
  orphanedAfter: number,
): PhaseRange | null {
  const range = rememberRange(keyOf(name, rules, userTimeout, orphanedAfter), () =>
    // No wait is longer than the largest RTO, whatever the user timeout.
    overPhases(rules, CLOSED, (rto, closed) =>
      walkProbes(rules, { closed, rto, userTimeout, orphaned: closed + orphanedAfter }),
    ),
  );
  return Number.isFinite(range.maxMs) ? range : null;
}

/**
 * When TCP_USER_TIMEOUT ends an owned connection whose window stays closed.
 *
 * @returns ms after the acknowledgement that closed the window
 */
export function closedWindowDeath(rules: KernelRules, userTimeoutMs: number): PhaseRange {
  if (rules.uneven) return unevenClosedWindowDeath(rules, userTimeoutMs);
  const range = endOfProbes(
    'closed window',
    rules,
    ceilJiffies(userTimeoutMs, rules.tickMs),
    Number.POSITIVE_INFINITY,
  );
  assert(range !== null, 'a user timeout ends a closed window');
  return range;
}

/**
 * SO_KEEPALIVE on a quiet connection (tcp_keepalive_timer): after `idleMs` without a segment from
 * the peer a probe, then one every `intervalMs`; death at the check that finds `probes` of them
 * unanswered. TCP_USER_TIMEOUT replaces the count: death at the first check after the first probe
 * that finds at least the timeout elapsed since the last segment.
 *
 * The timer is never touched by traffic. It wakes, computes what has elapsed, and sleeps for the
 * rest, so its phase is that of its own past. The ends below come from following the timer through
 * many living cycles from every phase the wheel can give it, with a death after each of them.
 */
import { clientMessagePeriodMs, serverLoad } from '../../scenario/load.ts';
import { judges } from '../../mechanisms/in-force.ts';
import type { KeepaliveMechanism } from '../../policy/types.ts';
import { fireJiffy, wheelGranularity } from '../../linux/wheel.ts';
import { earliest, latest, never, plus, shift, type Ending, type Span } from '../ends/ending.ts';
import { ceilJiffies, kernelRules, type KernelRules } from './kernel-rules.ts';
import { preventsFault } from '../../signs/quiet.ts';
import type { PhaseRange } from './episode.ts';
import { rememberRange } from './remember.ts';
import { retransmissionDeath } from './retransmission.ts';
import {
  limitedKeepaliveDeath,
  limitedKeepaliveProbing,
  limitedProbeAfter,
} from './keepalive-limits.ts';
import { youngestMs } from '../ends/opening.ts';
import { pingPeriodMs } from '../../signs/rhythm.ts';
import { lastHeard } from '../life/signs.ts';
import { type Situation } from '../situation.ts';
import { pingers } from '../../signs/sources.ts';
import { latestExpiryMs } from './uneven.ts';

/** Living cycles followed from each phase: enough for the timer to settle into its rhythm. */
const CYCLES = 64;

interface KeepaliveJiffies {
  readonly idle: number;
  readonly interval: number;
  readonly probes: number;
  readonly userTimeout: number | null;
  /** Whole jiffies from a probe to its answer. */
  readonly answer: number;
}

function inJiffies(
  keepalive: KeepaliveMechanism,
  userTimeoutMs: number | null,
  rules: KernelRules,
): KeepaliveJiffies {
  const { tickMs } = rules;
  return {
    idle: ceilJiffies(keepalive.idleMs, tickMs),
    interval: ceilJiffies(keepalive.intervalMs, tickMs),
    probes: keepalive.probes,
    userTimeout: userTimeoutMs === null ? null : ceilJiffies(userTimeoutMs, tickMs),
    answer: Math.floor(rules.rttMs / tickMs),
  };
}

/** The jiffies of a death's checks: those that sent a probe, and the last one, which ends it. */
interface Death {
  readonly probes: readonly number[];
  readonly end: number;
}

/** From a first unanswered probe at `probe` to the end, the last segment received at `heard`. */
function deathFrom(k: KeepaliveJiffies, probe: number, heard: number): Death {
  const probes: number[] = [];
  for (let at = probe; ;) {
    probes.push(at);
    at = fireJiffy(at, k.interval, true);
    const dead = k.userTimeout === null ? probes.length >= k.probes : at - heard >= k.userTimeout;
    if (dead) return { probes, end: at };
  }
}

/** The next probe after an answered one at `probe`: wakes after an interval, then sleeps for the rest. */
function nextProbe(k: KeepaliveJiffies, probe: number): number {
  const heard = probe + k.answer;
  let at = fireJiffy(probe, k.interval, true);
  while (at - heard < k.idle) at = fireJiffy(at, k.idle - (at - heard), true);
  return at;
}

/** Visits (answered probe, first lost probe, death) for every phase and many cycles. */
function forEachCycle(
  k: KeepaliveJiffies,
  visit: (answered: number, lost: number, death: Death) => void,
): void {
  const widest = Math.max(wheelGranularity(k.idle), wheelGranularity(k.interval));
  const step = wheelGranularity(k.idle);
  for (let phase = 0; phase < widest; phase += step) {
    let answered = widest * 8 + phase;
    for (let cycle = 0; cycle < CYCLES; cycle += 1) {
      const lost = nextProbe(k, answered);
      visit(answered, lost, deathFrom(k, lost, answered + k.answer));
      answered = lost;
    }
  }
}

function overCycles(
  name: string,
  k: KeepaliveJiffies,
  rules: KernelRules,
  measure: (answered: number, lost: number, death: Death) => readonly [min: number, max: number],
): PhaseRange {
  return rememberRange(JSON.stringify(['keepalive', name, k, rules.tickMs]), () => {
    let min = Number.POSITIVE_INFINITY;
    let max = 0;
    forEachCycle(k, (answered, lost, death) => {
      const [least, most] = measure(answered, lost, death);
      min = Math.min(min, least);
      max = Math.max(max, most);
    });
    return { minMs: min * rules.tickMs, maxMs: max * rules.tickMs };
  });
}

/** From the probe that finds nobody (least) or the last one answered (most) to the death. */
export function keepaliveDeath(
  keepalive: KeepaliveMechanism,
  userTimeoutMs: number | null,
  rules: KernelRules,
): PhaseRange {
  if (rules.uneven) {
    const { minMs, maxMs } = limitedKeepaliveDeath(keepalive, userTimeoutMs, rules);
    return { minMs, maxMs: maxMs + rules.rttMaxMs };
  }
  const k = inJiffies(keepalive, userTimeoutMs, rules);
  return overCycles('death', k, rules, (answered, lost, death) => [
    death.end - lost,
    death.end - answered,
  ]);
}

/** From the first probe that finds nobody to the last one that could still have been answered. */
export function keepaliveProbing(
  keepalive: KeepaliveMechanism,
  userTimeoutMs: number | null,
  rules: KernelRules,
): PhaseRange {
  if (rules.uneven) return limitedKeepaliveProbing(keepalive, userTimeoutMs, rules);
  const k = inJiffies(keepalive, userTimeoutMs, rules);
  return overCycles('probing', k, rules, (_answered, lost, death) => {
    const jiffies = (death.probes.at(-1) ?? lost) - lost;
    return [jiffies, jiffies];
  });
}

/**
 * The first unanswered probe that leaves at or after `fromMs` (ms after the fault); a probe that left
 * before −edgeMs was still answered. `maxMs` null = in some phase keepalive ends the connection first.
 */
export function keepaliveProbeAfter(
  keepalive: KeepaliveMechanism,
  userTimeoutMs: number | null,
  rules: KernelRules,
  edgeMs: number,
  fromMs: number,
): Span {
  if (rules.uneven) {
    const heardMs = rules.rttMaxMs - edgeMs;
    const maxMs = limitedProbeAfter(keepalive, userTimeoutMs, rules, heardMs, fromMs);
    return { minMs: Math.max(fromMs, -edgeMs), maxMs: Number.isFinite(maxMs) ? maxMs : null };
  }
  const k = inJiffies(keepalive, userTimeoutMs, rules);
  const from = fromMs / rules.tickMs;
  const edge = edgeMs / rules.tickMs;
  const range = overCycles(`probe after ${fromMs} ${edgeMs}`, k, rules, (answered, lost, death) => {
    // The fault lies between the last answered probe and the first lost one.
    const offset = (probe: number): number => probe - answered - edge;
    const last = death.probes.at(-1) ?? lost;
    if (last - lost - edge < from) return [Math.max(from, -edge), Number.POSITIVE_INFINITY];
    let most = offset(lost) >= from ? offset(lost) : 0;
    death.probes.forEach((probe, i) => {
      const before = death.probes[i - 1];
      // Late enough a fault, and the probe before this one left too early.
      if (before !== undefined && offset(probe) >= from) {
        most = Math.max(most, Math.min(offset(probe), from + (probe - before)));
      }
    });
    return [Math.max(from, -edge), most];
  });
  return { minMs: range.minMs, maxMs: Number.isFinite(range.maxMs) ? range.maxMs : null };
}

/**
 * From the last segment received to the death, where no probe was ever answered: the timer still stands
 * as it was armed when the connection opened, at any jiffy, not on a bucket's edge.
 */
function keepaliveFromOpening(situation: Situation, keepalive: KeepaliveMechanism): PhaseRange {
  const { rules } = situation;
  const k = inJiffies(keepalive, situation.userTimeoutMs, rules);
  return rememberRange(JSON.stringify(['keepalive', 'opening', k, rules.tickMs]), () => {
    const widest = Math.max(wheelGranularity(k.idle), wheelGranularity(k.interval));
    let min = Number.POSITIVE_INFINITY;
    let max = 0;
    for (let opened = widest * 8; opened < widest * 9; opened += 1) {
      const { end } = deathFrom(k, fireJiffy(opened, k.idle, false), opened);
      min = Math.min(min, end - opened - 1);
      max = Math.max(max, end - opened);
    }
    return { minMs: min * rules.tickMs, maxMs: max * rules.tickMs };
  });
}

/** Whether the peer sends of its own: then the last segment received is its, and no answer to a probe. */
export function peerTalks({ policy, scenario }: Situation): boolean {
  const pingsMs = scenario.client?.pingEveryMs ?? null;
  return (
    policy.peerHeartbeat !== undefined ||
    pingsMs !== null ||
    clientMessagePeriodMs(scenario) !== null
  );
}

/**
 * For how long what the client sends again, because it hears nothing, still counts as heard. Its timeouts double,
 * so the first gap between them that keepalive does not wait out began at most twice as late as the gap is long.
 */
function repeatedMs({ scenario, rules }: Situation, patienceMs: number): number {
  const { fault } = scenario;
  if (fault.kind !== 'vanish' || fault.direction !== 'server-to-client') return 0;
  const client = kernelRules(scenario, 'client');
  const givesUp = retransmissionDeath(client, { start: 'lone', everyMs: null }, null).maxMs;
  // Gaps grow no longer than the largest timeout: whoever waits that long waits for all of them.
  if (patienceMs >= client.rtoMaxMs) return givesUp;
  return Math.min(
    givesUp,
    2 * patienceMs + latestExpiryMs(rules, 3 * rules.rto.max * rules.tickMs),
  );
}

/** When keepalive dies after the fault, as long as nothing of ours is in flight. */
function undisturbed(situation: Situation, keepalive: KeepaliveMechanism): Span {
  const { fault } = situation.scenario;
  const { rttMs, rttMaxMs } = situation.rules;
  if (peerTalks(situation)) {
    const { userTimeoutMs, rules, edgeMs } = situation;
    const { minMs, maxMs } = limitedKeepaliveDeath(keepalive, userTimeoutMs, rules);
    const heardMs = lastHeard(situation, ['any-byte'])?.maxMs ?? null;
    const saidMs = heardMs === null ? null : Math.max(heardMs, rttMaxMs - edgeMs);
    const lastMs = saidMs === null ? null : saidMs + repeatedMs(situation, maxMs);
    return { minMs: minMs - edgeMs, maxMs: lastMs === null ? null : lastMs + maxMs };
  }
  if (fault.kind === 'nat-expiry' && !preventsFault(situation.policy, situation.scenario)) {
    // The last packet passed up to a round trip before the last segment was heard.
    const heard = keepaliveFromOpening(situation, keepalive);
    return { minMs: heard.minMs - fault.idleMs, maxMs: heard.maxMs + rttMs - fault.idleMs };
  }
  const death = keepaliveDeath(keepalive, situation.userTimeoutMs, situation.rules);
  const settled = shift(death, -situation.edgeMs);
  if (youngestMs(situation) > keepalive.idleMs) return settled;
  // Before its first probe the timer stands as it was armed at the opening, and may be late by a whole bucket; what was
  // heard since then arms it anew, for less, and so by less.
  if (!situation.rules.uneven) {
    const opened = keepaliveFromOpening(situation, keepalive);
    return { minMs: settled.minMs, maxMs: latest(settled, opened).maxMs };
  }
  const { userTimeoutMs, rules, edgeMs } = situation;
  const young = rules.uneven
    ? limitedKeepaliveDeath(keepalive, userTimeoutMs, rules)
    : keepaliveFromOpening(situation, keepalive);
  const opened = { minMs: young.minMs - edgeMs, maxMs: rttMaxMs - edgeMs + young.maxMs };
  return { minMs: earliest(settled, opened).minMs, maxMs: latest(settled, opened).maxMs };
}

/** What keeps keepalive from judging in some phase, if anything does. */
function deferral(situation: Situation, death: Span): string | null {
  if (situation.kernelAnswers) {
    return 'A kernel answers every probe, whether or not anybody is behind it.';
  }
  const since = situation.unacked?.since;
  if (since === undefined || situation.unacked?.sometimes === true) return null;
  if ((since.minMs ?? Infinity) >= (death.maxMs ?? Infinity)) return null;
  return 'Keepalive defers while data is unacknowledged, a ping among it (tcp_keepalive_timer).';
}

/**
 * The latest end where a ping may come in keepalive's way: it defers only to what was written before its own end, and
 * that is given up as any write is. Nothing but pings is on the way, so no window closes; empty = not so simple.
 */
function deferredEnd(
  situation: Situation,
  death: Span,
): Partial<Pick<Ending, 'maxMs' | 'by' | 'formula' | 'derivation'>> {
  const { scenario, unacked, rules, userTimeoutMs } = situation;
  const { fault, story } = scenario;
  const vanished = fault.kind === 'vanish' && fault.direction === 'both';
  if (!vanished || story.kind !== 'connection' || serverLoad(scenario).kind !== 'idle') return {};
  if (unacked === null || death.maxMs === null) return {};
  const write = retransmissionDeath(rules, unacked.flight, userTimeoutMs).maxMs;
  const patience = pingPatienceMs(situation) ?? Infinity;
  const retries = userTimeoutMs === null && write < patience;
  return {
    maxMs: death.maxMs + Math.min(write, patience),
    ...(retries ? { by: 'tcp_retries2' } : {}),
    formula: 'when keepalive would end it + min(replyTimeoutMs, when retransmissions do)',
    derivation:
      'Keepalive ends the ghost, unless a ping leaves before that instant: then it defers, and what ends the ping began no later.',
  };
}

/** How long the only thing that is ever written, a ping, waits for its answer; null = not so simple. */
function pingPatienceMs(situation: Situation): number | null {
  const [pinger, ...others] = pingers(situation.policy);
  const plain =
    others.length === 0 && !peerTalks(situation) && situation.scenario.server.broken === undefined;
  if (!plain || pinger?.kind !== 'ping' || !judges(pinger)) return null;
  if (pinger.replyClock !== 'enqueued' || pinger.granularity !== undefined) return null;
  // An answer that is still on its way is that of the ping before.
  return pinger.intervalMs > situation.rules.rttMaxMs ? pinger.replyTimeoutMs : null;
}

/**
 * Where the peer pings, the answer to its last ping is lost in some phases: then keepalive defers to the
 * retransmissions of that answer, and they end the connection in its place.
 */
function orByLostPong({ unacked, rules, userTimeoutMs }: Situation, death: Span): Span {
  if (unacked?.sometimes !== true) return death;
  const instead = plus(unacked.since, retransmissionDeath(rules, unacked.flight, userTimeoutMs));
  return { minMs: earliest(death, instead).minMs, maxMs: latest(death, instead).maxMs };
}

/** When keepalive ends a ghost. */
export function keepaliveEnding(situation: Situation, keepalive: KeepaliveMechanism): Ending {
  const withTimeout = situation.userTimeoutMs !== null;
  const by = withTimeout ? 'keepalive with TCP_USER_TIMEOUT' : 'keepalive';
  if (!judges(keepalive)) return never(by, 'The option was never set on the socket.');
  const undeferred = undisturbed(situation, keepalive);
  const death = orByLostPong(situation, undeferred);
  const deferred = deferral(situation, undeferred);
  if (deferred !== null) {
    const minMs = comesFirst(situation, keepalive) ? death.minMs : null;
    const deferring = { ...never(by, deferred), manner: 'kernel', inFlight: false, minMs } as const;
    return { ...deferring, ...deferredEnd(situation, undeferred) };
  }
  return {
    ...death,
    manner: 'kernel',
    inFlight: false,
    by,
    formula: withTimeout
      ? 'min over k ≥ 1 of (idleMs + k · intervalMs) ≥ timeoutMs, + rttMs / 2 + wheel'
      : 'idleMs + probes · intervalMs + rttMs / 2 + wheel',
    derivation: withTimeout
      ? 'Counted from the last segment received, half a round trip before the fault at worst: the first probe after idleMs, then a check every intervalMs; the first check that finds the user timeout elapsed ends it, and the number of probes does not matter.'
      : 'Counted from the last segment received, half a round trip before the fault at worst: the first probe after idleMs, the next ones every intervalMs, and one interval after the last of them the end.',
  };
}

/** Whether keepalive can end the connection between two pings, before the next one makes it defer. */
function comesFirst(situation: Situation, keepalive: KeepaliveMechanism): boolean {
  if (situation.kernelAnswers || serverLoad(situation.scenario).kind !== 'idle') return false;
  const pings = pingers(situation.policy);
  if (pings.length === 0) return false;
  const period = Math.min(...pings.map((p) => pingPeriodMs(p, situation.rules.rttMs)));
  const death = keepaliveDeath(keepalive, situation.userTimeoutMs, situation.rules);
  return period > keepalive.idleMs + death.minMs;
}

/**
 * When the last sign of life is read after a fault: every mechanism that waits for life, for whatever it takes for
 * life, is a sum of this and its own patience.
 */
import { serverLoad } from '../../scenario/load.ts';
import { uploadDelayMs } from '../../signs/queue.ts';
import type { LifeSign } from '../../policy/types.ts';
import { PAGE_BUFFER_BYTES } from '../../scenario/reading.ts';
import { lastTaken } from './blocked.ts';
import { latest, shift, type Span } from '../ends/ending.ts';
import type { Flight } from '../kernel/episode.ts';
import { firstRetransmission, retransmissionDeath } from '../kernel/retransmission.ts';
import { answeredPingGapMs } from '../../signs/rhythm.ts';
import { kernelOutlives, type Situation } from '../situation.ts';
import { asksApplication, heardSources, type Pinger, type Source } from '../../signs/sources.ts';
import { windowCloses } from '../kernel/window.ts';

/** Whether the source is none that the fault stops. */
function goesOn({ scenario }: Situation, source: Source): boolean {
  if (scenario.fault.kind !== 'page-freeze') return false;
  if (source.kind === 'pong') return !asksApplication(source.pinger);
  return source.kind === 'heartbeat' && source.sentBy === 'websocket';
}

/** When the network service of a frozen page has stopped reading, and with it answering pings; null = never. */
function pageIsFull({ scenario, lateMs, rules }: Situation): Span | null {
  const load = serverLoad(scenario);
  if (load.kind === 'idle') return null;
  if (load.kind === 'saturated') return { minMs: 0, maxMs: lateMs + 8 * rules.rttMaxMs };
  const writes = Math.ceil(PAGE_BUFFER_BYTES / load.bytes);
  return {
    minMs: (writes - 1) * load.everyMs - rules.rttMaxMs,
    maxMs: (writes + 1) * load.everyMs + lateMs,
  };
}

/** Nothing ends it. */
const ENDLESS: Span = { minMs: null, maxMs: null };

/**
 * When a pinger's pings are no longer answered although the application behind them is gone; null where that is with
 * the fault, `maxMs` null where it is never.
 */
export function answeredUntil(situation: Situation, pinger: Pinger): Span | null {
  if (!goesOn(situation, { kind: 'pong', pinger })) return null;
  return pageIsFull(situation) ?? ENDLESS;
}

/**
 * When the last sign of a source is read, ms after the fault; `maxMs` null = they never end. A source that may have
 * been quiet for any time before the fault has a `minMs` of −∞.
 */
function lastSign(situation: Situation, source: Source): Span {
  if (source.kind === 'accepted' || source.kind === 'drained')
    return sendPathQuiet(situation, source.kind);
  if (goesOn(situation, source)) {
    const full = source.kind === 'pong' ? pageIsFull(situation) : null;
    return full === null || source.kind !== 'pong'
      ? ENDLESS
      : lastBefore(situation, source.pinger, full);
  }
  if (source.kind === 'pong') return lastPong(situation, source.pinger);
  if (source.everyMs === null) {
    return { minMs: Number.NEGATIVE_INFINITY, maxMs: late(situation) };
  }
  return source.kind === 'acknowledgement'
    ? lastPeriodic(situation, source.everyMs, false)
    : lastPeriodic(situation, source.everyMs, true);
}

/** The last answer of somebody who answers until some instant after the fault. */
function lastBefore({ policy, scenario, rules }: Situation, pinger: Pinger, until: Span): Span {
  const gap = answeredPingGapMs(pinger, policy, scenario, []);
  const { minMs, maxMs } = shift(until, rules.rttMaxMs);
  return { minMs: (minMs ?? 0) - (gap ?? Number.POSITIVE_INFINITY), maxMs };
}

/**
 * When what the peer sent before the fault is read at the latest: its kernel may still have much of it to deliver, and
 * on a lossy path to send it again.
 */
function late({ scenario, rules, lateMs }: Situation): number {
  const { fault } = scenario;
  const hears = fault.kind === 'vanish' && fault.direction === 'server-to-client';
  if (!(hears || kernelOutlives(fault))) return lateMs;
  const deliveredMs = lateMs + uploadDelayMs(scenario);
  if (!rules.lossy) return deliveredMs;
  return deliveredMs + retransmissionDeath(rules, { start: 'lone', everyMs: null }, null).maxMs;
}

/** The last of signs that the peer sends every so often, by itself or when a message of the server arrives. */
function lastPeriodic(situation: Situation, everyMs: number, byItself: boolean): Span {
  const { rules, scenario } = situation;
  const { fault } = scenario;
  const lastMs = late(situation);
  // The one before the last was on its way as long as this one, give or take the jitter.
  const minMs = situation.lateMs - everyMs - 2 * (rules.rttMaxMs - rules.rttMs);
  if (byItself && fault.kind === 'vanish' && fault.direction === 'server-to-client') {
    // The client talks on, unheard itself, until its first retransmission timeout stops new messages.
    const flight: Flight = { start: 'lone', everyMs };
    const timeoutMs = firstRetransmission(rules, flight).maxMs;
    const talksMs = everyMs * (1 + Math.floor(timeoutMs / everyMs));
    return { minMs, maxMs: talksMs + (lastMs - rules.rttMs / 2) };
  }
  return { minMs, maxMs: lastMs };
}

function lastPong(situation: Situation, pinger: Pinger): Span {
  const { policy, scenario, rules, edgeMs, farEdgeMs } = situation;
  const gap = answeredPingGapMs(pinger, policy, scenario, []);
  const minMs = gap === null ? Number.NEGATIVE_INFINITY : rules.rttMs - farEdgeMs - gap;
  // Where the client still hears nothing and sends, the answer has all of its way to go.
  const onTheWayMs = edgeMs === 0 ? rules.rttMaxMs / 2 : 0;
  return { minMs, maxMs: late(situation) + onTheWayMs };
}

/** When the kernel last takes something at once, or user space last drains: `drained` needs acknowledgements. */
function sendPathQuiet(situation: Situation, kind: 'accepted' | 'drained'): Span {
  const taken = lastTaken(situation);
  if (taken === null) return ENDLESS;
  if (kind === 'accepted' || serverLoad(situation.scenario).kind === 'saturated') return taken;
  // Bytes move out of user space only while what is before them is acknowledged.
  const { kernelAnswers, lateMs, rules } = situation;
  const closed = kernelAnswers ? windowCloses(situation)?.closed.maxMs : null;
  return { minMs: Number.NEGATIVE_INFINITY, maxMs: closed ?? lateMs + rules.rttMaxMs };
}

/**
 * When the last sign of life is read, ms after the fault; null where nothing ever was one.
 *
 * @param except the pinger whose own pongs are not asked for
 */
export function lastHeard(
  situation: Situation,
  life: readonly LifeSign[],
  except?: Pinger,
): Span | null {
  const { policy, scenario } = situation;
  const spans = heardSources(policy, scenario, life, except).map((source) =>
    lastSign(situation, source),
  );
  if (spans.length === 0) return null;
  const { minMs, maxMs } = spans.reduce(latest);
  // A middlebox forgets a flow that has been quiet for a while.
  const quietMs = scenario.fault.kind === 'nat-expiry' ? scenario.fault.idleMs : 0;
  return { minMs: minMs === null ? null : minMs - quietMs, maxMs };
}

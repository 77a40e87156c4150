/**
 * The first ping after a fault that nobody answers. What could put it off, or answer it after all, is the last
 * sign of life that was on its way.
 */
import type { ClockRange } from '../../mechanisms/granularity.ts';
import type { LifeSign } from '../../policy/types.ts';
import { latest, type Span } from '../ends/ending.ts';
import { youngestMs } from '../ends/opening.ts';
import { neverPings, pingPeriodMs, pingingOf } from '../../signs/rhythm.ts';
import { answeredUntil, lastHeard } from './signs.ts';
import type { Situation } from '../situation.ts';
import { isLife, type Pinger } from '../../signs/sources.ts';

/** The pause before a pinger's next ping, when it may not have pinged at all yet. */
function pauseAfterFault(situation: Situation, pinger: Pinger, putOff: boolean): ClockRange {
  const pause = pingingOf(pinger).pauseMs;
  const first = pingingOf(pinger).firstMs;
  if (first === null || (!putOff && first.maxMs <= youngestMs(situation))) return pause;
  return {
    minMs: Math.min(pause.minMs, first.minMs),
    maxMs: Math.max(pause.maxMs, first.maxMs),
  };
}

/** When a pinger sends the first ping that no application answers; `minMs` null = it never pings again. */
export function firstLostPing(situation: Situation, pinger: Pinger): Span {
  const { policy, scenario, farEdgeMs } = situation;
  const signs = pingingOf(pinger).putOffBy;
  const putOff = lastHeard(situation, signs, pinger);
  const pause = pauseAfterFault(situation, pinger, putOff !== null);
  const skips = pinger.kind === 'sweep' ? 2 : 1;
  const own = ownLostPing(situation, pinger, pause);
  if (putOff === null) return nearExpiry(situation, pinger) ?? own;
  const after: Span = {
    minMs: putOff.minMs === null ? null : putOff.minMs + pause.minMs,
    maxMs: putOff.maxMs === null ? null : putOff.maxMs + skips * pause.maxMs,
  };
  if (!neverPings(pinger, policy, scenario)) {
    return { minMs: own.minMs, maxMs: latest(own, after).maxMs };
  }
  // Every sign defers the ping; the last one starts the interval that ends in the lost ping.
  // One that left before −farEdgeMs was answered.
  const minMs = after.minMs === null ? null : Math.max(after.minMs, -farEdgeMs);
  const goesOn = answeredUntil(situation, pinger) !== null;
  return { minMs, maxMs: goesOn ? latest(own, after).maxMs : after.maxMs };
}

/** The same where nothing puts a ping off. */
function ownLostPing(situation: Situation, pinger: Pinger, pause: ClockRange): Span {
  const { edgeMs, farEdgeMs } = situation;
  const periodMs = ownPeriodMs(situation, pinger, pause);
  const answered = answeredUntil(situation, pinger);
  if (answered === null) return { minMs: -farEdgeMs, maxMs: periodMs - edgeMs };
  // Somebody else answers for the application, and goes on until it cannot.
  return {
    minMs: answered.minMs === null ? null : answered.minMs - farEdgeMs,
    maxMs: answered.maxMs === null ? null : answered.maxMs + periodMs,
  };
}

function ownPeriodMs({ rules }: Situation, pinger: Pinger, pause: ClockRange): number {
  return pause.maxMs + (pingingOf(pinger).fromAnswer ? rules.rttMaxMs : 0);
}

function isShared(pinger: Pinger): boolean {
  return pinger.kind === 'sweep' && pinger.timer === 'shared';
}

/** A pong is acknowledged with the next data, or by a delayed ACK (TCP_DELACK_MAX). */
const ACKNOWLEDGEMENT_SLACK_MS = 200;

/** A middlebox forgets a flow at a distance from its last packet: a pong, or what acknowledged it. */
function nearExpiry({ scenario, rules }: Situation, pinger: Pinger): Span | null {
  const { fault } = scenario;
  if (fault.kind !== 'nat-expiry') return null;
  const periodMs = pingPeriodMs(pinger, rules.rttMaxMs);
  if (fault.idleMs >= periodMs) return null;
  // The first ping of all may come at any distance from the opening, and the box stands half way.
  const anywhere = isShared(pinger) || pingingOf(pinger).firstMs !== null;
  const leastMs = anywhere ? 0 : pingingOf(pinger).pauseMs.minMs - fault.idleMs;
  const longestMs = Math.max(periodMs, pingingOf(pinger).firstMs?.maxMs ?? 0);
  return {
    minMs: leastMs - rules.rttMaxMs - ACKNOWLEDGEMENT_SLACK_MS,
    maxMs: longestMs - fault.idleMs + rules.rttMaxMs,
  };
}

/**
 * The first ping of a pinger after which nothing arrives that `life` takes for its answer; `maxMs` null = there is
 * always another sign, or no other ping.
 */
export function firstUnanswered(
  situation: Situation,
  pinger: Pinger,
  life: readonly LifeSign[],
): Span {
  const lost = firstLostPing(situation, pinger);
  const isOwn = isLife({ kind: 'pong', pinger }, life);
  // Where pings come faster than answers, an earlier one's answer is still on its way.
  const overlaps = isOwn && pinger.intervalMs <= situation.rules.rttMaxMs;
  const heard = lastHeard(situation, life, overlaps ? undefined : pinger);
  if (heard === null || lost.maxMs === null) return lost;
  if (heard.maxMs === null) return { minMs: lost.minMs, maxMs: null };
  const staysAsked = pinger.kind === 'ping' && pinger.after === 'last-reply';
  if (staysAsked && life.some((sign) => !pinger.life.includes(sign))) {
    // What answers it here does not answer it there: it may wait for its own answer for ever.
    return { minMs: lost.minMs, maxMs: null };
  }
  const putsOff = pinger.kind === 'ping' && pinger.after === 'last-received';
  if (putsOff && !life.includes('send-accepted') && !life.includes('drained')) return lost;
  const pause = pauseAfterFault(situation, pinger, true);
  return latest(lost, { minMs: heard.minMs, maxMs: heard.maxMs + pause.maxMs });
}

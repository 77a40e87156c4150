/**
 * How late the acknowledgement of what the server sends may be, as its round-trip estimator sees it: a healthy peer's delayed acknowledgements, which
 * make the retransmission timeout an interval (model/linux/delayed-ack-timer.ts and estimator.ts are the rules).
 *
 * What is used of a receiver, the peer:
 *
 * 1. A delay is never longer than TCP_DELACK_MIN or the receiver's own smoothed round trip, whichever is longer (tcp_send_delayed_ack).
 * 2. Where all that it sends is answered at once, its smoothed round trip is the path's.
 * 3. Outside an interactive session it acknowledges at once while one gap in sixteen is longer than its timeout (tcp_event_data_recv), and a session begins only
 *    with something that it sends sooner after something received than the delay is long (tcp_event_data_sent).
 * 4. The delay grows only where two arrivals are 20 ms apart and less than the delay, to half of it and what they are apart; when it has expired in vain, it is the
 *    least again and the session is over (tcp_delack_timer_handler).
 */
import { DELAYED_ACK_MAX_MS, DELAYED_ACK_MIN_MS } from '../linux/constants.ts';
import { wheelWindow } from '../linux/wheel-window.ts';
import { kindOf } from '../mechanisms/index.ts';
import type { Mechanism, Policy } from '../policy/types.ts';
import { LifeBit } from '../reaper/types.ts';

const US_PER_MS = 1_000;

/** What rounding may add to the variance term, µs: less than one each time, of which a quarter is forgotten. */
const ROUNDING_US = 8;

/**
 * The most that the estimator's variance term can be after samples that lie in a delay above the round trip, whatever their order: it began as the doubled
 * round trip, forgets a quarter with each sample, and takes in by how far that one is from their mean, which itself goes an eighth of the way
 * (tcp_rtt_estimator). All of them late, after a mean of early ones, is the worst: the sixth adds nothing more.
 */
export function varianceUs(rttUs: number, delayUs: number): number {
  if (delayUs === 0) return 2 * rttUs;
  let ofFirst = 2 * rttUs;
  let ofDelay = 0;
  let fromMean = delayUs;
  let most = ofFirst;
  for (let samples = 0; samples < 6; samples += 1) {
    ofFirst *= 3 / 4;
    ofDelay = (3 / 4) * ofDelay + fromMean;
    fromMean *= 7 / 8;
    most = Math.max(most, ofFirst + ofDelay);
  }
  return Math.ceil(most) + ROUNDING_US;
}

/** What sends, and over which path. */
export interface Talk {
  readonly rttUs: number;
  readonly tickUs: number;
  readonly rtoMinUs: number;
  /** The server's application writes so often; null = it does not. */
  readonly writes: { readonly everyUs: number } | null;
  /** What the peer sends of its own: how often, and bits of LifeBit. */
  readonly beats: readonly { readonly everyUs: number; readonly bits: number }[];
  /** The peer at the other end of the link is answered from further away. */
  readonly throughProxies: boolean;
}

/** Acknowledgements as the estimator sees them: how late they are, µs. */
export interface Lateness {
  /** The smoothed round trip is above the path's by no more. */
  readonly meanUs: number;
  /** Each single one. */
  readonly mostUs: number;
}

const PUNCTUAL: Lateness = { meanUs: 0, mostUs: 0 };

/** All of them may be as late as the latest. */
export function always(mostUs: number): Lateness {
  return { meanUs: mostUs, mostUs };
}

/** Of each so many samples so few are late: a mean that goes an eighth of the way to each (tcp_rtt_estimator) is above the others by no more. */
function seldom(mostUs: number, late: number, of: number): Lateness {
  if (of <= late) return always(mostUs);
  return { meanUs: Math.ceil((mostUs * (1 - (7 / 8) ** late)) / (1 - (7 / 8) ** of)), mostUs };
}

/** What comes more seldom than this has nothing of its own kind near it. */
const SELDOM_US = 2_000_000;

/** How late the acknowledgements of what the server sends are in a healthy connection. */
export function latenessOf({ mechanisms }: Policy, talk: Talk): Lateness {
  const { rttUs, tickUs, writes, beats, throughProxies } = talk;
  const mostUs = DELAYED_ACK_MAX_MS * US_PER_MS + 2 * tickUs;
  const leastUs = DELAYED_ACK_MIN_MS * US_PER_MS + 2 * tickUs;
  const pingers = mechanisms.filter(pings);
  const answersMessages = mechanisms.some(
    (one) => kindOf(one).countsAcknowledgements?.(one) === true,
  );
  if (answersMessages && writes !== null) return always(mostUs);
  const isPinged = beats.some(({ bits }) => (bits & LifeBit.Ping) !== 0);
  // Nothing but pings, and each is answered at once.
  if (writes === null && !isPinged) return PUNCTUAL;
  if (isPinged) {
    const says = beats.some(({ bits }) => (bits & LifeBit.Ping) === 0);
    if (pingers.length === 0 && !says && !throughProxies) {
      // Pings are all that it sends, and each is answered at once (2): so (1).
      const roundTripJ = Math.ceil(rttUs / tickUs);
      const { hiUs } = wheelWindow(roundTripJ, roundTripJ, 0, tickUs);
      const delayUs = Math.max(leastUs, hiUs + tickUs);
      if (writes === null || writes.everyUs <= timeoutUs(talk, 0)) return always(delayUs);
      return besideWrites(pingers, beats, writes.everyUs, delayUs) ?? always(delayUs);
    }
    if (writes !== null || !isSteady(pingers, beats)) return always(mostUs);
    // What is later than the least delay has expired, and the next is punctual: the mean is moved by an eighth of the excess.
    return { mostUs: 2 * leastUs, meanUs: leastUs + Math.ceil(leastUs / 8) };
  }
  if (writes === null) return PUNCTUAL;
  // Only one ping comes near a write before the delay is the least again (4).
  const delayUs = pingers.length === 0 ? leastUs : leastUs * 1.5;
  // Of what the peer sends: answers alone are acknowledged with the least delay, else (1).
  const answeredUs = pingers.length === 0 ? 0 : leastUs;
  const serversUs =
    beats.length === 0 ? answeredUs : Math.max(leastUs, rttUs + delayUs + 2 * tickUs);
  if (writes.everyUs <= timeoutUs(talk, serversUs)) return always(mostUs);
  return besideWrites(pingers, beats, writes.everyUs, delayUs) ?? always(mostUs);
}

/** The peer's timeout is no longer, where the server's acknowledgements are late by no more. */
function timeoutUs({ rttUs, tickUs, rtoMinUs }: Talk, lateUs: number): number {
  return rttUs + lateUs + Math.max(rtoMinUs, varianceUs(rttUs, lateUs)) + 2 * tickUs;
}

/**
 * Of writes that come more seldom than the peer's timeout, and of what makes an interactive session of it now and then. Each ping begins one, or else what the peer sends near a
 * write does, and the next write's delay expires, unless it is that near again. So of all that is acknowledged while each of these comes once, as many are late as there
 * are of them, and one more of a session that had begun before. Null where they are too many, or come too often.
 */
function besideWrites(
  pingers: readonly Mechanism[],
  beats: Talk['beats'],
  writesEveryUs: number,
  delayUs: number,
): Lateness | null {
  const sources = pingers.length + beats.length;
  if (sources === 0) return PUNCTUAL;
  if (pingers.length > 1 || beats.length > 1) return null;
  const spacedUs = Math.min(
    ...pingers.map((one) => spacingMs(one) * US_PER_MS),
    ...beats.map(({ everyUs }) => everyUs),
  );
  if (spacedUs < SELDOM_US || spacedUs <= (beats.length === 0 ? 2 : 4) * writesEveryUs) return null;
  return seldom(delayUs, sources + 1, Math.floor((spacedUs - delayUs) / writesEveryUs));
}

/**
 * Whether pings both ways keep their distances: one rhythm each, one a multiple of the other. A ping that comes so soon after an answer that it grows the delay
 * then does so each time at one distance: less than the least delay the first time, and with it the delay goes to its double at most (4).
 */
function isSteady(pingers: readonly Mechanism[], beats: Talk['beats']): boolean {
  const [pinger] = pingers;
  const [beat] = beats;
  if (pingers.length !== 1 || beats.length !== 1) return false;
  if (pinger?.kind !== 'sweep' || beat === undefined) return false;
  const everyUs = pinger.intervalMs * US_PER_MS;
  const isMultiple = everyUs % beat.everyUs === 0 || beat.everyUs % everyUs === 0;
  return isMultiple && Math.min(everyUs, beat.everyUs) >= SELDOM_US;
}

/** Whether a timer of the mechanism runs and pings. */
export function pings(mechanism: Mechanism): boolean {
  if ('lost' in mechanism && mechanism.lost === 'timer') return false;
  const asked = kindOf(mechanism).asks(mechanism);
  return asked !== null && asked.answeredBy !== 'kernel';
}

/** The least time between two pings of a mechanism, ms. */
function spacingMs(mechanism: Mechanism): number {
  if (mechanism.kind === 'sweep') return mechanism.intervalMs;
  if (mechanism.kind !== 'ping') return Infinity;
  return mechanism.intervalMs - (mechanism.granularity?.everyMs ?? 0);
}

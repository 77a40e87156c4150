/**
 * Ping with a reply timer: a ping that finds nobody is a verdict `replyTimeoutMs` later. The ghost's
 * time is the wait for the next ping plus that patience.
 */
import type { PingMechanism } from '../policy/types.ts';
import { latest, never, shift, type Ending, type Span } from './ending.ts';
import {
  deferredByMessages,
  firstLostPing,
  hangsInPing,
  judges,
  lastMessage,
  pingers,
  ticks,
  type Situation,
} from './situation.ts';

const BY = 'ping reply timer';

/**
 * Whether the policy sends other pings, too. A pong does not say which ping it answers, so one that is
 * under way when the fault comes also answers a ping that was lost just before the pong arrives.
 */
function othersAreAnswered(situation: Situation, ping: PingMechanism): boolean {
  const hearsPong = ping.life.includes('pong') || ping.life.includes('any-byte');
  return (
    hearsPong &&
    ping.after === 'last-ping' &&
    pingers(situation.policy).some(
      (other) => other !== ping && !deferredByMessages(situation, other),
    )
  );
}

/** First ping that its own pong does not answer, nor another's. */
function firstUnponged(situation: Situation, ping: PingMechanism): Span {
  const lost = firstLostPing(situation, ping);
  if (!othersAreAnswered(situation, ping)) return lost;
  const lastPongMs = situation.rules.rttMs + situation.farEdgeMs - 2 * situation.edgeMs;
  return latest(lost, { minMs: lost.minMs, maxMs: lastPongMs + ping.intervalMs });
}

/** First ping after which nothing arrives that counts as its answer. */
function firstUnanswered(situation: Situation, ping: PingMechanism): Span {
  const lost = firstUnponged(situation, ping);
  if (!ping.life.includes('message') && !ping.life.includes('any-byte')) return lost;
  const message = lastMessage(situation);
  if (message === null || ping.after === 'last-received') return lost;
  // A message still under way answers a lost ping: then the next one is the first unanswered.
  return latest(lost, {
    minMs: message.minMs,
    maxMs: (message.maxMs ?? 0) + ping.intervalMs,
  });
}

/** When the reply timer reaps a ghost. */
export function pingEnding(situation: Situation, ping: PingMechanism): Ending {
  if (!ticks(ping)) return never(BY, 'The ping timer no longer runs: no ping, no reply timer.');
  if (ping.replyTimeoutMs === null)
    return never(BY, 'Pings are sent, but nobody waits for replies.');
  if (!judges(ping))
    return never(BY, 'The reply timer runs out, but its verdict never takes effect.');
  const unanswered = firstUnanswered(situation, ping);
  const span = shift(unanswered, ping.replyTimeoutMs);
  if (hangsInPing(situation)) {
    return {
      ...never(
        BY,
        'The ping waits for the lock which the blocked send holds, and the thread that would judge waits with it. ' +
          'Only a ping that went out just before the fault is still judged.',
      ),
      minMs: span.minMs,
    };
  }
  if (waitsForWrite(situation, ping)) {
    return {
      ...never(
        BY,
        'Patience starts when the send path has taken the ping, and a full send path takes none: the reply timer never starts. ' +
          'Only a ping that was written just before the fault is still judged.',
      ),
      minMs: span.minMs,
    };
  }
  const others = othersAreAnswered(situation, ping);
  const period = ping.after === 'last-ping' && !others ? 'intervalMs' : 'intervalMs + rttMs';
  const afterMessage = ping.after === 'last-received' && lastMessage(situation) !== null;
  return {
    ...span,
    manner: 'destroy',
    inFlight: true,
    by: BY,
    formula: afterMessage
      ? 'rttMs / 2 + intervalMs + replyTimeoutMs'
      : `${period} + replyTimeoutMs − rttMs / 2`,
    derivation: afterMessage
      ? 'The last bytes arrive up to half a round trip after the fault; intervalMs of silence later the ping leaves, and replyTimeoutMs after it the verdict falls.'
      : `At worst the fault just lets the last pong go; the next ping leaves ${period} after the one it answers${
          others
            ? ' (another mechanism asked for that pong, up to a round trip before this ping)'
            : ''
        }, and replyTimeoutMs later the verdict falls. At best the ping was already under way.`,
  };
}

/** Whether the reply timer waits for a send path that never takes the ping. */
function waitsForWrite(situation: Situation, ping: PingMechanism): boolean {
  return ping.replyClock === 'written' && situation.scenario.load.kind === 'saturated';
}

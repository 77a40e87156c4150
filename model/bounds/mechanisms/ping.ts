/**
 * Patience for the answer to a ping: a ping that finds nobody is a verdict one patience later. The ghost's
 * time is the wait for the next ping plus that patience.
 *
 * The reply timer of a mechanism waits for the answers to its own pings; a pong timer for those to anybody's, from
 * the oldest that has none.
 */
import { clockText } from './clock-text.ts';
import { replyMs } from '../../mechanisms/ping.ts';
import { clientMessagePeriodMs } from '../../scenario/load.ts';
import { judges, ticks } from '../../mechanisms/in-force.ts';
import type { PingMechanism, PongTimerMechanism } from '../../policy/types.ts';
import { hangsInPing, mayBlockBefore } from '../life/blocked.ts';
import {
  earliest,
  mannerOf,
  never,
  plus,
  seldom,
  type Ending,
  type Manner,
  type Span,
} from '../ends/ending.ts';
import { firstUnanswered } from '../life/pinging.ts';
import { lastHeard } from '../life/signs.ts';
import { type Situation } from '../situation.ts';
import { isLife, pingers, type Pinger } from '../../signs/sources.ts';

const REPLY_TIMER = 'ping reply timer';
const PONG_TIMER = 'pong timer';

/** When the reply timer reaps a ghost. */
export function pingEnding(situation: Situation, ping: PingMechanism): Ending {
  if (!ticks(ping)) {
    return never(REPLY_TIMER, 'The ping timer no longer runs: no ping, no reply timer.');
  }
  if (ping.replyTimeoutMs === null) {
    return never(REPLY_TIMER, 'Pings are sent, but nobody waits for replies.');
  }
  if (!judges(ping)) {
    return never(REPLY_TIMER, 'The reply timer runs out, but its verdict never takes effect.');
  }
  const unanswered = firstUnanswered(situation, ping, ping.life);
  const waits = ping.replyClock === 'written';
  const stopped = withoutAnswer(
    situation,
    { by: REPLY_TIMER, manner: mannerOf(ping) },
    unanswered,
    replyMs(ping),
    waits,
  );
  if (stopped !== null) return stopped;
  return {
    ...plus(unanswered, replyMs(ping)),
    manner: mannerOf(ping),
    inFlight: true,
    by: REPLY_TIMER,
    ...sayings(situation, ping),
  };
}

/** When patience with everybody's pings reaps a ghost. */
export function pongTimerEnding(situation: Situation, timer: PongTimerMechanism): Ending {
  if (!judges(timer)) return never(PONG_TIMER, 'The timer is lost: nobody waits for answers.');
  const asking = pingers(situation.policy);
  if (asking.length === 0) return never(PONG_TIMER, 'No mechanism of the policy sends pings.');
  const unanswered = asking
    .map((pinger) => firstUnanswered(situation, pinger, timer.life))
    .reduce<Span>(earliest, { minMs: null, maxMs: null });
  const patience = { minMs: timer.timeoutMs, maxMs: timer.timeoutMs };
  const waits = timer.replyClock === 'written';
  const stopped = withoutAnswer(
    situation,
    { by: PONG_TIMER, manner: mannerOf(timer) },
    unanswered,
    patience,
    waits,
  );
  if (stopped !== null) return stopped;
  return {
    ...plus(unanswered, patience),
    manner: mannerOf(timer),
    inFlight: true,
    by: PONG_TIMER,
    formula: 'first unanswered ping + timeoutMs',
    derivation: `Of the pings of the other mechanisms the first that nobody answers leaves up to ${unanswered.maxMs} ms after the fault; timeoutMs later the verdict falls.`,
  };
}

/** Why patience never runs out, if it does not in every phase. */
function withoutAnswer(
  situation: Situation,
  { by, manner }: { readonly by: string; readonly manner: Manner },
  unanswered: Span,
  patience: Span,
  waitsForWrite: boolean,
): Ending | null {
  const span = plus(unanswered, patience);
  const because = (derivation: string): Ending => seldom(by, derivation, span.minMs, manner, true);
  if (unanswered.maxMs === null) {
    return because(
      'What counts as an answer goes on after the fault, or what puts the pings off does.',
    );
  }
  if (hangsInPing(situation, span.maxMs)) {
    return because(
      'The ping waits for the lock which the blocked send holds, and the thread that would judge waits with it. ' +
        'Only a ping that went out just before the fault is still judged.',
    );
  }
  if (waitsForWrite && mayBlockBefore(situation, unanswered.maxMs)) {
    return because(
      'Patience starts when the send path has taken the ping, and a full send path takes none: the reply timer never starts. ' +
        'Only a ping that was written just before the fault is still judged.',
    );
  }
  return null;
}

/** Whether other pings of the policy are answered by what this one takes for an answer. */
function othersAreAnswered({ policy }: Situation, ping: PingMechanism): boolean {
  return (
    ping.after === 'last-ping' &&
    pingers(policy).some(
      (other: Pinger) => other !== ping && isLife({ kind: 'pong', pinger: other }, ping.life),
    )
  );
}

function sayings(
  situation: Situation,
  ping: PingMechanism,
): Pick<Ending, 'formula' | 'derivation'> {
  const { granularity } = ping;
  const interval = clockText('intervalMs', granularity);
  const reply = clockText('replyTimeoutMs', granularity);
  const others = othersAreAnswered(situation, ping);
  const period = ping.after === 'last-ping' && !others ? interval : `${interval} + rttMs`;
  const { policy, scenario } = situation;
  const foreign = lastHeard(situation, ping.life, ping);
  const putOff =
    ping.after === 'last-life'
      ? foreign !== null
      : ping.after === 'last-received' &&
        (clientMessagePeriodMs(scenario) !== null || policy.peerHeartbeat !== undefined);
  if (putOff) {
    const bytesOnly = ping.after === 'last-received';
    return {
      formula: bytesOnly
        ? `rttMs / 2 + ${interval} + ${reply}`
        : `last sign of life + ${interval} + ${reply}`,
      derivation: bytesOnly
        ? 'The last bytes arrive up to half a round trip after the fault; intervalMs of silence later the ping leaves, and replyTimeoutMs after it the verdict falls.'
        : `The last sign of life comes up to ${foreign?.maxMs} ms after the fault; intervalMs without another one later the ping leaves, and replyTimeoutMs after it the verdict falls.`,
    };
  }
  return {
    formula: `${period} + ${reply} − rttMs / 2`,
    derivation: `At worst the fault just lets the last pong go; the next ping leaves ${period} after the one it answers${
      others ? ' (another mechanism asked for that pong, up to a round trip before this ping)' : ''
    }, and replyTimeoutMs later the verdict falls. At best the ping was already under way.`,
  };
}

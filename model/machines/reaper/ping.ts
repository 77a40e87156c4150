/**
 * Ping with a reply timer. Two parts: when the next ping goes out, and what is known about the answer.
 *
 * The reply timer runs from the oldest ping that has no answer: a later ping does not restart it, else a
 * cadence shorter than the patience would never judge. A sign of life answers every ping that is out,
 * also one that the send path has not taken yet.
 */
import type { PingMechanism } from '../../policy/types.ts';
import { lifeMask } from './vocabulary.ts';
import { cadence, verdict } from './parts.ts';
import type { ReaperSetup } from './setup.ts';

export function pingRegion(reaper: ReaperSetup, ping: PingMechanism, mechanism: number) {
  return reaper.createStateConfig({
    type: 'parallel',
    states: {
      clock: clock(reaper, ping, mechanism),
      answer: answer(reaper, ping, mechanism),
    },
  });
}

/** When to ping. */
function clock(reaper: ReaperSetup, ping: PingMechanism, mechanism: number) {
  if (ping.after === 'last-ping') return cadence(reaper, mechanism);
  const pause = `pause.${mechanism}` as const;
  const tick = reaper.raise({ type: `tick.${mechanism}` });
  if (ping.after === 'last-received') {
    // Any byte puts the ping off; so does a ping, which gets its own pause.
    return reaper.createStateConfig({
      initial: 'pausing',
      states: {
        pausing: {
          on: { RECEIVED: { target: 'pausing', reenter: true } },
          after: { [pause]: { target: 'pausing', reenter: true, actions: tick } },
        },
      },
    });
  }
  return reaper.createStateConfig({
    initial: 'pausing',
    states: {
      pausing: { after: { [pause]: { target: 'pinged', actions: tick } } },
      pinged: { on: { [`answered.${mechanism}`]: 'pausing' } },
    },
  });
}

/** What the ping has come to. */
function answer(reaper: ReaperSetup, ping: PingMechanism, mechanism: number) {
  const tick = `tick.${mechanism}` as const;
  const sendPing = { type: 'ping', params: { mechanism } } as const;
  const answered = {
    guard: { type: 'isLife', params: { lifeMask: lifeMask(ping.life) } },
    target: 'quiet',
    actions: ping.after === 'last-reply' ? [reaper.raise({ type: `answered.${mechanism}` })] : [],
  } as const;
  const pinged = { target: statePinged(ping), actions: sendPing } as const;
  const pingsAgain = { actions: sendPing } as const;
  const quiet = { on: { [tick]: pinged } };
  // Nobody counts: no patience, or its verdict is lost. Another ping starts another patience.
  const unanswered = { on: { [tick]: pinged, RECEIVED: answered } };
  if (ping.replyTimeoutMs === null) {
    return reaper.createStateConfig({ initial: 'quiet', states: { quiet, unanswered } });
  }
  const waiting = {
    on: { [tick]: pingsAgain, RECEIVED: answered },
    after: {
      [`reply.${mechanism}`]: ping.lost === 'verdict' ? 'unanswered' : verdict('reap', mechanism),
    },
  };
  const unwritten = {
    on: { [tick]: pingsAgain, PING_WRITTEN: 'waiting', RECEIVED: answered },
  };
  return reaper.createStateConfig({
    initial: 'quiet',
    states: {
      quiet,
      ...(ping.replyClock === 'written' ? { unwritten } : {}),
      waiting,
      ...(ping.lost === 'verdict' ? { unanswered } : {}),
    },
  });
}

function statePinged(ping: PingMechanism): 'unanswered' | 'unwritten' | 'waiting' {
  if (ping.replyTimeoutMs === null) return 'unanswered';
  return ping.replyClock === 'written' ? 'unwritten' : 'waiting';
}

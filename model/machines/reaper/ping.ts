/**
 * Ping with a reply timer. Two parts: when the next ping goes out, and what is known about the answer.
 *
 * The reply timer runs from the oldest ping that has no answer: a later ping does not restart it, else a
 * cadence shorter than the patience would never judge. A sign of life answers every ping that is out,
 * also one that the send path has not taken yet.
 */
import { assertNever } from '../../assert.ts';
import type { PingMechanism } from '../../policy/types.ts';
import { hasFirst } from './clocks.ts';
import { cadence, onLife, pingOut, verdict } from './parts.ts';
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
  switch (ping.after) {
    case 'last-ping':
      return cadence(reaper, mechanism);
    case 'last-reply':
      return afterReply(reaper, ping, mechanism);
    case 'last-received':
      return afterSign(reaper, ping, mechanism, (putsOff) => ({ RECEIVED: putsOff }));
    case 'last-life':
      return afterSign(reaper, ping, mechanism, (putsOff) => onLife(ping.life, putsOff));
    default:
      return assertNever(ping.after, 'after');
  }
}

/** The pause begins anew. */
interface PutsOff {
  readonly target: 'first' | 'pausing';
  readonly reenter: true;
}
type SignTransitions = Partial<ReturnType<typeof onLife<PutsOff>>> | { RECEIVED: PutsOff };

/** A sign puts the ping off; so does a ping, which gets its own pause. */
function afterSign(
  reaper: ReaperSetup,
  ping: PingMechanism,
  mechanism: number,
  onSign: (putsOff: PutsOff) => SignTransitions,
) {
  const pings = {
    target: 'pausing',
    reenter: true,
    actions: reaper.raise({ type: `tick.${mechanism}` }),
  } as const;
  const pausing = {
    on: onSign({ target: 'pausing', reenter: true }),
    after: { [`pause.${mechanism}`]: pings },
  } as const;
  if (!hasFirst(ping)) {
    return reaper.createStateConfig({ initial: 'pausing', states: { pausing } });
  }
  return reaper.createStateConfig({
    initial: 'first',
    states: {
      // Until a first ping has gone out, its own time holds.
      first: {
        on: onSign({ target: 'first', reenter: true }),
        after: { [`first.${mechanism}`]: pings },
      },
      pausing,
    },
  });
}

/** The pause begins when the ping before is answered. */
function afterReply(reaper: ReaperSetup, ping: PingMechanism, mechanism: number) {
  const pings = {
    target: 'pinged',
    actions: reaper.raise({ type: `tick.${mechanism}` }),
  } as const;
  const pausing = { after: { [`pause.${mechanism}`]: pings } } as const;
  const pinged = { on: { [`answered.${mechanism}`]: 'pausing' } } as const;
  if (!hasFirst(ping)) {
    return reaper.createStateConfig({ initial: 'pausing', states: { pausing, pinged } });
  }
  const first = { after: { [`first.${mechanism}`]: pings } } as const;
  return reaper.createStateConfig({ initial: 'first', states: { first, pausing, pinged } });
}

/** What the ping has come to. */
function answer(reaper: ReaperSetup, ping: PingMechanism, mechanism: number) {
  const tick = `tick.${mechanism}` as const;
  const actions = pingOut(reaper, mechanism);
  const answered = onLife(ping.life, {
    target: 'quiet',
    actions: ping.after === 'last-reply' ? [reaper.raise({ type: `answered.${mechanism}` })] : [],
  } as const);
  const pinged = { target: statePinged(ping), actions } as const;
  const pingsAgain = { actions } as const;
  const quiet = { on: { [tick]: pinged } };
  // Nobody counts: no patience, or its verdict is lost. Another ping starts another patience.
  const unanswered = { on: { [tick]: pinged, ...answered } };
  if (ping.replyTimeoutMs === null) {
    return reaper.createStateConfig({ initial: 'quiet', states: { quiet, unanswered } });
  }
  const waiting = {
    on: { [tick]: pingsAgain, ...answered },
    after: {
      [`reply.${mechanism}`]: ping.lost === 'verdict' ? 'unanswered' : verdict('reap', mechanism),
    },
  };
  const unwritten = {
    on: { [tick]: pingsAgain, PING_WRITTEN: 'waiting', ...answered },
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

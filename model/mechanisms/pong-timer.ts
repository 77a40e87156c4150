/**
 * Patience with the pings that other mechanisms of the policy send. It runs from the oldest ping that has no
 * answer; a sign of life answers all that are out.
 */
import type { PongTimerMechanism } from '../policy/types.ts';
import type { MechanismKind } from './kind.ts';
import { lifeMask } from './region/life.ts';
import { onLife, verdict } from './region/parts.ts';
import type { ReaperSetup } from './region/setup.ts';
import { anyOf } from './signs.ts';

const PICTURED: PongTimerMechanism = {
  kind: 'pong-timer',
  timeoutMs: 10_000,
  replyClock: 'enqueued',
  life: ['pong'],
};

export const pongTimer: MechanismKind<'pong-timer'> = {
  carrier: 'loop',
  ends: 'the-dead',
  goesOnWithoutVerdict: false,
  showsWhenLost: false,
  region: pongTimerRegion,
  clocksMs: ({ timeoutMs }) => ({ reply: timeoutMs }),
  lifeMask: ({ life }) => lifeMask(life),
  signs: ({ life }) => life,
  asks: () => null,
  endsTheQuiet: () => false,
  patienceMs: ({ timeoutMs }) => timeoutMs,
  lastStrikeMs: ({ timeoutMs }) => timeoutMs,
  waitingFor: (one, leastMs) => ({ ...one, timeoutMs: Math.max(one.timeoutMs, leastMs) }),
  cycles: () => [],
  brief: () => 'pong timer: no reply in time',
  verdict: ({ life, timeoutMs }) => `no ${anyOf(life)} within ${timeoutMs} ms of a ping`,
  needs: () => [],
  linuxOnly: () => undefined,
  pictures: [
    { title: 'Pong timer for the pings of others', mechanism: PICTURED },
    {
      title: 'Pong timer, patience from when the ping was written',
      mechanism: { ...PICTURED, replyClock: 'written' },
    },
  ],
};

function pongTimerRegion(reaper: ReaperSetup, timer: PongTimerMechanism, mechanism: number) {
  const answered = onLife(timer.life, { target: 'quiet' });
  const written = timer.replyClock === 'written';
  return reaper.createStateConfig({
    initial: 'quiet',
    states: {
      quiet: { on: { PING_SENT: written ? 'unwritten' : 'waiting' } },
      ...(written ? { unwritten: { on: { PING_WRITTEN: 'waiting', ...answered } } } : {}),
      waiting: {
        on: answered,
        after: { [`reply.${mechanism}`]: verdict('reap', mechanism) },
      },
    },
  });
}

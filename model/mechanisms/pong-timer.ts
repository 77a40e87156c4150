/**
 * Patience with the pings that other mechanisms of the policy send. It runs from the oldest ping that has no
 * answer; a sign of life answers all that are out.
 */
import { duration, variant, withDefault, type Canonical } from '../schema/words.ts';
import { life, lost, replyClock, verdict } from './fields.ts';
import type { MechanismKind } from './kind.ts';
import type { RegionConfig } from './region/chart.ts';
import { lifeMask } from './region/life.ts';
import { onLife, decides } from './region/parts.ts';
import { anyOf } from './signs.ts';

const schema = variant('pong-timer', "Patience with the pings of the policy's other mechanisms.", {
  timeoutMs: duration('Patience, from the oldest unanswered ping of any mechanism.'),
  replyClock,
  life: withDefault(life('What counts as the answer.'), ['pong']),
  verdict,
  lost,
});

/** Patience with the pings that the policy's other mechanisms send: no ping of its own. */
export interface PongTimerMechanism extends Canonical<typeof schema> {}

const PICTURED: PongTimerMechanism = {
  kind: 'pong-timer',
  timeoutMs: 10_000,
  replyClock: 'enqueued',
  life: ['pong'],
};

export const pongTimer: MechanismKind<typeof schema> = {
  schema,
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
  waits: ({ timeoutMs }) => ({
    ms: timeoutMs,
    field: 'timeoutMs',
    by: 'pong timer',
    asks: 'all-pings',
  }),
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

function pongTimerRegion(timer: PongTimerMechanism, mechanism: number): RegionConfig {
  const answered = onLife(timer.life, { target: 'quiet' });
  const written = timer.replyClock === 'written';
  return {
    initial: 'quiet',
    states: {
      quiet: { on: { PING_SENT: written ? 'unwritten' : 'waiting' } },
      ...(written ? { unwritten: { on: { PING_WRITTEN: 'waiting', ...answered } } } : {}),
      waiting: {
        on: answered,
        after: { [`reply.${mechanism}`]: decides('reap', mechanism) },
      },
    },
  };
}

/** A deadline that stands from the opening on, and that every sign of life puts off. */
import { duration, variant, withDefault, type Canonical } from '../schema/words.ts';
import { granularity, life, lost, verdict } from './fields.ts';
import { coarseTimer, roundedClock, tickMs } from './granularity.ts';
import type { MechanismKind } from './kind.ts';
import type { RegionConfig } from './region/chart.ts';
import { lifeMask } from './region/life.ts';
import { onLife, decides } from './region/parts.ts';
import { anyOf } from './signs.ts';

const schema = variant('receive-deadline', 'A deadline that every sign of life puts off.', {
  timeoutMs: duration('Time without a sign of life.'),
  life: withDefault(life('What puts the deadline off.'), ['any-byte']),
  granularity,
  verdict,
  lost,
});

/** A deadline that every sign of life puts off, from the opening on. */
export interface ReceiveDeadlineMechanism extends Canonical<typeof schema> {}

export const receiveDeadline: MechanismKind<typeof schema> = {
  schema,
  carrier: 'loop',
  ends: 'the-dead',
  goesOnWithoutVerdict: false,
  showsWhenLost: false,
  region: receiveDeadlineRegion,
  clocksMs: ({ timeoutMs }) => ({ deadline: timeoutMs }),
  lifeMask: ({ life }) => lifeMask(life),
  signs: ({ life }) => life,
  asks: () => null,
  endsTheQuiet: () => true,
  waits: ({ timeoutMs, granularity }) => ({
    ms: roundedClock(timeoutMs, granularity).minMs,
    field: 'timeoutMs',
    by: 'receive deadline',
    asks: 'nobody',
  }),
  patienceMs: (one) => one.timeoutMs + tickMs(one),
  lastStrikeMs: (one) => receiveDeadline.patienceMs(one),
  waitingFor: (one, leastMs) => ({ ...one, timeoutMs: Math.max(one.timeoutMs, leastMs) }),
  cycles: coarseTimer,
  brief: () => 'receive deadline: no sign of life in time',
  verdict: ({ life, timeoutMs }) => `no ${anyOf(life)} for ${timeoutMs} ms`,
  needs: () => [],
  linuxOnly: () => undefined,
  pictures: [
    {
      title: 'Receive deadline',
      mechanism: {
        kind: 'receive-deadline',
        timeoutMs: 60_000,
        life: ['any-byte', 'send-accepted'],
      },
    },
  ],
};

function receiveDeadlineRegion(
  deadline: ReceiveDeadlineMechanism,
  mechanism: number,
): RegionConfig {
  return {
    initial: 'counting',
    states: {
      counting: {
        on: onLife(deadline.life, { target: 'counting', reenter: true }),
        after: { [`deadline.${mechanism}`]: decides('reap', mechanism) },
      },
    },
  };
}

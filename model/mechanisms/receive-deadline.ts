/** A deadline that stands from the opening on, and that every sign of life puts off. */
import type { ReceiveDeadlineMechanism } from '../policy/types.ts';
import { coarseTimer, tickMs } from './granularity.ts';
import type { MechanismKind } from './kind.ts';
import { lifeMask } from './region/life.ts';
import { onLife, verdict } from './region/parts.ts';
import type { ReaperSetup } from './region/setup.ts';
import { anyOf } from './signs.ts';

export const receiveDeadline: MechanismKind<'receive-deadline'> = {
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
  reaper: ReaperSetup,
  deadline: ReceiveDeadlineMechanism,
  mechanism: number,
) {
  return reaper.createStateConfig({
    initial: 'counting',
    states: {
      counting: {
        on: onLife(deadline.life, { target: 'counting', reenter: true }),
        after: { [`deadline.${mechanism}`]: verdict('reap', mechanism) },
      },
    },
  });
}

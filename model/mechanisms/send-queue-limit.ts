/**
 * A limit on what user space holds for one connection, judged only by looks, every `everyMs`.
 *
 * A look that finds more than the hard limit reaps. The first look that finds more than the soft limit starts
 * its grace, a look that finds less ends it, and the first look at which it is over reaps.
 */
import type { SendQueueLimitMechanism } from '../policy/types.ts';
import type { MechanismKind } from './kind.ts';
import { everyMs } from './region/clocks.ts';
import { cadence, verdict } from './region/parts.ts';
import type { ReaperSetup } from './region/setup.ts';

export const sendQueueLimit: MechanismKind<'send-queue-limit'> = {
  carrier: 'loop',
  ends: 'the-dead',
  judgesClosing: true,
  goesOnWithoutVerdict: true,
  showsWhenLost: false,
  region: sendQueueLimitRegion,
  clocksMs: (one) => ({ ...everyMs(one), grace: one.softForMs }),
  samples: () => 'user-queue',
  looksEveryMs: (one) => one.everyMs,
  limits: ({ softBytes, hardBytes }) => ({ softBytes, hardBytes }),
  lifeMask: () => 0,
  signs: () => [],
  asks: () => null,
  endsTheQuiet: () => false,
  patienceMs: (one) => one.softForMs + one.everyMs,
  lastStrikeMs: (one) => sendQueueLimit.patienceMs(one),
  waitingFor: (one) => one,
  cycles: (one) => [{ everyMs: one.everyMs, clock: 'connection', what: one.kind, speaks: false }],
  brief: () => 'send queue limit: too much waits to be sent',
  verdict: () => 'user space holds more than the limit for one connection',
  needs: () => [],
  linuxOnly: () => undefined,
  pictures: [
    {
      title: 'Send queue limit',
      mechanism: {
        kind: 'send-queue-limit',
        hardBytes: 33_554_432,
        softBytes: 8_388_608,
        softForMs: 60_000,
        everyMs: 1_000,
      },
    },
  ],
};

function sendQueueLimitRegion(
  reaper: ReaperSetup,
  limit: SendQueueLimitMechanism,
  mechanism: number,
) {
  const params = { mechanism };
  const judges = limit.lost !== 'verdict';
  const tooMuch = judges
    ? [{ guard: { type: 'overHard', params }, ...verdict('reap', mechanism) } as const]
    : [];
  const tooLong = judges
    ? [{ guard: { type: 'overSoft', params }, ...verdict('reap', mechanism) } as const]
    : [];
  const looks = { actions: { type: 'sample', params } } as const;
  const over = { guard: { type: 'overSoft', params }, target: 'over' } as const;
  const within = { guard: { type: 'withinSoft', params }, target: 'within' } as const;
  return reaper.createStateConfig({
    type: 'parallel',
    states: {
      cadence: cadence(reaper, mechanism),
      queue: {
        initial: 'within',
        on: { [`tick.${mechanism}`]: looks },
        states: {
          within: { on: { SAMPLED: [...tooMuch, over] } },
          over: {
            on: { SAMPLED: [...tooMuch, within] },
            after: { [`grace.${mechanism}`]: 'overdue' },
          },
          overdue: { on: { SAMPLED: [...tooMuch, within, ...tooLong] } },
        },
      },
    },
  });
}

/**
 * A limit on what user space holds for one connection, judged only by looks, every `everyMs`.
 *
 * A look that finds more than the hard limit reaps. The first look that finds more than the soft limit starts
 * its grace, a look that finds less ends it, and the first look at which it is over reaps.
 */
import { duration, nullable, variant, withDefault, type Canonical } from '../schema/words.ts';
import { lost, queueBytes, verdict } from './fields.ts';
import type { MechanismKind } from './kind.ts';
import type { RegionConfig } from './region/chart.ts';
import { everyMs } from './region/clocks.ts';
import { cadence, decides } from './region/parts.ts';

const limitBytes = (description: string) =>
  nullable(queueBytes(`${description}, bytes.`), 'no such limit');

const schema = variant(
  'send-queue-limit',
  'A limit on what user space may hold for one connection.',
  {
    /** More than this reaps at once; null = no such limit. */
    hardBytes: limitBytes('More than this in user space reaps at once'),
    /** More than this for `softForMs` reaps; null = no such limit. */
    softBytes: withDefault(limitBytes('More than this for `softForMs` reaps'), null),
    softForMs: withDefault(duration('How long the soft limit may be exceeded.'), 60_000),
    everyMs: withDefault(duration('How often the queue is looked at.'), 1_000),
    verdict,
    lost,
  },
);

/** A limit on what user space may hold for one connection, looked at every `everyMs`. */
export interface SendQueueLimitMechanism extends Canonical<typeof schema> {}

export const sendQueueLimit: MechanismKind<typeof schema> = {
  schema,
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

function sendQueueLimitRegion(limit: SendQueueLimitMechanism, mechanism: number): RegionConfig {
  const params = { mechanism };
  const judges = limit.lost !== 'verdict';
  const tooMuch = judges
    ? [{ guard: { type: 'overHard', params }, ...decides('reap', mechanism) } as const]
    : [];
  const tooLong = judges
    ? [{ guard: { type: 'overSoft', params }, ...decides('reap', mechanism) } as const]
    : [];
  const looks = { actions: { type: 'sample', params } } as const;
  const over = { guard: { type: 'overSoft', params }, target: 'over' } as const;
  const within = { guard: { type: 'withinSoft', params }, target: 'within' } as const;
  return {
    type: 'parallel',
    states: {
      cadence: cadence(mechanism),
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
  };
}

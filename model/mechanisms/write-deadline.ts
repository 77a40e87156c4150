/**
 * A limit on how long user space may hold what the kernel does not take. The clock starts when it begins to hold
 * something and ends when it holds nothing: progress in between is none.
 *
 * Judged by a timer, or without one: then an overdue send path stays until somebody tries to send, and on a
 * connection on which nobody does, for ever. An attempt at the very instant of the deadline is still in time.
 */
import { choice, duration, variant, withDefault, type Canonical } from '../schema/words.ts';
import { granularity, lost, verdict } from './fields.ts';
import { coarseTimer, tickMs } from './granularity.ts';
import type { MechanismKind } from './kind.ts';
import { raise, type RegionConfig } from './region/chart.ts';
import { decides } from './region/parts.ts';

const schema = variant('write-deadline', 'A limit on how long the send path may be blocked.', {
  timeoutMs: duration('How long the send path may be blocked.'),
  /** `deadline`: a timer judges; `next-send`: only the next attempt to send looks at the clock. */
  judgedAt: withDefault(
    choice('Whether a timer judges, or only the next attempt to send.', ['deadline', 'next-send']),
    'deadline',
  ),
  granularity,
  verdict,
  lost,
});

/** A limit on how long the send path may be blocked: user space holds something the kernel does not take. */
export interface WriteDeadlineMechanism extends Canonical<typeof schema> {}

export const writeDeadline: MechanismKind<typeof schema> = {
  schema,
  carrier: 'write',
  ends: 'the-dead',
  judgesClosing: true,
  goesOnWithoutVerdict: false,
  showsWhenLost: false,
  hearsBlockedSends: true,
  region: writeDeadlineRegion,
  clocksMs: ({ judgedAt, timeoutMs }) =>
    judgedAt === 'deadline' ? { deadline: timeoutMs } : { grace: timeoutMs },
  lifeMask: () => 0,
  signs: () => [],
  asks: () => null,
  endsTheQuiet: () => false,
  patienceMs: (one) => one.timeoutMs + tickMs(one),
  lastStrikeMs: (one) => writeDeadline.patienceMs(one),
  waitingFor: (one) => one,
  cycles: coarseTimer,
  brief: () => 'write deadline: the send path stayed blocked',
  verdict: ({ timeoutMs }) => `the send path was blocked for ${timeoutMs} ms`,
  needs: () => [{ what: 'blocked-sends' }],
  linuxOnly: () => undefined,
  pictures: [
    {
      title: 'Write deadline, judged by a timer',
      mechanism: { kind: 'write-deadline', timeoutMs: 10_000, judgedAt: 'deadline' },
    },
    {
      title: 'Write deadline, judged by the next attempt to send',
      mechanism: { kind: 'write-deadline', timeoutMs: 10_000, judgedAt: 'next-send' },
    },
  ],
};

function writeDeadlineRegion(deadline: WriteDeadlineMechanism, mechanism: number): RegionConfig {
  const clear = { on: { SEND_BLOCKED: 'blocked' } } as const;
  const drained = { guard: { type: 'allDrained' }, target: 'clear' } as const;
  if (deadline.judgedAt === 'deadline') {
    return {
      initial: 'clear',
      states: {
        clear,
        blocked: {
          on: { SEND_DRAINED: drained },
          after: { [`deadline.${mechanism}`]: decides('reap', mechanism) },
        },
      },
    };
  }
  return {
    initial: 'clear',
    states: {
      clear,
      blocked: {
        on: { SEND_DRAINED: drained },
        after: { [`grace.${mechanism}`]: 'overdue' },
      },
      overdue: {
        on: {
          SEND_DRAINED: drained,
          // Other regions take the same event: the verdict follows it.
          MESSAGE_SENT: { actions: raise({ type: `judge.${mechanism}` }) },
          [`judge.${mechanism}`]: decides('reap', mechanism),
        },
      },
    },
  };
}

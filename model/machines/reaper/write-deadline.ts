/**
 * A limit on how long user space may hold what the kernel does not take. The clock starts when it begins to hold
 * something and ends when it holds nothing: progress in between is none.
 *
 * Judged by a timer, or without one: then an overdue send path stays until somebody tries to send, and on a
 * connection on which nobody does, for ever. An attempt at the very instant of the deadline is still in time.
 */
import type { WriteDeadlineMechanism } from '../../policy/types.ts';
import { verdict } from './parts.ts';
import type { ReaperSetup } from './setup.ts';

export function writeDeadlineRegion(
  reaper: ReaperSetup,
  deadline: WriteDeadlineMechanism,
  mechanism: number,
) {
  const clear = { on: { SEND_BLOCKED: 'blocked' } } as const;
  const drained = { guard: 'allDrained', target: 'clear' } as const;
  if (deadline.judgedAt === 'deadline') {
    return reaper.createStateConfig({
      initial: 'clear',
      states: {
        clear,
        blocked: {
          on: { SEND_DRAINED: drained },
          after: { [`deadline.${mechanism}`]: verdict('reap', mechanism) },
        },
      },
    });
  }
  return reaper.createStateConfig({
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
          MESSAGE_SENT: { actions: reaper.raise({ type: `judge.${mechanism}` }) },
          [`judge.${mechanism}`]: verdict('reap', mechanism),
        },
      },
    },
  });
}

/**
 * A limit on what user space holds for one connection, judged only by looks, every `everyMs`.
 *
 * A look that finds more than the hard limit reaps. The first look that finds more than the soft limit starts
 * its grace, a look that finds less ends it, and the first look at which it is over reaps.
 */
import type { SendQueueLimitMechanism } from '../../policy/types.ts';
import { cadence, verdict } from './parts.ts';
import type { ReaperSetup } from './setup.ts';

export function sendQueueLimitRegion(
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

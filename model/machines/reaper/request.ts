/**
 * Requests of ours and their answers. A deadline on the answer runs from the oldest request: a later one does
 * not restart it, any answer ends it. A check on borrowing sends a request of its own where nothing was read for a
 * while, and waits for the answer.
 */
import type { BorrowCheckMechanism } from '../../policy/types.ts';
import { verdict } from './parts.ts';
import type { ReaperSetup } from './setup.ts';

export function requestDeadlineRegion(reaper: ReaperSetup, mechanism: number) {
  return reaper.createStateConfig({
    initial: 'quiet',
    states: {
      quiet: { on: { REQUESTED: 'waiting' } },
      waiting: {
        on: { REPLIED: 'quiet' },
        after: { [`reply.${mechanism}`]: verdict('reap', mechanism) },
      },
    },
  });
}

export function borrowCheckRegion(
  reaper: ReaperSetup,
  check: BorrowCheckMechanism,
  mechanism: number,
) {
  const tests = { target: 'testing', actions: { type: 'test', params: { mechanism } } } as const;
  const reaps =
    check.lost === 'verdict'
      ? {}
      : { after: { [`reply.${mechanism}`]: verdict('reap', mechanism) } };
  if (check.freshMs === 0) {
    return reaper.createStateConfig({
      initial: 'stale',
      states: {
        stale: { on: { BORROWED: tests } },
        testing: { on: { REPLIED: 'stale' }, ...reaps },
      },
    });
  }
  // An entry that has just been opened is as good as one that has just answered.
  return reaper.createStateConfig({
    initial: 'fresh',
    states: {
      fresh: {
        on: { RECEIVED: { target: 'fresh', reenter: true } },
        after: { [`fresh.${mechanism}`]: 'stale' },
      },
      stale: { on: { RECEIVED: 'fresh', BORROWED: tests } },
      testing: { on: { REPLIED: 'fresh' }, ...reaps },
    },
  });
}

/**
 * How long the answer to a request of ours is awaited. The clock runs from the oldest request: a later one does not
 * restart it, any answer ends it.
 */
import type { RequestDeadlineMechanism } from '../policy/types.ts';
import type { MechanismKind } from './kind.ts';
import { verdict } from './region/parts.ts';
import type { ReaperSetup } from './region/setup.ts';

export const requestDeadline: MechanismKind<'request-deadline'> = {
  carrier: 'loop',
  ends: 'the-dead',
  goesOnWithoutVerdict: false,
  showsWhenLost: false,
  region: requestDeadlineRegion,
  clocksMs: ({ timeoutMs }) => ({ reply: timeoutMs }),
  lifeMask: () => 0,
  signs: () => [],
  asks: () => null,
  endsTheQuiet: () => false,
  patienceMs: ({ timeoutMs }) => timeoutMs,
  lastStrikeMs: ({ timeoutMs }) => timeoutMs,
  waitingFor: (one) => one,
  cycles: () => [],
  brief: () => 'request deadline: no answer in time',
  verdict: ({ timeoutMs }) => `no answer within ${timeoutMs} ms of a request`,
  needs: () => [{ what: 'requests' }],
  linuxOnly: () => undefined,
  pictures: [
    { title: 'Request deadline', mechanism: { kind: 'request-deadline', timeoutMs: 30_000 } },
  ],
};

function requestDeadlineRegion(
  reaper: ReaperSetup,
  _deadline: RequestDeadlineMechanism,
  mechanism: number,
) {
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

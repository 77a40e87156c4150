/**
 * How long the answer to a request of ours is awaited. The clock runs from the oldest request: a later one does not
 * restart it, any answer ends it.
 */
import { duration, variant, type Canonical } from '../schema/words.ts';
import { lost, verdict } from './fields.ts';
import type { MechanismKind } from './kind.ts';
import type { RegionConfig } from './region/chart.ts';
import { decides } from './region/parts.ts';

const schema = variant('request-deadline', 'How long the answer to a request of ours is awaited.', {
  timeoutMs: duration('How long the answer to a request of ours is awaited.'),
  verdict,
  lost,
});

/** How long the answer to a request of ours is awaited (statement timeout, socket timeout). */
export interface RequestDeadlineMechanism extends Canonical<typeof schema> {}

export const requestDeadline: MechanismKind<typeof schema> = {
  schema,
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
  _deadline: RequestDeadlineMechanism,
  mechanism: number,
): RegionConfig {
  return {
    initial: 'quiet',
    states: {
      quiet: { on: { REQUESTED: 'waiting' } },
      waiting: {
        on: { REPLIED: 'quiet' },
        after: { [`reply.${mechanism}`]: decides('reap', mechanism) },
      },
    },
  };
}

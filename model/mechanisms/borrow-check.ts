/**
 * A pool tests an entry before it lends it: a request of its own where nothing was read for a while, and patience
 * for the answer.
 */
import { duration, variant, withDefault, type Canonical } from '../schema/words.ts';
import { lost, verdict } from './fields.ts';
import type { MechanismKind } from './kind.ts';
import type { RegionConfig } from './region/chart.ts';
import { decides } from './region/parts.ts';

const schema = variant('borrow-check', 'A pool tests an entry before it lends it.', {
  timeoutMs: duration('Patience for the answer to the test.'),
  freshMs: withDefault(duration('An entry used so recently is lent untested.', { minMs: 0 }), 0),
  verdict,
  lost,
});

/** A pool tests an entry before it lends it: a request of its own, and patience for the answer. */
export interface BorrowCheckMechanism extends Canonical<typeof schema> {}

export const borrowCheck: MechanismKind<typeof schema> = {
  schema,
  carrier: 'loop',
  ends: 'the-dead',
  goesOnWithoutVerdict: true,
  showsWhenLost: false,
  region: borrowCheckRegion,
  clocksMs: ({ freshMs, timeoutMs }) => ({ fresh: freshMs, reply: timeoutMs }),
  lifeMask: () => 0,
  signs: () => [],
  asks: () => null,
  endsTheQuiet: () => false,
  patienceMs: ({ timeoutMs }) => timeoutMs,
  lastStrikeMs: ({ timeoutMs, freshMs }) => timeoutMs + freshMs,
  waitingFor: (one) => one,
  cycles: () => [],
  brief: () => 'borrow check: no answer to the test in time',
  verdict: ({ timeoutMs }) => `no answer within ${timeoutMs} ms of a test`,
  needs: () => [{ what: 'requests' }],
  linuxOnly: () => undefined,
  pictures: [
    {
      title: 'Borrow check',
      mechanism: { kind: 'borrow-check', timeoutMs: 5_000, freshMs: 500 },
    },
  ],
};

function borrowCheckRegion(check: BorrowCheckMechanism, mechanism: number): RegionConfig {
  const tests = { target: 'testing', actions: { type: 'test', params: { mechanism } } } as const;
  const reaps =
    check.lost === 'verdict'
      ? {}
      : { after: { [`reply.${mechanism}`]: decides('reap', mechanism) } };
  if (check.freshMs === 0) {
    return {
      initial: 'stale',
      states: {
        stale: { on: { BORROWED: tests } },
        testing: { on: { REPLIED: 'stale' }, ...reaps },
      },
    };
  }
  // An entry that has just been opened is as good as one that has just answered.
  return {
    initial: 'fresh',
    states: {
      fresh: {
        on: { RECEIVED: { target: 'fresh', reenter: true } },
        after: { [`fresh.${mechanism}`]: 'stale' },
      },
      stale: { on: { RECEIVED: 'fresh', BORROWED: tests } },
      testing: { on: { REPLIED: 'fresh' }, ...reaps },
    },
  };
}

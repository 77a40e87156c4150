/** Reaps a socket that a look, every `everyMs`, finds in another TCP state than ESTABLISHED. */
import { duration, variant, withDefault, type Canonical } from '../schema/words.ts';
import { lost, verdict } from './fields.ts';
import type { MechanismKind } from './kind.ts';
import type { RegionConfig } from './region/chart.ts';
import { everyMs } from './region/clocks.ts';
import { cadence, decides } from './region/parts.ts';

const schema = variant('peer-closed', 'Reaps a socket whose TCP state is no longer ESTABLISHED.', {
  everyMs: withDefault(duration('How often the TCP state is looked at.'), 1_000),
  verdict,
  lost,
});

/** Reaps a socket whose TCP state is no longer ESTABLISHED, looked at every `everyMs`. */
export interface PeerClosedMechanism extends Canonical<typeof schema> {}

export const peerClosed: MechanismKind<typeof schema> = {
  schema,
  carrier: 'watchdog',
  ends: 'the-dead',
  judgesClosing: true,
  goesOnWithoutVerdict: true,
  showsWhenLost: false,
  region: peerClosedRegion,
  clocksMs: everyMs,
  samples: () => 'established',
  looksEveryMs: (one) => one.everyMs,
  lifeMask: () => 0,
  signs: () => [],
  asks: () => null,
  endsTheQuiet: () => false,
  patienceMs: (one) => one.everyMs,
  lastStrikeMs: (one) => one.everyMs,
  waitingFor: (one) => one,
  cycles: (one) => [{ everyMs: one.everyMs, clock: 'connection', what: one.kind, speaks: false }],
  brief: () => 'peer closed: no longer ESTABLISHED',
  verdict: () => 'the TCP state is no longer ESTABLISHED',
  needs: () => [{ what: 'socket-state' }],
  linuxOnly: () => 'the state of a socket is read by TCP_INFO of Linux',
  pictures: [{ title: 'Peer closed', mechanism: { kind: 'peer-closed', everyMs: 1_000 } }],
};

function peerClosedRegion(closed: PeerClosedMechanism, mechanism: number): RegionConfig {
  const params = { mechanism };
  const reaps = {
    SAMPLED: { guard: { type: 'notEstablished', params }, ...decides('reap', mechanism) },
  } as const;
  return {
    type: 'parallel',
    states: {
      cadence: cadence(mechanism),
      state: {
        initial: 'watched',
        states: {
          watched: {
            on: {
              [`tick.${mechanism}`]: { actions: { type: 'sample', params } },
              ...(closed.lost === 'verdict' ? {} : reaps),
            },
          },
        },
      },
    },
  };
}

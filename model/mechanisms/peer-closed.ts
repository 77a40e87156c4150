/** Reaps a socket that a look, every `everyMs`, finds in another TCP state than ESTABLISHED. */
import type { PeerClosedMechanism } from '../policy/types.ts';
import type { MechanismKind } from './kind.ts';
import { everyMs } from './region/clocks.ts';
import { cadence, verdict } from './region/parts.ts';
import type { ReaperSetup } from './region/setup.ts';

export const peerClosed: MechanismKind<'peer-closed'> = {
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

function peerClosedRegion(reaper: ReaperSetup, closed: PeerClosedMechanism, mechanism: number) {
  const params = { mechanism };
  const reaps = {
    SAMPLED: { guard: { type: 'notEstablished', params }, ...verdict('reap', mechanism) },
  } as const;
  return reaper.createStateConfig({
    type: 'parallel',
    states: {
      cadence: cadence(reaper, mechanism),
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
  });
}

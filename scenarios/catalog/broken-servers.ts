/** Faults of the server's own, which it does not know of: which policies survive the loss of a part? */
import { defineScenario } from '../../model/scenario/index.ts';
import { busy } from './settings.ts';

const vanish = { kind: 'vanish', direction: 'both' } as const;
const SOURCE =
  'A chat server in production: two ghosts stood for a week because its sweep did not act';

export const brokenServerScenarios = [
  ...(['idle', 'busy'] as const).flatMap((load) => [
    defineScenario({
      kind: 'fault',
      name: `reaper-stopped-${load}`,
      title: `The peer vanishes from a server whose reaper's timers have died; ${load === 'idle' ? 'nobody was sending' : 'it sends 1 KiB every 500 ms'}`,
      claim: 'A reaper that was started runs.',
      truth:
        'One exception in its callback, one timer cleared twice, and it does not. What the kernel does goes on, and so does a watchdog outside the process.',
      source: SOURCE,
      tags: ['fault', 'vanish', 'broken-server', load],
      reaches: load === 'idle' ? 'nothing-in-flight' : 'retransmitting',
      load: load === 'idle' ? { kind: 'idle' } : busy,
      server: { broken: { kind: 'reaper-stopped' } },
      fault: vanish,
    }),
    defineScenario({
      kind: 'fault',
      name: `connection-missed-${load}`,
      title: `The peer vanishes from a server whose reaper skips this connection; ${load === 'idle' ? 'nobody was sending' : 'it sends 1 KiB every 500 ms'}`,
      claim: 'The sweep visits every connection.',
      truth:
        'Every one in its list. One that is missing there is pinged, perhaps, and never judged: what its unanswered ping leaves in flight is up to the kernel.',
      source: SOURCE,
      tags: ['fault', 'vanish', 'broken-server', load],
      reaches: load === 'idle' ? 'nothing-in-flight' : 'retransmitting',
      load: load === 'idle' ? { kind: 'idle' } : busy,
      server: { broken: { kind: 'connection-missed' } },
      fault: vanish,
    }),
  ]),
  defineScenario({
    kind: 'fault',
    name: 'loop-stalled',
    title: 'The peer vanishes, and the event loop of the server stalls for 60 s at the same time',
    claim: 'A timer of 30 s goes off after 30 s.',
    truth:
      'It goes off when the loop runs again. Every bound that a process states for itself assumes that it runs.',
    source: 'bigbluebutton/bigbluebutton#10826; the event loop of Node.js, "Timers"',
    tags: ['fault', 'vanish', 'broken-server', 'idle'],
    reaches: 'event-loop-stalled',
    server: { broken: { kind: 'loop-stalled', lengthMs: '60s' } },
    fault: vanish,
  }),
];

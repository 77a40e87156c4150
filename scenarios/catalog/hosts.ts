/** The client's machine sleeps or moves: it lives, but not on this connection. */
import { defineScenario } from '../../model/scenario/index.ts';
import { busy } from './settings.ts';

const SLEEP_SOURCE = 'A laptop whose lid is closed; clock_gettime(2), CLOCK_MONOTONIC';
const MOVE_SOURCE =
  'A phone that leaves Wi-Fi; RFC 9293 §3.4 (a connection is a pair of addresses)';

export const hostScenarios = [
  defineScenario({
    kind: 'fault',
    name: 'own-host-asleep-8h',
    title: 'The host of whoever judges sleeps for 8 hours, and its peer is gone meanwhile',
    claim: 'What was quiet for hours is found at once on waking.',
    truth:
      'Its clock stood while it slept (Linux, macOS): nothing is overdue, and all patience counts from waking.',
    source: `${SLEEP_SOURCE}; NousResearch/hermes-agent#95922`,
    tags: ['fault', 'sleep', 'laptop', 'idle'],
    reaches: 'nothing-in-flight',
    fault: { kind: 'own-host-sleep', lengthMs: '8h' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'own-host-asleep-8h-reset',
    title: 'The same, and the host of the peer resets whatever it gets',
    claim: 'It takes the patience of the heartbeat.',
    truth: 'The next thing that is sent is answered by a reset. Who sends nothing hears nothing.',
    source: 'RFC 9293 §3.5.2 (a reset for what belongs to no connection)',
    tags: ['fault', 'sleep', 'laptop', 'idle'],
    reaches: 'nothing-in-flight',
    fault: { kind: 'own-host-sleep', lengthMs: '8h', finds: 'reset' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'host-asleep-8h',
    title: "The client's laptop sleeps for 8 hours; nobody was sending",
    claim: 'It comes back and goes on.',
    truth:
      'So it does where nobody asked meanwhile, with a connection that the server may have forgotten hours ago.',
    source: SLEEP_SOURCE,
    tags: ['fault', 'sleep', 'laptop', 'idle'],
    reaches: 'nothing-in-flight',
    fault: { kind: 'host-sleep', lengthMs: '8h' },
    watchMs: '9h',
  }),
  defineScenario({
    kind: 'fault',
    name: 'host-asleep-8h-busy',
    title: "The client's laptop sleeps for 8 hours while the server sends 1 KiB every 500 ms",
    claim: 'The server holds what is due until the laptop is back.',
    truth: 'Its kernel gives up after tcp_retries2, a quarter of an hour.',
    source: SLEEP_SOURCE,
    tags: ['fault', 'sleep', 'laptop', 'busy'],
    reaches: 'retransmitting',
    load: busy,
    fault: { kind: 'host-sleep', lengthMs: '8h' },
    watchMs: '9h',
  }),
  defineScenario({
    kind: 'fault',
    name: 'network-change',
    title: 'The client gets another address and is back 3 s later; nobody was sending',
    claim: 'The new connection replaces the old one.',
    truth:
      'The server knows of two: the new session and a ghost, for as long as the reaper takes. Presence lists show both.',
    source: `${MOVE_SOURCE}; dotnet/aspnetcore#53488`,
    tags: ['fault', 'vanish', 'phone', 'idle', 'fleet'],
    reaches: 'two-sessions',
    fault: { kind: 'network-change', reconnectMs: '3s' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'network-change-busy',
    title: 'The client gets another address while the server sends 1 KiB every 500 ms',
    claim: 'What is sent to the old address comes back as an error.',
    truth: 'It vanishes. The same messages go to a ghost and to the session that replaced it.',
    source: MOVE_SOURCE,
    tags: ['fault', 'vanish', 'phone', 'busy', 'fleet'],
    reaches: 'two-sessions',
    load: busy,
    fault: { kind: 'network-change', reconnectMs: '3s' },
  }),
];

/**
 * A chat server with an alive flag per connection: every 30 s a connection whose flag is still false
 * is destroyed, else the flag is cleared and a ping sent. Later a 10 s pong timer per connection came
 * on top, and the sweep stayed as a backstop. Both were seen to fail silently, so both are here broken too.
 */
import { definePolicy } from '../parse.ts';

const SOURCE =
  'A chat server in production; the pattern of the README of websockets/ws@a2f4e7c0, "How to detect and close broken connections?"';

const sweep = {
  kind: 'sweep',
  intervalMs: '30s',
  timer: 'shared',
  ping: true,
  life: ['pong', 'message'],
} as const;

/** The pong timers' ping loop is a ping per connection of its own; it outlives the sweep. */
const pongTimer = {
  kind: 'ping',
  intervalMs: '30s',
  after: 'last-ping',
  replyTimeoutMs: '10s',
  replyClock: 'enqueued',
  life: ['pong'],
} as const;

export const aliveFlagSweepPresets = [
  definePolicy({
    name: 'alive-flag-sweep',
    title: 'Alive-flag sweep every 30 s, pong or message',
    claim: 'Finds a ghost within 30 s.',
    truth:
      'Takes up to 60 s: the first sweep after the fault still finds the flag of the pong before it; only the second one acts.',
    source: SOURCE,
    mechanisms: [sweep],
  }),
  definePolicy({
    name: 'alive-flag-sweep-lost',
    title: 'Alive-flag sweep whose timer has stopped',
    claim: 'The sweep is in the code, so ghosts are found.',
    truth:
      'Two ghosts stood for a week: nothing pings, nothing judges, and nothing says so. One mechanism alone is none once it is lost.',
    source: SOURCE,
    mechanisms: [{ ...sweep, lost: 'timer' }],
  }),
  definePolicy({
    name: 'sweep-and-pong-timer',
    title: '30 s sweep, and 10 s per connection from ping to pong',
    claim: 'Worst case 40 s.',
    truth:
      'True: the ping after the fault goes out within 30 s and its pong is missed 10 s later. The sweep alone would need up to 60 s; it is the backstop.',
    source: SOURCE,
    mechanisms: [sweep, pongTimer],
  }),
  definePolicy({
    name: 'sweep-lost-and-pong-timer',
    title: "The same, but the sweep's verdict is lost",
    claim: 'With its sweep broken the server keeps its ghosts.',
    truth: 'The pong timers still find every ghost within 40 s: this policy survives the loss.',
    source: SOURCE,
    mechanisms: [{ ...sweep, lost: 'verdict' }, pongTimer],
  }),
  definePolicy({
    name: 'chat-server',
    title: '30 s sweep, 10 s pong timer, TimeoutStopSec=15',
    claim: 'Ghosts are gone within 40 s, and a restart takes as long as its clients need.',
    truth:
      'Within 40 s while it runs. At SIGTERM a drain that waits for ghosts ends only when systemd sends SIGKILL, after 15 s.',
    source: `${SOURCE}; systemd.service(5), TimeoutStopSec=`,
    mechanisms: [sweep, pongTimer, { kind: 'drain', deadlineMs: '15s' }],
  }),
];

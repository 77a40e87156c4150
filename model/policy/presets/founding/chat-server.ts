/**
 * A chat server with an alive flag per connection: every 30 s a connection whose flag is still false
 * is destroyed, else the flag is cleared and a ping sent. Later a 10 s pong timer per connection came
 * on top, started by the sweep's ping, and the sweep stayed as a backstop. Both were seen to fail
 * silently, so both are here broken too.
 */
import { definePreset, type Preset } from '../definition.ts';
import { STOP_MS, time } from '../options.ts';
import { nodeNet } from '../runtimes/node.ts';

const SOURCE =
  'A chat server in production; the pattern of the README of websockets/ws@a2f4e7c0, "How to detect and close broken connections?"';

const ASSUMES = ['one timer for all connections, on one event loop that is not held up'];

const interval = time('30s', 'Time between two sweeps.', { bare: 'ms' });
const pongTimeout = time('10s', "From each sweep's ping to its pong.", { bare: 'ms' });

const sweep = (intervalMs: number) =>
  ({ kind: 'sweep', intervalMs, timer: 'shared', ping: true, life: ['pong', 'message'] }) as const;
const pongTimer = (timeoutMs: number) =>
  ({ kind: 'pong-timer', timeoutMs, life: ['pong'] }) as const;

export const chatServerPresets: readonly Preset[] = [
  definePreset({
    name: 'alive-flag-sweep',
    tags: ['founding', 'server'],
    title: 'Alive-flag sweep every 30 s, pong or message',
    claim: 'Finds a ghost within 30 s.',
    truth:
      'Takes up to 60 s: the first sweep after the fault still finds the flag of the pong before it; only the second one acts.',
    source: SOURCE,
    assumes: ASSUMES,
    runtime: nodeNet,
    options: { interval },
    mechanisms: (set) => [sweep(set.interval)],
  }),
  definePreset({
    name: 'alive-flag-sweep-lost',
    tags: ['founding', 'server'],
    title: 'Alive-flag sweep whose timer has stopped',
    claim: 'The sweep is in the code, so ghosts are found.',
    truth:
      'Two ghosts stood for a week: nothing pings, nothing judges, and nothing says so. One mechanism alone is none once it is lost.',
    source: SOURCE,
    assumes: ASSUMES,
    runtime: nodeNet,
    options: { interval },
    mechanisms: (set) => [{ ...sweep(set.interval), lost: 'timer' }],
  }),
  definePreset({
    name: 'sweep-and-pong-timer',
    tags: ['founding', 'server'],
    title: '30 s sweep, and 10 s per connection from ping to pong',
    claim: 'Worst case 40 s.',
    truth:
      'True: the ping after the fault goes out within 30 s and its pong is missed 10 s later. The sweep alone would need up to 60 s; it is the backstop.',
    source: SOURCE,
    assumes: ASSUMES,
    runtime: nodeNet,
    options: { interval, pongTimeout },
    mechanisms: (set) => [sweep(set.interval), pongTimer(set.pongTimeout)],
  }),
  definePreset({
    name: 'sweep-lost-and-pong-timer',
    tags: ['founding', 'server'],
    title: "The same, but the sweep's verdict is lost",
    claim: 'With its sweep broken the server keeps its ghosts.',
    truth: 'The pong timers still find every ghost within 40 s: this policy survives the loss.',
    source: SOURCE,
    assumes: ASSUMES,
    runtime: nodeNet,
    options: { interval, pongTimeout },
    mechanisms: (set) => [{ ...sweep(set.interval), lost: 'verdict' }, pongTimer(set.pongTimeout)],
  }),
  definePreset({
    name: 'chat-server',
    tags: ['founding', 'server'],
    title: '30 s sweep, 10 s pong timer, TimeoutStopSec=15',
    claim: 'Ghosts are gone within 40 s, and a restart takes as long as its clients need.',
    truth:
      'Within 40 s while it runs. At SIGTERM a drain that waits for ghosts ends only when systemd sends SIGKILL, after 15 s.',
    source: `${SOURCE}; systemd.service(5), TimeoutStopSec=`,
    assumes: ASSUMES,
    runtime: nodeNet,
    options: {
      interval,
      pongTimeout,
      TimeoutStopSec: time('15s', 'From SIGTERM to SIGKILL.', {
        bare: 's',
        minMs: 0,
        plausibleMs: STOP_MS,
      }),
    },
    mechanisms: (set) => [
      sweep(set.interval),
      pongTimer(set.pongTimeout),
      { kind: 'drain', deadlineMs: set.TimeoutStopSec },
    ],
  }),
];

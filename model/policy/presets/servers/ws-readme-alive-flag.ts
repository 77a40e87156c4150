/** The heartbeat that the README of `ws` recommends: one flag per connection, one timer for all. */
import { definePreset } from '../definition.ts';
import { time } from '../options.ts';
import { nodeNet } from '../runtimes/node.ts';

export const wsReadmeAliveFlag = definePreset({
  name: 'ws-readme-alive-flag',
  aliases: ['ws', 'ws-readme'],
  tags: ['server'],
  title: "The README of ws: setInterval 30 s, isAlive set by 'pong'",
  claim: 'Broken connections are closed after 30 s.',
  truth:
    'After 30 s to 60 s: a fault just behind a tick is seen false only at the second tick after it. Messages do not set the flag, so a client whose pong waits behind its own upload is terminated.',
  source: 'websockets/ws@a2f4e7c0, README.md, "How to detect and close broken connections?"',
  assumes: ['the example of the README runs; ws has no heartbeat of its own'],
  runtime: nodeNet,
  options: { interval: time('30s', 'setInterval of the sweep.', { bare: 'ms' }) },
  mechanisms: ({ interval }) => [
    { kind: 'sweep', intervalMs: interval, timer: 'shared', ping: true, life: ['pong'] },
  ],
});

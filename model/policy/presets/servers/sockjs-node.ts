/** sockjs-node over WebSocket: a ping, and a hard-coded 10 s for its pong. */
import { definePreset } from '../definition.ts';
import { time } from '../options.ts';
import { nodeNet } from '../runtimes/node.ts';

export const sockJsNode = definePreset({
  name: 'sockjs-node',
  aliases: ['sockjs'],
  tags: ['server'],
  title: 'sockjs-node: heartbeat_delay 25 s, 10 s for the pong',
  claim: 'A dead client is noticed after heartbeat_delay.',
  truth:
    '10 s to 35 s. The 10 s cannot be set and run from when the ping is queued: behind a message that takes longer to send, a living client is closed.',
  source: 'sockjs/sockjs-node, lib/trans-websocket.js; sockjs/sockjs-node#169',
  assumes: ['the WebSocket transport'],
  runtime: nodeNet,
  notModelled: ['a frame h instead of a ping where the WebSocket library has no pings'],
  options: { heartbeat_delay: time('25s', 'Time between two pings.', { bare: 'ms' }) },
  mechanisms: (set) => [
    {
      kind: 'ping',
      intervalMs: set.heartbeat_delay,
      after: 'last-ping',
      replyTimeoutMs: '10s',
      replyClock: 'enqueued',
      life: ['pong'],
      // close(3000, 'No response from heartbeat').
      verdict: 'close',
    },
  ],
});

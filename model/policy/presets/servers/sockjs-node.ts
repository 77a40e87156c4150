/** sockjs-node over WebSocket: a ping, and a hard-coded 10 s for its pong. */
import { definePreset } from '../definition.ts';
import { time } from '../options.ts';
import { nodeKeepAlive, nodeNet } from '../runtimes/node.ts';

export const sockJsNode = definePreset({
  name: 'sockjs-node',
  aliases: ['sockjs'],
  tags: ['server'],
  title: 'sockjs-node: heartbeat_delay 25 s, 10 s for the pong',
  claim: 'A dead client is noticed after heartbeat_delay.',
  truth:
    '10 s to 35 s by its own timers, and then up to 30 s for the closing handshake; but it also calls setKeepAlive(true, 5000), which Node makes 5 s and ten probes a second apart: a client that is gone and was quiet is found by the kernel after 15 s, unless a ping is on its way. The 10 s cannot be set and run from when the ping is queued: behind a message that takes longer to send, a living client is closed.',
  source:
    'sockjs/sockjs-node 0.3.24, lib/trans-websocket.js; faye/faye-websocket-node 0.11.4, lib/faye/websocket/api.js (CLOSE_TIMEOUT); sockjs/sockjs-node#169',
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
    nodeKeepAlive(5_000),
    { kind: 'close-handshake', timeoutMs: '30s' },
  ],
});

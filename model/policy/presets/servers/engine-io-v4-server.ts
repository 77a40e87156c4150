/** socket.io, whose heartbeat is engine.io's: the server pings since protocol version 4. */
import { definePreset } from '../definition.ts';
import { time } from '../options.ts';
import { nodeNet } from '../runtimes/node.ts';

export const engineIoV4Server = definePreset({
  name: 'engine.io-v4-server',
  aliases: ['socket.io', 'engine.io', 'socketio'],
  tags: ['server'],
  title: 'engine.io v4 server: pingInterval 25 s, pingTimeout 20 s',
  claim: 'A dead client is noticed after pingInterval + pingTimeout.',
  truth:
    'That is the worst case: 20 s to 45 s, and the descriptor stays up to 30 s longer, because the transport is closed, not terminated. The next ping is measured from the last pong, the 20 s run from when the ping is queued, and only a pong counts, so a slow reader with enough data ahead of the ping is reaped alive.',
  source: 'socketio/socket.io@d2d753fe, packages/engine.io/lib/socket.ts',
  assumes: ['protocol version 4 over a WebSocket of ws'],
  runtime: nodeNet,
  notModelled: [
    'between an upgrade from polling and the next pong no timer runs (clearTransport): a client that dies there is left to the kernel',
    'connectTimeout, 45 s to join a namespace',
  ],
  options: {
    pingInterval: time('25s', 'From a pong to the next ping.', { bare: 'ms' }),
    pingTimeout: time('20s', 'From a ping being queued to its pong.', { bare: 'ms' }),
  },
  mechanisms: ({ pingInterval, pingTimeout }) => [
    {
      kind: 'ping',
      intervalMs: pingInterval,
      after: 'last-reply',
      replyTimeoutMs: pingTimeout,
      replyClock: 'enqueued',
      life: ['pong'],
      answeredBy: 'application',
      verdict: 'close',
    },
    // The close timer of ws, under the transport.
    { kind: 'close-handshake', timeoutMs: '30s' },
  ],
});

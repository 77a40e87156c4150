/** engine.io's client: it knows the server's two times from the handshake and waits for both together. */
import { definePreset } from '../definition.ts';
import { time } from '../options.ts';
import { browser } from '../runtimes/others.ts';

export const engineIoV4Client = definePreset({
  name: 'engine.io-v4-client',
  aliases: ['socket.io-client', 'engine.io-client'],
  tags: ['client'],
  title: 'engine.io v4 client: 45 s after the last ping',
  claim: 'A dead server is noticed after pingTimeout.',
  truth:
    'After pingInterval + pingTimeout without a ping: 20 s to 45 s after it is gone. Data does not count.',
  source: 'socketio/socket.io@d2d753fe, packages/engine.io-client/lib/socket.ts',
  assumes: ['protocol version 4, where the server pings; the transport is a WebSocket'],
  runtime: browser,
  notModelled: [
    'since engine.io-client 6.6 the expiry is also checked against the wall clock before each send, which finds a suspended page sooner',
  ],
  options: {
    pingInterval: time('25s', 'The server pings so often.', { bare: 'ms' }),
    pingTimeout: time('20s', 'What comes on top.', { bare: 'ms' }),
  },
  mechanisms: ({ pingInterval, pingTimeout }) => [
    {
      kind: 'receive-deadline',
      timeoutMs: pingInterval + pingTimeout,
      life: ['ping'],
      verdict: 'close',
    },
  ],
  // A text frame with one character.
  peerHeartbeat: ({ pingInterval }) => ({ everyMs: pingInterval, sign: 'ping', bytes: 3 }),
});

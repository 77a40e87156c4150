/** socket.io, whose heartbeat is engine.io's: the server pings since protocol version 4. */
import { definePolicy } from '../parse.ts';

export const socketIoPresets = [
  definePolicy({
    name: 'socket.io',
    title: 'engine.io v4 server: pingInterval 25 s, pingTimeout 20 s',
    claim: 'A dead client is noticed after pingInterval + pingTimeout.',
    truth:
      'That is the worst case: 20 s to 45 s. The next ping is measured from the last pong, the 20 s run from when the ping is queued, and only a pong counts, so a slow reader with enough data ahead of the ping is reaped alive.',
    source: 'socketio/socket.io@d2d753fe, packages/engine.io/lib/socket.ts',
    mechanisms: [
      {
        kind: 'ping',
        intervalMs: '25s',
        after: 'last-reply',
        replyTimeoutMs: '20s',
        replyClock: 'enqueued',
        life: ['pong'],
      },
    ],
  }),
];

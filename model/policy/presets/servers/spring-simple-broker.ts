/** Spring's simple STOMP broker: three heartbeats of silence, found by a sweep. */
import { definePreset } from '../definition.ts';
import { time } from '../options.ts';
import { jvm } from '../runtimes/others.ts';

/** SimpleBrokerMessageHandler.HEARTBEAT_MULTIPLIER. */
const MULTIPLIER = 3;

export const springSimpleBroker = definePreset({
  name: 'spring-simple-broker',
  aliases: ['spring', 'spring-stomp'],
  tags: ['server'],
  title: 'Spring SimpleBroker: heartbeats 10 s, given up after three',
  claim: 'With heartbeats of 10 s a dead client is found after 10 s, at worst 20 s.',
  truth:
    'Three times the larger heartbeat must pass, and a sweep every 10 s finds it: 30 s to 40 s after the last frame, 20 s to 40 s after the client is gone. Bytes of a frame that is still arriving do not count. Off unless a TaskScheduler is set.',
  source: 'spring-projects/spring-framework@91eb42645e2, SimpleBrokerMessageHandler.java',
  assumes: [
    'a TaskScheduler is set on the broker, without which there are no heartbeats; the client promised heartbeats too, without which there is no read limit',
  ],
  runtime: jvm,
  notModelled: ['sendTimeLimit of the WebSocket session: see spring-ws-send-limits'],
  options: {
    clientHeartbeat: time('10s', 'What the client promises to send.', { bare: 'ms' }),
    serverHeartbeat: time('10s', 'What the server promises to send; its sweep runs as often.', {
      bare: 'ms',
    }),
  },
  mechanisms: ({ clientHeartbeat, serverHeartbeat }) => [
    {
      kind: 'receive-deadline',
      timeoutMs: MULTIPLIER * Math.max(clientHeartbeat, serverHeartbeat),
      // updateSessionReadTime: a complete STOMP frame or heartbeat, not the bytes of one that is still arriving.
      life: ['message'],
      granularity: { everyMs: serverHeartbeat, direction: 'up', grid: 'process' },
      // A STOMP ERROR, then the session is closed with 1002.
      verdict: 'close',
    },
  ],
  // A newline in a masked frame.
  peerHeartbeat: ({ clientHeartbeat }) => ({ everyMs: clientHeartbeat, bytes: 7 }),
});

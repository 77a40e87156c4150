/** The JavaScript client of Phoenix: a heartbeat message, and the same time again for its reply. */
import { definePreset } from '../definition.ts';
import { time } from '../options.ts';
import { browser } from '../runtimes/others.ts';

export const phoenixClient = definePreset({
  name: 'phoenix-client',
  aliases: ['phoenix-js'],
  tags: ['client'],
  title: 'Phoenix client: heartbeatIntervalMs 30 s, the same for the reply',
  claim: 'A dead server is noticed after 30 s.',
  truth:
    '30 s to 60 s after it is gone. The next heartbeat is scheduled from the reply, so that a throttled tab keeps its rhythm.',
  source: 'phoenixframework/phoenix@167c46950, assets/js/phoenix/socket.js; phoenix#4309',
  assumes: ['the reply is code of the server, not of the WebSocket library'],
  runtime: browser,
  notModelled: [
    'onConnMessage schedules the next heartbeat from the reply; a reply that comes after its timeout is ignored',
  ],
  options: {
    heartbeatIntervalMs: time('30s', 'From a reply to the next heartbeat.', { bare: 'ms' }),
  },
  mechanisms: ({ heartbeatIntervalMs }) => [
    {
      kind: 'ping',
      intervalMs: heartbeatIntervalMs,
      after: 'last-reply',
      replyTimeoutMs: heartbeatIntervalMs,
      replyClock: 'enqueued',
      life: ['matching-pong'],
      answeredBy: 'application',
      // close(1000, 'heartbeat timeout').
      verdict: 'close',
    },
  ],
});

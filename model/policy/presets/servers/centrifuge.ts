/** Centrifuge and Centrifugo: pings of the application protocol, with an early first one. */
import { definePreset } from '../definition.ts';
import { bytesOrOff, PATIENCE_MS, time } from '../options.ts';
import { goNetDefaults } from '../runtimes/go.ts';

export const centrifuge = definePreset({
  name: 'centrifuge',
  aliases: ['centrifugo'],
  tags: ['server'],
  title: 'Centrifuge: ping_interval 25 s, pong_timeout 10 s',
  claim: 'A dead client is noticed after 35 s.',
  truth:
    '10 s to 35 s. The first ping comes after a random 12.5 s to 25 s, so that a reconnect storm does not ping in step. The pong is code of the client: a frozen page is found.',
  source: 'centrifugal/centrifuge@1d8f99f1, client.go, config.go',
  assumes: [
    'a bidirectional WebSocket of the JavaScript client, which answers pings in its own code',
  ],
  runtime: goNetDefaults,
  notModelled: ['ClientStaleCloseDelay, 15 s to authenticate'],
  options: {
    ping_interval: time('25s', 'Time between two pings.', { bare: 's', minMs: 2 }),
    pong_timeout: time('10s', 'Patience for the pong; must be below ping_interval.', { bare: 's' }),
    write_timeout: time('1s', 'Deadline of each write.', { bare: 's', plausibleMs: PATIENCE_MS }),
    client_queue_max_size: bytesOrOff(1_048_576, 'What may wait for one client.'),
  },
  mechanisms: (set) => [
    {
      kind: 'ping',
      intervalMs: set.ping_interval,
      after: 'last-ping',
      firstMs: Math.floor(set.ping_interval / 2),
      firstJitterMs: Math.ceil(set.ping_interval / 2),
      replyTimeoutMs: set.pong_timeout,
      replyClock: 'enqueued',
      life: ['pong'],
      answeredBy: 'application',
    },
    { kind: 'write-deadline', timeoutMs: set.write_timeout },
    ...(set.client_queue_max_size === null
      ? []
      : [{ kind: 'send-queue-limit', hardBytes: set.client_queue_max_size } as const]),
  ],
});

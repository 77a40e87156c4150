/** NATS' slow consumers: a write past its deadline, or too much that waits. */
import { definePreset } from '../definition.ts';
import { bytesOrOff, PATIENCE_MS, time } from '../options.ts';
import { goWithoutKeepalive } from '../runtimes/go.ts';

export const natsWriteDeadline = definePreset({
  name: 'nats-write-deadline',
  tags: ['server', 'send-limit'],
  title: 'NATS server: write_deadline 10 s, max_pending 64 MiB',
  claim: 'A consumer that does not read for 10 s is cut off.',
  truth:
    '10 s after a write has blocked, which it does only once the kernel buffers are full. Quiet subjects never get there, and NATS switches the TCP keepalive of Go off.',
  source: 'nats-io/nats-server@1787eee03, server/const.go, client.go (flushOutbound)',
  assumes: [
    'a client connection, not a route, gateway or leaf node, which are pinged whatever they send',
  ],
  runtime: goWithoutKeepalive('nats-io/nats-server@1787eee03, server/util.go, natsListenConfig'),
  notModelled: ['the pings of nats-server run beside it'],
  options: {
    write_deadline: time('10s', 'How long a write may be blocked.', {
      bare: 's',
      plausibleMs: PATIENCE_MS,
    }),
    max_pending: bytesOrOff(67_108_864, 'What may wait for one client.'),
  },
  mechanisms: (set) => [
    { kind: 'write-deadline', timeoutMs: set.write_deadline },
    ...(set.max_pending === null
      ? []
      : [{ kind: 'send-queue-limit', hardBytes: set.max_pending } as const]),
  ],
});

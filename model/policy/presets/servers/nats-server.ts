/** NATS: a tick per connection that counts the pings without a pong. */
import { definePreset } from '../definition.ts';
import { count, time } from '../options.ts';
import { goWithoutKeepalive } from '../runtimes/go.ts';

export const natsServer = definePreset({
  name: 'nats-server',
  aliases: ['nats'],
  tags: ['server'],
  title: 'NATS server: ping_interval 2 min, ping_max 2',
  claim: 'A client that misses two pings is stale after 2 × 2 min.',
  truth:
    'A silent subscriber is stale after 4 to 6 min: the tick that finds two pings unanswered sends the verdict, the two before it only ping. A publisher has one interval more, because the tick after its last message does nothing. NATS switches the TCP keepalive of Go off, so nothing below is sooner.',
  source: 'nats-io/nats-server@1787eee03, server/client.go, processPingTimer',
  assumes: [
    'a client connection, not a route, gateway or leaf node, which are pinged whatever they send',
    'the round trip has been measured within the hour, so that traffic does put the ping off',
  ],
  runtime: goWithoutKeepalive('nats-io/nats-server@1787eee03, server/util.go, natsListenConfig'),
  notModelled: [
    'the first tick comes 2 s after CONNECT, with up to a fifth of jitter',
    'a PING or a subscription of the client puts a tick off, as a message does',
  ],
  options: {
    ping_interval: time('2m', 'Time between two ticks.', { bare: 's' }),
    ping_max: count(2, 'Pings that may be without an answer.', { min: 1, max: 100 }),
  },
  mechanisms: (set) => [
    {
      kind: 'sweep',
      intervalMs: set.ping_interval,
      timer: 'per-connection',
      ping: true,
      life: ['matching-pong'],
      misses: set.ping_max,
      skipAfter: ['message'],
    },
  ],
});

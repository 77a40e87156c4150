/** NATS: a tick per connection that counts the pings without a pong. */
import { definePreset } from '../definition.ts';
import { count, time } from '../options.ts';

export const natsServer = definePreset({
  name: 'nats-server',
  aliases: ['nats'],
  tags: ['server'],
  title: 'NATS server: ping_interval 2 min, ping_max 2',
  claim: 'A client that misses two pings is stale after 2 × 2 min.',
  truth:
    'A silent subscriber is stale after 4 to 6 min: the tick that finds two pings unanswered sends the verdict, the two before it only ping. A publisher has one interval more, because the tick after its last message does nothing.',
  source: 'nats-io/nats-server@1787eee03, server/client.go, processPingTimer',
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

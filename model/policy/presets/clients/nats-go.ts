/** nats.go: two pings may be out; and Go's keepalive below, which the server switches off and the client does not. */
import { definePreset } from '../definition.ts';
import { count, time } from '../options.ts';
import { goNetDefaults } from '../runtimes/go.ts';

export const natsGo = definePreset({
  name: 'nats.go',
  aliases: ['nats-client', 'nats-go'],
  tags: ['client'],
  title: "nats.go: PingInterval 2 min, MaxPingsOut 2, on Go's dialler",
  claim: 'A server that misses two pings is stale after 4 min.',
  truth:
    "The ping after the second unanswered one is the verdict: 4 min to 6 min. Go's TCP keepalive would take 150 s, but the next ping leaves within 120 s, and behind unacknowledged data keepalive does nothing.",
  source: 'nats-io/nats.go@850f889c, nats.go (processPingTimer, Options.Dialer)',
  assumes: ['the default Dialer; Go 1.23 or later'],
  runtime: goNetDefaults,
  notModelled: ['clients of other languages have the same pings and no keepalive'],
  options: {
    PingInterval: time('2m', 'Time between two pings.', { bare: 's' }),
    MaxPingsOut: count(2, 'Pings that may be without an answer.', { min: 1, max: 100 }),
  },
  mechanisms: (set) => [
    {
      kind: 'sweep',
      intervalMs: set.PingInterval,
      timer: 'per-connection',
      ping: true,
      life: ['pong'],
      misses: set.MaxPingsOut,
    },
  ],
});

/** Redis: SO_KEEPALIVE with a third of its time between the probes. */
import { definePreset } from '../definition.ts';
import { wholeSeconds } from '../kernel/keepalive-options.ts';
import { IDLE_MS, timeOrOff } from '../options.ts';
import { cPlain } from '../runtimes/others.ts';

const SECOND = 1_000;

export const redis = definePreset({
  name: 'redis',
  tags: ['server'],
  title: 'Redis: tcp-keepalive 300, timeout 0',
  claim: 'tcp-keepalive 300 finds a dead client after 300 s.',
  truth:
    'After 300 + 3 × 100 = 600 s of silence, twice the value, as its own comment says. A client with replies in flight is left to tcp_retries2.',
  source: 'redis/redis@4f8cdc2a1, redis.conf, src/anet.c (anetKeepAlive)',
  assumes: [
    'a normal client, neither subscribed, blocked, replica nor master, where timeout is set',
  ],
  runtime: cPlain,
  options: {
    'tcp-keepalive': timeOrOff(
      '300s',
      'TCP_KEEPIDLE; a third of it between three probes.',
      wholeSeconds,
    ),
    timeout: timeOrOff('off', 'Silence of a client that is not subscribed to anything.', {
      bare: 's',
      minMs: SECOND,
      plausibleMs: IDLE_MS,
    }),
  },
  mechanisms: (set) => {
    const idleMs = set['tcp-keepalive'];
    return [
      ...(idleMs === null
        ? []
        : [
            {
              kind: 'keepalive',
              idleMs,
              // A third in whole seconds, one at least.
              intervalMs: Math.max(1, Math.floor(idleMs / SECOND / 3)) * SECOND,
              probes: 3,
            } as const,
          ]),
      ...(set.timeout === null
        ? []
        : [
            {
              kind: 'receive-deadline',
              timeoutMs: set.timeout,
              // lastinteraction: what was read, and what was written to it.
              life: ['any-byte', 'send-accepted', 'drained'],
              // Whole seconds on both sides of a >, and clientsCron meets every client about once a second.
              granularity: { everyMs: 2 * SECOND, direction: 'up', grid: 'process' },
            } as const,
          ]),
    ];
  },
});

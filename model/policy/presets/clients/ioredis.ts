/** ioredis: SO_KEEPALIVE with Node's probes, and patience that only socketTimeout brings. */
import { definePreset } from '../definition.ts';
import { KEEPALIVE_MS, PATIENCE_MS, timeOrOff } from '../options.ts';
import { nodeKeepAlive, nodeNet } from '../runtimes/node.ts';

export const ioredis = definePreset({
  name: 'ioredis',
  tags: ['client'],
  title: 'ioredis 6: keepAlive 30 s, 10 probes a second apart',
  claim: 'keepAlive 30 s is followed by 11 min of probes (9 × 75 s).',
  truth:
    'Node sets the probes to 10, a second apart: 40 s after the last segment. Version 5 had keepAlive 0, which leaves the times of the system, two hours and 11 min. With a command under way tcp_retries2 rules, some 16 min, unless socketTimeout is set: commandTimeout fails the command and keeps the socket.',
  source:
    'redis/ioredis@dfd5428 (6.0.0), lib/redis/RedisOptions.ts, lib/Redis.ts; redis/ioredis#1615; nodejs/node v20, libuv 1.46',
  assumes: ['Node 20; the connection is set up, before which connectTimeout, 10 s, holds'],
  runtime: nodeNet,
  notModelled: ['commandTimeout, which fails a command and leaves the socket as it is'],
  options: {
    keepAlive: timeOrOff(
      '30s',
      "TCP_KEEPIDLE in whole seconds; 10 probes a second apart follow. Off or below 1 s = the system's times.",
      { bare: 'ms', plausibleMs: KEEPALIVE_MS },
    ),
    socketTimeout: timeOrOff('off', 'Patience for data while a command is under way.', {
      bare: 'ms',
      plausibleMs: PATIENCE_MS,
    }),
  },
  mechanisms: ({ keepAlive, socketTimeout }) => [
    nodeKeepAlive(keepAlive ?? 0),
    ...(socketTimeout === null
      ? []
      : [{ kind: 'request-deadline', timeoutMs: socketTimeout } as const]),
  ],
});

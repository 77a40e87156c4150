/** mysql2's pool: keepalive that is on without a time, and an idle limit that needs maxIdle. */
import { definePreset } from '../definition.ts';
import { count, flag, IDLE_MS, KEEPALIVE_MS, timeOrOff } from '../options.ts';
import { nodeKeepAlive, nodeNet } from '../runtimes/node.ts';

/** lib/base/pool.js: the idle connections are looked at once a second. */
const CHECK = { everyMs: 1_000, direction: 'up', grid: 'process' } as const;
const SIZE = { min: 1, max: 10_000 } as const;

export const mysql2Pool = definePreset({
  name: 'mysql2-pool',
  aliases: ['mysql2'],
  tags: ['pool'],
  orderlyEnd: 'harmless',
  title: 'mysql2 pool: keepalive without a time, idleTimeout without effect',
  claim: 'enableKeepAlive is on, and idle connections go after 60 s.',
  truth:
    'Keepalive is on with the times of the system, 7200 + 9 × 75 s, until keepAliveInitialDelay says how long: 10 s is 20 s then. idleTimeout, 60 s, does nothing until maxIdle is below connectionLimit. A query on a dead connection hangs until tcp_retries2.',
  source:
    'sidorares/node-mysql2@928c3c511, lib/connection_config.js, lib/pool_config.js, lib/base/pool.js; nodejs/node v20, libuv 1.46',
  assumes: ['Node 20; no timeout on the query'],
  runtime: nodeNet,
  notModelled: ['the oldest of the idle connections goes first, once there are more than maxIdle'],
  options: {
    enableKeepAlive: flag(true, 'SO_KEEPALIVE.'),
    keepAliveInitialDelay: timeOrOff(
      'off',
      "TCP_KEEPIDLE in whole seconds; 10 probes a second apart follow. Off or below 1 s = the system's times.",
      { bare: 'ms', plausibleMs: KEEPALIVE_MS },
    ),
    connectionLimit: count(10, 'Connections at most.', SIZE),
    maxIdle: count(10, 'Idle connections at most; the default is all of them.', SIZE),
    idleTimeout: timeOrOff('60s', 'Unused for so long: closed, if maxIdle is below the limit.', {
      bare: 'ms',
      plausibleMs: IDLE_MS,
    }),
  },
  mechanisms: (set) => [
    ...(set.enableKeepAlive ? [nodeKeepAlive(set.keepAliveInitialDelay ?? 0)] : []),
    ...(set.idleTimeout === null || set.maxIdle >= set.connectionLimit
      ? []
      : [
          {
            kind: 'idle',
            timeoutMs: set.idleTimeout,
            granularity: CHECK,
            verdict: 'destroy',
          } as const,
        ]),
  ],
});

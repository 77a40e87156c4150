/** pg-pool: an idle limit, and SO_KEEPALIVE where it is asked for. */
import { definePreset } from '../definition.ts';
import { AGE_MS, flag, IDLE_MS, KEEPALIVE_MS, PATIENCE_MS, timeOrOff } from '../options.ts';
import { nodeKeepAlive, nodeNet } from '../runtimes/node.ts';

export const nodePostgresPool = definePreset({
  name: 'node-postgres-pool',
  aliases: ['pg', 'pg-pool', 'node-postgres'],
  tags: ['pool'],
  orderlyEnd: 'harmless',
  title: 'node-postgres pool: idleTimeoutMillis 10 s',
  claim: 'Idle clients are closed after 30 s, as pg/lib/defaults.js says.',
  truth:
    "After 10 s, the default of the pool itself. A query on a connection that has died meanwhile is awaited for ever unless query_timeout is set. TCP keepalive is off; keepAlive = true alone leaves the system's times, two hours and 11 min, and with keepAliveInitialDelayMillis Node probes 10 times, a second apart: 5 s is 15 s, not 5 s + 11 min.",
  source:
    'brianc/node-postgres@c9e57617, packages/pg-pool/index.js, packages/pg/lib/connection.js, client.js',
  assumes: [
    "Node 20 with the JavaScript driver: pg-native is libpq's",
    'min = 0, the default: with another the pool keeps so many, however idle',
  ],
  runtime: nodeNet,
  notModelled: [
    'maxLifetimeSeconds waits until the client is released: here the connection ends at that age',
  ],
  options: {
    idleTimeoutMillis: timeOrOff('10s', 'Unused for so long: closed.', {
      bare: 'ms',
      plausibleMs: IDLE_MS,
    }),
    maxLifetimeSeconds: timeOrOff('off', 'Closed at this age.', { bare: 's', plausibleMs: AGE_MS }),
    query_timeout: timeOrOff('off', 'Patience with a query.', {
      bare: 'ms',
      plausibleMs: PATIENCE_MS,
    }),
    keepAlive: flag(false, 'SO_KEEPALIVE.'),
    keepAliveInitialDelayMillis: timeOrOff(
      'off',
      "TCP_KEEPIDLE in whole seconds; 10 probes a second apart follow. Off or below 1 s = the system's times.",
      { bare: 'ms', plausibleMs: KEEPALIVE_MS },
    ),
  },
  mechanisms: (set) => [
    ...(set.idleTimeoutMillis === null
      ? []
      : [{ kind: 'idle', timeoutMs: set.idleTimeoutMillis, verdict: 'destroy' } as const]),
    ...(set.maxLifetimeSeconds === null
      ? []
      : [{ kind: 'age', maxMs: set.maxLifetimeSeconds, verdict: 'destroy' } as const]),
    ...(set.query_timeout === null
      ? []
      : [{ kind: 'request-deadline', timeoutMs: set.query_timeout } as const]),
    ...(set.keepAlive ? [nodeKeepAlive(set.keepAliveInitialDelayMillis ?? 0)] : []),
  ],
});

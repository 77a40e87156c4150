/** pg-pool: an idle limit and nothing else. */
import { definePreset } from '../definition.ts';
import { timeOrOff } from '../options.ts';

export const nodePostgresPool = definePreset({
  name: 'node-postgres-pool',
  aliases: ['pg', 'pg-pool', 'node-postgres'],
  tags: ['pool'],
  title: 'node-postgres pool: idleTimeoutMillis 10 s',
  claim: 'Idle clients are closed after 30 s, as pg/lib/defaults.js says.',
  truth:
    'After 10 s, the default of the pool itself. A query on a connection that has died meanwhile is awaited for ever unless query_timeout is set; TCP keepalive is off.',
  source: 'brianc/node-postgres@c9e57617, packages/pg-pool/index.js',
  options: {
    idleTimeoutMillis: timeOrOff('10s', 'Unused for so long: closed.', { bare: 'ms' }),
    maxLifetimeSeconds: timeOrOff('off', 'Closed at this age.', { bare: 's' }),
    query_timeout: timeOrOff('off', 'Patience with a query.', { bare: 'ms' }),
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
  ],
});

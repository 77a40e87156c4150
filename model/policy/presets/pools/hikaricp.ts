/** HikariCP: idle and lifetime limits, and a test of what is borrowed. */
import { definePreset } from '../definition.ts';
import { time, timeOrOff } from '../options.ts';

/** HikariPool: the housekeeper runs every 30 s. */
const HOUSEKEEPER = { everyMs: 30_000, direction: 'up', grid: 'process' } as const;

export const hikariCp = definePreset({
  name: 'hikaricp',
  aliases: ['hikari'],
  tags: ['pool'],
  title: 'HikariCP: idleTimeout 10 min, maxLifetime 30 min, validation 5 s',
  claim: 'Dead connections never reach the application.',
  truth:
    'One that was unused for more than 500 ms is tested when it is borrowed, so a dead one costs its borrower up to 5 s, not a query. One used more recently is handed out untested, and its query waits for as long as the driver does.',
  source: 'brettwooldridge/HikariCP@604d7d58, README.md, pool/HikariPool.java',
  options: {
    idleTimeout: timeOrOff('600s', 'Unused for so long: evicted by the housekeeper.', {
      bare: 'ms',
    }),
    maxLifetime: timeOrOff('1800s', 'Evicted at this age.', { bare: 'ms' }),
    validationTimeout: time('5s', 'Patience with the test.', { bare: 'ms' }),
    aliveBypassWindowMs: time('500ms', 'Used so recently: not tested.', { bare: 'ms', minMs: 0 }),
    socketTimeout: timeOrOff('off', "The driver's patience with a query.", { bare: 'ms' }),
  },
  mechanisms: (set) => [
    {
      kind: 'borrow-check',
      timeoutMs: set.validationTimeout,
      freshMs: set.aliveBypassWindowMs,
    },
    ...(set.idleTimeout === null
      ? []
      : [
          {
            kind: 'idle',
            timeoutMs: set.idleTimeout,
            granularity: HOUSEKEEPER,
            verdict: 'destroy',
          } as const,
        ]),
    ...(set.maxLifetime === null
      ? []
      : [{ kind: 'age', maxMs: set.maxLifetime, verdict: 'destroy' } as const]),
    ...(set.socketTimeout === null
      ? []
      : [{ kind: 'request-deadline', timeoutMs: set.socketTimeout } as const]),
  ],
});

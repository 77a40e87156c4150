/** HikariCP: idle and lifetime limits, a keepalive that is off, and a test of what is borrowed. */
import { definePreset } from '../definition.ts';
import { AGE_MS, count, IDLE_MS, PATIENCE_MS, time, timeOrOff } from '../options.ts';
import { jvm } from '../runtimes/others.ts';

/** HikariPool: the housekeeper runs every 30 s. */
const HOUSEKEEPER = { everyMs: 30_000, direction: 'up', grid: 'process' } as const;
const SIZE = { min: 1, max: 10_000 } as const;

export const hikariCp = definePreset({
  name: 'hikaricp',
  aliases: ['hikari'],
  tags: ['pool'],
  orderlyEnd: 'harmless',
  title: 'HikariCP: maxLifetime 30 min, validation 5 s, idleTimeout without effect',
  claim: 'Dead connections never reach the application, and idle ones go after 10 min.',
  truth:
    'One that was unused for more than 500 ms is tested when it is borrowed, so a dead one costs its borrower up to 5 s, not a query. One used more recently is handed out untested, and its query waits for as long as the driver does. idleTimeout does nothing in a pool of fixed size, which is the default: it needs minimumIdle below maximumPoolSize.',
  source: 'brettwooldridge/HikariCP@604d7d58 (6.0), README.md, pool/HikariPool.java',
  assumes: [
    'a driver with isValid() of JDBC 4, and without TCP keepalive of its own, as pgjdbc comes (tcpKeepAlive=false)',
    'this connection is one of those above minimumIdle, where there are any: the others stay, however idle',
  ],
  runtime: jvm,
  notModelled: [
    'maxLifetime is shortened by up to 2.5 %, and waits until a connection in use is returned',
    'keepaliveTime is shortened by up to 10 %, and leaves out a connection in use',
  ],
  options: {
    maximumPoolSize: count(10, 'Connections at most.', SIZE),
    minimumIdle: count(10, 'Idle connections that are kept; the default is all of them.', {
      ...SIZE,
      min: 0,
    }),
    idleTimeout: timeOrOff(
      '600s',
      'Unused for so long: evicted by the housekeeper, if minimumIdle is below maximumPoolSize.',
      { bare: 'ms', minMs: 10_000, plausibleMs: IDLE_MS },
    ),
    maxLifetime: timeOrOff('1800s', 'Evicted at this age.', {
      bare: 'ms',
      minMs: 30_000,
      plausibleMs: AGE_MS,
    }),
    keepaliveTime: timeOrOff('off', 'An idle connection is tested so often.', {
      bare: 'ms',
      minMs: 30_000,
      plausibleMs: IDLE_MS,
    }),
    validationTimeout: time('5s', 'Patience with the test.', {
      bare: 'ms',
      minMs: 250,
      plausibleMs: PATIENCE_MS,
    }),
    aliveBypassWindowMs: time('500ms', 'Used so recently: not tested.', {
      bare: 'ms',
      minMs: 0,
      plausibleMs: { least: 0, most: 60_000 },
    }),
    socketTimeout: timeOrOff('off', "The driver's patience with a query.", {
      bare: 'ms',
      plausibleMs: PATIENCE_MS,
    }),
  },
  mechanisms: (set) => [
    {
      kind: 'borrow-check',
      timeoutMs: set.validationTimeout,
      freshMs: set.aliveBypassWindowMs,
    },
    ...(set.keepaliveTime === null
      ? []
      : [
          {
            kind: 'ping',
            intervalMs: set.keepaliveTime,
            replyTimeoutMs: set.validationTimeout,
            life: ['any-byte'],
            answeredBy: 'application',
          } as const,
        ]),
    ...(set.idleTimeout === null || set.minimumIdle >= set.maximumPoolSize
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

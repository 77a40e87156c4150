/** pgxpool: idle and age limits looked at once a minute, and a ping of what has rested for a second. */
import { definePreset } from '../definition.ts';
import { AGE_MS, IDLE_MS, PATIENCE_MS, time, timeOrOff } from '../options.ts';
import { goNetDefaults } from '../runtimes/go.ts';

/** pgxpool, newPool: ShouldPing by default. */
const PINGED_AFTER_MS = 1_000;

export const pgxPool = definePreset({
  name: 'pgxpool',
  aliases: ['pgx'],
  tags: ['pool'],
  orderlyEnd: 'harmless',
  title: 'pgxpool: MaxConnIdleTime 30 min, MaxConnLifetime 1 h, pinged when it has rested',
  claim: 'A connection is pinged before it is lent, so a dead one never reaches a query.',
  truth:
    "It is, when it has rested for a second; but PingTimeout is 0, so nothing but the caller's context ends the ping: behind a path that has forgotten the flow it hangs as long as a query would, until tcp_retries2. An idle connection whose server is gone is found by Go's keepalive after 150 s.",
  source: 'jackc/pgx@728cefa8, pgxpool/pool.go, pgconn/config.go (makeDefaultDialer)',
  assumes: ['the default DialFunc, on Go 1.23 or later; a context without a deadline'],
  runtime: goNetDefaults,
  notModelled: ['MaxConnLifetimeJitter; a connection in use is closed when it is returned'],
  options: {
    MaxConnIdleTime: time('30m', 'Unused for so long: closed.', {
      bare: 's',
      plausibleMs: IDLE_MS,
    }),
    MaxConnLifetime: time('1h', 'Closed at this age.', { bare: 's', plausibleMs: AGE_MS }),
    HealthCheckPeriod: time('1m', 'How often the idle ones are looked at.', { bare: 's' }),
    PingTimeout: timeOrOff('off', 'Patience with the ping of one that has rested.', {
      bare: 's',
      plausibleMs: PATIENCE_MS,
    }),
  },
  mechanisms: (set) => [
    ...(set.PingTimeout === null
      ? []
      : [
          {
            kind: 'borrow-check',
            timeoutMs: set.PingTimeout,
            freshMs: PINGED_AFTER_MS,
          } as const,
        ]),
    {
      kind: 'idle',
      timeoutMs: set.MaxConnIdleTime,
      granularity: { everyMs: set.HealthCheckPeriod, direction: 'up', grid: 'process' },
      verdict: 'destroy',
    },
    { kind: 'age', maxMs: set.MaxConnLifetime, verdict: 'destroy' },
  ],
});

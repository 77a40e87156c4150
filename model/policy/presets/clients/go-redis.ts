/** go-redis: a keepalive of its own instead of Go's, deadlines for reading and writing, and an idle limit. */
import { definePreset } from '../definition.ts';
import { keepaliveOf } from '../kernel/keepalive-options.ts';
import { IDLE_MS, PATIENCE_MS, timeOrOff } from '../options.ts';
import { setsNothing } from '../runtimes/runtime.ts';

export const goRedis = definePreset({
  name: 'go-redis',
  tags: ['client', 'pool'],
  orderlyEnd: 'harmless',
  title: 'go-redis: keepalive 30 s, 3 × 5 s; ReadTimeout 5 s; ConnMaxIdleTime 30 min',
  claim: "Go's keepalive of 15 s finds a dead server.",
  truth:
    'Its own: 30 + 3 × 5 = 45 s for an idle connection. A command waits 5 s for its reply, 3 s before 9.20; a connection that has rested for 30 min is not lent any more.',
  source: 'redis/go-redis@216593cc (9.22), options.go (defaultKeepAliveConfig, init)',
  assumes: [
    'Go 1.23 or later and the default Dialer: one of your own has the keepalive that you give it',
  ],
  runtime: setsNothing(
    "go-redis' own dialler, whose KeepAliveConfig takes the place of Go's",
    'redis/go-redis@216593cc, options.go',
  ),
  notModelled: ['ConnMaxIdleTime is looked at when a connection is taken: here at its instant'],
  options: {
    ReadTimeout: timeOrOff('5s', 'Patience for a reply.', { bare: 's', plausibleMs: PATIENCE_MS }),
    WriteTimeout: timeOrOff('5s', 'How long a write may be blocked.', {
      bare: 's',
      plausibleMs: PATIENCE_MS,
    }),
    ConnMaxIdleTime: timeOrOff('30m', 'Unused for so long: closed.', {
      bare: 's',
      plausibleMs: IDLE_MS,
    }),
  },
  mechanisms: (set) => [
    keepaliveOf(30_000, 5_000, 3),
    ...(set.ReadTimeout === null
      ? []
      : [{ kind: 'request-deadline', timeoutMs: set.ReadTimeout } as const]),
    ...(set.WriteTimeout === null
      ? []
      : [{ kind: 'write-deadline', timeoutMs: set.WriteTimeout } as const]),
    ...(set.ConnMaxIdleTime === null
      ? []
      : [{ kind: 'idle', timeoutMs: set.ConnMaxIdleTime, verdict: 'destroy' } as const]),
  ],
});

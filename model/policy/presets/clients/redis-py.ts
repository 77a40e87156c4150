/** redis-py: keepalive and a deadline for replies, both since version 8. */
import { definePreset } from '../definition.ts';
import { keepaliveOf, wholeSeconds } from '../kernel/keepalive-options.ts';
import { count, flag, PATIENCE_MS, time, timeOrOff } from '../options.ts';
import { pythonSockets } from '../runtimes/others.ts';

export const redisPy = definePreset({
  name: 'redis-py',
  tags: ['client'],
  title: 'redis-py 8: keepalive 30 s, 3 × 5 s; socket_timeout 5 s',
  claim: 'Without settings a command waits for ever.',
  truth:
    'Since version 8 it waits 5 s, and an idle connection is probed: 30 + 3 × 5 = 45 s. Before, socket_keepalive was off and socket_timeout None: a command on a dead connection hung until tcp_retries2, 939 s.',
  source:
    'redis/redis-py@34817ce2 (8.0.0), redis/_defaults.py, redis/connection.py; redis/redis-py#1527',
  assumes: ['Linux; a command awaits its reply: subscribers that only listen have no deadline'],
  runtime: pythonSockets,
  notModelled: [
    'health_check_interval, a PING before a command on a connection that has rested for so long',
    'retries: a command that has failed is sent again on a new connection',
  ],
  options: {
    socket_keepalive: flag(true, 'SO_KEEPALIVE.'),
    TCP_KEEPIDLE: time('30s', 'socket_keepalive_options.', wholeSeconds),
    TCP_KEEPINTVL: time('5s', 'socket_keepalive_options.', wholeSeconds),
    TCP_KEEPCNT: count(3, 'socket_keepalive_options.', { min: 1, max: 127 }),
    socket_timeout: timeOrOff('5s', 'Patience for a reply.', {
      bare: 's',
      plausibleMs: PATIENCE_MS,
    }),
  },
  mechanisms: (set) => [
    ...(set.socket_keepalive
      ? [keepaliveOf(set.TCP_KEEPIDLE, set.TCP_KEEPINTVL, set.TCP_KEEPCNT)]
      : []),
    ...(set.socket_timeout === null
      ? []
      : [{ kind: 'request-deadline', timeoutMs: set.socket_timeout } as const]),
  ],
});

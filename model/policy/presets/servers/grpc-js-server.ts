/** gRPC for Node, server: pings that are off as it comes, and limits on idleness and age. */
import { definePreset } from '../definition.ts';
import { AGE_MS, IDLE_MS, time, timeOrOff } from '../options.ts';
import { nodeNet } from '../runtimes/node.ts';

export const grpcJsServer = definePreset({
  name: 'grpc-js-server',
  tags: ['server'],
  title: 'gRPC for Node, server: keepalive_time_ms off, keepalive_timeout_ms 20 s',
  claim: 'The keepalive of gRPC servers is two hours and 20 s.',
  truth:
    "That is gRPC's for Go. Here it is off, and Node sets neither SO_KEEPALIVE nor TCP_USER_TIMEOUT: an idle ghost stands for ever. With keepalive_time_ms = 30 s it stands 20 s to 50 s.",
  source: 'grpc/grpc-node@2670b37a (1.14), packages/grpc-js/src/server.ts (keepaliveTimeMs)',
  assumes: ['calls are short: max_connection_idle_ms runs from the last message'],
  runtime: nodeNet,
  notModelled: [
    'a call that stays open without a message stops max_connection_idle_ms: here such a connection is ended, there it is not',
    'it counts no strikes: clients may ping as often as they like',
  ],
  options: {
    keepalive_time_ms: timeOrOff('off', 'From an answer to the next ping.', {
      bare: 'ms',
      plausibleMs: IDLE_MS,
    }),
    keepalive_timeout_ms: time('20s', 'Patience for its acknowledgement.', { bare: 'ms' }),
    max_connection_idle_ms: timeOrOff('off', 'An idle connection is closed.', {
      bare: 'ms',
      plausibleMs: IDLE_MS,
    }),
    max_connection_age_ms: timeOrOff('off', 'A connection is closed at this age, ±10 %.', {
      bare: 'ms',
      plausibleMs: AGE_MS,
    }),
  },
  mechanisms: (set) => [
    ...(set.keepalive_time_ms === null
      ? []
      : [
          {
            kind: 'ping',
            intervalMs: set.keepalive_time_ms,
            after: 'last-reply',
            replyTimeoutMs: set.keepalive_timeout_ms,
            replyClock: 'enqueued',
            life: ['matching-pong'],
          } as const,
        ]),
    ...(set.max_connection_idle_ms === null
      ? []
      : [{ kind: 'idle', timeoutMs: set.max_connection_idle_ms } as const]),
    ...(set.max_connection_age_ms === null
      ? []
      : [{ kind: 'age', maxMs: set.max_connection_age_ms, jitterPercent: 10 } as const]),
  ],
});

/** gRPC for Node, client: a ping after the answer to the one before, only while a call is open, and off as it comes. */
import { definePreset } from '../definition.ts';
import { count, flag, IDLE_MS, time, timeOrOff } from '../options.ts';
import { nodeNet } from '../runtimes/node.ts';

export const grpcJsClient = definePreset({
  name: 'grpc-js-client',
  aliases: ['grpc-js', 'grpc-node'],
  tags: ['client'],
  title: 'gRPC for Node, client: keepalive_time_ms off, keepalive_timeout_ms 20 s',
  claim: 'gRPC has keepalive, so a dead server is noticed.',
  truth:
    'Off as it comes: a call hangs until tcp_retries2, some 16 min, and a quiet stream for ever, because Node sets no SO_KEEPALIVE. With keepalive_time_ms = 30 s a ghost stands 20 s to 50 s, while a call is open. What arrives puts no ping off, so a server that holds its clients to five minutes hangs up on it.',
  source: 'grpc/grpc-node@2670b37a (1.14), packages/grpc-js/src/transport.ts',
  assumes: [
    'a call is open (activeCalls); without one, and without keepalive_permit_without_calls, the ping waits for the next',
  ],
  runtime: nodeNet,
  notModelled: [
    'after a GOAWAY with too_many_pings the client doubles its time',
    'a ping that fell due while no call was open leaves with the next call: here it never does',
  ],
  options: {
    keepalive_time_ms: timeOrOff('off', 'From an answer to the next ping.', {
      bare: 'ms',
      plausibleMs: IDLE_MS,
    }),
    keepalive_timeout_ms: time('20s', 'Patience for its acknowledgement.', { bare: 'ms' }),
    keepalive_permit_without_calls: flag(false, 'Whether it pings while no call is open.'),
    activeCalls: count(1, 'Calls that are open.', { min: 0, max: 1_000_000 }),
  },
  mechanisms: (set) =>
    set.keepalive_time_ms === null || (set.activeCalls === 0 && !set.keepalive_permit_without_calls)
      ? []
      : [
          {
            kind: 'ping',
            intervalMs: set.keepalive_time_ms,
            after: 'last-reply',
            replyTimeoutMs: set.keepalive_timeout_ms,
            replyClock: 'enqueued',
            life: ['matching-pong'],
          },
        ],
});

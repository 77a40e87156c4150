/** gRPC server keepalive as a service behind a load balancer configures it. */
import { fixedPreset } from '../definition.ts';
import { setsNothing } from '../runtimes/runtime.ts';

export const grpcPresets = [
  fixedPreset({
    name: 'grpc-5s-1s',
    tags: ['founding', 'server', 'requests'],
    title: 'gRPC server keepalive: Time 5 s, Timeout 1 s; idle 15 s, age 30 min',
    claim: 'A dead client is noticed in 6 s, a living one is never touched.',
    truth:
      'At most 6 s after the last byte received, at the price of a packet every 5 s. Every outage beyond about a second reaps a living client, and one that is idle is closed after 15 s, in an orderly way.',
    source: 'grpc/grpc-go@4793ad047, keepalive.ServerParameters; gRFC A8, A9',
    assumes: ['the four settings alone, without the socket options that an implementation adds'],
    runtime: setsNothing('an HTTP/2 server that sets nothing', 'gRFC A8'),
    notModelled: [
      'TCP_USER_TIMEOUT = Timeout of grpc-go on Linux, which ends a busy ghost after about 1.3 s: see grpc-go-server, as grpc(Time=5s,Timeout=1s)',
    ],
    mechanisms: [
      {
        kind: 'ping',
        intervalMs: '5s',
        after: 'last-received',
        replyTimeoutMs: '1s',
        replyClock: 'enqueued',
        life: ['any-byte'],
      },
      { kind: 'idle', timeoutMs: '15s' },
      { kind: 'age', maxMs: '30m' },
    ],
  }),
];

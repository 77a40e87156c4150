/** SignalR's other rule: a write that the transport does not complete. */
import { definePreset } from '../definition.ts';
import { PATIENCE_MS, time } from '../options.ts';
import { SCAN } from './signalr-server.ts';
import { kestrelSockets } from '../runtimes/others.ts';

export const signalRSendTimeout = definePreset({
  name: 'signalr-send-timeout',
  tags: ['server', 'send-limit'],
  title: 'SignalR server: TransportSendTimeout 10 s',
  claim: 'A client that does not read for 10 s is disconnected.',
  truth:
    '10 s to 11 s after a write has blocked, and writes block only when the kernel buffers of both sides are full. An idle or slow server never notices anything by it.',
  source: 'dotnet/aspnetcore, HttpConnectionManager.cs, TransportSendTimeout',
  assumes: ['the WebSocket transport'],
  runtime: kestrelSockets,
  notModelled: ['the heartbeats of signalr-server run beside it'],
  options: {
    TransportSendTimeout: time('10s', 'How long a write may be blocked.', {
      bare: 's',
      plausibleMs: PATIENCE_MS,
    }),
  },
  mechanisms: ({ TransportSendTimeout }) => [
    { kind: 'write-deadline', timeoutMs: TransportSendTimeout, granularity: SCAN },
  ],
});

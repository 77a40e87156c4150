/** SignalR's client: any message of the server within ServerTimeout. */
import { definePreset } from '../definition.ts';
import { time } from '../options.ts';
import { PING_MESSAGE_BYTES } from '../servers/signalr-server.ts';
import { browser } from '../runtimes/others.ts';

export const signalRClient = definePreset({
  name: 'signalr-client',
  tags: ['client'],
  title: 'SignalR client: ServerTimeout 30 s, server pings every 15 s',
  claim: 'A dead server is noticed after 30 s.',
  truth: '15 s to 30 s after it is gone: its last ping was up to 15 s old.',
  source: 'dotnet/aspnetcore, src/SignalR/clients',
  assumes: ['the server pings every KeepAliveInterval, whatever else it sends'],
  runtime: browser,
  notModelled: [
    'the server leaves its ping out while it sends messages, which count as life themselves',
  ],
  options: {
    ServerTimeout: time('30s', 'Silence after which the client gives up.', { bare: 's' }),
    KeepAliveInterval: time('15s', 'The server pings so often.', { bare: 's' }),
  },
  mechanisms: ({ ServerTimeout }) => [
    { kind: 'receive-deadline', timeoutMs: ServerTimeout, life: ['message'] },
  ],
  peerHeartbeat: ({ KeepAliveInterval }) => ({
    everyMs: KeepAliveInterval,
    bytes: PING_MESSAGE_BYTES,
  }),
});

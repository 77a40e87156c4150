/** ASP.NET Core SignalR's server: silence of whole hub messages, looked at by a scan every second. */
import { definePreset } from '../definition.ts';
import { time } from '../options.ts';
import { kestrelSockets } from '../runtimes/others.ts';

/** HttpConnectionManager scans its connections so often. */
export const SCAN = { everyMs: 1_000, direction: 'up', grid: 'process' } as const;
/** A ping message, {"type":6} and its record separator, in a masked frame. */
export const PING_MESSAGE_BYTES = 18;

export const signalRServer = definePreset({
  name: 'signalr-server',
  aliases: ['signalr'],
  tags: ['server'],
  title: 'SignalR server: ClientTimeoutInterval 30 s, client pings every 15 s',
  claim: 'A client that is silent for 30 s is disconnected.',
  truth:
    '30 s to 31 s after its last complete message, which is 15 s to 31 s after it is gone. Bytes of a large message that is still arriving do not count.',
  source:
    'dotnet/aspnetcore, src/SignalR/server/Core/src/HubConnectionContext.cs, HttpConnectionManager.cs',
  assumes: [
    '.NET 6 or later: the clock stands while a hub method runs, and starts with the first message',
  ],
  runtime: kestrelSockets,
  notModelled: ['older versions sampled a flag once an interval, up to twice as long'],
  options: {
    ClientTimeoutInterval: time('30s', 'Silence after which the server gives up.', { bare: 's' }),
    KeepAliveInterval: time('15s', 'The client pings so often.', { bare: 's' }),
    HandshakeTimeout: time('15s', 'For the opening handshake.', { bare: 's' }),
  },
  mechanisms: ({ ClientTimeoutInterval, HandshakeTimeout }) => [
    {
      kind: 'receive-deadline',
      timeoutMs: ClientTimeoutInterval,
      life: ['message'],
      granularity: SCAN,
    },
    { kind: 'handshake-deadline', timeoutMs: HandshakeTimeout, granularity: SCAN },
  ],
  peerHeartbeat: ({ KeepAliveInterval }) => ({
    everyMs: KeepAliveInterval,
    bytes: PING_MESSAGE_BYTES,
  }),
});

/** Kestrel: limits of HTTP connections, looked at by a heartbeat every second. */
import { definePreset } from '../definition.ts';
import { IDLE_MS, time, timeOrOff } from '../options.ts';
import { kestrelSockets } from '../runtimes/others.ts';

const HEARTBEAT = { everyMs: 1_000, direction: 'up', grid: 'process' } as const;

export const kestrel = definePreset({
  name: 'kestrel',
  tags: ['server', 'requests'],
  title: 'Kestrel: KeepAliveTimeout 130 s, RequestHeadersTimeout 30 s',
  claim: 'A dead connection is closed after KeepAliveTimeout.',
  truth:
    'Idle HTTP connections after 130 s to 131 s, alive or not; a response that does not drain is aborted after a grace of 5 s. None of it applies to upgraded connections.',
  source: 'dotnet/aspnetcore, KestrelServerLimits.cs; dotnet/runtime#52267',
  assumes: ['HTTP/1.1, not upgraded'],
  runtime: kestrelSockets,
  notModelled: [
    'MinResponseDataRate, 240 bytes/s: a reader that takes a little keeps its connection here; there only if it takes that much',
    'MinRequestBodyDataRate',
  ],
  options: {
    KeepAliveTimeout: time('130s', 'Silence between two requests.', {
      bare: 's',
      plausibleMs: IDLE_MS,
    }),
    RequestHeadersTimeout: time('30s', 'From connect to the end of the headers.', { bare: 's' }),
    minResponseDataRateGracePeriod: timeOrOff('5s', 'How long a response may stand still.', {
      bare: 's',
    }),
  },
  mechanisms: (set) => [
    { kind: 'idle', timeoutMs: set.KeepAliveTimeout, granularity: HEARTBEAT, verdict: 'destroy' },
    { kind: 'handshake-deadline', timeoutMs: set.RequestHeadersTimeout, granularity: HEARTBEAT },
    ...(set.minResponseDataRateGracePeriod === null
      ? []
      : [
          {
            kind: 'write-deadline',
            timeoutMs: set.minResponseDataRateGracePeriod,
            granularity: HEARTBEAT,
            verdict: 'reset',
          } as const,
        ]),
  ],
});

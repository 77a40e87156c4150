/** Cowboy never pings. Its idle timeout is ten ticks: data zeroes their count, not the tick under way. */
import { definePreset } from '../definition.ts';
import { IDLE_MS, timeOrOff } from '../options.ts';
import { ranch } from '../runtimes/others.ts';

/** cowboy_websocket: the timeout is divided into so many ticks, and the close comes with one more. */
const TICKS = 10;

/** The idle timeout as Cowboy counts it: (T, 1.1 T] after the last byte. */
export function cowboyIdle(timeoutMs: number) {
  return {
    kind: 'receive-deadline',
    timeoutMs,
    life: ['any-byte'],
    granularity: { everyMs: Math.ceil(timeoutMs / TICKS), direction: 'up', grid: 'connection' },
    // websocket_close: the Close frame is written, then the transport is closed.
    verdict: 'flush',
  } as const;
}

export const cowboyWs = definePreset({
  name: 'cowboy-ws',
  aliases: ['cowboy'],
  tags: ['server'],
  title: 'Cowboy websocket: idle_timeout 60 s, no pings',
  claim: 'An idle connection is closed after 60 s.',
  truth:
    '60 s to 66 s after the last byte, of which a ghost and a healthy client that has nothing to say have the same: without a heartbeat of the client it ends every quiet connection.',
  source: 'ninenines/cowboy@5c8535f4, src/cowboy_websocket.erl',
  assumes: ['HTTP/1.1; data of the client zeroes the ticks, data of the server does not'],
  runtime: ranch,
  options: {
    idle_timeout: timeOrOff('60s', 'Silence after which a connection is closed.', {
      bare: 'ms',
      minMs: 10,
      plausibleMs: IDLE_MS,
    }),
  },
  mechanisms: (set) => (set.idle_timeout === null ? [] : [cowboyIdle(set.idle_timeout)]),
});

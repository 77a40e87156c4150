/**
 * uWebSockets and uWebSockets.js. One timer every 4 s looks at all sockets: a timeout of T seconds set
 * between two of its ticks runs out up to 4 s early (us_socket_timeout, uSockets src/context.c). The idle timeout
 * is cut in two: first silence, then a ping and a margin of 4, 8 or 16 s for its answer.
 */
import type { MechanismInput } from '../../types.ts';
import { definePreset } from '../definition.ts';
import { count, flag, timeOrOff } from '../options.ts';
import { uSockets } from '../runtimes/others.ts';

/** LIBUS_TIMEOUT_GRANULARITY of uSockets. */
export const TICK_MS = 4_000;

/** WebSocketContextData::calculateIdleTimeoutCompnents: as large as fits four times, 16 s at most. */
export function marginMs(idleTimeoutMs: number): number {
  let margin = 4_000;
  while (idleTimeoutMs - 2 * margin >= 2 * margin && margin < 16_000) margin *= 2;
  return margin;
}

/** The idle timeout as uSockets runs it. */
export function idlePhases(
  idleTimeoutMs: number,
  sendsPings: boolean,
  life: readonly ('any-byte' | 'drained' | 'send-accepted')[],
): MechanismInput {
  const granularity = { everyMs: TICK_MS, direction: 'down', grid: 'process' } as const;
  if (!sendsPings) return { kind: 'receive-deadline', timeoutMs: idleTimeoutMs, life, granularity };
  const margin = marginMs(idleTimeoutMs);
  return {
    kind: 'ping',
    intervalMs: idleTimeoutMs - margin,
    after: 'last-life',
    replyTimeoutMs: margin,
    replyClock: 'enqueued',
    life,
    granularity,
  };
}

/** 0, or 8 … 960 s: App.h refuses the rest. */
export const idleTimeoutLimits = {
  bare: 's',
  minMs: 8_000,
  maxMs: 960_000,
  multipleOfMs: 1_000,
} as const;

export const uWebSockets = definePreset({
  name: 'uwebsockets',
  aliases: ['uws', 'uWebSockets', 'uWebSockets.js'],
  tags: ['server'],
  title: 'uWebSockets: idleTimeout 120 s, pings of its own',
  claim: 'A client that is silent for 120 s is closed.',
  truth:
    'After 104 s without a byte it is pinged, and 16 s later closed: a ghost stands 16 s to 120 s, counted in ticks of 4 s. Any byte is life, so a slow uploader survives; a slow reader behind megabytes of data does not.',
  source:
    'uNetworking/uWebSockets@66dcff3, src/WebSocketContextData.h, App.h; uSockets@86097c4, src/socket.c',
  assumes: ['closeOnBackpressureLimit is off, the default: what is over the limit is dropped'],
  runtime: uSockets,
  notModelled: ['a message longer than maxBackpressure is dropped by the server'],
  options: {
    idleTimeout: timeOrOff(
      '120s',
      'Silence after which a connection is closed.',
      idleTimeoutLimits,
    ),
    sendPingsAutomatically: flag(true, 'Whether it pings before the time is over.'),
    resetIdleTimeoutOnSend: flag(false, 'Whether a message that the kernel takes counts as life.'),
    maxLifetime: count(0, 'Minutes after which a connection is closed; 0 = never.', {
      min: 0,
      max: 240,
    }),
  },
  mechanisms: ({ idleTimeout, sendPingsAutomatically, resetIdleTimeoutOnSend, maxLifetime }) => [
    ...(idleTimeout === null
      ? []
      : [
          idlePhases(
            idleTimeout,
            sendPingsAutomatically,
            resetIdleTimeoutOnSend
              ? ['any-byte', 'drained', 'send-accepted']
              : ['any-byte', 'drained'],
          ),
        ]),
    ...(maxLifetime === 0 ? [] : [{ kind: 'age', maxMs: maxLifetime * 60_000 } as const]),
  ],
});

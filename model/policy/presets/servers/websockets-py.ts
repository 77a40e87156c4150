/**
 * The keepalive that both servers of the Python library `websockets` run: a ping, patience for the pong
 * that matches it, and a close that waits.
 */
import type { MechanismInput } from '../../types.ts';
import type { ValuesOf } from '../options.ts';
import { time, timeOrOff } from '../options.ts';

export const websocketsPyOptions = {
  ping_interval: timeOrOff('20s', 'Time between two pings.', { bare: 's' }),
  ping_timeout: timeOrOff('20s', 'Patience for the pong that matches.', { bare: 's' }),
  close_timeout: time('10s', "Patience for the peer's Close frame.", {
    bare: 's',
    minMs: 0,
    plausibleMs: { least: 0, most: 600_000 },
  }),
};

/** Sends wait for the kernel, and so do the pong timer and the failure path. */
export function websocketsPyKeepalive({
  ping_interval: intervalMs,
  ping_timeout: replyTimeoutMs,
  close_timeout: timeoutMs,
}: ValuesOf<typeof websocketsPyOptions>): readonly MechanismInput[] {
  const close = { kind: 'close-handshake', timeoutMs, clock: 'written' } as const;
  if (intervalMs === null) return [close];
  return [
    {
      kind: 'ping',
      intervalMs,
      // keepalive() awaits the pong before it sleeps again; where nobody waits for one, it does not.
      after: replyTimeoutMs === null ? 'last-ping' : 'last-reply',
      replyTimeoutMs,
      replyClock: 'written',
      life: ['matching-pong'],
      verdict: 'close',
    },
    close,
  ];
}

/** How long each mechanism waits before it strikes: what a watch over a connection has to outlast. */
import { assertNever } from '../assert.ts';
import type { Granularity, Mechanism, PingMechanism, Policy } from './types.ts';

/** How long after a sign of life a mechanism may still strike, ms; 0 = its strike hangs on no sign of life. */
export function patienceMs(mechanism: Mechanism): number {
  if (mechanism.lost === 'timer') return 0;
  switch (mechanism.kind) {
    case 'sweep':
      return (1 + (mechanism.misses ?? 1)) * mechanism.intervalMs;
    case 'ping':
      return toNextPingMs(mechanism) + (mechanism.replyTimeoutMs ?? 0) + 2 * tickMs(mechanism);
    case 'receive-deadline':
    case 'write-deadline':
      return mechanism.timeoutMs + tickMs(mechanism);
    case 'pong-timer':
    case 'request-deadline':
    case 'borrow-check':
    case 'user-timeout':
      return mechanism.timeoutMs;
    case 'send-queue-limit':
      return mechanism.softForMs + mechanism.everyMs;
    case 'send-stall':
      return mechanism.graceMs + mechanism.everyMs;
    case 'peer-closed':
      return mechanism.everyMs;
    case 'keepalive':
      return mechanism.intervalMs;
    case 'ping-strikes':
    case 'handshake-deadline':
    case 'close-handshake':
    case 'idle':
    case 'age':
    case 'drain':
      return 0;
    default:
      return assertNever(mechanism, 'mechanism');
  }
}

/**
 * After so long in which nothing is heard of the peer, a policy has done all that it will ever do, ms: its mechanisms
 * one after the other, each from a whole cycle of its own. Far more than any of them needs; what the kernel does
 * besides is not in it.
 *
 * @example
 * // Up to one interval until the first look, two until the flag is still false.
 * wholePatienceMs(presets['alive-flag-sweep']) // => 90_000
 * wholePatienceMs(presets['none']) // => 0
 */
export function wholePatienceMs({ mechanisms }: Policy): number {
  return mechanisms.reduce((sum, mechanism) => sum + lastStrikeMs(mechanism), 0);
}

function lastStrikeMs(mechanism: Mechanism): number {
  if (mechanism.lost === 'timer') return 0;
  switch (mechanism.kind) {
    case 'sweep': {
      const skips = mechanism.skipAfter === undefined ? 1 : 2;
      return skips * (mechanism.intervalMs + patienceMs(mechanism));
    }
    case 'keepalive':
      return mechanism.idleMs + (mechanism.probes + 1) * mechanism.intervalMs;
    case 'handshake-deadline':
    case 'idle':
      return mechanism.timeoutMs + tickMs(mechanism);
    case 'close-handshake':
      return mechanism.timeoutMs ?? 0;
    case 'borrow-check':
      return mechanism.timeoutMs + mechanism.freshMs;
    case 'age':
      return Math.ceil(mechanism.maxMs * (1 + (mechanism.jitterPercent ?? 0) / 100));
    case 'drain':
      return mechanism.deadlineMs ?? 0;
    default:
      return patienceMs(mechanism);
  }
}

function toNextPingMs({ intervalMs, firstMs = 0, firstJitterMs = 0 }: PingMechanism): number {
  return Math.max(intervalMs, firstMs + firstJitterMs);
}

/** How much later than due a clock may be looked at. */
function tickMs({ granularity }: { readonly granularity?: Granularity }): number {
  return granularity?.everyMs ?? 0;
}

/** Who carries a mechanism out, and so what it survives: a stuck process, a stopped reaper, a closing handshake. */
import { assertNever } from '../assert.ts';
import type { Mechanism } from './types.ts';

export type Carrier =
  /** An option of the socket. */
  | 'kernel'
  /** Whoever stops the whole server. */
  | 'supervisor'
  /** A timer of the opening or the closing handshake, which belongs to the connection. */
  | 'handshake'
  /** The reaper in the process's own loop, where the socket is read. */
  | 'loop'
  /** The write itself: a deadline in the runtime's poller, a timer of the proxy. */
  | 'write'
  /** A watchdog beside the process, on the send path or the TCP state. */
  | 'watchdog';

export function carrierOf({ kind }: Mechanism): Carrier {
  switch (kind) {
    case 'keepalive':
    case 'user-timeout':
      return 'kernel';
    case 'drain':
      return 'supervisor';
    case 'handshake-deadline':
    case 'close-handshake':
      return 'handshake';
    case 'write-deadline':
      return 'write';
    case 'send-stall':
    case 'peer-closed':
      return 'watchdog';
    case 'sweep':
    case 'ping':
    case 'pong-timer':
    case 'receive-deadline':
    case 'send-queue-limit':
    case 'ping-strikes':
    case 'request-deadline':
    case 'borrow-check':
    case 'idle':
    case 'age':
      return 'loop';
    default:
      return assertNever(kind, 'kind');
  }
}

/** Whether the reaper itself judges by it, in the process or beside it. */
export function isOfReaper(mechanism: Mechanism): boolean {
  switch (carrierOf(mechanism)) {
    case 'kernel':
    case 'supervisor':
    case 'handshake':
      return false;
    default:
      return true;
  }
}

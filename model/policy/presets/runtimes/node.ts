/** Node: a socket has keepalive only where somebody calls setKeepAlive, and then with libuv's probes, not the kernel's. */
import type { MechanismInput } from '../../types.ts';
import { setsNothing, SYSTEM_KEEPALIVE, type Runtime } from './runtime.ts';

/** libuv, src/unix/tcp.c, uv__tcp_keepalive: interval and count are constants. */
const LIBUV_PROBES = { intervalMs: 1_000, probes: 10 } as const;
const SECOND_MS = 1_000;

/** net.Server, http.Server and `ws` on them, with no option set. */
export const nodeNet: Runtime = setsNothing(
  'Node (net, http, ws)',
  'nodejs/node v20, lib/net.js, keepAlive: false unless asked for; libuv 1.46',
);

/**
 * socket.setKeepAlive(true, initialDelay). Less than a second is no delay: TCP_KEEPIDLE 0 is refused by the kernel, and
 * SO_KEEPALIVE stays on with the system's own times, hours instead of seconds (seen with Node 20.20, libuv 1.46).
 */
export function nodeKeepAlive(initialDelayMs: number): MechanismInput {
  const idleMs = Math.floor(initialDelayMs / SECOND_MS) * SECOND_MS;
  return idleMs === 0 ? SYSTEM_KEEPALIVE : { kind: 'keepalive', idleMs, ...LIBUV_PROBES };
}

/** What a proxy asks of the kernel for its socket towards one side. */
import type { Mechanism } from '../policy/types.ts';
import type { ProxySide } from './types.ts';

/**
 * As mechanisms of whoever holds the socket.
 *
 * @example
 * mechanismsOfSide({ userTimeoutMs: 20_000 }) // => [{ kind: 'user-timeout', timeoutMs: 20_000 }]
 */
export function mechanismsOfSide({
  keepalive,
  userTimeoutMs,
}: Partial<ProxySide> = {}): Mechanism[] {
  return [
    ...(keepalive === undefined ? [] : [{ kind: 'keepalive' as const, ...keepalive }]),
    ...(userTimeoutMs === undefined
      ? []
      : [{ kind: 'user-timeout' as const, timeoutMs: userTimeoutMs }]),
  ];
}

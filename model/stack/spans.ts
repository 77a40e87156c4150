/**
 * How far a sign of life reaches, and at whom it arrives. A keepalive probe and a TCP acknowledgement are answered by the next
 * kernel that ends TCP (RFC 9293 §3.8.4); an HTTP/2 ping by the next party that speaks HTTP/2 (RFC 9113 §6.7); a WebSocket ping by the other
 * WebSocket endpoint, through every tunnel (RFC 6455 §5.5.2); a message by the other application.
 */
import type { Hop } from './hops.ts';

/** What is sent, by how far it goes. */
export type Signal = 'kernel' | 'http2' | 'websocket' | 'message';

export type Toward = 'server' | 'client';

/** Whether a hop holds the ends of two connections: what goes one link ends there. */
export function endsTcp({ role }: Hop): boolean {
  return role !== 'box';
}

/** Whether a hop answers HTTP/2 pings itself. */
function endsHttp2({ role, speaks }: Hop): boolean {
  return role !== 'box' && !(role === 'proxy' && speaks === 'tcp');
}

const endsAt: Readonly<Record<Signal, (hop: Hop) => boolean>> = {
  kernel: endsTcp,
  http2: endsHttp2,
  websocket: ({ role }) => role === 'client' || role === 'server',
  message: ({ role }) => role === 'client' || role === 'server',
};

/** Index of the hop at which a signal of `from` ends. */
export function spanEnd(
  hops: readonly Hop[],
  signal: Signal,
  from: number,
  toward: Toward,
): number {
  const step = toward === 'server' ? 1 : -1;
  let at = from + step;
  while (at > 0 && at < hops.length - 1 && !endsAt[signal](hops[at] as Hop)) at += step;
  return at;
}

/** Whether a signal of `from` passes or ends at another hop, on either side of it. */
export function reaches(hops: readonly Hop[], signal: Signal, from: number, at: number): boolean {
  if (from === at) return false;
  const toward = at > from ? 'server' : 'client';
  const end = spanEnd(hops, signal, from, toward);
  return toward === 'server' ? at <= end : at >= end;
}

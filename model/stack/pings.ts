/** HTTP/2 pings of proxies (RFC 9113 §6.7): what a proxy sends of its own, and to whom. */
import { allOf } from '../mechanisms/index.ts';
import type { PingMechanism } from '../policy/types.ts';
import type { ProxyPing, ProxySide } from '../scenario/types.ts';
import type { Hop } from './hops.ts';

/** As a simulated proxy sends it: one so long after the answer to the one before. */
function plain(one: PingMechanism): ProxyPing | undefined {
  const { intervalMs, replyTimeoutMs: timeoutMs, after, answeredBy, firstMs } = one;
  const isPlain = after === 'last-reply' && answeredBy !== 'application' && firstMs === undefined;
  return isPlain && timeoutMs !== null ? { intervalMs, timeoutMs } : undefined;
}

function acting({ policy }: Hop): readonly PingMechanism[] {
  return allOf('ping', policy?.mechanisms ?? []).filter(({ lost }) => lost === undefined);
}

/** Whether it sends pings of another kind. */
export function hasOtherPings(hop: Hop): boolean {
  return acting(hop).some((one) => plain(one) === undefined);
}

/** What a proxy sends to its two sides; a heartbeat of which nothing more is said goes to the server, and is never waited for. */
export function pingsOf(hop: Hop): Readonly<Partial<Record<'client' | 'server', ProxyPing>>> {
  const [own] = acting(hop).flatMap((one) => plain(one) ?? []);
  const { heartbeatMs } = hop;
  const side = hop.settings.get('side');
  const beat = heartbeatMs === undefined ? own : { intervalMs: heartbeatMs, timeoutMs: null };
  const server = side === 'downstream' ? undefined : (own ?? beat);
  return {
    ...(own !== undefined && side !== 'upstream' && { client: own }),
    ...(server !== undefined && { server }),
  };
}

/** What it does towards one side, with its pings. */
export function sideOf(
  side: ProxySide | undefined,
  ping: ProxyPing | undefined,
): ProxySide | undefined {
  return ping === undefined ? side : { ...side, ping };
}

/**
 * Whether a limit on the queue can ever be exceeded. A server stops producing while user space holds `userQueueBytes`, so what waits there is never more than that and
 * one message; what its pings and pongs add behind a path that stands has no limit but time.
 */
import type { Policy } from '../policy/types.ts';
import type { Scenario } from '../scenario/types.ts';

/** @param talks the server sends pings, or answers those of its peer */
export function limitsQueue(
  { mechanisms }: Policy,
  { load, server, story }: Scenario,
  talks: boolean,
): boolean {
  let leastBytes = Infinity;
  for (const mechanism of mechanisms) {
    if (mechanism.kind !== 'send-queue-limit' || mechanism.lost !== undefined) continue;
    leastBytes = Math.min(
      leastBytes,
      mechanism.softBytes ?? Infinity,
      mechanism.hardBytes ?? Infinity,
    );
  }
  if (leastBytes === Infinity) return false;
  const written =
    load.kind === 'saturated' ? load.messageBytes : load.kind === 'periodic' ? load.bytes : 0;
  const room = server.sendPath === 'locked' ? 1 : Math.max(1, server.userQueueBytes);
  return talks || story.kind === 'pool' || room + written > leastBytes;
}

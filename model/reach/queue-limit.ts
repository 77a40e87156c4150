/**
 * Whether a limit on the queue can ever be exceeded. A server stops producing while user space holds `userQueueBytes`, so what waits there is never more than that and
 * one message, or the queue that a writer keeps standing; what its pings and pongs add behind a path that stands has no limit but time.
 */
import { silenceKindOf } from '../faults/index.ts';
import type { Policy } from '../policy/types.ts';
import type { Scenario } from '../scenario/types.ts';

/** How much user space may hold beside what the application writes before a limit is exceeded, bytes; Infinity where there is none. */
export function spareBytes({ mechanisms }: Policy, scenario: Scenario): number {
  const { load, server } = scenario;
  let leastBytes = Infinity;
  for (const mechanism of mechanisms) {
    if (mechanism.kind !== 'send-queue-limit' || mechanism.lost !== undefined) continue;
    leastBytes = Math.min(
      leastBytes,
      mechanism.softBytes ?? Infinity,
      mechanism.hardBytes ?? Infinity,
    );
  }
  const written =
    load.kind === 'saturated' ? load.messageBytes : load.kind === 'periodic' ? load.bytes : 0;
  const room = server.sendPath === 'locked' ? 1 : Math.max(1, server.userQueueBytes);
  return leastBytes - room - written - standingBytes(scenario);
}

/** The queue that a writer keeps at one length. */
function standingBytes(scenario: Scenario): number {
  if (scenario.kind !== 'live') return 0;
  const acts = silenceKindOf(scenario.silence).begins(scenario.silence);
  return acts.reduce((sum, act) => sum + (act.act === 'hold-queue' ? act.bytes : 0), 0);
}

/** @param talks the server sends pings, or answers those of its peer */
export function limitsQueue(policy: Policy, scenario: Scenario, talks: boolean): boolean {
  const bytes = spareBytes(policy, scenario);
  if (bytes === Infinity) return false;
  return talks || scenario.story.kind === 'pool' || bytes < 0;
}

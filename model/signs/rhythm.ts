/**
 * The rhythm of what a server hears while all is well: how far apart its pings and their answers are, and
 * every other sign of life.
 *
 * A ping may wait for a grid, for the answer to the one before, or for a pause in what arrives; and a sweep's may
 * be skipped where something arrived. So what arrives decides when a ping leaves.
 */
import { kindOf } from '../mechanisms/index.ts';
import type { Pinging } from '../mechanisms/kind.ts';
import type { LifeSign, Policy } from '../policy/types.ts';
import { addedMs, longestRttMs, wholePathOf } from '../scenario/path.ts';
import type { Scenario } from '../scenario/types.ts';
import { heardSources, isLife, type Pinger, type Source } from './sources.ts';

/** When a mechanism that pings does so. */
export function pingingOf(pinger: Pinger): Pinging {
  const pinging = kindOf(pinger).pings?.(pinger);
  if (pinging === undefined || pinging === null) throw new Error(`${pinger.kind} does not ping`);
  return pinging;
}

/** The longest time from one ping to the next while every one is answered and nothing puts them off. */
export function pingPeriodMs(pinger: Pinger, rttMs: number): number {
  const { pauseMs, fromAnswer } = pingingOf(pinger);
  return pauseMs.maxMs + (fromAnswer ? rttMs : 0);
}

/**
 * The longest time between two answers to a pinger's pings, or from the opening to the first, in a healthy
 * connection, where whatever puts a ping off is life itself or there is no such thing, ms; null = no limit.
 */
export function answeredPingGapMs(
  pinger: Pinger,
  policy: Policy,
  scenario: Scenario,
  life: readonly LifeSign[],
): number | null {
  const puttingOff = deferrers(pinger, policy, scenario);
  if (puttingOff.some((source) => !isLife(source, life))) return null;
  const { pauseMs, firstMs, skips, needsAnswer } = pingingOf(pinger);
  // Without its own answer, a ping after the last reply waits for somebody else's.
  if (needsAnswer && !isLife({ kind: 'pong', pinger }, pinger.life)) return null;
  // The first answer comes a round trip after the first ping, whatever the others are measured from.
  const rttMaxMs = longestRttMs(wholePathOf(scenario));
  // A sweep's tick after a sign is skipped.
  const skippedMs = skips && puttingOff.length > 0 ? pinger.intervalMs : 0;
  const firstAnswerMs = firstMs === null ? 0 : firstMs.maxMs + rttMaxMs;
  return Math.max(pauseMs.maxMs + skippedMs + rttMaxMs, firstAnswerMs);
}

function deferrers(pinger: Pinger, policy: Policy, scenario: Scenario): readonly Source[] {
  return heardSources(policy, scenario, pingingOf(pinger).putOffBy, pinger);
}

/**
 * The longest time between two signs of one source while all is well, ms; null = no limit. What defers a ping
 * and is life itself leaves no gap.
 */
export function gapMs(
  source: Source,
  policy: Policy,
  scenario: Scenario,
  life: readonly LifeSign[],
): number | null {
  const jitterMs = addedMs(scenario.path);
  if (source.kind !== 'pong') return source.everyMs === null ? null : source.everyMs + jitterMs;
  return answeredPingGapMs(source.pinger, policy, scenario, life);
}

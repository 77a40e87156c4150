/**
 * The rhythm of what a server hears while all is well: how far apart its pings and their answers are, and
 * every other sign of life.
 *
 * A ping may wait for a grid, for the answer to the one before, or for a pause in what arrives; and a sweep's may
 * be skipped where something arrived. So what arrives decides when a ping leaves.
 */
import type { LifeSign, PingMechanism, Policy } from '../../policy/types.ts';
import { longestRttMs } from '../../scenario/path.ts';
import type { Scenario } from '../../scenario/types.ts';
import { clockFromTick, roundedClock, type ClockRange } from './granularity.ts';
import { heardSources, isLife, type Pinger, type Source } from './sources.ts';

/** Every word of `life`: whatever there is to hear. */
const ANYTHING: readonly LifeSign[] = ['any-byte', 'send-accepted', 'drained'];

/** What puts a pinger's next ping off, its own pongs apart; empty where nothing does. */
export function deferringSigns(pinger: Pinger): readonly LifeSign[] {
  if (pinger.kind === 'sweep') return pinger.skipAfter ?? [];
  switch (pinger.after) {
    case 'last-received':
      return ['any-byte'];
    case 'last-life':
      return pinger.life;
    default:
      return [];
  }
}

function isOnGrid(pinger: Pinger): boolean {
  return pinger.kind === 'sweep' || pinger.after === 'last-ping';
}

/** Time from what the next ping is measured from to that ping. */
export function pauseMs(pinger: Pinger): ClockRange {
  return pinger.kind === 'sweep'
    ? { minMs: pinger.intervalMs, maxMs: pinger.intervalMs }
    : roundedClock(pinger.intervalMs, pinger.granularity);
}

/** The first ping's own time; null where it is that of the others. */
export function firstPingMs(pinger: Pinger): ClockRange | null {
  if (pinger.kind === 'sweep') return null;
  const { firstMs, firstJitterMs = 0, intervalMs, granularity } = pinger;
  if (firstMs === undefined && firstJitterMs === 0) return null;
  const least = roundedClock(firstMs ?? intervalMs, granularity);
  const most = roundedClock((firstMs ?? intervalMs) + firstJitterMs, granularity);
  return { minMs: least.minMs, maxMs: most.maxMs };
}

/** Patience for the answer, from when it starts; of a ping that nobody waits for, none. */
export function replyMs({
  replyTimeoutMs,
  granularity,
  after,
  replyClock,
}: PingMechanism): ClockRange {
  const patience = replyTimeoutMs ?? 0;
  // A pause that runs out on the grid sends its ping there.
  const fromTick = granularity !== undefined && after !== 'last-ping' && replyClock === 'enqueued';
  return fromTick ? clockFromTick(patience, granularity) : roundedClock(patience, granularity);
}

/** Whether the pong of a pinger restarts its own pause. */
export function waitsForPong(pinger: Pinger): boolean {
  if (pinger.kind === 'sweep') return false;
  switch (pinger.after) {
    case 'last-ping':
      return false;
    case 'last-life':
      return isLife({ kind: 'pong', pinger }, pinger.life);
    default:
      return true;
  }
}

/** The longest time from one ping to the next while every one is answered and nothing puts them off. */
export function pingPeriodMs(pinger: Pinger, rttMs: number): number {
  return pauseMs(pinger).maxMs + (waitsForPong(pinger) ? rttMs : 0);
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
  const answered = pinger.kind === 'sweep' || isLife({ kind: 'pong', pinger }, pinger.life);
  // Without its own answer, a ping after the last reply waits for somebody else's.
  if (pinger.kind === 'ping' && pinger.after === 'last-reply' && !answered) return null;
  // The first answer comes a round trip after the first ping, whatever the others are measured from.
  const rttMaxMs = longestRttMs(scenario.path);
  // A sweep's tick after a sign is skipped.
  const skippedMs = pinger.kind === 'sweep' && puttingOff.length > 0 ? pinger.intervalMs : 0;
  const first = firstPingMs(pinger);
  const firstMs = first === null ? 0 : first.maxMs + rttMaxMs;
  return Math.max(pauseMs(pinger).maxMs + skippedMs + rttMaxMs, firstMs);
}

function deferrers(pinger: Pinger, policy: Policy, scenario: Scenario): readonly Source[] {
  return heardSources(policy, scenario, deferringSigns(pinger), pinger);
}

/** Whether what arrives comes so often that a pinger never pings a living client. */
export function neverPings(pinger: Pinger, policy: Policy, scenario: Scenario): boolean {
  const first = firstPingMs(pinger);
  const pause = Math.min(pauseMs(pinger).minMs, first?.minMs ?? Number.POSITIVE_INFINITY);
  return deferrers(pinger, policy, scenario).some((source) => {
    // Another's pongs defer it where they come without fail: on a grid, and not put off themselves.
    if (source.kind === 'pong' && !isOnGrid(source.pinger)) return false;
    const gap =
      source.kind === 'pong' ? source.pinger.intervalMs : gapMs(source, policy, scenario, ANYTHING);
    return gap !== null && gap <= pause;
  });
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
  const jitterMs = scenario.path.jitterMs ?? 0;
  if (source.kind !== 'pong') return source.everyMs === null ? null : source.everyMs + jitterMs;
  return answeredPingGapMs(source.pinger, policy, scenario, life);
}

/**
 * Why no policy exists: which two demands exclude each other, and what could be had instead.
 *
 * The physical line: B − T is at least the period of the asking. TCP adds to it: what an outage swallowed comes
 * back with retransmissions that double, so the patience for an answer is up to twice the outage.
 */
import { formatDuration } from '../../model/duration.ts';
import type { TunedConflict } from '../../model/results/tuning.ts';
import { SHORTEST_PERIOD_MS } from './families.ts';
import { durations, last } from './grid.ts';
import { HEARTBEATS_PER_IDLE } from './judge.ts';
import { withSilence, type Demand, type Plan } from './plan.ts';
import { isSolvable, type Miss, type Obstacle } from './solve.ts';

/** The nearer to a solution, the later. */
const nearness: readonly Obstacle[] = ['patience', 'blind', 'unproved', 'path', 'ghost', 'budget'];

function inSeconds(ms: number): string {
  return formatDuration(Math.ceil(ms / 100) * 100);
}

function demanded({ scenario, needMs, what, asked }: Demand): string {
  if (!asked) return `forgive ${formatDuration(needMs)} of what may be ${scenario.name}`;
  return needMs === 0
    ? `leave ${scenario.name} alone`
    : `survive ${formatDuration(needMs)} of ${what} (${scenario.name})`;
}

function ghostLimit({ maxGhostMs }: Plan, miss: Miss): string {
  return `no ghost older than ${formatDuration(maxGhostMs)}${miss.fault === undefined ? '' : ` (${miss.fault.name})`}`;
}

/** The miss that came nearest: by what stood in the way, then by how long its ghosts live. */
function nearestMiss(misses: readonly Miss[]): Miss | undefined {
  return misses.toSorted(
    (a, b) => nearness.indexOf(b.obstacle) - nearness.indexOf(a.obstacle) || a.ghostMs - b.ghostMs,
  )[0];
}

/** The longest silence of the demand's kind that could be survived, all else as asked; null = none. */
function longestSurvived(plan: Plan, demand: Demand): number | null {
  const lengths = durations(100, demand.needMs);
  return last(lengths, (ms) => isSolvable(withSilence(plan, demand, ms))) ?? null;
}

function waits({ patience, demand }: Miss): string {
  if (demand === undefined) return '';
  const what =
    patience === undefined
      ? 'takes its time'
      : `needs ${patience.field} of ${inSeconds(patience.ms)}`;
  return `To ${demanded(demand)}, it ${what}. `;
}

function explain(plan: Plan, miss: Miss): string {
  const { family, fault, ghostMs } = miss;
  switch (miss.obstacle) {
    case 'patience':
      return `No patience of ${family} is proved to spare it: ${miss.demand === undefined ? '' : demanded(miss.demand)} cannot be had with ${plan.allow.join(', ')}.`;
    case 'blind':
      return `Nothing of ${plan.allow.join(', ')} ever notices ${fault?.name ?? 'it'} while everybody asked for is spared.`;
    case 'unproved':
      return `Nothing of ${plan.allow.join(', ')} is proved to notice ${fault?.name ?? 'it'} while everybody asked for is spared.`;
    case 'path':
      return `A box that forgets after ${inSeconds(plan.pathIdleMs ?? 0)} needs traffic ${HEARTBEATS_PER_IDLE} times as often, and ${family} sends none, or not less than ${inSeconds(SHORTEST_PERIOD_MS)} apart.`;
    case 'ghost':
      return `${waits(miss)}Asking every ${inSeconds(SHORTEST_PERIOD_MS)}, ${family} still needs ${inSeconds(ghostMs)} for ${fault?.name ?? 'a ghost'}: B − T is at least the period of the asking, and TCP retransmits at intervals that double.`;
    case 'budget':
      return `${waits(miss)}With ${plan.maxPacketsPerHour} packets an hour ${family} ${ghostMs === Infinity ? 'never notices a ghost' : `needs ${inSeconds(ghostMs)} for ${fault?.name ?? 'a ghost'}`}.`;
  }
}

function between(plan: Plan, miss: Miss): readonly string[] {
  const allowed = `use nothing but ${plan.allow.join(', ')}`;
  const asked = miss.demand === undefined ? allowed : demanded(miss.demand);
  switch (miss.obstacle) {
    case 'patience':
      return [asked, allowed];
    case 'blind':
    case 'unproved':
      return [`notice ${miss.fault?.name ?? 'every fault'}`, asked];
    case 'path':
      return [
        `traffic at least every ${inSeconds((plan.pathIdleMs ?? 0) / HEARTBEATS_PER_IDLE)}`,
        allowed,
      ];
    case 'ghost':
      return [ghostLimit(plan, miss), asked];
    case 'budget':
      return [ghostLimit(plan, miss), `at most ${plan.maxPacketsPerHour} packets an hour`];
  }
}

/** What stands between the plan and a policy. */
export function conflictOf(plan: Plan, misses: readonly Miss[]): TunedConflict {
  const miss = nearestMiss(misses);
  if (miss === undefined) {
    const message = `There is nothing to choose from: ${plan.allow.join(', ')} notice nothing alone.`;
    return { between: [], message, nearest: { maxGhostMs: null, surviveMs: null } };
  }
  const { obstacle, ghostMs, demand } = miss;
  const later = (obstacle === 'ghost' || obstacle === 'budget') && ghostMs !== Infinity;
  return {
    between: between(plan, miss),
    message: explain(plan, miss),
    nearest: {
      maxGhostMs: later ? Math.ceil(ghostMs) : null,
      surviveMs: demand?.asked !== true ? null : longestSurvived(plan, demand),
    },
  };
}

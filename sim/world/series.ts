/**
 * Time series of a fleet, thinned to what a chart can show: the ghosts that stand, or the clients that are served again.
 * Made of the same draws as the figures of the same run, so that both say the same.
 */
import { HOUR_US } from '../../model/duration.ts';
import type { RunSeries } from '../../model/results/types.ts';
import { Stream } from '../random.ts';
import type { Draws } from '../random.ts';
import type { DescriptorStory } from './descriptors.ts';
import type { StockStory } from './standing-ghosts.ts';
import type { Standing } from './storm.ts';

/** Points of one series. */
const POINTS = 96;

/** Beyond this many ghosts each one drawn stands for several, as in the figure of a stock. */
const MOST_DRAWN = 16_384;

/** A table that holds is watched for so many times as long as it would take to fill without any reaper. */
const WATCHED_FILLS = 1.25;

/** Ghosts that come evenly, each at a drawn instant of its own slot, and stand for as long as a drawn life. */
interface Arrivals {
  readonly perHour: number;
  readonly count: number;
  readonly livesUs: readonly number[];
  readonly draws: Draws;
}

/**
 * Descriptors in use until accept(2) fails with EMFILE, or for as long as it would take without a reaper.
 *
 * @param exhaustionUs when it fails; Infinity = never
 */
export function descriptorSeries(
  story: DescriptorStory,
  livesUs: readonly number[],
  draws: Draws,
  exhaustionUs: number,
): RunSeries {
  const perHour = story.connections * story.ghostSharePerHour;
  const room = Math.max(0, story.descriptorLimit - story.connections);
  const fillUs = perHour > 0 ? (room / perHour) * HOUR_US : HOUR_US;
  const endUs = Math.max(1, exhaustionUs === Infinity ? fillUs * WATCHED_FILLS : exhaustionUs);
  const count = Math.ceil((endUs * perHour) / HOUR_US) + 1;
  const standing = standingAt({ perHour, count, livesUs, draws }, endUs);
  return {
    name: 'descriptors in use',
    unit: 'connections',
    points: standing.map(({ atMs, value }) => ({
      atMs,
      // The descriptor that would be one too many is the one that accept(2) does not get.
      value: Math.min(story.descriptorLimit, story.connections + value),
    })),
  };
}

/** Ghosts standing from the beginning to the end of a stock's hours. */
export function stockSeries(
  story: StockStory,
  livesUs: readonly number[],
  draws: Draws,
): RunSeries {
  const perHour = story.arrivalsPerHour * story.ghostShare;
  const count = Math.round(perHour * story.hours);
  const points = standingAt({ perHour, count, livesUs, draws }, story.hours * HOUR_US);
  return { name: 'ghosts standing', unit: 'connections', points };
}

/**
 * Clients that have a session.
 *
 * @param curve how many have one after each change, in order of time
 * @param each how many clients one of them stands for
 */
export function sessionSeries(name: string, curve: readonly Standing[], each: number): RunSeries {
  // All that change at one instant are one point.
  const changes = curve.filter(({ atUs }, index) => curve[index + 1]?.atUs !== atUs);
  const points = Math.min(POINTS, changes.length);
  return {
    name,
    unit: 'clients',
    points: Array.from({ length: points }, (_, point) => {
      const index = points === 1 ? 0 : Math.round((point * (changes.length - 1)) / (points - 1));
      const { atUs, served } = changes[index] as Standing;
      return { atMs: Math.round(atUs / 1000), value: Math.round(served * each) };
    }),
  };
}

function standingAt(
  { perHour, count, livesUs, draws }: Arrivals,
  endUs: number,
): readonly { readonly atMs: number; readonly value: number }[] {
  const change = new Float64Array(POINTS + 2);
  const stepUs = endUs / POINTS;
  if (perHour <= 0) return pointsOf(change, stepUs);
  const slotUs = HOUR_US / perHour;
  const each = Math.max(1, Math.ceil(count / MOST_DRAWN));
  // The first point at or after an instant sees it.
  const seenFrom = (us: number): number => Math.min(POINTS + 1, Math.ceil(us / stepUs));
  for (let ghost = 0; ghost < count; ghost += each) {
    const stands = Math.min(each, count - ghost);
    const widthUs = Math.max(1, Math.floor(slotUs * stands));
    const cameUs = Math.floor(ghost * slotUs) + draws.below(Stream.GhostArrival, ghost, widthUs);
    const lifeUs = livesUs[draws.below(Stream.GhostLife, ghost, livesUs.length)] ?? 0;
    const from = seenFrom(cameUs);
    const to = seenFrom(cameUs + lifeUs);
    change[from] = (change[from] ?? 0) + stands;
    change[to] = (change[to] ?? 0) - stands;
  }
  return pointsOf(change, stepUs);
}

function pointsOf(
  change: Float64Array,
  stepUs: number,
): readonly { readonly atMs: number; readonly value: number }[] {
  let standing = 0;
  return Array.from({ length: POINTS + 1 }, (_, point) => {
    standing += change[point] ?? 0;
    return { atMs: Math.round((point * stepUs) / 1000), value: standing };
  });
}

/**
 * How long until a server runs out of descriptors. Each ghost keeps its descriptor until the server
 * closes it, while its client comes back and takes another. When living connections and standing
 * ghosts together exceed the limit, accept(2) fails with EMFILE.
 *
 * Ghosts come evenly, each at a drawn instant of its own slot; how long one stands is drawn from
 * lives that were simulated in full under the same policy.
 */
import { assert } from '../../model/assert.ts';
import { HOUR_US } from '../../model/duration.ts';
import type { Story } from '../../model/scenario/types.ts';
import { Stream } from '../random.ts';
import type { Draws } from '../random.ts';

export type DescriptorStory = Omit<Extract<Story, { readonly kind: 'descriptors' }>, 'kind'>;

/** A table that has not filled by this many times the ghosts it has room for is taken to hold. */
const PATIENCE_FACTOR = 20;

/**
 * Instant of the first EMFILE in µs after the start; Infinity when the table holds.
 *
 * @param livesUs how long single ghosts kept their descriptor; Infinity = beyond any watch
 */
export function exhaustionUs(
  story: DescriptorStory,
  livesUs: readonly number[],
  draws: Draws,
): number {
  assert(livesUs.length > 0, 'a fleet needs at least one life to draw from');
  const room = story.descriptorLimit - story.connections;
  const perHour = story.connections * story.ghostSharePerHour;
  if (room < 0) return 0;
  if (perHour <= 0) return Infinity;
  const slotUs = HOUR_US / perHour;
  const longestUs = Math.max(...livesUs);
  // No more than this many can ever stand at once.
  if (Math.ceil(longestUs / slotUs) + 1 <= room) return Infinity;
  const standing: number[] = [];
  for (let ghost = 0; ghost < PATIENCE_FACTOR * (room + 1); ghost += 1) {
    const nowUs = Math.floor(
      ghost * slotUs + draws.below(Stream.GhostArrival, ghost, Math.max(1, Math.floor(slotUs))),
    );
    const lifeUs = livesUs[draws.below(Stream.GhostLife, ghost, livesUs.length)] as number;
    // Who has left counts only when the table seems full.
    if (standing.length >= room) dropPast(standing, nowUs);
    standing.push(nowUs + lifeUs);
    if (standing.length > room) return nowUs;
  }
  return Infinity;
}

/** Takes out the instants up to `nowUs`. */
function dropPast(instantsUs: number[], nowUs: number): void {
  let kept = 0;
  for (const instantUs of instantsUs) {
    if (instantUs <= nowUs) continue;
    instantsUs[kept] = instantUs;
    kept += 1;
  }
  instantsUs.length = kept;
}

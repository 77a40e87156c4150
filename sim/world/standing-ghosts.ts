/**
 * Ghosts standing at a time, by Little's law. Connections come evenly, each ghost at a drawn instant of its own
 * slot, and stands for as long as one of the lives that were simulated in full under the same policy: in
 * the long run as many as come in one such life.
 */
import { assert } from '../../model/assert.ts';
import { HOUR_US } from '../../model/duration.ts';
import type { Story } from '../../model/scenario/types.ts';
import { Stream } from '../random.ts';
import type { Draws } from '../random.ts';

export type StockStory = Omit<Extract<Story, { readonly kind: 'stock' }>, 'kind'>;

/** Beyond this many ghosts each one drawn stands for several. */
const MOST_DRAWN = 16_384;

/**
 * Ghosts that stand when the story's time is over.
 *
 * @param livesUs how long single ghosts kept their descriptor; Infinity = beyond any watch
 */
export function standingGhosts(
  story: StockStory,
  livesUs: readonly number[],
  draws: Draws,
): number {
  assert(livesUs.length > 0, 'a stock needs at least one life to draw from');
  const endUs = story.hours * HOUR_US;
  const ghosts = Math.round(story.arrivalsPerHour * story.ghostShare * story.hours);
  if (ghosts === 0) return 0;
  const slotUs = endUs / ghosts;
  const longestUs = Math.max(...livesUs);
  // Who came longer ago than anybody lives is gone.
  const first =
    longestUs === Infinity ? 0 : Math.max(0, Math.floor((endUs - longestUs) / slotUs) - 1);
  const each = Math.max(1, Math.ceil((ghosts - first) / MOST_DRAWN));
  let standing = 0;
  for (let ghost = first; ghost < ghosts; ghost += each) {
    const stands = Math.min(each, ghosts - ghost);
    const widthUs = Math.max(1, Math.floor(slotUs * stands));
    const cameUs = Math.floor(ghost * slotUs) + draws.below(Stream.GhostArrival, ghost, widthUs);
    const lifeUs = livesUs[draws.below(Stream.GhostLife, ghost, livesUs.length)] as number;
    if (cameUs <= endUs && cameUs + lifeUs > endUs) standing += stands;
  }
  return standing;
}

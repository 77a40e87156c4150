/**
 * The row that all others are divided by: integer work and small objects in plain JavaScript, none of it the project's
 * own, so that what makes the whole project slower shows in every ratio.
 */
import type { Row } from './measure.ts';

const ENTRIES = 512;

/** Fills a binary heap of closures with deadlines in an order that is always the same, and empties it. */
function fillAndEmpty(): number {
  const heap: { readonly at: number; readonly run: () => number }[] = [];
  let word = 1;
  for (let n = 0; n < ENTRIES; n += 1) {
    word = (Math.imul(word, 1_103_515_245) + 12_345) >>> 0;
    const at = word;
    heap.push({ at, run: () => at ^ n });
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      const [low, high] = [heap[parent], heap[child]];
      if (low === undefined || high === undefined || low.at <= high.at) break;
      [heap[parent], heap[child]] = [high, low];
      child = parent;
    }
  }
  let sum = 0;
  for (const { run } of heap.toSorted((a, b) => a.at - b.at)) sum = (sum + run()) | 0;
  return sum;
}

let kept = 0;

export const reference: Row = {
  name: 'reference: a heap of 512 closures, filled and sorted',
  work: () => {
    // Kept, so that the work cannot be left out.
    kept = (kept + fillAndEmpty()) | 0;
  },
};

/** What the reference has come to; read once, at the end. */
export function referenceSum(): number {
  return kept;
}

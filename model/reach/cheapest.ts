/** States in the order of the least length of a silence that leads to them: a binary heap. */
import type { Node } from './search.ts';

/** A state that was reached; the least length of the silence that leads to it, µs. */
export interface Priced extends Node {
  readonly priceUs: number;
}

/** Whoever is cheapest comes first: a binary heap. */
export class Cheapest {
  readonly #heap: Priced[] = [];

  push(node: Priced): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(node);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above] as Priced;
      if (other.priceUs <= node.priceUs) break;
      heap[place] = other;
      place = above;
    }
    heap[place] = node;
  }

  pop(): Priced | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      const right = heap[below + 1];
      if (right !== undefined && right.priceUs < (heap[below] as Priced).priceUs) below += 1;
      const other = heap[below] as Priced;
      if (other.priceUs >= last.priceUs) break;
      heap[place] = other;
      place = below;
    }
    heap[place] = last;
    return first;
  }
}

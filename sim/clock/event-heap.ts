/** A priority queue of events by time: a binary heap. Equal instants go by rank, so that the order never hangs on the heap. */

export class EventHeap {
  readonly #atUs: number[] = [];
  readonly #ranks: number[] = [];
  readonly #values: number[] = [];

  get isEmpty(): boolean {
    return this.#atUs.length === 0;
  }

  get firstUs(): number {
    return this.#atUs[0] as number;
  }

  get firstRank(): number {
    return this.#ranks[0] as number;
  }

  clear(): void {
    this.#atUs.length = 0;
    this.#ranks.length = 0;
    this.#values.length = 0;
  }

  /** @param rank unique among what is due at the same instant; the lowest is first */
  push(atUs: number, rank: number, value: number): void {
    let place = this.#atUs.length;
    this.#atUs.push(atUs);
    this.#ranks.push(rank);
    this.#values.push(value);
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!this.#sooner(place, above)) break;
      this.#swap(place, above);
      place = above;
    }
  }

  /** Takes the first: its value; its instant and rank are `firstUs` and `firstRank` before. */
  pop(): number {
    const value = this.#values[0] as number;
    const lastUs = this.#atUs.pop() as number;
    const lastRank = this.#ranks.pop() as number;
    const lastValue = this.#values.pop() as number;
    if (this.#atUs.length > 0) {
      this.#atUs[0] = lastUs;
      this.#ranks[0] = lastRank;
      this.#values[0] = lastValue;
      this.#sink();
    }
    return value;
  }

  #sink(): void {
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      if (left >= this.#atUs.length) return;
      const right = left + 1;
      const below = right < this.#atUs.length && this.#sooner(right, left) ? right : left;
      if (!this.#sooner(below, place)) return;
      this.#swap(below, place);
      place = below;
    }
  }

  #sooner(a: number, b: number): boolean {
    const difference = (this.#atUs[a] as number) - (this.#atUs[b] as number);
    if (difference !== 0) return difference < 0;
    return (this.#ranks[a] as number) < (this.#ranks[b] as number);
  }

  #swap(a: number, b: number): void {
    for (const list of [this.#atUs, this.#ranks, this.#values]) {
      const kept = list[a] as number;
      list[a] = list[b] as number;
      list[b] = kept;
    }
  }
}

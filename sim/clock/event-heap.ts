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
    this.#put(place, atUs, rank, value);
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!this.#isSooner(atUs, rank, above)) break;
      this.#move(above, place);
      place = above;
    }
    this.#put(place, atUs, rank, value);
  }

  /** Takes the first: its value; its instant and rank are `firstUs` and `firstRank` before. */
  pop(): number {
    const value = this.#values[0] as number;
    const lastUs = this.#atUs.pop() as number;
    const lastRank = this.#ranks.pop() as number;
    const lastValue = this.#values.pop() as number;
    if (this.#atUs.length > 0) this.#sink(lastUs, lastRank, lastValue);
    return value;
  }

  /** Finds the place of what stood last, from the top on. */
  #sink(atUs: number, rank: number, value: number): void {
    const count = this.#atUs.length;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      if (left >= count) break;
      const right = left + 1;
      const below =
        right < count &&
        this.#isSooner(this.#atUs[right] as number, this.#ranks[right] as number, left)
          ? right
          : left;
      if (this.#isSooner(atUs, rank, below)) break;
      this.#move(below, place);
      place = below;
    }
    this.#put(place, atUs, rank, value);
  }

  #isSooner(atUs: number, rank: number, than: number): boolean {
    const difference = atUs - (this.#atUs[than] as number);
    return difference !== 0 ? difference < 0 : rank < (this.#ranks[than] as number);
  }

  #put(place: number, atUs: number, rank: number, value: number): void {
    this.#atUs[place] = atUs;
    this.#ranks[place] = rank;
    this.#values[place] = value;
  }

  #move(from: number, to: number): void {
    this.#put(
      to,
      this.#atUs[from] as number,
      this.#ranks[from] as number,
      this.#values[from] as number,
    );
  }
}

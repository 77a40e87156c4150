/**
 * The earliest deadline among many connections: an indexed binary heap.
 *
 * Traffic moves deadlines later far more often than earlier, and a deadline that moved later need not
 * be filed anew: its entry surfaces too early once, is found not due, and sinks. So only a deadline that moved earlier
 * is filed anew at once, and that is rare.
 */

/** What can be filed: its own filing time and place. One heap at a time. */
export interface HeapEntry {
  /** Filed for this instant; written by the heap only. */
  filedUs: number;
  /** Index in the heap, -1 outside it; written by the heap only. */
  heapIndex: number;
}

export class DeadlineHeap<E extends HeapEntry> {
  readonly #entries: E[] = [];

  /** The entry filed earliest; undefined when there is none. */
  get first(): E | undefined {
    return this.#entries[0];
  }

  /** Files `entry` for `dueUs`, wherever it was before. Infinity takes it out. */
  file(entry: E, dueUs: number): void {
    if (dueUs === Infinity) {
      this.remove(entry);
      return;
    }
    if (entry.heapIndex < 0) {
      entry.heapIndex = this.#entries.length;
      this.#entries.push(entry);
    }
    entry.filedUs = dueUs;
    this.#sink(this.#rise(entry));
  }

  /** Takes `entry` out; nothing happens when it is not in. */
  remove(entry: E): void {
    const index = entry.heapIndex;
    if (index < 0) return;
    entry.heapIndex = -1;
    const last = this.#entries.pop();
    if (last === undefined || last === entry) return;
    this.#place(last, index);
    this.#sink(this.#rise(last));
  }

  #rise(entry: E): E {
    let index = entry.heapIndex;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.#entries[above];
      if (parent === undefined || parent.filedUs <= entry.filedUs) break;
      this.#place(parent, index);
      index = above;
    }
    this.#place(entry, index);
    return entry;
  }

  #sink(entry: E): void {
    let index = entry.heapIndex;
    for (;;) {
      const left = this.#entries[2 * index + 1];
      const right = this.#entries[2 * index + 2];
      if (left === undefined) break;
      const child = right !== undefined && right.filedUs < left.filedUs ? right : left;
      if (child.filedUs >= entry.filedUs) break;
      const below = child.heapIndex;
      this.#place(child, index);
      index = below;
    }
    this.#place(entry, index);
  }

  #place(entry: E, index: number): void {
    this.#entries[index] = entry;
    entry.heapIndex = index;
  }
}

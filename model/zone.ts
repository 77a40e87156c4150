/**
 * A zone: every way in which the instants of a system can lie to each other, as the tightest bounds on their
 * differences (difference-bound matrix; Dill 1989, Bengtsson and Yi 2004).
 *
 * Entry (i, j) is the least upper bound of x_i − x_j in µs, Infinity where there is none. Variable 0 is *now*; the others
 * are instants: of timers that will go off, of things that are remembered. All instants are whole microseconds, so a strict
 * bound is one microsecond less, and bounds are exact in a double. A variable that is not in use has no row: `live` lists those that do.
 *
 * Zones are kept closed under shortest paths, so each entry is attained and inclusion is entry by entry.
 */

/** Number of the variable that is the present instant. */
export const NOW = 0;

export class Zone {
  /** The matrix, row by row, over all variables of the system. */
  readonly bounds: Float64Array;
  /** 1 for each variable in use. */
  readonly live: Uint8Array;
  readonly size: number;
  /** The variables in use, in no order: the first `#count` of them. */
  readonly #ids: Uint8Array;
  #count = 1;

  /** @param size number of variables, *now* among them; at most 255 */
  constructor(size: number) {
    this.size = size;
    this.bounds = new Float64Array(size * size);
    this.live = new Uint8Array(size);
    this.#ids = new Uint8Array(size);
    this.live[NOW] = 1;
  }

  copy(): Zone {
    const copy = new Zone(this.size);
    copy.bounds.set(this.bounds);
    copy.live.set(this.live);
    copy.#ids.set(this.#ids);
    copy.#count = this.#count;
    return copy;
  }

  has(v: number): boolean {
    return this.live[v] === 1;
  }

  drop(v: number): void {
    if (this.live[v] === 0) return;
    this.live[v] = 0;
    const at = this.#ids.indexOf(v);
    this.#count -= 1;
    this.#ids[at] = this.#ids[this.#count] as number;
  }

  /** The least upper bound of x_i − x_j. */
  most(i: number, j: number): number {
    return this.bounds[i * this.size + j] ?? Infinity;
  }

  /** The greatest lower bound of x_i − x_j. */
  least(i: number, j: number): number {
    return -(this.bounds[j * this.size + i] ?? Infinity);
  }

  /** v becomes an instant `lo` to `hi` µs after `base`; whatever it was before is forgotten. */
  set(v: number, base: number, lo: number, hi: number): void {
    const { bounds, size } = this;
    const ids = this.#ids;
    for (let at = 0; at < this.#count; at += 1) {
      const j = ids[at] as number;
      if (j === v) continue;
      bounds[v * size + j] = (j === base ? 0 : (bounds[base * size + j] as number)) + hi;
      bounds[j * size + v] = (j === base ? 0 : (bounds[j * size + base] as number)) - lo;
    }
    bounds[v * size + v] = 0;
    if (this.live[v] === 1) return;
    this.live[v] = 1;
    ids[this.#count] = v;
    this.#count += 1;
  }

  /** v becomes an instant so many µs later than it was. */
  shift(v: number, us: number): void {
    const { bounds, size } = this;
    for (let j = 0; j < size; j += 1) {
      if (j === v) continue;
      bounds[v * size + j] = (bounds[v * size + j] as number) + us;
      bounds[j * size + v] = (bounds[j * size + v] as number) - us;
    }
  }

  /** How long ago the instant v was is no longer limited above: it was then, or at any time before. */
  everEarlier(v: number): void {
    const { bounds, size } = this;
    for (let i = 0; i < size; i += 1) if (i !== v) bounds[i * size + v] = Infinity;
  }

  /** Takes x_i − x_j ≤ c into account; false where nothing is left. */
  limit(i: number, j: number, c: number): boolean {
    const { bounds, size } = this;
    const ids = this.#ids;
    const count = this.#count;
    if (c >= (bounds[i * size + j] as number)) return true;
    if (c + (bounds[j * size + i] as number) < 0) return false;
    bounds[i * size + j] = c;
    for (let x = 0; x < count; x += 1) {
      const a = ids[x] as number;
      const toI = a === i ? 0 : (bounds[a * size + i] as number);
      const through = toI + c;
      if (through === Infinity) continue;
      for (let y = 0; y < count; y += 1) {
        const b = ids[y] as number;
        const length = through + (b === j ? 0 : (bounds[j * size + b] as number));
        if (length < (bounds[a * size + b] as number)) bounds[a * size + b] = length;
      }
    }
    return true;
  }

  /** The instant v is now; v itself is no longer needed. */
  arriveAt(v: number): void {
    const { bounds, size } = this;
    for (let j = 0; j < size; j += 1) {
      bounds[j] = bounds[v * size + j] as number;
      bounds[j * size] = bounds[j * size + v] as number;
    }
    bounds[0] = 0;
    this.drop(v);
  }

  /** Whether every point of this zone is one of the other, but for two variables; both have the same ones in use. */
  within(other: Zone, except = -1, besides = -1): boolean {
    const { bounds, size } = this;
    const ids = this.#ids;
    const count = this.#count;
    for (let x = 0; x < count; x += 1) {
      const i = ids[x] as number;
      if (i === except || i === besides) continue;
      for (let y = 0; y < count; y += 1) {
        const j = ids[y] as number;
        if (j === except || j === besides) continue;
        if ((bounds[i * size + j] as number) > (other.bounds[i * size + j] as number)) return false;
      }
    }
    return true;
  }

  /** Grows to the least zone that contains the other as well. */
  join(other: Zone): void {
    const { bounds, size } = this;
    const ids = this.#ids;
    for (let x = 0; x < this.#count; x += 1) {
      for (let y = 0; y < this.#count; y += 1) {
        const at = (ids[x] as number) * size + (ids[y] as number);
        if ((other.bounds[at] as number) > (bounds[at] as number)) {
          bounds[at] = other.bounds[at] as number;
        }
      }
    }
  }

  /**
   * Forgets how long ago a remembered instant was beyond `mostUs`: no rule tells such ages apart (extrapolation by
   * the largest constant).
   */
  forgetBeyond(v: number, mostUs: number): void {
    const { bounds, live, size } = this;
    if (live[v] === 0 || (bounds[v] as number) <= mostUs) return;
    const floor = Math.min(this.least(NOW, v), mostUs);
    // Some of its ages matter and some do not: keep the least, lose the rest and the ties to other instants.
    for (let j = 0; j < size; j += 1) {
      if (live[j] === 0 || j === v) continue;
      bounds[j * size + v] = Infinity;
      bounds[v * size + j] = (j === NOW ? 0 : (bounds[NOW * size + j] as number)) - floor;
    }
  }

  /** Tightens every bound to the shortest path (Floyd and Warshall), after bounds were set apart from the operations above. */
  close(): void {
    const { bounds, size } = this;
    const ids = this.#ids.subarray(0, this.#count);
    for (const k of ids) {
      for (const i of ids) {
        if (i === k) continue;
        const toK = bounds[i * size + k] as number;
        if (toK === Infinity) continue;
        for (const j of ids) {
          if (j === i) continue;
          const length = toK + (j === k ? 0 : (bounds[k * size + j] as number));
          if (length < (bounds[i * size + j] as number)) bounds[i * size + j] = length;
        }
      }
    }
  }
}

/**
 * A zone: every way in which the instants of a system can lie to each other, as the tightest bounds on their
 * differences (difference-bound matrix; Dill 1989, Bengtsson and Yi 2004).
 *
 * Entry (i, j) is the least upper bound of x_i − x_j in µs, Infinity where there is none. Variable 0 is *now*; the others
 * are instants: of timers that will go off, of things that are remembered. All instants are whole microseconds, so a strict
 * bound is one microsecond less, and bounds are exact in a double. Only variables in use have a row: of a system's forty, about ten.
 *
 * Zones are kept closed under shortest paths, so each entry is attained and inclusion is entry by entry.
 */
import { assert } from './assert.ts';

/** Number of the variable that is the present instant. */
export const NOW = 0;

/** Rows that a matrix begins with, and grows by. */
const ROWS = 8;

/** A matrix to copy: one of small integers would be converted at the first Infinity. */
const BLANK: readonly number[] = Array.from({ length: ROWS ** 2 }, () => 0.5);

export class Zone {
  /** Number of variables of the system, *now* among them. */
  readonly size: number;
  /** The variables in use, row by row; *now* has the first. */
  #ids: number[];
  /** Row of each variable; -1 = it is not in use. */
  #rows: number[];
  /** The matrix: rows of `#stride`, of which as many are in use as variables are. */
  #bounds: number[];
  #stride: number;
  /** Whether the rows are in ascending order of their variables. */
  #isAscending: boolean;

  /** @param size number of variables, *now* among them. @param from a zone to copy */
  constructor(size: number, from: Zone | null = null) {
    this.size = size;
    if (from !== null) {
      this.#ids = from.#ids.slice();
      this.#rows = from.#rows.slice();
      this.#bounds = from.#bounds.slice();
      this.#stride = from.#stride;
      this.#isAscending = from.#isAscending;
      return;
    }
    this.#ids = [NOW];
    this.#rows = Array.from({ length: size }, (_, v) => (v === NOW ? 0 : -1));
    this.#bounds = BLANK.slice();
    this.#bounds[0] = 0;
    this.#stride = ROWS;
    this.#isAscending = true;
  }

  copy(): Zone {
    return new Zone(this.size, this);
  }

  has(v: number): boolean {
    return (this.#rows[v] as number) >= 0;
  }

  /** The variables in use in ascending order, *now* first. */
  variables(): readonly number[] {
    this.#arrange();
    return this.#ids;
  }

  drop(v: number): void {
    const row = this.#rows[v] as number;
    if (row < 0) return;
    const last = this.#ids.length - 1;
    if (row < last) this.#move(last, row);
    this.#ids.pop();
    this.#rows[v] = -1;
  }

  /** Row and column `from` become row and column `to`, whose variable goes. */
  #move(from: number, to: number): void {
    const bounds = this.#bounds;
    const stride = this.#stride;
    const mine = from * stride;
    const other = to * stride;
    for (let x = 0; x < from; x += 1) {
      bounds[other + x] = bounds[mine + x] as number;
      bounds[x * stride + to] = bounds[x * stride + from] as number;
    }
    bounds[other + to] = 0;
    const v = this.#ids[from] as number;
    if (to < from - 1) this.#isAscending = false;
    this.#ids[to] = v;
    this.#rows[v] = to;
  }

  /** The rows in ascending order of their variables, so that zones of one discrete state have the same. */
  #arrange(): void {
    if (this.#isAscending) return;
    this.#isAscending = true;
    const sorted = this.#ids.toSorted((a, b) => a - b);
    const old = this.#bounds;
    const rows = this.#rows;
    const bounds = old.slice();
    const stride = this.#stride;
    const count = sorted.length;
    for (let x = 0; x < count; x += 1) {
      const row = (rows[sorted[x] as number] as number) * stride;
      for (let y = 0; y < count; y += 1) {
        bounds[x * stride + y] = old[row + (rows[sorted[y] as number] as number)] as number;
      }
    }
    for (let x = 0; x < count; x += 1) rows[sorted[x] as number] = x;
    this.#ids = sorted;
    this.#bounds = bounds;
  }

  /** A row for a variable that is not in use. */
  #add(v: number): number {
    const row = this.#ids.length;
    if (row === this.#stride) this.#grow();
    if (v < (this.#ids[row - 1] as number)) this.#isAscending = false;
    this.#ids.push(v);
    this.#rows[v] = row;
    return row;
  }

  #grow(): void {
    const old = this.#bounds;
    const before = this.#stride;
    const stride = before + ROWS;
    const bounds: number[] = [];
    for (let x = 0; x < stride; x += 1) {
      for (let y = 0; y < stride; y += 1) {
        bounds.push(x < before && y < before ? (old[x * before + y] as number) : 0.5);
      }
    }
    this.#bounds = bounds;
    this.#stride = stride;
  }

  #rowOf(v: number): number {
    const row = this.#rows[v] as number;
    assert(row >= 0, 'a bound is of variables in use');
    return row;
  }

  /** The least upper bound of x_i − x_j. */
  most(i: number, j: number): number {
    return this.#bounds[this.#rowOf(i) * this.#stride + this.#rowOf(j)] as number;
  }

  /** The greatest lower bound of x_i − x_j. */
  least(i: number, j: number): number {
    return -this.most(j, i);
  }

  /** v becomes an instant `lo` to `hi` µs after `base`; whatever it was before is forgotten. */
  set(v: number, base: number, lo: number, hi: number): void {
    const known = this.#rows[v] as number;
    const from = this.#rowOf(base);
    const row = known < 0 ? this.#add(v) : known;
    const bounds = this.#bounds;
    const stride = this.#stride;
    const count = this.#ids.length;
    for (let x = 0; x < count; x += 1) {
      if (x === row) continue;
      const isBase = x === from;
      bounds[row * stride + x] = (isBase ? 0 : (bounds[from * stride + x] as number)) + hi;
      bounds[x * stride + row] = (isBase ? 0 : (bounds[x * stride + from] as number)) - lo;
    }
    bounds[row * stride + row] = 0;
  }

  /**
   * v becomes any instant from `lo` µs after one instant to `hi` µs after another; these are no further apart than that. Either may be what v was before,
   * which is forgotten.
   */
  setBetween(v: number, from: number, lo: number, to: number, hi: number): void {
    const earliest = this.#rowOf(from);
    const latest = this.#rowOf(to);
    const known = this.#rows[v] as number;
    const bounds = known < 0 ? null : this.#bounds.slice();
    const row = known < 0 ? this.#add(v) : known;
    const before = bounds ?? this.#bounds;
    const stride = this.#stride;
    const count = this.#ids.length;
    for (let x = 0; x < count; x += 1) {
      if (x === row) continue;
      const most = x === latest ? 0 : (before[latest * stride + x] as number);
      const least = x === earliest ? 0 : (before[x * stride + earliest] as number);
      this.#bounds[row * stride + x] = most + hi;
      this.#bounds[x * stride + row] = least - lo;
    }
    this.#bounds[row * stride + row] = 0;
  }

  /** v becomes an instant so many µs later than it was. */
  shift(v: number, us: number): void {
    this.set(v, v, us, us);
  }

  /** How long ago the instant v was is no longer limited above: it was then, or at any time before. */
  everEarlier(v: number): void {
    const row = this.#rowOf(v);
    for (let x = 0; x < this.#ids.length; x += 1) {
      if (x !== row) this.#bounds[x * this.#stride + row] = Infinity;
    }
  }

  /** Takes x_i − x_j ≤ c into account; false where nothing is left. */
  limit(i: number, j: number, c: number): boolean {
    const bounds = this.#bounds;
    const stride = this.#stride;
    const count = this.#ids.length;
    const to = this.#rowOf(i);
    const from = this.#rowOf(j) * stride;
    if (c >= (bounds[to * stride + (this.#rows[j] as number)] as number)) return true;
    if (c + (bounds[from + to] as number) < 0) return false;
    // The diagonal is 0, so what is between i and j themselves needs no case of its own.
    for (let x = 0; x < count; x += 1) {
      const row = x * stride;
      const through = (bounds[row + to] as number) + c;
      if (through === Infinity) continue;
      for (let y = 0; y < count; y += 1) {
        const length = through + (bounds[from + y] as number);
        if (length < (bounds[row + y] as number)) bounds[row + y] = length;
      }
    }
    return true;
  }

  /** The instant v is now; v itself is no longer needed. */
  arriveAt(v: number): void {
    const row = this.#rowOf(v);
    const bounds = this.#bounds;
    const stride = this.#stride;
    for (let x = 0; x < this.#ids.length; x += 1) {
      bounds[x] = bounds[row * stride + x] as number;
      bounds[x * stride] = bounds[x * stride + row] as number;
    }
    bounds[0] = 0;
    this.drop(v);
  }

  /** Whether every point of this zone is one of the other, but for two variables; both have the same ones in use. */
  within(other: Zone, except = -1, besides = -1): boolean {
    this.#arrange();
    other.#arrange();
    const mine = this.#bounds;
    const others = other.#bounds;
    const count = this.#ids.length;
    const leftOut = except < 0 ? -1 : (this.#rows[except] as number);
    const leftOutToo = besides < 0 ? -1 : (this.#rows[besides] as number);
    for (let x = 0; x < count; x += 1) {
      if (x === leftOut || x === leftOutToo) continue;
      const row = x * this.#stride;
      const otherRow = x * other.#stride;
      for (let y = 0; y < count; y += 1) {
        if ((mine[row + y] as number) <= (others[otherRow + y] as number)) continue;
        if (y !== leftOut && y !== leftOutToo) return false;
      }
    }
    return true;
  }

  /** Grows to the least zone that contains the other as well. */
  join(other: Zone): void {
    this.#arrange();
    other.#arrange();
    const count = this.#ids.length;
    for (let x = 0; x < count; x += 1) {
      for (let y = 0; y < count; y += 1) {
        const at = x * this.#stride + y;
        const bound = other.#bounds[x * other.#stride + y] as number;
        if (bound > (this.#bounds[at] as number)) this.#bounds[at] = bound;
      }
    }
  }

  /**
   * Where the difference of two instants may be greater than it was before, it may be as great as `mostUs` says (widening; Cousot 1977). What it grows
   * to is not tightened.
   */
  widen(before: Zone, mostUs: (i: number, j: number) => number): void {
    for (const i of this.#ids) {
      for (const j of this.#ids) {
        if (i === j || this.most(i, j) <= before.most(i, j)) continue;
        const at = this.#rowOf(i) * this.#stride + this.#rowOf(j);
        this.#bounds[at] = Math.max(this.#bounds[at] as number, mostUs(i, j));
      }
    }
  }

  /**
   * Forgets how long ago a remembered instant was beyond `mostUs`: no rule tells such ages apart (extrapolation by
   * the largest constant).
   */
  forgetBeyond(v: number, mostUs: number): void {
    if (!this.has(v) || this.most(NOW, v) <= mostUs) return;
    const floor = Math.min(this.least(NOW, v), mostUs);
    const bounds = this.#bounds;
    const stride = this.#stride;
    const row = this.#rowOf(v);
    // Some of its ages matter and some do not: keep the least, lose the rest and the ties to other instants.
    for (let x = 0; x < this.#ids.length; x += 1) {
      if (x === row) continue;
      bounds[x * stride + row] = Infinity;
      bounds[row * stride + x] = (bounds[x] as number) - floor;
    }
  }

  /** Tightens every bound to the shortest path (Floyd and Warshall), after bounds were set apart from the operations above. */
  close(): void {
    const bounds = this.#bounds;
    const stride = this.#stride;
    const count = this.#ids.length;
    for (let k = 0; k < count; k += 1) {
      for (let x = 0; x < count; x += 1) {
        const toK = bounds[x * stride + k] as number;
        if (x === k || toK === Infinity) continue;
        for (let y = 0; y < count; y += 1) {
          const length = toK + (bounds[k * stride + y] as number);
          if (y !== x && length < (bounds[x * stride + y] as number))
            bounds[x * stride + y] = length;
        }
      }
    }
  }
}

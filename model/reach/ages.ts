/**
 * The states after a fault that were followed already, each discrete one's zones in the order of how old their ghosts may be: a zone is contained in none whose
 * ghosts are younger, so of hundreds a few are compared.
 */
import type { Zone } from '../zone.ts';

interface Followed {
  /** The greatest age in each zone, ascending. */
  readonly agesUs: number[];
  readonly zones: Zone[];
}

/** Comparisons that cost as much as a step. */
const COMPARISONS_PER_STEP = 128;

export class Ages {
  readonly #byKey: Followed[] = [];
  #comparisons = 0;

  /** What the comparisons have cost, in steps. */
  get work(): number {
    return Math.floor(this.#comparisons / COMPARISONS_PER_STEP);
  }

  /**
   * Whether a state that contains this one was followed before; from now on this one was.
   *
   * @param ageUs the greatest age of its ghosts
   */
  hasFollowed(key: number, zone: Zone, ageUs: number): boolean {
    const { agesUs, zones } = (this.#byKey[key] ??= { agesUs: [], zones: [] });
    const at = placeOf(ageUs, agesUs);
    for (let older = at; older < zones.length; older += 1) {
      this.#comparisons += 1;
      if (zone.within(zones[older] as Zone)) return true;
    }
    agesUs.splice(at, 0, ageUs);
    zones.splice(at, 0, zone);
    return false;
  }
}

/** The first place in an ascending list whose value is not less. */
function placeOf(value: number, ascending: readonly number[]): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

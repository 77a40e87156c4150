import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOW, Zone } from '../../model/zone.ts';

/** Instants that satisfy every bound of a zone, or null where there is a contradiction. */
function isIn(zone: Zone, at: readonly number[]): boolean {
  return at.every((x, i) =>
    at.every((y, j) => !zone.has(i) || !zone.has(j) || i === j || x - y <= zone.most(i, j)),
  );
}

interface Limit {
  readonly i: number;
  readonly j: number;
  readonly c: number;
}

const limits = fc.array(
  fc.record({ i: fc.nat(3), j: fc.nat(3), c: fc.integer({ min: -30, max: 30 }) }),
  { maxLength: 8 },
);
const points = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 3, maxLength: 3 });

/** Three instants, each at most 40 away from now. */
function wide(): Zone {
  const zone = new Zone(4);
  for (const v of [1, 2, 3]) zone.set(v, NOW, -40, 40);
  return zone;
}

describe('a zone', () => {
  it('holds exactly the instants that keep all its limits', () => {
    fc.assert(
      fc.property(limits, points, (all: readonly Limit[], rest) => {
        const zone = wide();
        const at = [0, ...rest];
        const kept = all.filter(({ i, j }) => i !== j);
        const stands = kept.every(({ i, j, c }) => zone.limit(i, j, c));
        const within = kept.every(({ i, j, c }) => (at[i] ?? 0) - (at[j] ?? 0) <= c);
        // A contradiction holds no instants at all.
        expect(stands && isIn(zone, at)).toBe(within);
      }),
    );
  });

  it('moves with now, and forgets nothing by it', () => {
    const zone = new Zone(3);
    zone.set(1, NOW, 10, 20);
    zone.set(2, 1, 5, 5);
    zone.arriveAt(1);
    expect([zone.least(2, NOW), zone.most(2, NOW)]).toEqual([5, 5]);
    expect(zone.has(1)).toBe(false);
  });

  it('lies within what it was joined with', () => {
    fc.assert(
      fc.property(limits, limits, (left: readonly Limit[], right: readonly Limit[]) => {
        const one = wide();
        const other = wide();
        const stand =
          left.every(({ i, j, c }) => i === j || one.limit(i, j, c)) &&
          right.every(({ i, j, c }) => i === j || other.limit(i, j, c));
        fc.pre(stand);
        const joined = one.copy();
        joined.join(other);
        expect(one.within(joined) && other.within(joined)).toBe(true);
      }),
    );
  });

  it('is the same in whatever order its instants came into use, and after others have gone', () => {
    const permutation = fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], { minLength: 11 });
    fc.assert(
      fc.property(permutation, permutation, fc.integer({ min: 1, max: 11 }), (one, other, gone) => {
        const built = (order: readonly number[]): Zone => {
          const zone = new Zone(12);
          for (const v of order) zone.set(v, NOW, -v, 10 * v);
          zone.drop(gone);
          return zone;
        };
        const [left, right] = [built(one), built(other)];
        expect(left.within(right) && right.within(left)).toBe(true);
        expect(left.variables()).toEqual(right.variables());
        for (const i of left.variables()) {
          for (const j of left.variables()) {
            expect(left.most(i, j)).toBe(
              i === j ? 0 : i === NOW ? j : 10 * i + (j === NOW ? 0 : j),
            );
          }
        }
        right.limit(right.variables().at(-1) ?? NOW, NOW, 1);
        expect(right.within(left)).toBe(true);
        expect(left.within(right)).toBe(false);
      }),
    );
  });

  it('knows nothing of an instant that is not in use', () => {
    const zone = new Zone(2);
    expect(() => zone.most(1, NOW)).toThrow('in use');
  });

  it('keeps what it knows of an age that still matters, and the least of one that does not', () => {
    const zone = new Zone(2);
    zone.set(1, NOW, -50, -30);
    zone.forgetBeyond(1, 60);
    expect(zone.most(NOW, 1)).toBe(50);
    zone.forgetBeyond(1, 40);
    expect([zone.least(NOW, 1), zone.most(NOW, 1)]).toEqual([30, Infinity]);
  });
});

describe('an instant between two others', () => {
  it('is any from one to the other, and the bounds are attained', () => {
    fc.assert(
      fc.property(limits, points, fc.nat(40), (set, at, hi) => {
        const zone = wide();
        for (const { i, j, c } of set) if (i !== j && !zone.limit(i, j, c)) return;
        // Instant 1 is to lie from now on, to so long after instant 2.
        if (!zone.limit(NOW, 2, hi)) return;
        const within = zone.copy();
        within.setBetween(1, NOW, 0, 2, hi);
        const again = within.copy();
        again.close();
        for (const i of [0, 1, 2, 3])
          for (const j of [0, 1, 2, 3]) expect(again.most(i, j)).toBe(within.most(i, j));
        const [first = 0, second = 0, third = 0] = at;
        const others = zone.copy();
        others.drop(1);
        const isOne = isIn(others, [0, first, second, third]) && first >= 0 && first <= second + hi;
        expect(isIn(within, [0, first, second, third])).toBe(isOne);
      }),
    );
  });

  it('may be what it was before, moved', () => {
    const zone = new Zone(2);
    zone.set(1, NOW, 5, 9);
    zone.setBetween(1, NOW, 1, 1, 10);
    expect([zone.least(1, NOW), zone.most(1, NOW)]).toEqual([1, 19]);
  });
});

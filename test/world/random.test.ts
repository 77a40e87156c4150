import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Digest, DigestSum } from '../../sim/digest.ts';
import { Draws, formatSeed, parseSeed, seedWords, Stream } from '../../sim/random.ts';
import { cases } from '../support/property.ts';

describe('parseSeed', () => {
  it('takes decimal and hexadecimal for the same number', () => {
    expect(parseSeed('42')).toEqual({ ok: true, value: 42n });
    expect(parseSeed('0x2a')).toEqual({ ok: true, value: 42n });
    expect(parseSeed('0xFFFFFFFFFFFFFFFF')).toEqual({ ok: true, value: 2n ** 64n - 1n });
    expect(parseSeed(7n)).toEqual({ ok: true, value: 7n });
  });

  it.each(['', '-1', '1.5', '0x', 'seed', '18446744073709551616', '0x10000000000000000', ' 1'])(
    'refuses %j and names it',
    (text) => {
      const issue = { code: 'bad-seed', path: '--seed', received: JSON.stringify(text) };
      expect(parseSeed(text)).toMatchObject({ ok: false, issues: [issue] });
    },
  );

  it('is written the way it is read', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (seed) => {
        expect(parseSeed(formatSeed(seed))).toEqual({ ok: true, value: seed });
        const { high, low } = seedWords(seed);
        expect((BigInt(high) << 32n) + BigInt(low)).toBe(seed);
      }),
      cases(100),
    );
  });
});

describe('draws', () => {
  it('depend on every one of their coordinates and on nothing else', () => {
    const draw = (high: number, low: number, run: number, connection: number, index: number) => {
      const draws = new Draws();
      draws.reset({ high, low }, run, connection);
      return draws.below(Stream.FaultPhase, index, 2 ** 53);
    };
    const one = draw(1, 2, 3, 4, 5);
    expect(draw(1, 2, 3, 4, 5)).toBe(one);
    const others = [
      draw(9, 2, 3, 4, 5),
      draw(1, 9, 3, 4, 5),
      draw(1, 2, 9, 4, 5),
      draw(1, 2, 3, 9, 5),
      draw(1, 2, 3, 4, 9),
    ];
    expect(new Set([one, ...others]).size).toBe(6);
  });

  it('fall evenly: chi-square over 64 boxes, runs, connections and indices alike', () => {
    const counters = [
      (n: number) => [n, 0, 0] as const,
      (n: number) => [0, n, 0] as const,
      (n: number) => [0, 0, n] as const,
    ];
    for (const at of counters) {
      const boxes = new Float64Array(64);
      const draws = new Draws();
      const samples = 64_000;
      for (let n = 0; n < samples; n += 1) {
        const [run, connection, index] = at(n);
        draws.reset({ high: 0, low: 1 }, run, connection);
        const box = draws.below(Stream.SweepPhase, index, 64);
        boxes[box] = (boxes[box] as number) + 1;
      }
      const expected = samples / 64;
      const chiSquare = boxes.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
      // 63 degrees of freedom: the 99.9 % point is 103.4.
      expect(chiSquare).toBeLessThan(103.4);
    }
  });

  it('stay below their bound, up to 2^53', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        fc.nat(),
        (bound, index) => {
          const draws = new Draws();
          draws.reset({ high: 3, low: 4 }, 5, 6);
          const value = draws.below(Stream.LoadPhase, index, bound);
          expect(Number.isSafeInteger(value) && value >= 0 && value < bound).toBe(true);
        },
      ),
      cases(100),
    );
  });
});

describe('digests', () => {
  const digestOf = (values: readonly number[]): Digest => {
    const digest = new Digest();
    digest.reset();
    for (const value of values) digest.add(value);
    return digest;
  };

  it('see order, value and the words above 2^32', () => {
    const texts = [[1, 2], [2, 1], [1, 2, 0], [1, 2 + 2 ** 32], []].map((v) => digestOf(v).hex());
    expect(new Set(texts).size).toBe(5);
    expect(texts[0]).toMatch(/^[0-9a-f]{16}$/);
  });

  it('add up to the same sum in any order and any grouping', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 40 }), fc.nat(), (values, cut) => {
        const numbered = values.map((value, run) => ({ run, digest: digestOf([value]) }));
        const whole = new DigestSum();
        for (const { run, digest } of numbered) whole.addNumbered(run, digest);
        const left = new DigestSum();
        const right = new DigestSum();
        const at = cut % numbered.length;
        for (const { run, digest } of numbered.slice(at).toReversed())
          right.addNumbered(run, digest);
        for (const { run, digest } of numbered.slice(0, at)) left.addNumbered(run, digest);
        right.addSum(left);
        expect(right.hex()).toBe(whole.hex());
      }),
      cases(100),
    );
  });

  it('know which run had which digest', () => {
    const sum = (first: number, second: number): string => {
      const digests = new DigestSum();
      digests.addNumbered(0, digestOf([first]));
      digests.addNumbered(1, digestOf([second]));
      return digests.hex();
    };
    expect(sum(7, 8)).not.toBe(sum(8, 7));
  });
});

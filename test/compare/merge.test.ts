import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presets } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { ComparisonRow } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare, mergeParts, planChunks, runChunk } from '../../scenarios/compare/index.ts';
import { cases } from '../support/property.ts';

const policy = presets['sweep-and-pong-timer'] as Policy;
const vanish = scenarios['vanish-idle'] as Scenario;
const outage = scenarios['live-outage-29s'] as Scenario;

describe('planChunks', () => {
  it('covers every run of every cell once, for any number of shards', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 1200 }),
        fc.integer({ min: 1, max: 7 }),
        (policies, stories, runs, count) => {
          const seen = new Set<string>();
          for (let index = 0; index < count; index += 1) {
            for (const chunk of planChunks(policies, stories, runs, { index, count })) {
              for (let run = chunk.firstRun; run < chunk.firstRun + chunk.runs; run += 1) {
                const key = `${chunk.policy}/${chunk.scenario}/${run}`;
                expect(seen.has(key)).toBe(false);
                seen.add(key);
              }
            }
          }
          expect(seen.size).toBe(policies * stories * runs);
        },
      ),
      cases(40),
    );
  });
});

describe('a comparison', () => {
  const grid = { policies: [policy], scenarios: [vanish, outage], runs: 60, seed: 11n };
  const whole = JSON.stringify(compare(grid));

  it('is the same bytes for the same seed, however the seed is written', () => {
    expect(JSON.stringify(compare({ ...grid, seed: '0xb' }))).toBe(whole);
  });

  it('differs for another seed', () => {
    expect(JSON.stringify(compare({ ...grid, seed: 12n }))).not.toBe(whole);
  });

  it('is the same bytes for any split of the runs, played in any order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 59 }), { maxLength: 5 }), (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), 60];
        const chunks = [0, 1].flatMap((scenario) =>
          edges
            .slice(1)
            .map((edge, i) => ({ from: edges[i] as number, to: edge }))
            .map(({ from, to }) => ({ policy: 0, scenario, firstRun: from, runs: to - from })),
        );
        const parts = chunks
          .toReversed()
          .map((chunk) =>
            runChunk(policy, grid.scenarios[chunk.scenario] as Scenario, grid.seed, chunk),
          );
        const throughFiles = JSON.parse(JSON.stringify(parts)) as typeof parts;
        expect(JSON.stringify(mergeParts(grid, throughFiles))).toBe(whole);
      }),
      cases(10),
    );
  });

  it('refuses parts that leave a run out or hold it twice', () => {
    const part = (firstRun: number, runs: number) =>
      runChunk(policy, vanish, 11n, { policy: 0, scenario: 0, firstRun, runs });
    const one = { ...grid, scenarios: [vanish] };
    expect(() => mergeParts(one, [part(0, 30)])).toThrow(/30 of its 60/);
    expect(() => mergeParts(one, [part(0, 30), part(20, 40)])).toThrow(/run 30/);
  });

  it('tells of all who were ended alive the earliest, and who ended most of them first', () => {
    const one = { ...grid, scenarios: [outage], runs: 3 };
    const part = runChunk(policy, outage, 11n, { policy: 0, scenario: 0, firstRun: 0, runs: 3 });
    const endedAlive = [
      { by: 'age', count: 1, earliestUs: 5_000_000 },
      { by: 'sweep', count: 2, earliestUs: 3_000_000 },
    ];
    const { rows } = mergeParts(one, [{ ...part, endedAlive }]);
    expect(rows[0]?.endedAlive).toEqual({
      count: 3,
      samples: 3,
      earliestMs: 3_000,
      by: 'sweep, age',
    });
  });

  it('counts the runs in which descriptors ran out, and those in which they never did', () => {
    const story = scenarios['descriptor-exhaustion'] as Scenario;
    const told = (name: string): ComparisonRow['exhaustionMs'] =>
      compare({ policies: [presets[name] as Policy], scenarios: [story], runs: 2, seed: 1n })
        .rows[0]?.exhaustionMs;
    expect(told('none')).toMatchObject({ samples: 2, never: 0 });
    expect(told('alive-flag-sweep')).toMatchObject({ samples: 0, never: 2 });
  });

  it('names what is missing in an empty one', () => {
    const empty = () => compare({ policies: [], scenarios: [], runs: 0, seed: 'x' });
    expect(empty).toThrow(/policies.*\n.*scenarios.*\n.*runs.*\n.*seed/);
  });
});

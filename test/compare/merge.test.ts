import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presets } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
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

  it('names what is missing in an empty one', () => {
    const empty = () => compare({ policies: [], scenarios: [], runs: 0, seed: 'x' });
    expect(empty).toThrow(/policies.*\n.*scenarios.*\n.*runs.*\n.*seed/);
  });
});

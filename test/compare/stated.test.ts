import { describe, expect, it } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { presets } from '../../model/policy/index.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { stateCell, Statements } from '../../scenarios/compare/index.ts';

const sweep = presets['alive-flag-sweep']!;
const none = presets['none']!;
const policies = [sweep, none, { ...sweep, name: 'mine', title: 'The same by another name' }];
const stories = [scenarios['vanish-idle']!, scenarios['live-idle']!];

describe('what is stated of a grid', () => {
  it('is worked out once for policies that do the same, whatever they are called', () => {
    const cells = new Statements(policies, stories).cells();
    expect(cells.map(({ policy, scenario }) => [policy, scenario])).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ]);
  });

  it('is taken from whoever has worked it out, for all of them', () => {
    const statements = new Statements(policies, stories);
    const known = { ...stateCell(sweep, stories[0]!), boundMs: 12_345 };
    statements.add({ policy: 0, scenario: 0 }, known);
    expect(statements.of({ policy: 2, scenario: 0 })).toBe(known);
    expect(statements.of({ policy: 1, scenario: 0 }).boundMs).toBe(null);
  });

  it('is what bounds say, and survives being sent to another thread', () => {
    for (const policy of policies) {
      for (const scenario of stories) {
        const stated = stateCell(policy, scenario);
        const { decided, released, tolerance } = bounds(policy, scenario);
        expect(structuredClone(stated)).toEqual({
          proved: scenario.kind === 'fault' ? decided.proved : tolerance.proved,
          boundMs: decided.maxMs,
          releaseBoundMs: released.maxMs,
          releaseProved: released.proved,
          toleranceMs: tolerance.maxMs,
          toleranceProved: tolerance.proved,
        });
      }
    }
  });
});

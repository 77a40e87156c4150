/** B to the decision by the first proof at hand: as proved as what is stated, and never smaller. */
import { expect, it } from 'vitest';
import { bounds, decidedBound } from '../../model/bounds/index.ts';
import { presets } from '../../model/policy/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';

it.each(['vanish-idle', 'vanish-busy', 'frozen-idle'])(
  'on %s, of every built-in policy',
  (name) => {
    const scenario = scenarios[name] as Scenario;
    const wrong = Object.values(presets).filter((policy) => {
      const quick = decidedBound(policy, scenario);
      const { decided } = bounds(policy, scenario);
      const isSmaller = (quick.maxMs ?? Infinity) < (decided.maxMs ?? Infinity);
      return quick.proved !== decided.proved || (quick.proved && isSmaller);
    });
    expect(wrong.map((policy) => policy.name)).toEqual([]);
  },
);

/** What is proved once of a cell is what anybody would find who explored it anew. */
import { expect, test } from 'vitest';
import { presets, type Policy } from '../../model/policy/index.ts';
import { reachBound, reachTolerance } from '../../model/reach/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';

const vanish = scenarios['vanish-busy'] as Scenario;
const outage = scenarios['live-outage-9s'] as Scenario;
const policy = presets['sweep-and-pong-timer'] as Policy;

/** The same policy to whoever explores, and another one to whoever remembers. */
const anew = (): Policy => ({ ...policy });

test('B, with fewer steps, with as many and with more, and the run that attains it', () => {
  const first = reachBound(policy, vanish, undefined, true);
  expect(first).toMatchObject({ kind: 'proved' });
  for (const steps of [1, 100, 1_000, 20_000, 50_000]) {
    expect(reachBound(policy, vanish, steps), `${steps} steps`).toEqual(
      reachBound(anew(), vanish, steps),
    );
  }
  expect(reachBound(policy, vanish, undefined, true)).toEqual(first);
});

test('a run that attains it is looked for by who asks for it, though B is known', () => {
  const asked = anew();
  expect(reachBound(asked, vanish)).toMatchObject({ start: null });
  expect(reachBound(asked, vanish, undefined, true)).toEqual(
    reachBound(anew(), vanish, undefined, true),
  );
});

test('T, which other steps may find otherwise', () => {
  const first = reachTolerance(policy, outage, undefined, true);
  expect(first).toMatchObject({ kind: 'proved' });
  for (const steps of [100, 2_000, 20_000]) {
    expect(reachTolerance(policy, outage, steps), `${steps} steps`).toEqual(
      reachTolerance(anew(), outage, steps),
    );
  }
});

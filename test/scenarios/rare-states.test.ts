/** The state that a scenario is there for: reached by every built-in one, and missed where it cannot come. */
import { describe, expect, it } from 'vitest';
import { presets, type Policy } from '../../model/policy/index.ts';
import type { ComparisonRow } from '../../model/results/types.ts';
import { defineScenario, rareStates, type Scenario } from '../../model/scenario/index.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare } from '../../scenarios/compare/index.ts';
import { simulate } from '../../scenarios/run.ts';

function row(policy: string, scenario: Scenario, runs = 3): ComparisonRow {
  const { rows } = compare({
    policies: [presets[policy] as Policy],
    scenarios: [scenario],
    runs,
    seed: 8n,
  });
  return rows[0] as ComparisonRow;
}

describe('every built-in scenario', () => {
  // Nobody ends a connection under `none` before the story is told.
  it.each(Object.keys(scenarios))('%s comes to its state in every run', (name) => {
    const scenario = scenarios[name] as Scenario;
    expect(row('none', scenario).rareState).toEqual({
      name: scenario.reaches,
      reached: 3,
      samples: 3,
    });
  });

  it('and every state is that of some scenario', () => {
    const named = new Set(Object.values(scenarios).map(({ reaches }) => reaches));
    const unnamed = Object.keys(rareStates).filter((state) => !named.has(state as never));
    // What an orphan goes through after a verdict is of no use to a policy without one.
    expect(unnamed).toEqual(['fin-wait-1', 'fin-wait-2']);
  });
});

describe('a state that does not come', () => {
  const frozen = { kind: 'fault', fault: { kind: 'freeze' } } as const;

  it('is counted: an idle server never closes the window of a frozen client', () => {
    const scenario = defineScenario({ name: 'idle', reaches: 'zero-window', ...frozen });
    expect(row('none', scenario).rareState).toEqual({
      name: 'zero-window',
      reached: 0,
      samples: 3,
    });
    const run = simulate(presets['none'] as Policy, scenario, { seed: 8n });
    expect(run.rareState).toEqual({ name: 'zero-window', reached: false, excused: false });
  });

  it('is excused where the policy ends the connection first, or keeps the fault from happening', () => {
    const scenario = defineScenario({ name: 'idle', reaches: 'zero-window', ...frozen });
    expect(row('alive-flag-sweep', scenario).rareState).toMatchObject({ reached: 0, samples: 0 });
    const nat = row('alive-flag-sweep', scenarios['nat-forgets'] as Scenario);
    expect(nat).toMatchObject({ prevented: 3, rareState: { reached: 0, samples: 0 } });
  });

  it('of an orphan: FIN_WAIT_1 behind a cut wire, FIN_WAIT_2 before a frozen client', () => {
    const vanished = { kind: 'vanish', direction: 'both' } as const;
    const cut = { kind: 'fault', fault: vanished, name: 'cut' } as const;
    const reached = (scenario: Scenario) => row('alive-flag-sweep', scenario).rareState?.reached;
    expect(reached(defineScenario({ ...cut, reaches: 'fin-wait-1' }))).toBe(3);
    expect(reached(defineScenario({ ...cut, reaches: 'fin-wait-2' }))).toBe(0);
    expect(reached(defineScenario({ ...frozen, name: 'f', reaches: 'fin-wait-2' }))).toBe(3);
    expect(reached(defineScenario({ ...frozen, name: 'f', reaches: 'fin-wait-1' }))).toBe(0);
  });
});

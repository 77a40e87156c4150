/** A chart of plain data means what xstate says that it means: drawn charts, compiled by both. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileChart } from '../../model/statechart/chart.ts';
import type { Chart, Meaning, State, Transition } from '../../model/statechart/chart.ts';
import { effectKey } from '../../model/statechart/effects.ts';
import { compileTable, machineOf } from '../../model/statechart/xstate.ts';
import { asMany } from '../support/effort.ts';
import { cases } from '../support/property.ts';

const TOLD = ['A', 'B', 'C'] as const;
/** What an event may have the machine tell itself: never itself, so that it ends. */
const RAISES: Readonly<Record<string, readonly string[]>> = {
  A: ['X', 'Y'],
  B: ['X'],
  C: ['Y'],
  X: ['Y'],
  Y: [],
};

interface Count {
  readonly count: number;
}

const meaning: Meaning<Count> = {
  context: { count: 0 },
  guards: {
    few: (_event, { most }: { readonly most: number }, { count }) => count < most,
    isA: ({ type }: { readonly type: string }) => type === 'A',
  } as Meaning<Count>['guards'],
  assigns: {
    count: ({ count }) => ({ count: Math.min(2, count + 1) }),
    forget: () => ({ count: 0 }),
  },
};

/** States within states: a shape, and names by place. */
interface Shape {
  readonly parallel: boolean;
  readonly within: readonly Shape[];
}

const shape: fc.Arbitrary<Shape> = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.record({
    parallel: fc.boolean(),
    within: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant([]),
      fc.array(tie('shape'), { minLength: 1, maxLength: 3 }),
    ),
  }),
})).shape;

const whole: fc.Arbitrary<Shape> = fc.record({
  parallel: fc.constant(false),
  within: fc.array(shape, { minLength: 2, maxLength: 3 }),
});

function pathsOf({ within }: Shape, path = '#drawn'): string[] {
  return within.flatMap((one, index) => {
    const own = `${path}.s${index}`;
    return [own, ...pathsOf(one, own)];
  });
}

/** Draws, one after the other, from a list that was drawn. */
function drawer(numbers: readonly number[]) {
  let at = 0;
  return <One>(choices: readonly One[]): One =>
    choices[(numbers[at++ % numbers.length] ?? 0) % choices.length] as One;
}

function chartOf(root: Shape, numbers: readonly number[]): Chart {
  const draw = drawer(numbers);
  const targets = [...pathsOf(root), '#drawn.end'];
  let clocks = 0;

  function transition(event: string, siblings: readonly string[]): Transition {
    const target = draw([undefined, draw(targets), draw(targets), draw(siblings)]);
    const action = { type: 'act', params: { by: draw([1, 2]) } };
    const raised = (RAISES[event] ?? []).map((type) => ({ type: 'raise', params: { type } }));
    const actions = [action, { type: 'count' }, { type: 'forget' }, ...raised];
    const guard = draw([
      undefined,
      { type: 'few', params: { most: draw([1, 2]) } },
      { type: 'isA' },
    ]);
    return {
      ...(target === undefined ? {} : { target }),
      ...(draw([false, true]) ? { reenter: true } : {}),
      ...(guard === undefined ? {} : { guard }),
      actions: draw([[], [draw(actions)], [draw(actions), draw(actions)]]),
    };
  }

  function state({ parallel, within }: Shape, siblings: readonly string[]): State {
    const keys = within.map((_, index) => `s${index}`);
    const heard = Object.keys(RAISES).filter(() => draw([true, false, false]));
    const on = heard.map((event) => {
      const one = transition(event, siblings);
      return [event, draw([one, [one, transition(event, siblings)]])] as const;
    });
    const after = draw([true, false]) ? { [`d${clocks++}`]: transition('Y', siblings) } : {};
    return {
      ...(within.length === 0 ? {} : parallel ? { type: 'parallel' } : { initial: draw(keys) }),
      on: Object.fromEntries(on),
      after,
      states: statesOf(within, keys),
    };
  }

  function statesOf(within: readonly Shape[], keys: readonly string[]): Record<string, State> {
    return Object.fromEntries(within.map((one, index) => [`s${index}`, state(one, keys)]));
  }

  const keys = root.within.map((_, index) => `s${index}`);
  return {
    id: 'drawn',
    initial: draw(keys),
    states: { ...statesOf(root.within, keys), end: { type: 'final' } },
  };
}

const delays = Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`d${n}`, n + 1]));
const events = TOLD.map((name) => ({ name, event: { type: name } }));

describe('a chart of plain data', () => {
  it('has the table that xstate makes of it', () => {
    let states = 0;
    let lists = 0;
    fc.assert(
      fc.property(
        whole,
        fc.array(fc.nat(999), { minLength: 50, maxLength: 50 }),
        (root, numbers) => {
          const chart = chartOf(root, numbers);
          const table = compileChart(chart, meaning, { events });
          expect(table).toEqual(compileTable(machineOf(chart, meaning, delays), { events }));
          states += table.states.length;
          lists += table.effectLists.length;
        },
      ),
      cases(150),
    );
    expect(states).toBeGreaterThan(asMany(300));
    expect(lists).toBeGreaterThan(asMany(300));
  });

  it('leaves and enters regions beside each other together', () => {
    const chart: Chart = {
      id: 'pair',
      initial: 'both',
      states: {
        both: {
          type: 'parallel',
          on: { C: { target: 'both', reenter: true } },
          states: {
            left: {
              initial: 'one',
              states: { one: { on: { A: 'two' }, after: { slow: 'two' } }, two: {} },
            },
            right: {
              initial: 'one',
              states: { one: { on: { A: { target: '#pair.over' } } }, two: {} },
            },
          },
        },
        over: { type: 'final' },
      },
    };
    const table = compileChart(chart, { context: {}, guards: {} }, { events });
    // Both regions hear A: the first one's transition leaves only itself, the second's leaves both, and comes too late.
    expect(table.states).toEqual([
      'both.left.one & right.one',
      'both.left.two & right.one',
      'over',
    ]);
    const cell = table.events.indexOf('C');
    expect(table.effectLists[table.effectList[cell] ?? 0]?.map(effectKey)).toEqual(['arm slow']);
  });

  it('says which name is wrong', () => {
    const one = (transition: Transition): Chart => ({
      id: 'wrong',
      initial: 'here',
      states: { here: { on: { A: transition } } },
    });
    const compiled = (transition: Transition) => () =>
      compileChart(one(transition), { context: {}, guards: {} }, { events });
    expect(compiled({ target: 'there' })).toThrow('chart wrong has no state there beside here');
    expect(compiled({ guard: { type: 'few' } })).toThrow('no guard is called few');
  });
});

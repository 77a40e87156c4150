/**
 * The printed comparison, read back: every number of its closing words stands in the table above them, whatever the width; every comparison that
 * they make is what the rows say; of a single policy nothing is compared; a fault is no client with nothing wrong. Rows come from the simulator:
 * single connections, stops, pools, fleets, and policies that hang up on everybody.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparisonText } from '../../cli/text/comparison.ts';
import { definePolicy, selectPolicies, type Policy } from '../../model/policy/index.ts';
import type { Comparison, ComparisonRow } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare } from '../../scenarios/compare/index.ts';
import { formatCount, formatMs, formatShare } from '../../text/numbers.ts';
import { captured } from '../cli/support.ts';
import { asMany } from '../support/effort.ts';
import { cases } from '../support/property.ts';

function named(name: string): Policy {
  const found = selectPolicies(name);
  if (!found.ok || found.value[0] === undefined) throw new Error(`no policy ${name}`);
  return found.value[0];
}

const policies: readonly Policy[] = [
  ...[
    'alive-flag-sweep',
    'sweep-and-pong-timer',
    'keepalive-10-5-3-user-timeout-20s',
    'none',
    'grpc-5s-1s',
    'drain-15s',
    'kubernetes',
    'keepalive-linux-default',
  ].map(named),
  definePolicy({
    name: 'hangs-up',
    mechanisms: [
      { kind: 'sweep', intervalMs: '30s', timer: 'shared', ping: true, life: ['pong'] },
      { kind: 'age', maxMs: '1s', jitterPercent: 0 },
    ],
  }),
];

const stories: readonly Scenario[] = [
  'vanish-idle',
  'vanish-busy',
  'frozen-busy',
  'wedged-send-path',
  'nat-forgets',
  'live-idle',
  'live-outage-9s',
  'live-outage-29s',
  'drain-with-ghosts',
  'drain-with-living-clients',
  'pool-database-vanishes',
  'ghosts-after-a-weekend',
  'descriptor-exhaustion',
  'restart-storm',
].map((name) => {
  const found = scenarios[name];
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
});

const played: Comparison = compare({ policies, scenarios: stories, runs: 8, seed: '1' });

/** Some policies on some scenarios, as they were played. */
const selections = fc.record({
  of: fc.shuffledSubarray(
    policies.map(({ name }) => name),
    { minLength: 2 },
  ),
  on: fc.shuffledSubarray([...stories], { minLength: 1 }),
  columns: fc.constantFrom(60, 80, 100, 120, Infinity),
  verbose: fc.boolean(),
});

interface Printed {
  readonly rows: readonly ComparisonRow[];
  readonly table: string;
  /** The closing words, one paragraph a line. */
  readonly words: readonly string[];
}

function print(
  of: readonly string[],
  on: readonly Scenario[],
  columns: number,
  verbose: boolean,
): Printed {
  const rows = of.flatMap((policy) =>
    on.flatMap(({ name }) =>
      played.rows.filter((row) => row.policy === policy && row.scenario === name),
    ),
  );
  const text = comparisonText(
    {
      comparison: { ...played, rows },
      runs: of[0],
      scenarios: on,
      version: 'x',
      verbose,
      next: [],
      repeat: '',
    },
    captured({ columns }).terminal,
  );
  const lines = text.trimEnd().split('\n').slice(0, -1);
  const from = lines.lastIndexOf('') + 1;
  const words: string[] = [];
  for (const line of lines.slice(from)) {
    // Lines that go on are indented by two more than those that begin.
    const begins = /^(?: {2})?\S/.test(line) && !/^ {4}/.test(line);
    const goesOn = words.length > 0 && isContinued(words.at(-1) ?? '');
    if (begins && !goesOn) words.push(line);
    else words.push(`${words.pop() ?? ''} ${line.trim()}`);
  }
  return { rows, table: lines.slice(0, from).join('\n'), words };
}

/** A paragraph ends with a full stop or a colon. */
function isContinued(paragraph: string): boolean {
  return !/[.:]$/.test(paragraph);
}

const everyName = [...policies, ...stories]
  .map(({ name }) => name)
  .toSorted((a, b) => b.length - a.length);

/** Without names, and without how many of them were left out. */
function bare(text: string): string {
  return everyName
    .reduce((rest, name) => rest.replaceAll(name, '·'), text)
    .replace(/and \d+ more/g, '');
}

/** Every number of a text with its unit. */
function numbersIn(text: string): string[] {
  const found = bare(text).matchAll(/\d[\d,.]*(?: (?:ms|s|min|h|d|%)(?![\w/]))?/g);
  return [...found].map(([number]) => number.replace(/[,.]$/, ''));
}

/** Names in a part of a sentence, those that were left out not among them. */
function scenariosIn(text: string): readonly string[] {
  const known = new Set(stories.map(({ name }) => name));
  return text.split(/, | and /).filter((word) => known.has(word));
}

/** What a clause compares, and what the rows say of it: as printed, and as a number; less is better, or more. */
interface Quantity {
  readonly clause: RegExp;
  readonly printed: (row: ComparisonRow) => string;
  readonly value: (row: ComparisonRow) => number;
  readonly lessIsBetter: boolean;
}

const share = ({ endedAlive: { count, samples } }: ComparisonRow): number => count / samples;

const quantities: readonly Quantity[] = [
  {
    clause: /^finds (?<names>.+) within (?<own>[\d.]+ \w+), not (?<other>[\d.]+ \w+)$/,
    printed: ({ boundMs }) => formatMs(boundMs ?? NaN, 'up'),
    value: ({ boundMs }) => boundMs ?? Infinity,
    lessIsBetter: true,
  },
  {
    clause:
      /^ends (?<own>nobody|[\d.]+ %)(?: before the fault)? in (?<names>.+), not (?<other>[\d.]+ %)$/,
    printed: ({ endedAlive: { count, samples } }) => formatShare(count, samples),
    value: share,
    lessIsBetter: true,
  },
  {
    clause: /^ends the first in (?<names>.+) after (?<own>[\d.]+ \w+), not (?<other>[\d.]+ \w+)$/,
    printed: ({ endedAlive }) => formatMs(endedAlive.earliestMs ?? NaN, 'down'),
    value: ({ endedAlive }) => endedAlive.earliestMs ?? Infinity,
    lessIsBetter: false,
  },
  {
    clause: /^tolerates (?<own>[\d.]+ \w+) in (?<names>.+), not (?<other>[\d.]+ \w+)$/,
    printed: ({ toleranceMs }) => formatMs(toleranceMs ?? NaN, 'down'),
    value: ({ toleranceMs }) => toleranceMs ?? Infinity,
    lessIsBetter: false,
  },
  {
    clause: /^sends (?<own>[\d,]+) packets\/h in (?<names>.+), not (?<other>[\d,]+)$/,
    printed: ({ cost }) => formatCount(cost.packetsPerHour),
    value: ({ cost }) => cost.packetsPerHour,
    lessIsBetter: true,
  },
  {
    clause: /^finds only (?<own>\d+ of \d+) in (?<names>\S+), not (?<other>\d+ of \d+)$/,
    printed: ({ ghostMs: { samples, undetected } }) => `${samples} of ${samples + undetected}`,
    value: ({ ghostMs: { samples, undetected } }) => samples / (samples + undetected),
    lessIsBetter: false,
  },
];

/** What a clause says that is not what the rows say; undefined where it is, or where it quotes nothing. */
function contradiction(
  clause: string,
  isGain: boolean,
  policy: string,
  baseline: string,
  rows: readonly ComparisonRow[],
): string | undefined {
  const rowOf = (name: string, scenario: string): ComparisonRow | undefined =>
    rows.find((row) => row.policy === name && row.scenario === scenario);
  for (const { clause: pattern, printed, value, lessIsBetter } of quantities) {
    const { names = '', own = '', other = '' } = pattern.exec(clause)?.groups ?? {};
    for (const scenario of scenariosIn(names)) {
      const [a, b] = [rowOf(policy, scenario), rowOf(baseline, scenario)];
      if (a === undefined || b === undefined) return `${clause}: no row of ${scenario}`;
      if ((own === 'nobody' ? '0 %' : own) !== printed(a) || other !== printed(b)) {
        return `${clause}: ${scenario} has ${printed(a)} and ${printed(b)}`;
      }
      if (value(a) < value(b) !== (lessIsBetter === isGain)) {
        return `${clause}: no ${isGain ? 'gain' : 'loss'} in ${scenario}`;
      }
    }
  }
  return undefined;
}

describe('the closing words of a printed comparison', () => {
  it('quote only numbers that stand in the table above', () => {
    fc.assert(
      fc.property(selections, ({ of, on, columns, verbose }) => {
        const { table, words } = print(of, on, columns, verbose);
        const shown = new Set(numbersIn(table));
        const missing = words.flatMap(numbersIn).filter((number) => !shown.has(number));
        expect(missing).toEqual([]);
      }),
      cases(150),
    );
  });

  it('compare as the rows do', () => {
    let compared = 0;
    fc.assert(
      fc.property(selections, ({ of, on }) => {
        const [baseline = ''] = of;
        const { rows, words } = print(of, on, Infinity, true);
        for (const line of words.filter((one) => one.startsWith('  '))) {
          const policy = of.find((name) => line.trim().replaceAll("'", '').startsWith(`${name} `));
          if (policy === undefined) continue;
          const said = line.trim().slice(line.trim().indexOf(' ') + 1);
          const [gains = '', losses = ''] = said.replace(/\.$/, '').split('; but ');
          for (const [part, isGain] of [
            [gains, true],
            [losses, false],
          ] as const) {
            for (const clause of part.split('; ')) {
              expect(contradiction(clause, isGain, policy, baseline, rows)).toBeUndefined();
              if (quantities.some(({ clause: pattern }) => pattern.test(clause))) compared += 1;
            }
          }
        }
      }),
      cases(150),
    );
    expect(compared).toBeGreaterThan(asMany(100));
  });

  it('call nobody a client with nothing wrong who was to meet a fault or a silence', () => {
    fc.assert(
      fc.property(selections, ({ of, on }) => {
        const { rows, words } = print(of, on, Infinity, true);
        for (const line of words) {
          const [, told = ''] = /clients with nothing wrong:?(.*)$/.exec(line) ?? [];
          const wrong = rows.filter(
            ({ kind, silenceMs, scenario }) =>
              (kind === 'fault' || (silenceMs ?? 0) > 0) &&
              new RegExp(`[ (]${scenario} [\\d.]+ %`).test(told),
          );
          expect(wrong.map(({ scenario }) => scenario)).toEqual([]);
        }
      }),
      cases(100),
    );
  });

  it('compare nothing where there is one policy, and claim only faults whose ghosts it found', () => {
    const one = fc.record({
      policy: fc.constantFrom(...policies.map(({ name }) => name)),
      on: fc.shuffledSubarray([...stories], { minLength: 1 }),
      columns: fc.constantFrom(60, 80, Infinity),
    });
    fc.assert(
      fc.property(one, ({ policy, on, columns }) => {
        const { rows, table, words } = print([policy], on, columns, true);
        const text = words.join('\n');
        expect(text).not.toMatch(
          /\b(?:best|fewest|closest|instead|than|dominated|better|worse|sooner)\b/i,
        );
        const shown = new Set(numbersIn(table));
        expect(numbersIn(text).filter((number) => !shown.has(number))).toEqual([]);
        const faults = rows.filter(({ kind }) => kind === 'fault');
        const all = faults.every(
          ({ ghostMs, endedAlive, prevented }) =>
            ghostMs.undetected === 0 && endedAlive.count === 0 && prevented < 8,
        );
        expect(/finds every fault/.test(text) && !all).toBe(false);
      }),
      cases(150),
    );
  });
});

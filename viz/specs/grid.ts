/**
 * The whole comparison on two sheets: faults, where a cell says how long a ghost may live (darker is
 * longer), and living peers, where it says how many were ended. Policies go down and scenarios across; of a
 * single policy the scenarios go down. Words and numbers say everything; colour only leads the eye.
 */
import type { Comparison, ComparisonRow } from '../../model/results/types.ts';
import {
  boundOf,
  boundOrder,
  ghostState,
  ghostWords,
  isBounded,
  livingWords,
} from '../data/cells.ts';
import { formatList } from '../../text/lists.ts';
import { formatMs, formatShare, neverWithin } from '../../text/numbers.ts';
import { HEAT, INK } from '../theme/palette.ts';
import { textWidthPx } from '../../text/font-width.ts';
import { FONT_SIZE, framed, type Layout } from '../theme/theme.ts';
import type { Chart, ChartSpec, Provenance } from '../data/types.ts';
import { namesOrCount } from '../theme/words.ts';

const CELL_WIDTH = 58;
const CELL_HEIGHT = 23;
/** Slope of the scenario names, degrees. */
const ANGLE = -50;

/** How a cell is filled: a key of {@link HEAT}. */
export type Heat = keyof typeof HEAT;

/** Bounds from a second to hours, light to dark. */
const STEPS: readonly { readonly belowMs: number; readonly heat: Heat }[] = [
  { belowMs: 10_000, heat: 'step1' },
  { belowMs: 60_001, heat: 'step2' },
  { belowMs: 300_000, heat: 'step3' },
  { belowMs: 1_800_000, heat: 'step4' },
  { belowMs: Infinity, heat: 'step5' },
];

/** A cell as it is shown. */
export interface Cell {
  readonly policy: string;
  readonly scenario: string;
  /** What fits into it. */
  readonly words: string;
  /** The same in full. */
  readonly says: string;
  readonly heat: Heat;
}

/** A sheet: its cells, and the order of its two sides. */
export interface Sheet {
  readonly kind: ComparisonRow['kind'];
  readonly title: string;
  readonly reading: string;
  readonly policies: readonly string[];
  readonly scenarios: readonly string[];
  readonly cells: readonly Cell[];
}

const READING = {
  fault:
    'B, the proved bound on the life of a ghost; “never”: nothing ever finds it, “> 24 h”: nothing found it as long as it was watched; “prevented”: the policy’s own traffic keeps the fault from happening; policies by B of the first column, faults by family',
  live: 'living peers that were ended while alive, whatever ended them: none (0), or their share; policies in the order of the faults’ sheet',
} as const;

/** The sheet of all faults, or of all living peers; undefined when there are none. */
export function sheetOf({ rows }: Comparison, kind: ComparisonRow['kind']): Sheet | undefined {
  const own = rows.filter((row) => row.kind === kind);
  if (own.length === 0) return undefined;
  return {
    kind,
    title: finding(own),
    reading: READING[kind],
    policies: orderOf(rows),
    scenarios: unique(own.map(({ scenario }) => scenario)),
    cells: own.map(cellOf),
  };
}

/** Policies by what they make of the first fault, then of the second, and so on: like ones stand together. */
function orderOf(rows: readonly ComparisonRow[]): readonly string[] {
  const faults = unique(rows.flatMap((row) => (row.kind === 'fault' ? [row.scenario] : [])));
  const keys = new Map(
    unique(rows.map(({ policy }) => policy)).map((policy) => [
      policy,
      faults.map((scenario) => {
        const row = rows.find((each) => each.policy === policy && each.scenario === scenario);
        return row === undefined ? Infinity : boundOrder(row);
      }),
    ]),
  );
  return [...keys.keys()].toSorted((a, b) => {
    const other = keys.get(b) ?? [];
    for (const [i, order] of (keys.get(a) ?? []).entries()) {
      const there = other[i] ?? order;
      if (order !== there) return order < there ? -1 : 1;
    }
    return 0;
  });
}

/** The chart of a sheet. */
export function gridChart(
  comparison: Comparison,
  kind: ComparisonRow['kind'],
  provenance: Provenance,
  layout: Layout,
): Chart | undefined {
  const sheet = sheetOf(comparison, kind);
  if (sheet === undefined) return undefined;
  const { title, reading } = sheet;
  const name = kind === 'fault' ? 'overview-faults' : 'overview-living';
  const description = `${kind === 'fault' ? 'Faults' : 'Living peers'} by policy: ${reading}.`;
  const spec = framed({ title, reading, provenance, layout, description }, bodyOf(sheet));
  return { name, title, reading, description, spec };
}

function bodyOf({ policies, scenarios, cells }: Sheet): ChartSpec {
  const side = (field: string, names: readonly string[], axis: ChartSpec): ChartSpec => ({
    field,
    type: 'nominal',
    sort: [...names],
    axis: { title: null, domain: false, ticks: false, labelOverlap: false, aria: false, ...axis },
    scale: { paddingInner: 0.04, paddingOuter: 0 },
  });
  const one = policies.length === 1;
  const down = { labelPadding: 8, labelColor: INK.text, labelFontSize: FONT_SIZE.text };
  const across = {
    orient: 'top',
    labelPadding: 8,
    labelColor: INK.text,
    ...(one
      ? { labelAngle: 0 }
      : { labelAngle: ANGLE, labelAlign: 'left', labelBaseline: 'bottom' }),
  };
  const heats = unique(cells.map(({ heat }) => heat)) as readonly Heat[];
  const colored = (part: 'fill' | 'ink'): ChartSpec => ({
    field: 'heat',
    type: 'nominal',
    legend: null,
    scale: { domain: heats, range: heats.map((heat) => HEAT[heat][part]) },
  });
  const width = one
    ? Math.max(...cells.map(({ says }) => textWidthPx(says, FONT_SIZE.small))) + 16
    : CELL_WIDTH * scenarios.length;
  return {
    data: { values: cells.map((cell) => ({ ...cell })) },
    width,
    height: CELL_HEIGHT * (one ? scenarios.length : policies.length),
    encoding: {
      x: one ? side('policy', policies, across) : side('scenario', scenarios, across),
      y: one ? side('scenario', scenarios, down) : side('policy', policies, down),
      tooltip: ['policy', 'scenario', 'says'].map((field) => ({ field, type: 'nominal' })),
    },
    layer: [
      {
        transform: [
          { calculate: "datum.policy + ', ' + datum.scenario + ': ' + datum.says", as: 'title' },
        ],
        mark: { type: 'rect' },
        encoding: { color: colored('fill'), description: { field: 'title' } },
      },
      {
        mark: {
          type: 'text',
          fontSize: one ? FONT_SIZE.small : 10.5,
          baseline: 'middle',
          aria: false,
        },
        encoding: { text: { field: one ? 'says' : 'words' }, color: colored('ink') },
      },
    ],
    resolve: { scale: { color: 'independent' } },
  };
}

function unique<T>(names: readonly T[]): T[] {
  return [...new Set(names)];
}

/** A row as a cell. */
export function cellOf(row: ComparisonRow): Cell {
  const { policy, scenario } = row;
  const shown = row.kind === 'fault' ? faultCell(row) : liveCell(row);
  return { policy, scenario, ...shown };
}

type Shown = Pick<Cell, 'words' | 'says' | 'heat'>;

function faultCell(row: ComparisonRow): Shown {
  const says = ghostWords(row);
  const { samples, undetected, max } = row.ghostMs;
  switch (ghostState(row)) {
    case 'prevented':
      return { words: 'prevented', says, heat: 'good' };
    case 'not-reached':
      return { words: '–', says, heat: 'none' };
    case 'never':
      return { words: neverWithin(row.watchedMs, row.watchedOut), says, heat: 'bad' };
    case 'partly-never':
      return {
        words: `${formatShare(undetected, samples + undetected).replace(' %', '%')} ${neverWithin(row.watchedMs, row.watchedOut)}`,
        says,
        heat: 'bad',
      };
    case 'found': {
      const bound = boundOf(row);
      if (bound.kind === 'finite') {
        const step = STEPS.find(({ belowMs }) => bound.ms < belowMs);
        return { words: `≤ ${formatMs(bound.ms, 'up')}`, says, heat: step?.heat ?? 'step5' };
      }
      if (bound.kind === 'unlimited') return { words: 'no bound', says, heat: 'bad' };
      const seen = max === null ? '' : formatMs(max);
      return { words: 'not proved', says: `B not proved, seen ${seen}`, heat: 'none' };
    }
  }
}

function liveCell(row: ComparisonRow): Shown {
  const { count, samples } = row.endedAlive;
  const says = livingWords(row);
  if (samples === 0) return { words: '–', says, heat: 'none' };
  if (count === 0) return { words: row.closedInOrder > 0 ? 'in order' : '0', says, heat: 'good' };
  return { words: formatShare(count, samples).replace(' %', '%'), says, heat: 'bad' };
}

/** The sentence a reader should take away: which faults escape somebody, or which living peers somebody ends. */
export function finding(rows: readonly ComparisonRow[]): string {
  const policies = unique(rows.map(({ policy }) => policy));
  const live = rows.some(({ kind }) => kind === 'live');
  const fails = (row: ComparisonRow): boolean =>
    live
      ? row.endedAlive.count > 0
      : ['never', 'partly-never'].includes(ghostState(row)) || isUnbounded(row);
  const [only] = policies;
  if (policies.length === 1 && only !== undefined) {
    const failed = rows.filter(fails).map(({ scenario }) => scenario);
    if (live) {
      return failed.length === 0
        ? `${only} ends no living peer here`
        : `${only} ends living peers in ${formatList(failed)}`;
    }
    return failed.length === 0
      ? `${only} finds every ghost here`
      : `${only} does not find, or not within a bound, every ghost of ${formatList(failed)}`;
  }
  const scenarios = unique(rows.map(({ scenario }) => scenario));
  const escaped = (all: boolean): readonly string[] =>
    scenarios.filter((scenario) => {
      const own = rows.filter((row) => row.scenario === scenario);
      const failed = own.filter(fails).length;
      return all ? failed === own.length : failed === 0;
    });
  const everybody = escaped(true);
  const nobody = escaped(false);
  const parts = live
    ? [
        ...(everybody.length === 0
          ? []
          : [`every policy here ends living peers in ${formatList(everybody)}`]),
        ...(nobody.length === 0
          ? []
          : [`none does in ${namesOrCount(nobody, scenarios.length + 1)}`]),
      ]
    : [
        ...(everybody.length === 0
          ? []
          : [`no policy here always finds the ghost of ${formatList(everybody)}`]),
        ...(nobody.length === 0
          ? []
          : [`every policy here finds the ghost of ${namesOrCount(nobody, scenarios.length + 1)}`]),
      ];
  if (parts.length > 0) return capital(parts.join('; '));
  return live
    ? 'Every living peer here is ended by some policy and kept by another'
    : 'Every fault here has a policy that finds all its ghosts and one that does not';
}

function isUnbounded(row: ComparisonRow): boolean {
  return ghostState(row) === 'found' && !isBounded(row) && boundOf(row).kind === 'unlimited';
}

function capital(sentence: string): string {
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}

/** Stacks × stories as cells: every end of a stack that judges its peers is played by itself, on its own link. */
import type { Issue, Result } from '../../model/issue.ts';
import type { Comparison, ComparisonRow, RaceResult } from '../../model/results/types.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import {
  endsOf,
  isPlayed,
  partiesOf,
  raceResults,
  withRtt,
  type End,
  type Stack,
} from '../../model/stack/index.ts';
import type { Chosen } from '../arguments/select.ts';
import { stacksFor } from '../arguments/stacks.ts';
import { playGrid, type Means } from './pool.ts';

/** Policies by themselves, beside stacks, and the stories as they are. */
export interface PlainCells {
  readonly policies: readonly Policy[];
  readonly scenarios: readonly Scenario[];
}

/** An end of a stack, and the stories as they happen on its link. */
export interface StackEnd {
  /** The stack's name, and the word that selects it again. */
  readonly stack: string;
  readonly selector: string;
  readonly end: End;
  readonly scenarios: readonly Scenario[];
}

export type NotPlayedCell = NonNullable<Comparison['notPlayed']>[number];

export interface StackCells {
  readonly ends: readonly StackEnd[];
  readonly plain: PlainCells;
  readonly notPlayed: readonly NotPlayedCell[];
  readonly races: readonly RaceResult[];
}

export function stackCells(
  stacks: readonly Chosen<Stack>[],
  stories: readonly Scenario[],
  {
    party: only,
    rttMs,
    policies = [],
  }: {
    readonly party?: string | undefined;
    readonly rttMs?: number | undefined;
    readonly policies?: readonly Chosen<Policy>[];
  } = {},
): StackCells {
  const notPlayed: NotPlayedCell[] = [];
  const ends = stacks.flatMap(({ thing, selector }) =>
    (only === undefined ? endsOf : partiesOf)(withRtt(thing, rttMs))
      .filter(({ party }) => only === undefined || party === only)
      .map((end): StackEnd => {
        const scenarios = stories.flatMap((story) => {
          const cell = end.cellOf(story);
          if (isPlayed(cell)) return [cell];
          const { party, link } = end;
          notPlayed.push({
            stack: thing.name,
            party,
            link,
            scenario: story.name,
            because: cell.because,
          });
          return [];
        });
        return { stack: thing.name, selector, end, scenarios };
      }),
  );
  return {
    ends,
    plain: { policies: policies.map(({ thing }) => thing), scenarios: stories },
    notPlayed,
    races: stacks.flatMap(({ thing }) => raceResults(withRtt(thing, rttMs))),
  };
}

/** How a stack's cells are played. */
export interface Playing extends Means {
  readonly runs: number;
  readonly seed: bigint;
}

/** The rows of all ends, each with its stack, party and link. */
export async function playStacks(
  { ends, plain }: StackCells,
  playing: Playing,
  progress: (runsDone: number, runs: number) => void,
): Promise<{ readonly rows: readonly ComparisonRow[]; readonly warnings: readonly string[] }> {
  const { runs, seed } = playing;
  const groups = [
    ...ends.map(({ stack, end: { policy, party, link }, scenarios }) => ({
      policies: [policy],
      scenarios,
      where: { stack, party, link },
    })),
    { ...plain, where: {} },
  ].filter(({ policies, scenarios }) => policies.length > 0 && scenarios.length > 0);
  const sizeOf = ({ policies, scenarios }: PlainCells): number =>
    policies.length * scenarios.length * runs;
  const total = groups.reduce((sum, group) => sum + sizeOf(group), 0);
  const rows: ComparisonRow[] = [];
  const warnings = new Set<string>();
  let before = 0;
  for (const { where, ...cells } of groups) {
    const grid = { ...cells, runs, seed };
    const done = before;
    const comparison = await playGrid(grid, playing, (now) => progress(done + now, total));
    before += sizeOf(cells);
    rows.push(...comparison.rows.map((row) => ({ ...row, ...where })));
    for (const warning of comparison.warnings) warnings.add(warning);
  }
  return { rows, warnings: [...warnings] };
}

/** The end of a stack that is called so: a party by its name; without one, the server. */
export function endCalled(stack: Stack, party: string | undefined): Result<End> {
  const ends = partiesOf(stack);
  const found = party === undefined ? ends[0] : ends.find((one) => one.party === party);
  if (found !== undefined) return { ok: true, value: found };
  const expected = `one of ${ends.map((one) => one.party).join(', ')}`;
  const received = JSON.stringify(party);
  return { ok: false, issues: [{ code: 'unknown-name', path: '--party', received, expected }] };
}

/** What selects one end of a stack. */
export interface StackEndFlags {
  readonly stack?: readonly string[];
  readonly party?: string;
}

/** The one end that a stack and a party of it mean. */
export function oneEnd(
  { stack = [], party }: StackEndFlags,
  rttMs: number | undefined,
): Result<End> {
  const only = oneStack(stack);
  return only.ok ? endCalled(withRtt(only.value, rttMs), party) : only;
}

/** The races of the one stack that is meant; none where no stack is. */
export function racesIn(
  { stack = [] }: StackEndFlags,
  rttMs: number | undefined,
): readonly RaceResult[] {
  if (stack.length === 0) return [];
  const only = oneStack(stack);
  return only.ok ? raceResults(withRtt(only.value, rttMs)) : [];
}

/** Names of a stack's parties, each once: what `--party` may be. */
export function partiesCalled({ stack = [] }: StackEndFlags): Result<readonly string[]> {
  const only = oneStack(stack);
  if (!only.ok) return only;
  return { ok: true, value: [...new Set(partiesOf(only.value).map(({ party }) => party))] };
}

/** The one stack that is meant. */
export function oneStack(selectors: readonly string[]): Result<Stack> {
  const stacks = stacksFor(selectors);
  if (!stacks.ok) return stacks;
  const [only, ...more] = stacks.value;
  if (only !== undefined && more.length === 0) return { ok: true, value: only.thing };
  const received = String(stacks.value.length);
  const expected = 'exactly one stack';
  return { ok: false, issues: [{ code: 'not-one', path: '--stack', received, expected }] };
}

function notPlayed(story: Scenario, party: string, because: string): Issue {
  const received = `${story.name} for ${party}`;
  const expected = 'what can be played';
  return { code: 'not-played', path: '--stack', received, expected, hint: because };
}

/** What of some stories can be played at an end; an issue where nothing can. */
export function cellsAt(end: End, stories: readonly Scenario[]): Result<readonly Scenario[]> {
  const issues: Issue[] = [];
  const cells = stories.flatMap((story) => {
    const cell = end.cellOf(story);
    if (isPlayed(cell)) return [cell];
    issues.push(notPlayed(story, end.party, cell.because));
    return [];
  });
  return cells.length > 0 ? { ok: true, value: cells } : { ok: false, issues };
}

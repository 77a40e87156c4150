/** One piece of work on a grid, in whatever thread: a chunk of runs, what is stated of a cell, or what its witnesses say. Plain data. */
import { assert } from '../../model/assert.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import {
  playChunk,
  stateCell,
  type Chunk,
  type ChunkPlayed,
  type Grid,
  type Stated,
  type StatedCell,
} from '../../scenarios/compare/index.ts';
import { formatSeed } from '../../sim/random.ts';
import type { Question } from '../cache/known-answers.ts';
import { witnessCell, type CellWitnessed } from '../../proof/verify.ts';
import { watchMs } from '../../scenarios/watch.ts';

/** What a thread starts with: the grid; orders come one by one. */
export type WorkGrid = Pick<Grid, 'policies' | 'scenarios' | 'seed'>;

export type Order =
  /** `watch`: how long its ghosts are watched. */
  | { readonly kind: 'play'; readonly chunk: Chunk; readonly watch: number }
  | { readonly kind: 'state'; readonly cell: StatedCell }
  | { readonly kind: 'witness'; readonly cell: StatedCell; readonly phases: number };

export type Answer =
  | { readonly kind: 'played'; readonly played: ChunkPlayed }
  | { readonly kind: 'stated'; readonly stated: Stated }
  | { readonly kind: 'witnessed'; readonly witnessed: CellWitnessed };

function cellOf(grid: WorkGrid, cell: StatedCell): readonly [Policy, Scenario] {
  const policy = grid.policies[cell.policy];
  const scenario = grid.scenarios[cell.scenario];
  assert(policy !== undefined && scenario !== undefined, 'a piece of work lies in its grid');
  return [policy, scenario];
}

/** How long the ghosts of a cell are watched, ms. */
export function watchOfCell(grid: WorkGrid, cell: StatedCell): number {
  return watchMs(...cellOf(grid, cell));
}

/** Everything that an answer follows from. */
export function questionOf(grid: WorkGrid, order: Order): Question {
  if (order.kind === 'state') return ['state', ...cellOf(grid, order.cell)];
  const seed = formatSeed(grid.seed);
  if (order.kind === 'witness') {
    return ['witness', ...cellOf(grid, order.cell), order.phases, seed];
  }
  const { chunk, watch } = order;
  return ['play', ...cellOf(grid, chunk), seed, chunk.firstRun, chunk.runs, watch];
}

/** An answer of another grid as one of this: there the cell may have had another place. */
export function placed(answer: Answer, order: Order): Answer {
  if (answer.kind !== 'played' || order.kind !== 'play') return answer;
  const { part, observed } = answer.played;
  return { kind: 'played', played: { part: { ...part, chunk: order.chunk }, observed } };
}

/** Does it. */
export function carryOut(grid: WorkGrid, order: Order): Answer {
  if (order.kind === 'state') {
    return { kind: 'stated', stated: stateCell(...cellOf(grid, order.cell)) };
  }
  if (order.kind === 'witness') {
    const witnessed = witnessCell(...cellOf(grid, order.cell), order.phases, grid.seed);
    return { kind: 'witnessed', witnessed };
  }
  const { chunk, watch } = order;
  return { kind: 'played', played: playChunk(...cellOf(grid, chunk), grid.seed, chunk, watch) };
}

/**
 * A grid on all cores: pieces of work go to this thread and to others as they become free, and what they yield is merged
 * in the order of the grid, so that the result has the same bytes for any number of threads.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  mergeParts,
  planChunks,
  PlayQueue,
  statedOf,
  Statements,
  type CellPart,
  type Grid,
  type Shard,
  type StatedCell,
} from '../../scenarios/compare/index.ts';
import { assert } from '../../model/assert.ts';
import type { Comparison } from '../../model/results/types.ts';
import type { CellWitnessed } from '../../proof/verify.ts';
import { canHaveThreads, Threads } from './threads.ts';
import type { KnownAnswers } from '../cache/known-answers.ts';
import {
  carryOut,
  placed,
  questionOf,
  watchOfCell,
  type Answer,
  type Order,
  type WorkGrid,
} from './work.ts';

/** A thread costs about so much processor time before it is of any use: its modules are loaded and compiled anew. */
const WORTH_A_THREAD_MS = 700;

/** What a piece of work takes is known after so long: the first ones are slow, for they are compiled meanwhile. */
const PROBE_MS = 400;

/** With what a grid is worked off. Neither changes a byte of what comes out. */
export interface Means {
  /** How many threads at most, this one among them; little work stays in this one. */
  readonly jobs: number;
  /** Answers of earlier runs of the program; null = everything is worked out. */
  readonly known: KnownAnswers | null;
}

/** A piece of work, and what becomes of its answer; that may bring about further pieces. */
interface Task {
  readonly order: Order;
  readonly done: (answer: Answer) => void;
}

/** What is asked of cells beside what their runs yield. */
interface Asked {
  readonly cells: readonly StatedCell[];
  readonly orderFor: (cell: StatedCell) => Order;
  readonly answered: (cell: StatedCell, answer: Answer) => void;
}

/** What is stated of each. */
function stating(statements: Statements): Asked {
  return {
    cells: statements.cells(),
    orderFor: (cell) => ({ kind: 'state', cell }),
    answered: (cell, answer) => {
      if (answer.kind === 'stated') statements.add(cell, answer.stated);
    },
  };
}

/** What is to be done of a grid: plays, and between them what is asked of the cells. */
class Agenda {
  readonly parts: CellPart[] = [];
  readonly #grid: WorkGrid;
  readonly #plays: PlayQueue;
  readonly #asked: Asked | null;
  readonly #toAsk: StatedCell[];
  readonly #runs: number;
  readonly #progress: (runsDone: number, runs: number) => void;
  #runsDone = 0;
  /** How many cells are asked about for one play, so that both end together. */
  readonly #asksPerPlay: number;
  #asksDue = 0;

  /** @param asked null where nobody asks: of a share only its runs are told */
  constructor(
    grid: Grid,
    shard: Shard,
    asked: Asked | null,
    progress: (runsDone: number, runs: number) => void,
  ) {
    const chunks = planChunks(grid.policies.length, grid.scenarios.length, grid.runs, shard);
    this.#grid = grid;
    this.#plays = new PlayQueue(grid.policies, grid.scenarios, chunks);
    this.#asked = asked;
    this.#toAsk = [...(asked?.cells ?? [])].toReversed();
    this.#asksPerPlay = this.#toAsk.length / Math.max(1, this.#plays.length);
    this.#runs = chunks.reduce((sum, { runs }) => sum + runs, 0);
    this.#progress = progress;
  }

  /** How many pieces of work are waiting. */
  get length(): number {
    return this.#plays.length + this.#toAsk.length;
  }

  next(): Task | undefined {
    if (this.#asked !== null && (this.#asksDue >= 1 || this.#plays.length === 0)) {
      const cell = this.#toAsk.pop();
      if (cell !== undefined) return this.#question(this.#asked, cell);
    }
    return this.#play();
  }

  #question({ orderFor, answered }: Asked, cell: StatedCell): Task {
    this.#asksDue -= 1;
    return { order: orderFor(cell), done: (answer) => answered(cell, answer) };
  }

  #play(): Task | undefined {
    const play = this.#plays.next();
    if (play === undefined) return undefined;
    this.#asksDue += this.#asksPerPlay;
    const { chunk } = play;
    return {
      order: { kind: 'play', chunk, watch: watchOfCell(this.#grid, chunk) },
      done: (answer) => {
        if (answer.kind !== 'played') return;
        const parts = this.#plays.played(play, answer.played);
        this.parts.push(...parts);
        this.#runsDone += chunk.runs * parts.length;
        this.#progress(this.#runsDone, this.#runs);
      },
    };
  }
}

/** The next piece that nobody has answered before; its answer is kept. */
function nextUnknown(grid: WorkGrid, agenda: Agenda, known: KnownAnswers | null): Task | undefined {
  for (;;) {
    const task = agenda.next();
    if (task === undefined || known === null) return task;
    const { order, done } = task;
    const question = questionOf(grid, order);
    const answer = known.read(question);
    if (answer === undefined) {
      return {
        order,
        done: (fresh) => {
          known.keep(question, fresh);
          done(fresh);
        },
      };
    }
    done(placed(answer as Answer, order));
  }
}

/**
 * Does all of it. This thread begins alone; once it is known how long the rest would take, others join it. Signals are
 * heard between two pieces.
 */
async function workOff(grid: WorkGrid, agenda: Agenda, { jobs, known }: Means): Promise<void> {
  const next = (): Task | undefined => nextUnknown(grid, agenda, known);
  const mayHaveThreads = jobs > 1 && canHaveThreads();
  const beganMs = performance.now();
  let threads: Threads | null = null;
  let done = 0;
  try {
    for (;;) {
      threads?.feed(next);
      const task = next();
      if (task !== undefined) {
        task.done(carryOut(grid, task.order));
        done += 1;
      } else if (threads === null || (await threads.idle())) {
        if (agenda.length === 0) return;
      }
      await nextTurn();
      const tookMs = performance.now() - beganMs;
      if (threads !== null || !mayHaveThreads || done === 0 || tookMs < PROBE_MS) continue;
      const helpers =
        Math.min(jobs, Math.ceil(restMs(tookMs, done, agenda) / WORTH_A_THREAD_MS)) - 1;
      if (helpers > 0) threads = new Threads(grid, Math.min(helpers, agenda.length));
    }
  } finally {
    await threads?.end();
  }
}

/** What is left takes as long per piece as what was done. */
function restMs(tookMs: number, done: number, agenda: Agenda): number {
  return (tookMs / done) * agenda.length;
}

/**
 * Plays a shard of a grid.
 *
 * @param progress told after each chunk how many runs are done, of how many
 */
export async function playShard(
  grid: Grid,
  means: Means,
  progress: (runsDone: number, runs: number) => void,
  shard: Shard,
): Promise<CellPart[]> {
  const agenda = new Agenda(grid, shard, null, progress);
  await workOff(grid, agenda, means);
  return agenda.parts;
}

/** Plays the whole grid, and states what is promised of its cells. See {@link playShard}. */
export async function playGrid(
  grid: Grid,
  means: Means,
  progress: (runsDone: number, runs: number) => void,
): Promise<Comparison> {
  const statements = new Statements(grid.policies, grid.scenarios);
  const agenda = new Agenda(grid, { index: 0, count: 1 }, stating(statements), progress);
  await workOff(grid, agenda, means);
  return mergeParts(grid, agenda.parts, statements);
}

/** A grid that was played, and what its other witnesses say of each policy on each scenario. */
export interface WitnessedGrid {
  readonly sampled: Comparison;
  readonly witnessed: (policy: number, scenario: number) => CellWitnessed;
}

/**
 * Plays the whole grid, and hears the other witnesses of its cells. See {@link playShard}.
 *
 * @param phases points of the systematic witness's grid
 */
export async function witnessGrid(
  grid: Grid,
  phases: number,
  means: Means,
  progress: (runsDone: number, runs: number) => void,
): Promise<WitnessedGrid> {
  const statements = new Statements(grid.policies, grid.scenarios);
  const heard = new Map<string, CellWitnessed>();
  const keyOf = ({ policy, scenario }: StatedCell): string =>
    `${statements.leaderOf(policy)} ${scenario}`;
  const asked: Asked = {
    cells: statements.cells(),
    orderFor: (cell) => ({ kind: 'witness', cell, phases }),
    answered: (cell, answer) => {
      const scenario = grid.scenarios[cell.scenario];
      if (answer.kind !== 'witnessed' || scenario === undefined) return;
      statements.add(cell, statedOf(scenario, answer.witnessed.stated));
      heard.set(keyOf(cell), answer.witnessed);
    },
  };
  const agenda = new Agenda(grid, { index: 0, count: 1 }, asked, progress);
  await workOff(grid, agenda, means);
  return {
    sampled: mergeParts(grid, agenda.parts, statements),
    witnessed: (policy, scenario) => {
      const witnessed = heard.get(keyOf({ policy, scenario }));
      assert(witnessed !== undefined, 'every cell has been asked about');
      return witnessed;
    },
  };
}

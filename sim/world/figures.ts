/**
 * What a story says beyond the life of one connection: how many ghosts stand, how long others wait. One
 * list of figures per scenario; every run yields one value for each.
 */
import type { FigureUnit, RunSeries } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { Draws } from '../random.ts';
import type { SeedWords } from '../random.ts';
import type { Life } from './life.ts';
import { RestartPlayer } from './restart.ts';
import { servedSeries } from './series.ts';
import { standingGhosts } from './stock.ts';

/** Name and unit of a figure. */
export interface FigureKind {
  readonly name: string;
  readonly unit: FigureUnit;
}

const ms = (name: string): FigureKind => ({ name, unit: 'ms' });

/** What the runs of a scenario are asked for, in the order of {@link Figures.of}. */
export function figureKinds(scenario: Scenario): readonly FigureKind[] {
  const own: FigureKind[] = [];
  switch (scenario.story.kind) {
    case 'stock':
      own.push({ name: 'ghosts standing', unit: 'connections' });
      break;
    case 'waiting':
      own.push(ms('longest wait'), ms('waited by all'));
      break;
    case 'restart':
      own.push(ms('half served'), ms('all served'));
      own.push({ name: 'gave up', unit: 'clients' }, { name: 'openings wasted', unit: 'openings' });
      own.push({ name: 'sessions too many', unit: 'connections' });
      break;
    default:
  }
  if (scenario.kind === 'fault' && scenario.fault.kind === 'network-change') {
    own.push(ms('two sessions of one client'));
  }
  return own;
}

/** Puts the figures of each run together. */
export class Figures {
  readonly #scenario: Scenario;
  readonly #draws = new Draws();
  readonly #restart: RestartPlayer | null;
  /** Whether in the last storm a client came to have a second session. */
  hasTwoSessions = false;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const { story, path } = scenario;
    this.#restart = story.kind === 'restart' ? new RestartPlayer(story, path.rttMs) : null;
  }

  /** Who was served again when, in the last storm; null in stories without one. */
  get served(): RunSeries | null {
    return this.#restart === null ? null : servedSeries(this.#restart.servedUs, this.#restart.each);
  }

  /**
   * One value per kind: µs for durations, else a count; Infinity = never.
   *
   * @param life how the first connection of the run lived
   * @param stockUs how long single ghosts kept their descriptors, for the stories that draw from many
   */
  of(seed: SeedWords, run: number, life: Life, stockUs: readonly number[]): readonly number[] {
    const { story } = this.#scenario;
    this.#draws.reset(seed, run, 0);
    const figures: number[] = [];
    switch (story.kind) {
      case 'stock':
        figures.push(standingGhosts(story, stockUs, this.#draws));
        break;
      case 'waiting': {
        const waitUs = this.#waitUs(life);
        figures.push(waitUs, waitUs * story.waiting);
        break;
      }
      case 'restart':
        figures.push(...this.#storm());
        break;
      default:
    }
    return this.#scenario.kind === 'fault' && this.#scenario.fault.kind === 'network-change'
      ? [...figures, overlapUs(life, this.#scenario.fault.reconnectMs * 1000)]
      : figures;
  }

  /**
   * How long the seat of a ghost is not to be had, while living sessions hold all others. Who has a seat is
   * counted as served: the line then moves as fast as it likes.
   */
  #waitUs({ faultAtUs, closedAtUs }: Life): number {
    if (this.#scenario.server.seats === null || faultAtUs === Infinity) return 0;
    return closedAtUs - faultAtUs;
  }

  #storm(): readonly number[] {
    if (this.#restart === null) return [];
    const storm = this.#restart.play(this.#draws);
    this.hasTwoSessions = storm.surplus > 0;
    const { halfServedUs, allServedUs, gaveUp, wasted, surplus } = storm;
    return [halfServedUs, allServedUs, gaveUp, wasted, surplus];
  }
}

/** How long the new session of a client and its old one stand side by side. */
function overlapUs({ faultAtUs, closedAtUs }: Life, backAfterUs: number): number {
  if (faultAtUs === Infinity) return 0;
  return Math.max(0, closedAtUs - faultAtUs - backAfterUs);
}

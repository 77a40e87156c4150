/**
 * Figures of a scenario beyond the life of one connection: how many ghosts stand, how long others wait. One list of
 * figures per scenario; every run yields one value for each.
 */
import { assertNever } from '../../model/assert.ts';
import { faultKindOf } from '../../model/faults/index.ts';
import type { FigureName, FigureUnit } from '../../model/results/figures.ts';
import { figures } from '../../model/results/figures.ts';
import type { RunSeries } from '../../model/results/types.ts';
import type { RareState } from '../../model/scenario/coverage-goals.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { Draws } from '../random.ts';
import type { SeedWords } from '../random.ts';
import type { ConnectionRecord } from '../process/connection-record.ts';
import { sessionSeries } from './series.ts';
import { standingGhosts } from './standing-ghosts.ts';
import { Storms, type PlayedStorm } from './played-storms.ts';
import type { Storm, StormEvent, StormStory } from './storm.ts';

/** Name and unit of a figure. */
export interface FigureKind {
  readonly name: FigureName;
  readonly unit: FigureUnit;
}

/** A run in which there was nothing to count: the call was never made, the stop never came. */
export const NO_SAMPLE = NaN;

function namesOfStorm(story: StormStory): readonly FigureName[] {
  const limited = story.queueLimit !== undefined || story.sessionLimit !== undefined;
  const turnedAway: readonly FigureName[] = limited ? ['openings turned away'] : [];
  const common: readonly FigureName[] = ['not served', 'gave up', 'openings wasted', ...turnedAway];
  if (story.kind === 'rolling-restart') {
    return ['rollout takes', 'longest without', 'times moved', 'sessions on one server', ...common];
  }
  const tooMany: readonly FigureName[] = story.teardown === 'leaky' ? ['sessions too many'] : [];
  return ['half served', 'all served', ...common, ...tooMany];
}

function namesOf(scenario: Scenario): readonly FigureName[] {
  const { story } = scenario;
  switch (story.kind) {
    case 'drain':
      return ['drain takes', 'killed at the deadline'];
    case 'pool':
      return ['call hangs'];
    case 'stock':
      return ['ghosts standing'];
    case 'broadcast':
      return ['others wait'];
    case 'waiting':
      return ['longest wait', 'waited by all'];
    case 'restart':
    case 'rolling-restart':
      return namesOfStorm(story);
    case 'connection':
    case 'descriptors':
      return [];
    default:
      return assertNever(story, 'story');
  }
}

/** When the client is back as a new connection, ms after the fault; undefined where it never is. */
function returnsAfterMs(scenario: Scenario): number | undefined {
  if (scenario.kind === 'live') return undefined;
  return faultKindOf(scenario.fault).returnsAfterMs?.(scenario.fault);
}

/** What the runs of a scenario are asked for, in the order of {@link Figures.of}. */
export function figureKinds(scenario: Scenario): readonly FigureKind[] {
  const changes = returnsAfterMs(scenario) !== undefined;
  const names: readonly FigureName[] = [
    ...namesOf(scenario),
    ...(changes ? (['two sessions of one client'] as const) : []),
  ];
  return names.map((name) => ({ name, unit: figures[name].unit }));
}

/** What of a run the figures are made of. */
export interface Lived {
  /** How the first connection of the run lived. */
  readonly life: ConnectionRecord;
  /** How long single ghosts kept their descriptors, for the stories that draw from many. */
  readonly stockUs: readonly number[];
  /** From SIGTERM to the last descriptor of the process; {@link NO_SAMPLE} where it was never told to stop. */
  readonly drainUs: number;
  /** Connections that SIGKILL ended. */
  readonly killed: number;
  /** How long a broadcast stood still, µs. */
  readonly standsUs: number;
}

/** The states that a storm may come to, by what of it shows each. */
const stormStates: Readonly<Partial<Record<RareState, (storm: Storm) => boolean>>> = {
  'two-sessions': ({ surplus }) => surplus > 0,
  'opening-wasted': ({ wasted }) => wasted > 0,
  'opening-turned-away': ({ turnedAway }) => turnedAway > 0,
  'all-served-again': ({ allServedUs }) => allServedUs < Infinity,
  'given-up': ({ gaveUp }) => gaveUp > 0,
  'moved-again': ({ mostLosses }) => mostLosses > 1,
};

/** Puts the figures of each run together. */
export class Figures {
  readonly #scenario: Scenario;
  readonly #kinds: readonly FigureKind[];
  readonly #draws = new Draws();
  readonly #storms: Storms | null;
  #last: PlayedStorm | null = null;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#kinds = figureKinds(scenario);
    const { story, path, watchMs } = scenario;
    const isStorm = story.kind === 'restart' || story.kind === 'rolling-restart';
    this.#storms = isStorm ? new Storms(story, path.rttMs, watchMs) : null;
  }

  /** What happened to servers and crowd in the last storm; nothing in other stories. */
  get stormEvents(): readonly StormEvent[] {
    return this.#last?.events ?? [];
  }

  /** How many clients had a session when, in the storm of a run; null in stories without one. */
  servedIn(seed: SeedWords, run: number): RunSeries | null {
    const storms = this.#storms;
    if (storms === null) return null;
    this.#draws.reset(seed, run, 0);
    const again = this.#scenario.story.kind === 'restart';
    const name = again ? 'clients served again' : 'clients with a session';
    return sessionSeries(name, storms.curveOf(seed, run, this.#draws), storms.share);
  }

  /** One value per kind: µs for durations, else a count; Infinity = never or without end, NaN = nothing to count. */
  of(seed: SeedWords, run: number, lived: Lived): readonly number[] {
    this.#draws.reset(seed, run, 0);
    this.#last = this.#storms?.of(seed, run, this.#draws) ?? null;
    const storm = this.#last?.storm ?? null;
    return this.#kinds.map(({ name }) =>
      storm === null ? this.#figure(name, lived) : figureOfStorm(name, storm),
    );
  }

  /** Whether the last storm came to a state that a scenario may be there for. */
  cameTo(state: RareState): boolean {
    const storm = this.#last?.storm ?? null;
    return storm !== null && stormStates[state]?.(storm) === true;
  }

  #figure(name: FigureName, lived: Lived): number {
    const { life, stockUs, drainUs, killed, standsUs } = lived;
    const { story } = this.#scenario;
    switch (name) {
      case 'ghosts standing':
        return story.kind === 'stock' ? standingGhosts(story, stockUs, this.#draws) : NO_SAMPLE;
      case 'longest wait':
        return waitUs(life);
      case 'others wait':
        return standsUs;
      case 'waited by all':
        return story.kind === 'waiting' ? waitUs(life) * story.waiting : NO_SAMPLE;
      case 'call hangs':
        return hangUs(life);
      case 'drain takes':
        return drainUs;
      case 'killed at the deadline':
        return killed;
      case 'two sessions of one client':
        return this.#overlapUs(life);
      default:
        return NO_SAMPLE;
    }
  }

  /** How long the new session of a client and its old one stand side by side. */
  #overlapUs({ faultAtUs, closedAtUs }: ConnectionRecord): number {
    const returnsMs = returnsAfterMs(this.#scenario);
    if (returnsMs === undefined) return NO_SAMPLE;
    if (faultAtUs === Infinity) return 0;
    return Math.max(0, closedAtUs - faultAtUs - returnsMs * 1000);
  }
}

/** What a storm says, by the figure that says it. */
const stormFigures: Readonly<Partial<Record<FigureName, (storm: Storm) => number>>> = {
  'half served': ({ halfServedUs }) => halfServedUs,
  'all served': ({ allServedUs }) => allServedUs,
  'rollout takes': ({ allServedUs }) => allServedUs,
  'longest without': ({ longestWithoutUs }) => longestWithoutUs,
  'times moved': ({ mostLosses }) => mostLosses,
  'sessions on one server': ({ peak }) => peak,
  'not served': ({ unserved }) => unserved,
  'gave up': ({ gaveUp }) => gaveUp,
  'openings wasted': ({ wasted }) => wasted,
  'openings turned away': ({ turnedAway }) => turnedAway,
  'sessions too many': ({ surplus }) => surplus,
};

function figureOfStorm(name: FigureName, storm: Storm): number {
  return stormFigures[name]?.(storm) ?? NO_SAMPLE;
}

/**
 * How long the seat of a ghost is not to be had, while living sessions hold all others. Who has a seat is
 * counted as served: the line then moves as fast as it likes.
 */
function waitUs({ faultAtUs, closedAtUs }: ConnectionRecord): number {
  return faultAtUs === Infinity ? 0 : closedAtUs - faultAtUs;
}

/** How long whoever asked waited, for the answer or for being told that none will come. */
function hangUs({ askedAtUs, answeredAtUs, decidedAtUs }: ConnectionRecord): number {
  if (askedAtUs === Infinity) return NO_SAMPLE;
  return Math.min(answeredAtUs, decidedAtUs) - askedAtUs;
}

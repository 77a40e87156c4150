/** Plays a single run: one policy, one scenario, one seed; its result and its timeline. */
import { InputError } from '../model/issue.ts';
import type { Policy } from '../model/policy/types.ts';
import type { RunEvent, RunFigure, RunResult, RunSeries } from '../model/results/types.ts';
import { stackOnlyIssues } from '../model/scenario/index.ts';
import type { Scenario } from '../model/scenario/types.ts';
import { isPlayed, partiesOf, type Stack } from '../model/stack/index.ts';
import { formatSeed, parseSeed, seedWords, Stream } from '../sim/random.ts';
import type { ConnectionWorld } from '../sim/world/connection.ts';
import { figureKinds } from '../sim/world/metrics.ts';
import { RunPlayer } from '../sim/world/run.ts';
import type { RunRecord } from '../sim/world/run.ts';
import { warningsOf } from './fidelity.ts';
import { watchOf } from './watch.ts';

/** Phases of a life that are given and not drawn: shares of their ranges, in [0, 1), but for the instant of the fault. */
export interface LifePhases {
  /** The fault, or the silence, comes then, µs after the first SYN, however young the connection is. */
  readonly eventAtUs?: number;
  /** How long before it the timers of the process ticked, the server wrote, the peer spoke of its own. */
  readonly sweep?: number;
  readonly load?: number;
  readonly peerHeartbeat?: number;
  /** Where the kernels' timer wheels stand. */
  readonly serverJiffies?: number;
  readonly clientJiffies?: number;
}

const STREAMS = {
  sweep: Stream.SweepPhase,
  load: Stream.LoadPhase,
  peerHeartbeat: Stream.PeerHeartbeatPhase,
  serverJiffies: Stream.ServerJiffies,
  clientJiffies: Stream.ClientJiffies,
} as const;

/** From now on the lives of a world have these phases; those that are not given are drawn. */
export function pinPhases(world: ConnectionWorld, phases: LifePhases): void {
  world.placeEvent(phases.eventAtUs ?? null);
  for (const name of Object.keys(STREAMS) as (keyof typeof STREAMS)[]) {
    world.pin(STREAMS[name], phases[name] ?? null);
  }
}

/** Which run to play, and how much of it to keep. */
export interface SimulateOptions {
  /** 0 … 2^64 − 1: decimal or `0x` hexadecimal text, or the number itself. */
  readonly seed: bigint | string;
  /** Which run of a comparison under that seed, 0 … 2^31 − 1; 0 unless said otherwise. */
  readonly run?: number;
  /** Phases that are given and not drawn. */
  readonly phases?: LifePhases;
  /** Of a stack: who judges; the server unless said otherwise. */
  readonly party?: string;
  /** Whether to keep the timeline; without it `events` is empty. */
  readonly trace?: boolean;
}

/**
 * Plays one run and tells its story.
 *
 * The same policy, scenario, seed and run number give the same result, digest included, on every
 * machine; it is the very run that `compare` counts under that number.
 *
 * @param subject what the server does, e.g. one of `presets`; or a stack, of which one end is played
 * @param story what happens to its peer, e.g. one of `scenarios`
 * @returns the four instants in ms of virtual time (null = not within the watch), the outcome and,
 * with `trace`, every event in order
 * @throws InputError when the seed is not a 64-bit number, the run number not a whole one, or the story cannot be played
 * at that end of the stack
 * @example
 * const ghost = simulate(presets['alive-flag-sweep'], scenarios['vanish-idle'], { seed: '7' });
 * ghost.outcome // => 'reaped'
 * // One to two sweeps of 30 s after the fault, less half a round trip of 50 ms.
 * const lifeMs = ghost.decidedAtMs - ghost.faultAtMs;
 * lifeMs >= 29_975 && lifeMs <= 59_975 // => true
 * simulate(presets['none'], scenarios['vanish-idle'], { seed: '7' }).decidedAtMs // => null
 */
export function simulate(
  subject: Policy | Stack,
  story: Scenario,
  options: SimulateOptions,
): RunResult {
  const { policy, scenario } =
    'parties' in subject
      ? cellOf(subject, story, options.party)
      : { policy: subject, scenario: story };
  const stray = stackOnlyIssues(scenario);
  if (stray.length > 0) throw new InputError(stray);
  const seed = parseSeed(options.seed, 'seed');
  if (!seed.ok) throw new InputError(seed.issues);
  const run = options.run ?? 0;
  if (!Number.isInteger(run) || run < 0 || run > 0x7fff_ffff) throw new InputError([badRun(run)]);
  const watch = watchOf(policy, scenario);
  const player = new RunPlayer(policy, scenario, watch.lengthMs, true);
  if (options.phases !== undefined) pinPhases(player.world, options.phases);
  player.play(seedWords(seed.value), run);
  const { record } = player;
  return {
    schemaVersion: 1,
    policy: policy.name,
    scenario: scenario.name,
    seed: formatSeed(seed.value),
    outcome: record.outcome,
    faultAtMs: instantMs(record.faultAtUs),
    decidedAtMs: instantMs(record.decidedAtUs),
    closedAtMs: instantMs(record.closedAtUs),
    kernelClosedAtMs: instantMs(record.kernelClosedAtUs),
    releasedAtMs: instantMs(record.releasedAtUs),
    reason: record.reason,
    watchedMs: watch.lengthMs,
    watchedOut: watch.outlastsAll,
    endedAlive: endedAliveOf(record),
    digest: player.digest.hex(),
    warnings: warningsOf(policy, scenario),
    ...fleetOf(scenario, record.figures),
    ...seriesOf(player.seriesOf(seedWords(seed.value), run)),
    ...rareStateOf(scenario, record),
    events: options.trace === true ? inOrder(player.world.eventLog.timeline) : [],
  };
}

/** What is effective at one end of a stack, and the story as it happens there. */
function cellOf(
  stack: Stack,
  story: Scenario,
  party: string | undefined,
): { readonly policy: Policy; readonly scenario: Scenario } {
  const ends = partiesOf(stack);
  const end = party === undefined ? ends[0] : ends.find((one) => one.party === party);
  const expected = `one of ${ends.map((one) => one.party).join(', ')}`;
  if (end === undefined) {
    throw new InputError([
      { code: 'unknown-name', path: 'party', received: JSON.stringify(party), expected },
    ]);
  }
  const scenario = end.cellOf(story);
  if (isPlayed(scenario)) return { policy: end.policy, scenario };
  const received = `${story.name} for ${end.party}`;
  const hint = scenario.because;
  throw new InputError([
    { code: 'not-played', path: 'story', received, expected: 'what can be played', hint },
  ]);
}

function endedAliveOf(record: RunRecord): RunResult['endedAlive'] {
  if (!record.endedAlive && !record.closedInOrder) return null;
  return {
    afterAcceptMs: (record.endedAtUs - record.acceptedAtUs) / 1000,
    afterLastHeardMs: (record.endedAtUs - record.lastHeardAtUs) / 1000,
    by: record.by,
    inOrder: record.closedInOrder,
  };
}

function fleetOf(scenario: Scenario, figures: readonly number[]): Pick<RunResult, 'fleet'> {
  const kinds = figureKinds(scenario);
  if (kinds.length === 0) return {};
  return {
    fleet: kinds.flatMap(({ name, unit }, i): RunFigure[] => {
      const value = figures[i] ?? NaN;
      // Nothing to count: nobody asked, or nobody told the server to stop.
      if (Number.isNaN(value)) return [];
      if (value === Infinity) return [{ name, unit, value: null }];
      return [{ name, unit, value: unit === 'ms' ? value / 1000 : value }];
    }),
  };
}

function seriesOf(series: readonly RunSeries[]): Pick<RunResult, 'series'> {
  return series.length === 0 ? {} : { series };
}

function rareStateOf({ reaches }: Scenario, record: RunRecord): Pick<RunResult, 'rareState'> {
  if (reaches === undefined) return {};
  const excused = !record.countsForRareState;
  return { rareState: { name: reaches, reached: record.reachedRareState, excused } };
}

function badRun(run: number) {
  return {
    code: 'bad-run',
    path: 'run',
    expected: 'a whole number from 0 to 2147483647',
    received: String(run),
  };
}

function instantMs(us: number): number | null {
  return us === Infinity ? null : us / 1000;
}

/** Connections of a fleet were played one after the other; their events belong side by side. */
function inOrder(timeline: readonly RunEvent[]): readonly RunEvent[] {
  return timeline.toSorted((a, b) => a.atMs - b.atMs);
}

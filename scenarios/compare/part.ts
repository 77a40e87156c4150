/**
 * Parts of a cell of the grid (a policy on a scenario): each a range of runs, played by as many workers or machines as
 * there are. A part carries its samples whole and its sums as integers, so putting parts together gives the same bytes
 * whatever the split was.
 */
import type { Policy } from '../../model/policy/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { DigestSum } from '../../sim/digest.ts';
import { seedWords } from '../../sim/random.ts';
import { figureKinds } from '../../sim/world/metrics.ts';
import type { ObservedDifferences } from '../../sim/server/observed-differences.ts';
import { RunPlayer } from '../../sim/world/run.ts';
import type { RunRecord } from '../../sim/world/run.ts';
import { watchMs } from '../watch.ts';

/** A range of runs of one cell. Plain data: it crosses threads and machines. */
export interface Chunk {
  /** Position of the policy and of the scenario in the lists that were given. */
  readonly policy: number;
  readonly scenario: number;
  readonly firstRun: number;
  readonly runs: number;
}

/** Living peers that one thing ended: how many, and the earliest after its accept(2). */
export interface EndedBy {
  readonly by: string;
  readonly count: number;
  readonly earliestUs: number;
}

/** What a chunk yields. Plain data; times in µs. */
export interface CellPart {
  readonly chunk: Chunk;
  /** Fault to decision and fault to release, in order of run; absent where it never came. */
  readonly ghostUs: readonly number[];
  readonly releasedUs: readonly number[];
  readonly undetected: number;
  readonly unreleased: number;
  readonly prevented: number;
  readonly falseReaps: number;
  /** Living peers that were ended, by what ended them; in order of their first. */
  readonly endedAlive: readonly EndedBy[];
  readonly closedInOrder: number;
  readonly packets: number;
  readonly bytes: number;
  readonly wakeups: number;
  readonly livedUs: number;
  /** The policy itself ends a connection of this load with which nothing is wrong. */
  readonly livesShort: boolean;
  /** Descriptor stories only: time to EMFILE, and how many runs never came to it. */
  readonly exhaustionUs: readonly number[];
  readonly neverExhausted: number;
  /** Per figure of the scenario its values (µs or counts), in order of run; absent where it never ended, or nothing was to be counted. */
  readonly figures: readonly (readonly number[])[];
  /** Per figure the runs in which it never ended. */
  readonly figuresNever: readonly number[];
  /** Runs that came to the scenario's rare state, and those that nobody ended before. */
  readonly rareReached: number;
  readonly rareSamples: number;
  /** The two lanes of the sum of the runs' digests. */
  readonly digest: readonly [number, number];
}

/** A chunk's part, and what its runs have come to. Plain data. */
export interface ChunkPlayed {
  readonly part: CellPart;
  readonly observed: ObservedDifferences;
}

/** Plays one chunk, and tells only what it yields. */
export function runChunk(policy: Policy, scenario: Scenario, seed: bigint, chunk: Chunk): CellPart {
  return playChunk(policy, scenario, seed, chunk).part;
}

/**
 * Plays one chunk.
 *
 * @param seed the comparison's 64-bit seed
 * @param watch what `watchMs` says about the cell, where somebody has asked it before
 */
export function playChunk(
  policy: Policy,
  scenario: Scenario,
  seed: bigint,
  chunk: Chunk,
  watch: number = watchMs(policy, scenario),
): ChunkPlayed {
  const player = new RunPlayer(policy, scenario, watch, false);
  const words = seedWords(seed);
  const tally = newTally(chunk, figureKinds(scenario).length);
  const digests = new DigestSum();
  for (let i = 0; i < chunk.runs; i += 1) {
    const run = chunk.firstRun + i;
    player.play(words, run);
    count(tally, player.record, scenario);
    digests.addNumbered(run, player.digest);
  }
  const part = { ...tally, digest: [digests.a, digests.b] as const };
  return { part, observed: player.world.observed };
}

interface Tally extends Omit<CellPart, 'digest'> {
  ghostUs: number[];
  releasedUs: number[];
  exhaustionUs: number[];
  undetected: number;
  unreleased: number;
  prevented: number;
  falseReaps: number;
  endedAlive: EndedBy[];
  closedInOrder: number;
  packets: number;
  bytes: number;
  wakeups: number;
  livedUs: number;
  livesShort: boolean;
  neverExhausted: number;
  figures: number[][];
  figuresNever: number[];
  rareReached: number;
  rareSamples: number;
}

/** Adds up by what ended them. */
export function addEnded(to: readonly EndedBy[], more: readonly EndedBy[]): EndedBy[] {
  const sum = [...to];
  for (const { by, count, earliestUs } of more) {
    const at = sum.findIndex((ended) => ended.by === by);
    const known = sum[at];
    if (known === undefined) sum.push({ by, count, earliestUs });
    else {
      const earliest = Math.min(known.earliestUs, earliestUs);
      sum[at] = { by, count: known.count + count, earliestUs: earliest };
    }
  }
  return sum;
}

function newTally(chunk: Chunk, figures: number): Tally {
  return {
    chunk,
    ghostUs: [],
    releasedUs: [],
    exhaustionUs: [],
    undetected: 0,
    unreleased: 0,
    prevented: 0,
    falseReaps: 0,
    endedAlive: [],
    closedInOrder: 0,
    packets: 0,
    bytes: 0,
    wakeups: 0,
    livedUs: 0,
    livesShort: false,
    neverExhausted: 0,
    figures: Array.from({ length: figures }, () => []),
    figuresNever: Array.from({ length: figures }, () => 0),
    rareReached: 0,
    rareSamples: 0,
  };
}

function count(tally: Tally, record: RunRecord, scenario: Scenario): void {
  tally.packets += record.packets;
  tally.bytes += record.bytes;
  tally.wakeups += record.wakeups;
  tally.livedUs += record.livedUs;
  tally.livesShort ||= record.livesShort;
  if (record.falseReap) tally.falseReaps += 1;
  if (record.closedInOrder) tally.closedInOrder += 1;
  if (record.endedAlive) {
    const afterUs = record.endedAtUs - record.acceptedAtUs;
    tally.endedAlive = addEnded(tally.endedAlive, [
      { by: record.by, count: 1, earliestUs: afterUs },
    ]);
  }
  if (record.reachedRareState) tally.rareReached += 1;
  if (record.countsForRareState) tally.rareSamples += 1;
  record.figures.forEach((value, i) => {
    if (value === Infinity) tally.figuresNever[i] = (tally.figuresNever[i] ?? 0) + 1;
    else if (!Number.isNaN(value)) tally.figures[i]?.push(value);
  });
  if (scenario.kind === 'live') return;
  if (record.prevented) {
    tally.prevented += 1;
    return;
  }
  if (record.decidedAtUs === Infinity) tally.undetected += 1;
  else tally.ghostUs.push(record.decidedAtUs - record.faultAtUs);
  if (record.releasedAtUs === Infinity) tally.unreleased += 1;
  else tally.releasedUs.push(record.releasedAtUs - record.faultAtUs);
  if (scenario.story.kind !== 'descriptors') return;
  if (record.exhaustionUs === Infinity) tally.neverExhausted += 1;
  else tally.exhaustionUs.push(record.exhaustionUs);
}

/**
 * The systematic witness: simulated lives with the fault, or the silence, at every point of a grid
 * over the policy's period, its first and last microsecond included; everything else about the lives
 * is the same.
 *
 * As a function of the phase a ghost's life falls by a microsecond per microsecond, and jumps where
 * one more answer got through. Its greatest and least values lie on the two sides of a jump, so the
 * greatest jump of the grid is halved down to a microsecond.
 *
 * A shared sweep has a phase of its own. Alone, it is the only one that matters and follows the grid; beside
 * timers of the connection's own, the grid is walked with several distances between the two.
 */
import { policyPeriodMs } from '../model/policy/index.ts';
import type { Policy } from '../model/policy/types.ts';
import type { ObservedLives } from '../model/results/types.ts';
import type { Scenario } from '../model/scenario/types.ts';
import { watchMs } from '../scenarios/watch.ts';
import { seedWords, type SeedWords } from '../sim/random.ts';
import { RunPlayer } from '../sim/world/run.ts';

/** Distances between the shared sweep and the connection's own timers, evenly over the period. */
const DISTANCES = 4;

/** Where in the policy's period a life's fault or silence comes. */
interface Phase {
  readonly phaseUs: number;
  /** By how much the shared sweep's phase is ahead of it. */
  readonly apartUs: number;
}

/** How many distances between the shared sweep and the connection's own timers there are to look at. */
function distancesOf({ mechanisms }: Policy): number {
  const ticking = mechanisms.filter((mechanism) => mechanism.lost !== 'timer');
  const shared = ticking.filter(
    (mechanism) => mechanism.kind === 'sweep' && mechanism.timer === 'shared',
  );
  return shared.length > 0 && shared.length < ticking.length ? DISTANCES : 1;
}

/** Plays lives at chosen phases and keeps what they showed. */
class PhasePlayer {
  readonly #player: RunPlayer;
  readonly #seed: SeedWords;
  readonly #ghostUs: number[] = [];
  readonly #releasedUs: number[] = [];
  #undetected = 0;
  #unreleased = 0;
  #prevented = 0;
  #falseReaps = 0;
  #endedAlive = 0;
  #lives = 0;
  readonly #isFault: boolean;
  readonly #periodUs: number;

  constructor(policy: Policy, scenario: Scenario, seed: bigint) {
    this.#periodUs = policyPeriodMs(policy) * 1000;
    this.#player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
    this.#seed = seedWords(seed);
    this.#isFault = scenario.kind === 'fault';
  }

  /** Plays one life; its length in µs, or Infinity. */
  play({ phaseUs, apartUs }: Phase): number {
    this.#player.world.pinned = {
      eventUs: phaseUs,
      sweepUs: (phaseUs + apartUs) % this.#periodUs,
    };
    this.#player.play(this.#seed, 0);
    const { record } = this.#player;
    this.#lives += 1;
    if (record.falseReap) this.#falseReaps += 1;
    if (record.endedAlive) this.#endedAlive += 1;
    if (!this.#isFault) return Infinity;
    if (record.prevented) {
      this.#prevented += 1;
      return Infinity;
    }
    const ghostUs = record.decidedAtUs - record.faultAtUs;
    const releasedUs = record.releasedAtUs - record.faultAtUs;
    if (ghostUs === Infinity) this.#undetected += 1;
    else this.#ghostUs.push(ghostUs);
    if (releasedUs === Infinity) this.#unreleased += 1;
    else this.#releasedUs.push(releasedUs);
    return ghostUs;
  }

  observed(): ObservedLives {
    return {
      lives: this.#lives,
      ghostMs: span(this.#ghostUs),
      undetected: this.#undetected,
      releasedMs: span(this.#releasedUs),
      unreleased: this.#unreleased,
      prevented: this.#prevented,
      falseReaps: this.#falseReaps,
      endedAlive: this.#endedAlive,
    };
  }
}

function span(us: readonly number[]): ObservedLives['ghostMs'] {
  if (us.length === 0) return { minMs: null, maxMs: null };
  return { minMs: Math.min(...us) / 1000, maxMs: Math.max(...us) / 1000 };
}

interface Point extends Phase {
  readonly lifeUs: number;
}

/** The neighbours between which a ghost's life grows most; null where it never grows. */
function greatestJump(points: readonly Point[]): readonly [Point, Point] | null {
  let greatest: readonly [Point, Point] | null = null;
  let most = 0;
  points.slice(1).forEach((right, index) => {
    const left = points[index];
    if (left === undefined || left.apartUs !== right.apartUs) return;
    const rise = right.lifeUs - left.lifeUs;
    if (!Number.isFinite(rise) || rise <= most) return;
    most = rise;
    greatest = [left, right];
  });
  return greatest;
}

/** Halves the distance of two points until the jump between them is a microsecond wide. */
function closeIn(player: PhasePlayer, [left, right]: readonly [Point, Point]): void {
  let before = left;
  let after = right;
  while (after.phaseUs - before.phaseUs > 1) {
    const phaseUs = Math.floor((before.phaseUs + after.phaseUs) / 2);
    const phase = { phaseUs, apartUs: before.apartUs };
    const point = { ...phase, lifeUs: player.play(phase) };
    if (!Number.isFinite(point.lifeUs)) return;
    // Life plus phase is the verdict's own phase: the same on each side of the jump.
    const verdictUs = (at: Point): number => at.lifeUs + at.phaseUs;
    const toBefore = Math.abs(verdictUs(point) - verdictUs(before));
    const toAfter = Math.abs(verdictUs(point) - verdictUs(after));
    if (toBefore < toAfter) before = point;
    else after = point;
  }
}

/**
 * Plays a policy on a scenario at `phases` points of its period.
 *
 * @param seed the lives' other chances: load, kernels' clocks
 */
export function playPhases(
  policy: Policy,
  scenario: Scenario,
  phases: number,
  seed: bigint,
): ObservedLives {
  const player = new PhasePlayer(policy, scenario, seed);
  const periodUs = policyPeriodMs(policy) * 1000;
  const distances = distancesOf(policy);
  const points: Point[] = [];
  for (let distance = 0; distance < distances; distance += 1) {
    const apartUs = Math.round((periodUs * distance) / distances);
    for (let index = 0; index < phases; index += 1) {
      const phase = { phaseUs: Math.round(((periodUs - 1) * index) / (phases - 1)), apartUs };
      points.push({ ...phase, lifeUs: player.play(phase) });
    }
  }
  const jump = greatestJump(points);
  if (jump !== null) closeIn(player, jump);
  return player.observed();
}

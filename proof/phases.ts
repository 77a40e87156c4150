/**
 * The systematic witness: simulated lives with the fault, or the silence, at every point of a grid over
 * the rhythm of everything that repeats, its first and last microsecond included.
 *
 * As a function of the instant a ghost's life falls by a microsecond per microsecond, and jumps where
 * one more answer got through. Its greatest and least values lie on the two sides of a jump, so the
 * greatest jump of the grid is halved down to a microsecond.
 *
 * Clocks that do not hang on the opening (a timer of the process, the load, the peer's own) stand at a distance of
 * their own from it in every life. So the grid is walked several times, each time with other distances and on older
 * connections; within one walk only the instant moves, against all of them.
 */
import type { Policy } from '../model/policy/types.ts';
import type { ObservedLives } from '../model/results/types.ts';
import { rhythmOf, type Rhythm } from '../model/rhythm/index.ts';
import type { Scenario } from '../model/scenario/types.ts';
import { watchOf, type Watch } from '../scenarios/watch.ts';
import { seedWords, Stream, type SeedWords } from '../sim/random.ts';
import { drawsEvent } from '../sim/world/timeline/plan.ts';
import { RunPlayer } from '../sim/world/run.ts';

/** How often the grid is walked where several clocks run. */
const WALKS = 4;

/** By what share of its circle each clock is elsewhere in the next walk: no two of them keep a distance. */
const NEXT_WALK = { process: Math.sqrt(2) - 1, load: Math.sqrt(3) - 1, peer: Math.sqrt(7) - 2 };

/** A point of the grid: where the instant comes, µs into the rhythm, and in which walk. */
interface Phase {
  readonly phaseUs: number;
  readonly walk: number;
}

/** The circles on which the instant moves, µs. */
class Circles {
  readonly walks: number;
  /** Once around the longest. */
  readonly spanUs: number;
  readonly #windowUs: number;
  readonly #processUs: number;
  readonly #loadUs: number;
  readonly #peerUs: number;

  constructor({ cycles, windowMs, processMs }: Rhythm, movesInstant: boolean) {
    const longestUs = (clock: string): number =>
      1000 * Math.max(1, ...cycles.map((cycle) => (cycle.clock === clock ? cycle.everyMs : 1)));
    // Where one clock runs there is one distance, and what is left is the age: young and old.
    const distances = new Set(cycles.map(({ clock }) => clock)).size > 1 ? WALKS : 2;
    this.walks = movesInstant ? distances : distances / 2;
    this.#windowUs = windowMs * 1000;
    this.#processUs = processMs * 1000;
    this.#loadUs = longestUs('load');
    this.#peerUs = longestUs('peer');
    const hasProcess = cycles.some(({ clock }) => clock === 'process');
    this.spanUs = Math.max(
      this.#windowUs,
      hasProcess ? this.#processUs : 0,
      this.#loadUs,
      this.#peerUs,
    );
  }

  /** Puts every phase of a player's lives where a point says. */
  pin({ world }: RunPlayer, { phaseUs, walk }: Phase): void {
    // The instant moves, and with it its distance from the last tick of every clock.
    const since = (everyUs: number, next: number): number =>
      share(phaseUs + Math.floor(((walk * next) % 1) * everyUs), everyUs);
    world.pin(Stream.FaultPhase, share(phaseUs, this.#windowUs));
    world.pin(Stream.FaultInShortLife, phaseUs / this.spanUs);
    world.pin(Stream.Age, walk / this.walks);
    world.pin(Stream.LoadPhase, since(this.#loadUs, NEXT_WALK.load));
    world.pin(Stream.PeerHeartbeatPhase, since(this.#peerUs, NEXT_WALK.peer));
    world.pin(Stream.SweepPhase, since(this.#processUs, NEXT_WALK.process));
  }
}

/** An instant on a circle of whole µs as a share of it, in the middle of its microsecond. */
function share(us: number, circleUs: number): number {
  return ((((us % circleUs) + circleUs) % circleUs) + 0.5) / circleUs;
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
  readonly #watch: Watch;
  readonly circles: Circles;

  constructor(policy: Policy, scenario: Scenario, seed: bigint) {
    this.circles = new Circles(rhythmOf(policy, scenario), drawsEvent(scenario));
    this.#watch = watchOf(policy, scenario);
    this.#player = new RunPlayer(policy, scenario, this.#watch.lengthMs, false);
    this.#seed = seedWords(seed);
    this.#isFault = scenario.kind === 'fault';
  }

  /** Plays one life. */
  play(phase: Phase): Point {
    const { world } = this.#player;
    this.circles.pin(this.#player, phase);
    this.#player.play(this.#seed, 0);
    const { record } = this.#player;
    // In a life that the policy keeps short the instant moves slower than the point does.
    const eventUs = world.plan.inShortLife ? world.plan.eventAtUs : phase.phaseUs;
    const lasting = (lifeUs: number): Point => ({ ...phase, lifeUs, verdictUs: eventUs + lifeUs });
    this.#lives += 1;
    if (record.falseReap) this.#falseReaps += 1;
    if (record.endedAlive) this.#endedAlive += 1;
    if (!this.#isFault) return lasting(Infinity);
    if (record.prevented) {
      this.#prevented += 1;
      return lasting(Infinity);
    }
    const ghostUs = record.decidedAtUs - record.faultAtUs;
    const releasedUs = record.releasedAtUs - record.faultAtUs;
    if (ghostUs === Infinity) this.#undetected += 1;
    else this.#ghostUs.push(ghostUs);
    if (releasedUs === Infinity) this.#unreleased += 1;
    else this.#releasedUs.push(releasedUs);
    return lasting(ghostUs);
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
      watchedMs: this.#watch.lengthMs,
      watchedOut: this.#watch.outlastsAll,
    };
  }
}

function span(us: readonly number[]): ObservedLives['ghostMs'] {
  if (us.length === 0) return { minMs: null, maxMs: null };
  return { minMs: Math.min(...us) / 1000, maxMs: Math.max(...us) / 1000 };
}

interface Point extends Phase {
  /** How long a ghost lived; Infinity where there was none, or no end. */
  readonly lifeUs: number;
  /** When it was decided, on the same scale as the phase: the same on each side of a jump. */
  readonly verdictUs: number;
}

/** The neighbours between which a ghost's life grows most; null where it never grows. */
function greatestJump(points: readonly Point[]): readonly [Point, Point] | null {
  let greatest: readonly [Point, Point] | null = null;
  let most = 0;
  points.slice(1).forEach((right, index) => {
    const left = points[index];
    if (left === undefined || left.walk !== right.walk) return;
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
    const point = player.play({ phaseUs, walk: before.walk });
    if (!Number.isFinite(point.lifeUs)) return;
    const toBefore = Math.abs(point.verdictUs - before.verdictUs);
    const toAfter = Math.abs(point.verdictUs - after.verdictUs);
    if (toBefore < toAfter) before = point;
    else after = point;
  }
}

/**
 * Plays a policy on a scenario with the instant at `phases` points of their rhythm, in every walk.
 *
 * @param seed the lives' other chances: kernels' clocks, weather
 */
export function playPhases(
  policy: Policy,
  scenario: Scenario,
  phases: number,
  seed: bigint,
): ObservedLives {
  const player = new PhasePlayer(policy, scenario, seed);
  const { walks, spanUs } = player.circles;
  const points: Point[] = [];
  for (let walk = 0; walk < walks; walk += 1) {
    for (let index = 0; index < phases; index += 1) {
      const phaseUs = Math.round(((spanUs - 1) * index) / (phases - 1));
      points.push(player.play({ phaseUs, walk }));
    }
  }
  const jump = greatestJump(points);
  if (jump !== null) closeIn(player, jump);
  return player.observed();
}

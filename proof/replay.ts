/**
 * The worst path played: reachability says how far every clock was away at the fault, or when the silence began; a life with these phases is
 * played in the simulator, and has to come within a tick of the bound. Where the phases cannot all be set from the path, those that are missing are looked for
 * from there, life by life, and what is left of the gap is told with its reason.
 *
 * A ghost's life falls by a microsecond for each by which the fault comes later, and jumps where a clock slips by. So a step as long as the gap
 * either closes it or crosses a jump, and halved steps find the edge of the jump.
 */
import type { ReachBound, ReachTolerance, Start } from '../model/reach/index.ts';
import { formatDuration } from '../model/duration.ts';
import { silenceKindOf } from '../model/faults/index.ts';
import type { Policy } from '../model/policy/types.ts';
import { rhythmOf } from '../model/rhythm/index.ts';
import type { LiveScenario, Scenario } from '../model/scenario/types.ts';
import { pinPhases, type LifePhases } from '../scenarios/run.ts';
import { wholePathOf } from '../model/scenario/path.ts';
import { settleMs } from '../model/scenario/settle.ts';
import { watchMs } from '../scenarios/watch.ts';
import { seedWords, type SeedWords } from '../sim/random.ts';
import { WHEEL_PERIOD_JIFFIES } from '../sim/world/hosts.ts';
import { RunPlayer } from '../sim/world/run.ts';

const US_PER_MS = 1_000;

/** Lives that the search may cost where many cells are asked for. */
const MOST_LIVES = 48;

/** The same for a single cell that is shown. */
export const MOST_LIVES_OF_ONE = 400;

/** Points of a circle that are tried before steps are halved. */
const GRID = 8;

/** What came of it. */
export interface Replay {
  /** How long the ghost lived, or the shortest silence that ended the living peer, ms; Infinity where nothing ended it. */
  readonly attainedMs: number;
  /** How far that is from the bound, in whichever direction the bound is careful; not finite where one of them has no end. */
  readonly gapMs: number;
  /** The phases of that life. */
  readonly phases: LifePhases;
  /** The scenario that was played: the given one, but for the length of its silence. */
  readonly scenario: Scenario;
  readonly lives: number;
  /** Why it is further from the bound than a tick; null where it is not. */
  readonly because: string | null;
}

/** Where every clock stands, µs on its own circle; the event, µs after the first SYN. */
type Point = Readonly<Record<Circle, number>>;

const CIRCLES = ['jiffies', 'event', 'sweep', 'load', 'peer', 'clientJiffies'] as const;
type Circle = (typeof CIRCLES)[number];

/** An instant on a circle of whole µs as a share of it, in the middle of its microsecond. */
export function shareOf(us: number, circleUs: number): number {
  return (modulo(Math.round(us), circleUs) + 0.5) / circleUs;
}

function modulo(us: number, circleUs: number): number {
  return ((us % circleUs) + circleUs) % circleUs;
}

/** How long the circles of a cell are, µs; 0 where nothing stands on one. */
function circlesOf(policy: Policy, scenario: Scenario): Record<Circle, number> {
  const { windowMs, processMs, cycles } = rhythmOf(policy, scenario);
  const { load, kernel, client } = scenario;
  const isShared = cycles.some(({ clock }) => clock === 'process');
  const peerMs = policy.peerHeartbeat?.everyMs ?? client?.pingEveryMs ?? 0;
  const wheelUs = (WHEEL_PERIOD_JIFFIES * 1_000_000) / kernel.hz;
  return {
    event: windowMs * US_PER_MS,
    sweep: isShared ? processMs * US_PER_MS : 0,
    load: load.kind === 'periodic' ? load.everyMs * US_PER_MS : 0,
    peer: peerMs * US_PER_MS,
    jiffies: wheelUs,
    clientJiffies: wheelUs,
  };
}

/** Lives at chosen phases, one after the other. */
class Lives {
  readonly circles: Record<Circle, number>;
  /** Over so much of each circle phases are looked for. */
  readonly spans: Record<Circle, number>;
  readonly #player: RunPlayer;
  readonly #seed: SeedWords;
  readonly #mostLives: number;
  played = 0;
  /** When the connection was opened: nothing can befall it before. */
  openedUs = 0;

  constructor(policy: Policy, scenario: Scenario, start: Start | null, seed: bigint, most: number) {
    this.circles = circlesOf(policy, scenario);
    const tickUs = 1_000_000 / scenario.kernel.hz;
    const widestJ = Math.max(8, ...(start?.borders ?? []).map(({ widthJ }) => widthJ));
    this.spans = { ...this.circles, jiffies: widestJ * tickUs, clientJiffies: 8 * tickUs };
    this.#player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
    this.#seed = seedWords(seed);
    this.#mostLives = most;
  }

  get isSpent(): boolean {
    return this.played >= this.#mostLives;
  }

  phases(point: Point): LifePhases {
    const { sweep, load, peer, jiffies, clientJiffies } = this.circles;
    return {
      eventAtUs: Math.round(point.event),
      ...(sweep > 0 && { sweep: shareOf(point.sweep, sweep) }),
      ...(load > 0 && { load: shareOf(point.load, load) }),
      ...(peer > 0 && { peerHeartbeat: shareOf(point.peer, peer) }),
      serverJiffies: shareOf(point.jiffies, jiffies),
      clientJiffies: shareOf(point.clientJiffies, clientJiffies),
    };
  }

  /** Plays the life of a point. */
  play(point: Point): RunPlayer['record'] {
    pinPhases(this.#player.world, this.phases(point));
    this.#player.play(this.#seed, 0);
    this.played += 1;
    return this.#player.record;
  }
}

/**
 * Where the path's clocks stand: those of the load, the peer and the process at their distance from the fault, and the fault where it has to come for the connection's own. Of these
 * several may say when: one point for each.
 */
function pointsOf(start: Start | null, scenario: Scenario, lives: Lives): (() => Point)[] {
  const { circles } = lives;
  const settledUs = settleMs(wholePathOf(scenario)) * US_PER_MS;
  const blank: Point = {
    event: settledUs + circles.event,
    sweep: 0,
    load: 0,
    peer: 0,
    jiffies: 0,
    clientJiffies: 0,
  };
  if (start === null) return [() => blank];
  const toServerUs = Math.ceil(Math.round(scenario.path.rttMs * US_PER_MS) / 2);
  const message = start.beats.find(({ name }) => name === 'the client’s next message');
  const heartbeat = start.beats.find((beat) => beat !== message);
  const loadLeftUs =
    start.loadLeftUs ?? (message === undefined ? null : message.leftUs - toServerUs);
  const before = (leftUs: number | null, circleUs: number): number =>
    leftUs === null || circleUs === 0 ? 0 : modulo(-Math.min(leftUs, circleUs - 1), circleUs);
  const point: Point = {
    ...blank,
    sweep: together(
      // What is a whole interval away has just ticked, before the connection was opened.
      start.clocks
        .filter(({ isShared }) => isShared)
        .map(({ everyUs, leftUs }) => ({ everyUs, leftUs: Math.min(leftUs, everyUs - 1) })),
      circles.sweep,
    ),
    load: before(loadLeftUs, circles.load),
    peer: before(heartbeat === undefined ? null : heartbeat.leftUs - toServerUs, circles.peer),
  };
  const widest = start.borders.toSorted((a, b) => b.widthJ - a.widthJ)[0];
  const tickUs = 1_000_000 / scenario.kernel.hz;
  const { acceptedAtUs } = lives.play(point);
  lives.openedUs = Number.isFinite(acceptedAtUs) ? acceptedAtUs : settledUs;
  return agesOf(start, circles.event).map((ageUs) => () => {
    // At the very instant of the opening nothing stands yet.
    const event = lives.openedUs + Math.max(1, ageUs);
    const placed = { ...point, event };
    if (widest === undefined) return placed;
    const { faultAtUs } = lives.play(placed);
    const fromUs = Number.isFinite(faultAtUs) ? faultAtUs : event;
    const jiffies = modulo(-(fromUs + widest.atUs), widest.widthJ * tickUs);
    return { ...placed, jiffies };
  });
}

/** How old the connection may be at the fault, µs: as each of its clocks says. */
function agesOf({ clocks }: Start, windowUs: number): number[] {
  const own = clocks.filter(({ isShared }) => !isShared);
  const onGrid = own.filter(({ everyUs }) => everyUs > 0);
  const inPassing = own.filter(({ everyUs, isFirst }) => everyUs === 0 || isFirst);
  const ages = [
    ...inPassing.map(({ runsUs, afterUs, leftUs }) => afterUs + runsUs - leftUs),
    ...inPassing.map(({ runsUs, leftUs }) => runsUs - leftUs),
    together(onGrid, windowUs) + windowUs,
    0,
  ];
  // What left the other side at that very instant has left: the fault comes a microsecond later.
  return [...new Set(ages)].flatMap((ageUs) => (ageUs < 0 ? [] : [ageUs, ageUs + 1]));
}

/** How long after a common tick of several clocks each is as far from its next as it is to be; where not all can be, the longest one is. */
function together(
  clocks: readonly { readonly everyUs: number; readonly leftUs: number }[],
  circleUs: number,
): number {
  const [longest, ...others] = clocks.toSorted((a, b) => b.everyUs - a.everyUs);
  if (longest === undefined || circleUs === 0) return 0;
  let best = 0;
  let least = Infinity;
  for (let round = 0; round * longest.everyUs < circleUs; round += 1) {
    const us = modulo(-longest.leftUs, longest.everyUs) + round * longest.everyUs;
    const missed = others.reduce((sum, { everyUs, leftUs }) => {
      const off = modulo(-leftUs - us, everyUs);
      return sum + Math.min(off, everyUs - off);
    }, 0);
    if (missed >= least) continue;
    least = missed;
    best = us;
  }
  return best;
}

/** The point of the greatest worth that is found, looked for from the best of some. */
class Climb {
  point: Point;
  worth = -Infinity;
  readonly #lives: Lives;
  readonly #worthOf: (point: Point) => number;
  /** How much the worth falls short, µs; what is no more than a tick is enough. */
  readonly #gapOf: (worth: number) => number;
  readonly #tickUs: number;

  constructor(
    lives: Lives,
    first: Point,
    worthOf: (point: Point) => number,
    gapOf: (worth: number) => number,
    tickUs: number,
  ) {
    this.#lives = lives;
    this.point = first;
    this.#worthOf = worthOf;
    this.#gapOf = gapOf;
    this.#tickUs = tickUs;
  }

  get isNear(): boolean {
    return this.#gapOf(this.worth) <= this.#tickUs;
  }

  get #isOver(): boolean {
    return this.#lives.isSpent || this.isNear;
  }

  offer(point: Point): boolean {
    if (this.#isOver && this.worth > -Infinity) return false;
    const worth = this.#worthOf(point);
    if (worth <= this.worth) return false;
    this.worth = worth;
    this.point = point;
    return true;
  }

  /** Circle by circle, until nothing gets better. */
  run(): void {
    const circles = CIRCLES.filter((circle) => this.#lives.circles[circle] > 0);
    let improved = true;
    while (improved && !this.#isOver) {
      improved = false;
      for (const circle of circles) improved = this.#along(circle) || improved;
    }
  }

  #moved(circle: Circle, us: number): boolean {
    const to = this.point[circle] + us;
    if (circle === 'event' && to <= this.#lives.openedUs) return false;
    const at = circle === 'event' ? to : modulo(to, this.#lives.circles[circle]);
    return this.offer({ ...this.point, [circle]: at });
  }

  #along(circle: Circle): boolean {
    const before = this.worth;
    // A step as long as the gap, to either side: where no jump lies between, it closes it.
    for (const sign of [-1, 1]) {
      const gapUs = this.#gapOf(this.worth);
      if (Number.isFinite(gapUs)) this.#moved(circle, sign * Math.round(gapUs));
    }
    const spanUs = this.#lives.spans[circle];
    for (let part = 1; part < GRID; part += 1) {
      this.#moved(circle, Math.round((part * spanUs) / GRID));
    }
    // Nearer than a tick there is nothing to be found.
    let stepUs = Math.floor(spanUs / GRID / 2);
    while (stepUs >= this.#tickUs / 4 && !this.#isOver) {
      const better = this.#moved(circle, -stepUs) || this.#moved(circle, stepUs);
      if (!better) stepUs = Math.floor(stepUs / 2);
    }
    return this.worth > before;
  }
}

/** Why the life that was found is further from the bound than a tick. */
function reasonOf(start: Start | null, gapMs: number): string {
  if (start === null) {
    return 'the path was joined from several, and no single run goes along it; phases were looked for life by life';
  }
  const looseMs = start.loose.reduce((sum, { ms }) => sum + ms, 0);
  if (start.loose.length > 0 && looseMs >= gapMs) {
    const clocks = start.loose.map(({ clock, ms }) => `${clock} ${formatDuration(Math.ceil(ms))}`);
    return `clocks of the path that are known only within limits: ${clocks.join(', ')}`;
  }
  return 'what the path leaves open was looked for life by life, and no nearer life was found';
}

/**
 * Plays the longest ghost.
 *
 * @param bound what reachability proves, asked with a start; null comes back where there is nothing to play
 * @param mostLives lives that the search may cost
 */
export function replayBound(
  policy: Policy,
  scenario: Scenario,
  bound: ReachBound,
  seed: bigint,
  mostLives: number = MOST_LIVES,
): Replay | null {
  if (bound.kind === 'not-proved' || bound.prevented || scenario.kind !== 'fault') return null;
  const { decidedMs, start } = bound;
  const tickUs = 1_000_000 / scenario.kernel.hz;
  const lives = new Lives(policy, scenario, start, seed, mostLives);
  const boundUs = decidedMs * US_PER_MS;
  const worthOf = (point: Point): number => {
    const { prevented, decidedAtUs, faultAtUs } = lives.play(point);
    return prevented ? -Infinity : decidedAtUs - faultAtUs;
  };
  const gapOf = (us: number): number => (us === boundUs ? 0 : boundUs - us);
  const [first, ...others] = pointsOf(start, scenario, lives);
  if (first === undefined) return null;
  const climb = new Climb(lives, first(), worthOf, gapOf, tickUs);
  climb.offer(climb.point);
  for (const other of others) if (!climb.isNear) climb.offer(other());
  climb.run();
  const { worth, point, isNear: near } = climb;
  if (worth === -Infinity) return null;
  const attainedMs = worth / US_PER_MS;
  const gapMs = decidedMs - attainedMs;
  const because =
    decidedMs === Infinity && !near
      ? 'a run without an end was found in what the exploration makes of the system; this one ends'
      : near
        ? null
        : reasonOf(start, gapMs);
  return { attainedMs, gapMs, phases: lives.phases(point), scenario, lives: lives.played, because };
}

/** Lengths of a silence that are tried where the shortest one ends nobody: how many times as long. */
const LONGER = [1.02, 1.1, 1.3, 2, 4] as const;

/** Lives with silences of one kind, of whatever length. */
class Silences {
  readonly #livesOf: (scenario: LiveScenario) => Lives;
  readonly #scenario: LiveScenario;
  readonly #tickUs: number;
  readonly #shortestUs: number;
  readonly lives: Lives;

  constructor(scenario: LiveScenario, shortestUs: number, livesOf: (of: LiveScenario) => Lives) {
    this.#scenario = scenario;
    this.#livesOf = livesOf;
    this.#tickUs = 1_000_000 / scenario.kernel.hz;
    this.#shortestUs = shortestUs;
    this.lives = livesOf(this.ofLength(shortestUs));
  }

  ofLength(us: number): LiveScenario {
    const silence = { ...this.#scenario.silence, lengthMs: us / US_PER_MS };
    return { ...this.#scenario, silence } as LiveScenario;
  }

  /** The shortest silence that ends the living peer at these phases, µs. */
  shortestUs(point: Point): number {
    if (this.#ends(point, this.#shortestUs)) return this.#shortestUs;
    let survivedUs = this.#shortestUs;
    for (const longer of LONGER) {
      const us = Math.round(this.#shortestUs * longer);
      if (this.lives.isSpent) return Infinity;
      if (this.#ends(point, us)) return this.#between(point, survivedUs, us);
      survivedUs = us;
    }
    return Infinity;
  }

  #between(point: Point, survivedUs: number, endedUs: number): number {
    let [least, most] = [survivedUs, endedUs];
    while (most - least > this.#tickUs && !this.lives.isSpent) {
      const us = Math.round((least + most) / 2);
      if (this.#ends(point, us)) most = us;
      else least = us;
    }
    return most;
  }

  #ends(point: Point, us: number): boolean {
    if (us === this.#shortestUs) return this.lives.play(point).endedAlive;
    this.lives.played += 1;
    return this.#livesOf(this.ofLength(us)).play(point).endedAlive;
  }
}

/**
 * Plays the shortest silence that ends a living peer: a tick longer than T, it has to.
 *
 * @param tolerance what reachability proves, asked with a start; null comes back where there is nothing to play
 * @param mostLives lives that the search may cost
 */
export function replayTolerance(
  policy: Policy,
  scenario: Scenario,
  tolerance: ReachTolerance,
  seed: bigint,
  mostLives: number = MOST_LIVES,
): Replay | null {
  if (tolerance.kind === 'not-proved' || scenario.kind !== 'live') return null;
  const { ms, start } = tolerance;
  const hasLength = silenceKindOf(scenario.silence).lengthMs(scenario.silence) !== null;
  if (ms === 0 || ms === Infinity || !hasLength) return null;
  const tickUs = 1_000_000 / scenario.kernel.hz;
  const boundUs = ms * US_PER_MS;
  const livesOf = (of: LiveScenario): Lives => new Lives(policy, of, start, seed, mostLives);
  const silences = new Silences(scenario, Math.round(boundUs + tickUs), livesOf);
  const { lives } = silences;
  const worthOf = (point: Point): number => -silences.shortestUs(point);
  const gapOf = (us: number): number => -us - boundUs;
  const [first, ...others] = pointsOf(start, scenario, lives);
  if (first === undefined) return null;
  const climb = new Climb(lives, first(), worthOf, gapOf, tickUs + 1);
  climb.offer(climb.point);
  for (const other of others) if (!climb.isNear) climb.offer(other());
  climb.run();
  const attainedUs = -climb.worth;
  const gapMs = (attainedUs - boundUs) / US_PER_MS;
  const because = climb.isNear ? null : reasonOf(start, gapMs);
  return {
    attainedMs: attainedUs / US_PER_MS,
    gapMs,
    phases: lives.phases(climb.point),
    scenario: attainedUs === Infinity ? scenario : silences.ofLength(attainedUs),
    lives: lives.played,
    because,
  };
}

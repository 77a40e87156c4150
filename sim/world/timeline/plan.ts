/**
 * The instants of one life, drawn from the seed: opening, load, fault or silence, stop, end of the watch.
 *
 * The connection opens, and everything that repeats begins: the policy with the opening, the load and the peer each at
 * a phase of its own. Once all have begun, the fault or the silence may come: at an instant spread evenly over
 * the common rhythm (model/rhythm), after a number of whole rhythms whose logarithm is spread evenly. So every
 * phase is met, on connections that have just opened as on old ones.
 *
 * Some policies end a healthy connection themselves: by its idleness or its age, or because nobody speaks. There the
 * fault is spread evenly over the time that the connection would live, for whom a fault meets is one of the
 * connections that stand at a time. Nothing here asks which policies do so: a healthy life is played first, and shows it.
 *
 * A load that is far older than the fault would only cost time: what came earlier leaves no trace in either kernel.
 * So it begins late where the life is long; but if the connection does not live to see that, the life is played again
 * with the load from the opening on.
 */
import { assertNever } from '../../../model/assert.ts';
import { faultKindOf, silenceKindOf } from '../../../model/faults/index.ts';
import type { Instant } from '../../../model/faults/kind.ts';
import { firstOf } from '../../../model/mechanisms/index.ts';
import { untilNextTick } from '../../../model/mechanisms/region/clocks.ts';
import { patienceMs } from '../../../model/policy/patience.ts';
import type { Policy } from '../../../model/policy/types.ts';
import { rhythmOf } from '../../../model/rhythm/index.ts';
import { longestRttMs, wholePathOf } from '../../../model/scenario/path.ts';
import { settleMs } from '../../../model/scenario/settle.ts';
import type { Path, Scenario, Silence } from '../../../model/scenario/types.ts';
import { Stream } from '../../random.ts';
import type { Draws } from '../../random.ts';

/**
 * Slow start doubles from ten segments: after five round trips hundreds are in flight and every
 * buffer is full. More would only move more bytes, none of which changes an instant.
 */
const SATURATION_ROUND_TRIPS = 5;

/** A connection is at most so old when its fault comes, whole rhythms apart. */
const OLDEST_MS = 4 * 3_600_000;

/** Where something repeats on the wire, the oldest connection has seen it so often: by then every estimate has settled. */
const MOST_WORDS = 64;

/** A load that began so many messages before the fault might as well have begun with the connection. */
const MOST_MESSAGES = 256;

/** Where connections share a timer, another instant may mean another life; one that is over early so often stays so. */
const MOST_RETELLINGS = 8;

/** Time for the closing handshake at the end of a life that ends with one: FIN, acknowledgement, FIN, and some to spare. */
export function closingMs(path: Path): number {
  return 2.5 * settleMs(path);
}

/** The instants of one life in µs; Infinity = not in this story. */
export interface Plan {
  /** Both ends are established: the handshake takes one and a half round trips. */
  openAtUs: number;
  loadAtUs: number;
  /** The fault, or the beginning of the silence. A middlebox chooses its instant itself. */
  eventAtUs: number;
  silenceEndsAtUs: number;
  queryAtUs: number;
  /** Where a fault chooses its own instant, it is told then. */
  sigtermAtUs: number;
  /** The story itself is told by then: query answered, process killed. */
  toldAtUs: number;
  endAtUs: number;
  costFromUs: number;
  costToUs: number;
  /** Told again, with the event within the time that the policy lets the connection live. */
  inShortLife: boolean;
}

export function newPlan(): Plan {
  return {
    openAtUs: NaN,
    loadAtUs: NaN,
    eventAtUs: NaN,
    silenceEndsAtUs: NaN,
    queryAtUs: NaN,
    sigtermAtUs: NaN,
    toldAtUs: NaN,
    endAtUs: NaN,
    costFromUs: NaN,
    costToUs: NaN,
    inShortLife: false,
  };
}

/** Length of a silence in ms; null where nothing is silent. */
export function silenceMs(silence: Silence): number | null {
  return silenceKindOf(silence).lengthMs(silence);
}

/** How long the supervisor waits for a server that was told to stop; null = for ever. */
export function drainDeadlineMs({ mechanisms }: Policy): number | null {
  const drain = firstOf('drain', mechanisms);
  return drain === undefined || drain.lost !== undefined ? null : drain.deadlineMs;
}

/** Whether a life was over before the fault or the silence that was to come. */
export function isCutShort({ eventAtUs }: Plan, endedUs: number): boolean {
  return eventAtUs !== Infinity && endedUs < eventAtUs;
}

/**
 * Whether the instant of a story is spread over the rhythm of its connection; otherwise it comes with the opening, by a
 * box, while a pool's entry rests, or not at all.
 */
export function drawsEvent(scenario: Scenario): boolean {
  if (scenario.story.kind === 'pool') return false;
  if (scenario.kind === 'fault') {
    return faultKindOf(scenario.fault).instant(scenario.fault).by === 'chance';
  }
  return silenceMs(scenario.silence) !== null || scenario.server.broken?.kind === 'loop-stalled';
}

/** What does not change from run to run. */
export class Planner {
  readonly #scenario: Scenario;
  readonly #drawsEvent: boolean;
  readonly #openUs: number;
  readonly #settleUs: number;
  readonly #watchUs: number;
  /** How long the supervisor waits for a server that was told to stop; 0 where it does for ever. */
  readonly #supervisorUs: number;
  /** The longest time for which any mechanism waits before it strikes. */
  readonly patienceUs: number;
  /** A whole round of everything that repeats. */
  readonly roundUs: number;
  /** From here on an event may come: the connection has settled, the load and the peer have begun. */
  readonly #readyUs: number;
  /** Everything has begun, and has come round once. */
  readonly #roundedUs: number;
  readonly #windowUs: number;
  /** Over so long the tick of the process's timers is spread. */
  readonly #processUs: number;
  /** How many whole windows more the oldest connection may be. */
  readonly #mostWindows: number;
  // The life at hand.
  /** The instant that was drawn first: phases of all clocks are distances from it, however the life is told. */
  drawnUs = NaN;
  /** Where it is given and not drawn; null = drawn. */
  placedUs: number | null = null;
  #retellings = 0;
  #loadFromOpening = false;

  /** @param watchMs how long a ghost is watched; a living peer until every
   * mechanism's patience has passed after its silence, or as long as its scenario says if nothing is silent */
  constructor(policy: Policy, scenario: Scenario, watchMs: number) {
    this.#scenario = scenario;
    this.#drawsEvent = drawsEvent(scenario);
    const path = wholePathOf(scenario);
    this.#openUs = Math.ceil(longestRttMs(path) * 2000);
    this.#settleUs = settleMs(path) * 1000;
    this.#watchUs = watchMs * 1000;
    this.#supervisorUs = (drainDeadlineMs(policy) ?? 0) * 1000;
    this.patienceUs = Math.max(...policy.mechanisms.map(patienceMs), 0) * 1000;
    const rhythm = rhythmOf(policy, scenario);
    const { longestMs, begunMs, firstMs, windowMs, roundMs, wordsEveryMs } = rhythm;
    this.roundUs = roundMs * 1000;
    this.#readyUs = this.#settleUs + Math.ceil(begunMs * 1000);
    this.#roundedUs = this.#readyUs + (longestMs + firstMs) * 1000;
    this.#windowUs = windowMs * 1000;
    this.#processUs = rhythm.processMs * 1000;
    const wordMs = scenario.load.kind === 'saturated' ? 0 : wordsEveryMs;
    this.#mostWindows = Math.floor(Math.min(OLDEST_MS, MOST_WORDS * wordMs) / windowMs);
  }

  /**
   * A healthy life: nothing happens to it, until the connection is as old as the oldest. What it costs is counted
   * over whole rounds of its second half.
   */
  drawHealthy(draws: Draws, into: Plan): void {
    const spanUs = Math.max((this.#mostWindows + 1) * this.#windowUs, this.roundUs);
    const rounds = Math.max(1, Math.floor(spanUs / 2 / this.roundUs));
    this.#loadFromOpening = true;
    this.#write(draws, into, this.#roundedUs + spanUs);
    into.costFromUs = into.costToUs - rounds * this.roundUs;
    into.endAtUs = into.costToUs;
    into.eventAtUs = Infinity;
    into.silenceEndsAtUs = Infinity;
    into.sigtermAtUs = Infinity;
    into.toldAtUs = 0;
  }

  /** A new life. */
  draw(draws: Draws, into: Plan): void {
    this.#retellings = 0;
    this.#loadFromOpening = !this.#drawsEvent;
    into.inShortLife = false;
    const windows = (this.#mostWindows + 1) ** draws.share(Stream.Age, 0);
    const older = Math.min(this.#mostWindows, Math.floor(windows) - 1);
    const phaseUs = draws.below(Stream.FaultPhase, 0, this.#windowUs);
    this.drawnUs = this.placedUs ?? this.#readyUs + older * this.#windowUs + phaseUs;
    this.#write(draws, into, this.drawnUs);
  }

  /**
   * The policy ends the connection at `endedUs` if nothing else happens to it: the event comes within that time.
   *
   * @returns false where there is no room for it: a connection that has not settled does not stand yet
   */
  drawWithin(draws: Draws, into: Plan, endedUs: number): boolean {
    if (endedUs < this.#settleUs || this.#retellings === MOST_RETELLINGS) return false;
    // A silence is told to its end where the life has room for it: what ends the connection later is another story.
    const toldUs = this.#scenario.kind === 'live' ? into.endAtUs - into.eventAtUs : 0;
    const lifeUs = endedUs - this.#openUs;
    const roomUs = toldUs < lifeUs ? lifeUs - toldUs : lifeUs;
    const share = draws.share(Stream.FaultInShortLife, this.#retellings);
    this.#retellings += 1;
    this.#loadFromOpening = true;
    into.inShortLife = true;
    this.#write(draws, into, this.#openUs + Math.floor(share * roomUs));
    return true;
  }

  /** The connection was over before its event: whether the life is to be told again, and then how. */
  drawAgain(draws: Draws, into: Plan, endedUs: number): boolean {
    if (!this.#drawsEvent || this.placedUs !== null) return false;
    if (!this.#putsLoadOff(into)) return this.drawWithin(draws, into, endedUs);
    this.#loadFromOpening = true;
    this.#write(draws, into, into.eventAtUs);
    return true;
  }

  /**
   * An instant at which the timers of the whole process tick. Connections that suffer one fault together share them.
   *
   * @param runDraws those of the run's first connection
   */
  processTickUs(draws: Draws, runDraws: Draws, { eventAtUs }: Plan): number {
    const together = this.#scenario.story.kind === 'drain' && eventAtUs !== Infinity;
    const phases = together ? runDraws : draws;
    const phaseUs = phases.below(Stream.SweepPhase, 0, this.#processUs);
    return (together ? eventAtUs : this.drawnUs) - phaseUs;
  }

  /** When the watch ends over a ghost whose fault chose its own instant. */
  watchedUntil(faultAtUs: number, plan: Plan): number {
    const fromUs = plan.queryAtUs === Infinity ? faultAtUs : Math.max(faultAtUs, plan.queryAtUs);
    return fromUs + this.#watchUs;
  }

  /** When nothing can follow any more from something that lasted for `lengthUs` and was over at `endedUs`. */
  livedThrough(endedUs: number, lengthUs: number): number {
    return endedUs + this.patienceUs + this.#settleUs + lengthUs;
  }

  /** The whole plan of a life in which the fault or the silence comes at `eventAtUs`, if it is not chosen otherwise. */
  #write(draws: Draws, into: Plan, eventAtUs: number): void {
    into.openAtUs = this.#openUs;
    into.eventAtUs = eventAtUs;
    into.silenceEndsAtUs = Infinity;
    into.queryAtUs = Infinity;
    into.sigtermAtUs = Infinity;
    into.toldAtUs = 0;
    into.costFromUs = this.#openUs;
    into.costToUs = eventAtUs;
    into.endAtUs = eventAtUs + this.#watchUs;
    const scenario = this.#scenario;
    if (scenario.kind === 'live') this.#live(scenario.silence, into);
    else this.#instant(faultKindOf(scenario.fault).instant(scenario.fault), into);
    const { story } = scenario;
    if (story.kind === 'pool') this.#pool(story.idleMs * 1000, draws, into);
    if (story.kind === 'drain') this.#drain(story.sigtermAfterMs * 1000, into);
    into.loadAtUs = this.#loadAt(draws, into.eventAtUs);
  }

  /** The fault may choose its instant itself. */
  #instant(instant: Instant, into: Plan): void {
    switch (instant.by) {
      case 'chance':
        return;
      case 'box':
        this.#nat(instant.idleMs * 1000, into);
        return;
      case 'opening':
        this.#opening(into);
        return;
      default:
        assertNever(instant, 'instant');
    }
  }

  #live(silence: Silence, into: Plan): void {
    const { watchMs, server } = this.#scenario;
    const stallMs = server.broken?.kind === 'loop-stalled' ? server.broken.lengthMs : null;
    const lengthMs = silenceMs(silence);
    if (lengthMs === null && stallMs === null) {
      into.eventAtUs = Infinity;
      into.endAtUs = watchMs * 1000;
      into.costFromUs = this.#settleUs;
      into.costToUs = watchMs * 1000;
      return;
    }
    into.silenceEndsAtUs = into.eventAtUs + (lengthMs ?? stallMs ?? 0) * 1000;
    const overAtUs = into.eventAtUs + Math.max(lengthMs ?? 0, stallMs ?? 0) * 1000;
    into.endAtUs = this.livedThrough(overAtUs, silenceKindOf(silence).backsOffMs(silence) * 1000);
  }

  /**
   * An entry rests from when it has settled, and then carries its query. A fault comes while it rests; a silence begins
   * so that the query falls into it. A middlebox chooses its instant itself.
   */
  #pool(restUs: number, draws: Draws, into: Plan): void {
    const restedAtUs = this.#settleUs + restUs;
    into.queryAtUs = restedAtUs;
    if (into.eventAtUs !== Infinity) {
      const lengthUs = into.silenceEndsAtUs - into.eventAtUs;
      const spreadUs = Math.max(1, Math.min(restUs, lengthUs));
      const beforeUs = draws.below(Stream.FaultPhase, 0, spreadUs);
      const shiftUs = restedAtUs - beforeUs - into.eventAtUs;
      into.eventAtUs += shiftUs;
      into.silenceEndsAtUs += shiftUs;
      into.endAtUs += shiftUs;
    }
    into.toldAtUs = this.livedThrough(restedAtUs, 0);
    into.endAtUs = Math.max(into.endAtUs, into.toldAtUs);
    if (this.#scenario.kind === 'fault') {
      into.endAtUs = Math.max(into.endAtUs, restedAtUs + this.#watchUs);
    }
    into.costFromUs = this.#settleUs;
    into.costToUs = Math.min(this.#settleUs + this.roundUs, into.eventAtUs, restedAtUs);
  }

  /** Told to stop after the event, or after the opening where nothing happens; watched past the supervisor's patience. */
  #drain(afterUs: number, into: Plan): void {
    const { kind } = this.#scenario;
    if (into.eventAtUs !== Infinity) into.sigtermAtUs = into.eventAtUs + afterUs;
    else if (kind === 'live') into.sigtermAtUs = Math.max(this.#settleUs, afterUs);
    else return;
    const killedAtUs = into.sigtermAtUs + this.#supervisorUs;
    into.toldAtUs = killedAtUs + this.#settleUs;
    into.endAtUs = Math.max(into.endAtUs, into.toldAtUs);
    if (kind === 'live') into.endAtUs = Math.max(into.endAtUs, into.sigtermAtUs + this.#watchUs);
  }

  /** The fault comes with the first packets: there is no healthy time before it. */
  #opening(into: Plan): void {
    into.eventAtUs = Infinity;
    into.costFromUs = 0;
    into.costToUs = 0;
    into.endAtUs = this.#settleUs + this.#watchUs;
  }

  /** The flow is forgotten when the policy leaves it alone for long enough; if not by the end, never. */
  #nat(idleUs: number, into: Plan): void {
    into.eventAtUs = Infinity;
    into.costFromUs = this.#roundedUs;
    into.costToUs = this.#roundedUs + this.roundUs;
    into.endAtUs = into.costToUs + 2 * idleUs;
  }

  /** Whether the load begins later than it would from the opening on, only to save time. */
  #putsLoadOff({ loadAtUs }: Plan): boolean {
    const { load } = this.#scenario;
    if (this.#loadFromOpening || load.kind !== 'periodic') return false;
    return loadAtUs >= this.#openUs + load.everyMs * 1000;
  }

  #loadAt(draws: Draws, eventAtUs: number): number {
    const { load, kind, path } = this.#scenario;
    if (load.kind === 'idle') return Infinity;
    if (load.kind === 'saturated') {
      // A client that reads slowly has done so from the first byte: its kernel never saw it read fast.
      if (kind === 'live' && eventAtUs !== Infinity) return eventAtUs;
      if (eventAtUs === Infinity) return this.#openUs;
      return Math.max(this.#openUs, eventAtUs - SATURATION_ROUND_TRIPS * path.rttMs * 1000);
    }
    const everyUs = load.everyMs * 1000;
    const phaseUs = draws.below(Stream.LoadPhase, 0, everyUs);
    const firstUs = this.#openUs + untilNextTick(this.#openUs, this.drawnUs - phaseUs, everyUs);
    if (this.#loadFromOpening || eventAtUs === Infinity) return firstUs;
    const messages = Math.floor((eventAtUs - firstUs) / everyUs);
    return firstUs + Math.max(0, messages - MOST_MESSAGES) * everyUs;
  }
}

/**
 * When things happen in one life, drawn from the seed.
 *
 * The connection opens at 0 and settles. Then it lives one whole period of the policy, in which its
 * cost is counted (one period: every cycle exactly once), and the fault or the silence comes at an
 * instant drawn evenly over the next one, so that every phase of the policy is met. A load that is
 * not the point of the story starts just long enough before to have settled as well: what came
 * earlier leaves no trace in either kernel. Only where the policy would have closed the idle
 * connection by then does the load flow from the beginning.
 */
import { policyPeriodMs } from '../../model/policy/index.ts';
import { isLife, pingers, type Source } from '../../model/bounds/life/sources.ts';
import type { Mechanism, Policy, ReceiveDeadlineMechanism } from '../../model/policy/types.ts';
import { settleMs } from '../../model/scenario/settle.ts';
import type { Load, Path, Scenario, Silence } from '../../model/scenario/types.ts';
import { Stream } from '../random.ts';
import type { Draws } from '../random.ts';
import { patienceMs } from '../server/mechanisms.ts';

/**
 * Slow start doubles from ten segments: after five round trips hundreds are in flight and every
 * buffer is full. More would only move more bytes, none of which changes an instant.
 */
const SATURATION_ROUND_TRIPS = 5;

/** Time for the closing handshake at the end of a life that ends with one: FIN, acknowledgement, FIN, and some to spare. */
export function farewellMs(path: Path): number {
  return 2.5 * settleMs(path);
}

/** The instants of one life in µs; Infinity = not in this story. */
export interface Plan {
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
}

export function newPlan(): Plan {
  return {
    loadAtUs: NaN,
    eventAtUs: NaN,
    silenceEndsAtUs: NaN,
    queryAtUs: NaN,
    sigtermAtUs: NaN,
    toldAtUs: NaN,
    endAtUs: NaN,
    costFromUs: NaN,
    costToUs: NaN,
  };
}

/** Length of a silence in ms; null where nothing is silent. */
export function silenceMs(silence: Silence): number | null {
  switch (silence.kind) {
    case 'none':
      return null;
    case 'slow-uploader':
      return Math.ceil((silence.messageBytes * 1000) / silence.bytesPerSecond);
    default:
      return silence.lengthMs;
  }
}

/**
 * How long the connection itself needs after a silence: retransmissions have doubled while nothing was
 * heard, so the next may be as far away as the outage was long (RFC 6298 §5.5).
 */
function backedOffUs(silence: Silence): number {
  const unheard = silence.kind === 'outage' || silence.kind === 'host-sleep';
  return unheard ? silence.lengthMs * 1000 : 0;
}

/** How long the supervisor waits for a server that was told to stop; null = for ever. */
export function drainDeadlineMs({ mechanisms }: Policy): number | null {
  const drain = mechanisms.find((mechanism) => mechanism.kind === 'drain');
  return drain === undefined || drain.lost !== undefined ? null : drain.deadlineMs;
}

/** Whether a healthy peer without a load of its own puts the deadline off in time. */
function isFed({ life, timeoutMs }: ReceiveDeadlineMechanism, policy: Policy): boolean {
  const { peerHeartbeat } = policy;
  const sources: Source[] = pingers(policy)
    .filter(({ intervalMs }) => intervalMs < timeoutMs)
    .map((pinger) => ({ kind: 'pong', pinger }));
  if (peerHeartbeat !== undefined && peerHeartbeat.everyMs < timeoutMs) {
    sources.push({ ...peerHeartbeat, kind: 'heartbeat' });
  }
  return sources.some((source) => isLife(source, life));
}

/** When a policy would have ended a connection without a load; Infinity = never. */
function endsQuietMs(mechanism: Mechanism, policy: Policy): number {
  if (mechanism.lost === 'timer') return Infinity;
  switch (mechanism.kind) {
    case 'idle':
      return mechanism.timeoutMs;
    case 'receive-deadline':
      return isFed(mechanism, policy) ? Infinity : mechanism.timeoutMs;
    case 'sweep':
      return mechanism.ping ? Infinity : mechanism.intervalMs;
    default:
      return Infinity;
  }
}

/** What does not change from run to run. */
export class Planner {
  readonly #scenario: Scenario;
  readonly #settleUs: number;
  readonly #periodUs: number;
  readonly #watchUs: number;
  /** How long the supervisor waits for a server that was told to stop; 0 where it does for ever. */
  readonly #supervisorUs: number;
  /** The longest time for which any mechanism waits before it strikes. */
  readonly patienceUs: number;
  /** The soonest that the policy ends a connection without a load. */
  readonly #endsQuietUs: number;

  /** @param watchMs how long a ghost is watched; a living peer until every
   * mechanism's patience has passed after its silence, or as long as its scenario says if nothing is silent */
  constructor(policy: Policy, scenario: Scenario, watchMs: number) {
    this.#scenario = scenario;
    this.#settleUs = settleMs(scenario.path) * 1000;
    this.#periodUs = policyPeriodMs(policy) * 1000;
    this.#watchUs = watchMs * 1000;
    this.#supervisorUs = (drainDeadlineMs(policy) ?? 0) * 1000;
    this.patienceUs = Math.max(...policy.mechanisms.map(patienceMs), 0) * 1000;
    this.#endsQuietUs =
      Math.min(...policy.mechanisms.map((one) => endsQuietMs(one, policy))) * 1000;
  }

  /** @param phaseUs where in the policy's period the fault or silence comes; null = drawn */
  draw(draws: Draws, into: Plan, phaseUs: number | null): void {
    const period = this.#periodUs;
    into.eventAtUs =
      this.#settleUs + period + (phaseUs ?? draws.below(Stream.FaultPhase, 0, period));
    into.silenceEndsAtUs = Infinity;
    into.queryAtUs = Infinity;
    into.sigtermAtUs = Infinity;
    into.toldAtUs = 0;
    into.costFromUs = into.eventAtUs - period;
    into.costToUs = into.eventAtUs;
    into.endAtUs = into.eventAtUs + this.#watchUs;
    const scenario = this.#scenario;
    if (scenario.kind === 'live') this.#live(scenario.silence, into);
    else if (scenario.fault.kind === 'nat-expiry') this.#nat(scenario.fault.idleMs * 1000, into);
    else if (scenario.fault.kind === 'handshake-abandoned') this.#opening(into);
    if (scenario.story.kind === 'pool')
      this.#pool(scenario.story.idleMs * 1000, draws, phaseUs, into);
    if (scenario.story.kind === 'drain') this.#drain(scenario.story.sigtermAfterMs * 1000, into);
    into.loadAtUs = this.#loadAt(draws, into.eventAtUs);
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
    into.endAtUs = this.livedThrough(overAtUs, backedOffUs(silence));
  }

  /**
   * An entry rests from when it has settled, and then carries its query. A fault comes while it rests; a silence begins
   * so that the query falls into it. A middlebox chooses its instant itself.
   */
  #pool(restUs: number, draws: Draws, phaseUs: number | null, into: Plan): void {
    const restedAtUs = this.#settleUs + restUs;
    into.queryAtUs = restedAtUs;
    const isDrawn = into.eventAtUs !== Infinity;
    if (isDrawn) {
      const lengthUs = into.silenceEndsAtUs - into.eventAtUs;
      const spreadUs = Math.max(1, Math.min(restUs, lengthUs));
      const shareUs = phaseUs === null ? null : Math.floor((phaseUs / this.#periodUs) * spreadUs);
      const beforeUs = shareUs ?? draws.below(Stream.FaultPhase, 0, spreadUs);
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
    into.costToUs = Math.min(this.#settleUs + this.#periodUs, into.eventAtUs, restedAtUs);
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
    const settleUs = this.#settleUs;
    into.eventAtUs = Infinity;
    into.costFromUs = settleUs;
    into.costToUs = settleUs + this.#periodUs;
    const chanceUs = settleUs + this.#periodUs + 2 * idleUs;
    into.endAtUs = chanceUs;
  }

  /** A saturating sender has filled its windows within a few round trips; others need to settle. */
  #warmUpMs(load: Load): number {
    if (load.kind === 'saturated') return SATURATION_ROUND_TRIPS * this.#scenario.path.rttMs;
    return Math.max(this.#settleUs / 1000, load.kind === 'periodic' ? load.everyMs * 2 : 0);
  }

  #loadAt(draws: Draws, eventAtUs: number): number {
    const { load } = this.#scenario;
    if (load.kind === 'idle') return Infinity;
    if (eventAtUs === Infinity) return 0;
    // A client that reads slowly has done so from the first byte: its kernel never saw it read fast.
    if (load.kind === 'saturated' && this.#scenario.kind === 'live') return eventAtUs;
    const phaseUs =
      load.kind === 'periodic' ? draws.below(Stream.LoadPhase, 0, load.everyMs * 1000) : 0;
    const loadAtUs = Math.max(0, eventAtUs - this.#warmUpMs(load) * 1000 - phaseUs);
    return loadAtUs < this.#endsQuietUs ? loadAtUs : 0;
  }
}

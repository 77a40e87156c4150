/**
 * What a scenario does to its connection while it is played: load, fault or silence, what follows from it, the stop of
 * the server. It moves the end of the watch where a fault chose its own instant, and tells the coverage watch.
 *
 * What a single fault or silence does to the parts of the world is in faults.ts; the instants are the plan's.
 */
import type { Fault, Scenario, Silence } from '../../model/scenario/types.ts';
import type { Nat } from '../network/nat.ts';
import type { PathJitterLoss } from '../network/path.ts';
import type { ConnectionRecord } from '../process/connection-record.ts';
import { eventTypes } from '../trace/event-types.ts';
import type { CoverageWatch } from './coverage.ts';
import { beginSilence, cut, endSilence, strike, wakeUp } from './faults.ts';
import type { Stage } from './faults.ts';
import type { Plan, Planner } from './timeline/plan.ts';
import { addStop, TimelineEvent } from './timeline/timeline.ts';
import type { TimelineEventCode } from './timeline/timeline.ts';

/** What a story acts on. */
export interface StoryParts {
  readonly scenario: Scenario;
  readonly stage: Stage;
  readonly planner: Planner;
  /** Of the life at hand; the story may move its end. */
  readonly plan: Plan;
  readonly record: ConnectionRecord;
  /** The middlebox on the path; null where there is none. */
  readonly nat: Nat | null;
  readonly jitterLoss: PathJitterLoss | null;
  readonly coverage: CoverageWatch | null;
  /** How long the supervisor waits before it kills the process; null = for ever. */
  readonly supervisorMs: number | null;
}

export class Story {
  readonly #scenario: Scenario;
  readonly #stage: Stage;
  readonly #planner: Planner;
  readonly #plan: Plan;
  readonly #record: ConnectionRecord;
  readonly #nat: Nat | null;
  readonly #jitterLoss: PathJitterLoss | null;
  readonly #coverage: CoverageWatch | null;
  readonly #supervisorMs: number | null;

  constructor(parts: StoryParts) {
    this.#scenario = parts.scenario;
    this.#stage = parts.stage;
    this.#planner = parts.planner;
    this.#plan = parts.plan;
    this.#record = parts.record;
    this.#nat = parts.nat;
    this.#jitterLoss = parts.jitterLoss;
    this.#coverage = parts.coverage;
    this.#supervisorMs = parts.supervisorMs;
  }

  /** What the timeline has for this instant. */
  perform(event: TimelineEventCode): void {
    const { story } = this.#scenario;
    switch (event) {
      case TimelineEvent.StartLoad:
        if (this.#stage.server.isServing) this.#startLoad();
        return;
      case TimelineEvent.FaultOrSilence:
        this.#strikeOrSilence();
        return;
      case TimelineEvent.EndSilence:
        if (this.#scenario.kind === 'live') this.#endSilence(this.#scenario.silence);
        return;
      case TimelineEvent.PowerOn:
        this.#stage.eventLog.note(eventTypes.poweredOn);
        this.#stage.clientHost.powerOn();
        return;
      case TimelineEvent.Query:
        if (story.kind === 'pool') this.#query(story.queryBytes);
        return;
      case TimelineEvent.Sigterm:
        this.#stage.eventLog.note(eventTypes.sigterm);
        this.#record.sigtermAtUs = this.#stage.scheduler.nowUs;
        if (this.#stage.server.isServing) this.#coverage?.came('drain-blocked');
        return;
      case TimelineEvent.Sigkill:
        this.#stage.server.kill();
        return;
      case TimelineEvent.ClientCloses:
        this.#coverage?.ending();
        this.#stage.client.startClosing();
        return;
      case TimelineEvent.PathWorsens:
        this.#worsenPath();
        if (this.#plan.eventAtUs === Infinity) this.#coverage?.struck();
        return;
      case TimelineEvent.HostWakes:
        this.#wake();
        return;
      case TimelineEvent.EndStall:
        this.#stage.server.endStall();
        return;
      case TimelineEvent.Vanishes:
        cut(this.#stage, true, true);
        return;
      case TimelineEvent.ClientReturns:
        this.#stage.eventLog.note(eventTypes.cameBack);
        if (this.#record.closedAtUs === Infinity) this.#coverage?.came('two-sessions');
    }
  }

  #startLoad(): void {
    this.#stage.eventLog.note(eventTypes.loadStarted);
    this.#stage.server.load.start();
    this.#stage.client.startLoad();
  }

  /** Once the connection has settled: losses begin, and the round trip rises. */
  #worsenPath(): void {
    const { risesToMs } = this.#scenario.path;
    const uneven = [this.#jitterLoss, ...this.#stage.proxies.map(({ jitterLoss }) => jitterLoss)];
    for (const jitterLoss of uneven) {
      jitterLoss?.toClient.beginLosses();
      jitterLoss?.toServer.beginLosses();
    }
    if (risesToMs === undefined) return;
    const { path, eventLog } = this.#stage;
    eventLog.note(eventTypes.roundTripRose, risesToMs);
    path.toClient.delayUs = Math.round(risesToMs * 500);
    path.toServer.delayUs = Math.round(risesToMs * 1000) - path.toClient.delayUs;
  }

  #query(bytes: number): void {
    if (this.#nat?.forgotten === true && this.#stage.server.isServing) {
      this.#coverage?.came('query-into-nothing');
    }
    this.#stage.server.query(bytes);
    if (this.#record.askedAtUs !== Infinity) this.#coverage?.came('query-asked');
  }

  /** The drawn instant of the fault or the silence. Who has already left cannot be lost. */
  #strikeOrSilence(): void {
    if (!this.#stage.server.isServing) return;
    if (this.#scenario.kind === 'fault') {
      this.#strike(this.#scenario.fault);
      return;
    }
    beginSilence(this.#stage, this.#scenario.silence);
    if (this.#stage.server.isServing) this.#stallIfBroken();
    this.#coverage?.struck();
  }

  #strike(fault: Fault): void {
    this.#record.faultAtUs = this.#stage.scheduler.nowUs;
    strike(this.#stage, fault);
    if (this.#stage.server.isServing) this.#stallIfBroken();
    this.#coverage?.struck();
  }

  /** A ghost that wakes with its connection still open is none any more: it is watched like any living peer. */
  #wake(): void {
    wakeUp(this.#stage);
    const plan = this.#plan;
    if (!this.#stage.server.isServing) return;
    const { nowUs } = this.#stage.scheduler;
    const sleptUs = nowUs - this.#record.faultAtUs;
    const overAtUs = Math.max(plan.toldAtUs, this.#planner.livedThrough(nowUs, sleptUs));
    plan.endAtUs = Math.min(plan.endAtUs, overAtUs);
  }

  /** A fault that belongs to the opening, and struck with it. */
  faultHasStruck(): void {
    this.#record.faultAtUs = this.#stage.scheduler.nowUs;
    this.#plan.endAtUs = this.#planner.watchedUntil(this.#stage.scheduler.nowUs, this.#plan);
    this.#coverage?.struck();
  }

  #stallIfBroken(): void {
    const { broken } = this.#scenario.server;
    if (broken?.kind !== 'loop-stalled') return;
    this.#stage.server.stall();
    this.#coverage?.came('event-loop-stalled');
    const { timeline } = this.#stage;
    timeline.at(this.#stage.scheduler.nowUs + broken.lengthMs * 1000, TimelineEvent.EndStall);
  }

  /** The middlebox chose its instant; from then on the ghost is watched as long as any other. */
  flowForgotten(): void {
    if (!this.#stage.server.isServing) return;
    this.#plan.endAtUs = this.#planner.watchedUntil(this.#stage.scheduler.nowUs, this.#plan);
    this.#coverage?.came('flow-forgotten');
    if (this.#scenario.kind === 'fault') this.#strike(this.#scenario.fault);
    this.#stopAfterFault();
  }

  /** A server that is told to stop after a fault whose instant nobody knew before. */
  #stopAfterFault(): void {
    const { story } = this.#scenario;
    if (story.kind !== 'drain') return;
    const sigtermAtUs = this.#stage.scheduler.nowUs + story.sigtermAfterMs * 1000;
    addStop(this.#stage.timeline, sigtermAtUs, this.#supervisorMs);
  }

  /** The server has accepted TCP's connection, and the upgrade never comes. */
  upgradeAwaited(): void {
    this.#stage.eventLog.note(eventTypes.upgradeAwaited);
    this.faultHasStruck();
    this.#stallIfBroken();
    this.#coverage?.came('upgrade-awaited');
  }

  /** The kernel has given up its half-open connection: no process ever heard of it. */
  requestDropped(): void {
    const record = this.#record;
    const { nowUs } = this.#stage.scheduler;
    this.#stage.eventLog.note(eventTypes.requestDropped);
    this.#stage.eventLog.end();
    record.ending = 'reaped';
    record.reason = 'tcp_synack_retries: nobody finished the handshake';
    record.decidedAtUs = nowUs;
    record.closedAtUs = nowUs;
    record.kernelClosedAtUs = nowUs;
    record.releasedAtUs = nowUs;
  }

  /** An ICMP error reaches the server's kernel. */
  icmpReceived(): void {
    this.#stage.eventLog.note(eventTypes.icmpReceived);
    this.#coverage?.came('icmp-error');
  }

  #endSilence(silence: Silence): void {
    this.#coverage?.ending();
    endSilence(this.#stage, silence, this.#scenario.load.kind === 'saturated');
  }
}

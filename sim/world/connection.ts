/**
 * The world of one simulated connection: a clock, two kernels, a path, a server and a client. It is built once for a
 * policy and a scenario and played again for every run; what the scenario does to it is in story.ts.
 *
 * All chance comes from (seed, run, connection); nothing else differs between two runs, so the same numbers give the
 * same life.
 */
import { kindOf } from '../../model/mechanisms/index.ts';
import type { SocketOptionValues } from '../../model/linux/socket-options.ts';
import type { Policy } from '../../model/policy/types.ts';
import { policyOn } from '../../model/scenario/degraded-policy.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { createScheduler } from '../clock/scheduler.ts';
import { runInStrides } from '../clock/strides.ts';
import type { StateWalk } from '../clock/state-walk.ts';
import type { Scheduler } from '../clock/types.ts';
import type { Segment } from '../network/segment.ts';
import type { Nat } from '../network/nat.ts';
import type { PathDelays, PathJitterLoss } from '../network/path.ts';
import type { UnreachableRouter } from '../network/router.ts';
import { ClientProcess } from '../client/client.ts';
import { beatsOf } from '../client/heartbeat.ts';
import { Draws, Stream } from '../random.ts';
import type { SeedWords, StreamCode } from '../random.ts';
import type { Frames } from '../proxy/proxy.ts';
import { ServerProcess } from '../server/server.ts';
import type { Surroundings } from '../process/surroundings.ts';
import type { ObservedDifferences } from '../server/observed-differences.ts';
import { EventLog } from '../trace/event-log.ts';
import { buildMiddlebox, buildRouter, buildStage, framesFor, linksFor } from './build.ts';
import type { LinkParts, WorldEvents } from './build.ts';
import { CostMeter } from '../process/cost-meter.ts';
import { KeptAlive, Quiescence } from './quiescence.ts';
import { HEALTHY_LIVES, HealthyCell, HealthyLives } from './healthy.ts';
import { drawJiffies, drawProxyJiffies, pathDelays, pathJitterLoss, proxyDelays } from './hosts.ts';
import { newRecord, resetRecord } from '../process/connection-record.ts';
import type { ConnectionRecord } from '../process/connection-record.ts';
import { drainDeadlineMs, drawsEvent, isCutShort, newPlan, Planner } from './timeline/plan.ts';
import type { Plan } from './timeline/plan.ts';
import { CoverageWatch } from './coverage.ts';
import { SteadyCycle } from './steady-cycle.ts';
import { Story } from './story.ts';
import { fillTimeline } from './timeline/timeline.ts';
import { abandonedAfter, vanishAfterSyn } from './faults.ts';
import type { ProxyHosts, Stage } from './faults.ts';

/** In fewer cycles there is too little to leave out. */
const CYCLES_WORTH = 5;

export class ConnectionWorld {
  readonly life: ConnectionRecord = newRecord();
  readonly cost = new CostMeter();
  readonly eventLog: EventLog;
  readonly plan: Plan = newPlan();
  /** The kernel rule that closed the server's socket; known only to a recording world. */
  kernelRule = '';
  /** Whether a watch may end early once nothing can change any more; the life is the same either way. */
  endsAtRest = true;
  /** Whether samples of a quiet socket are counted instead of played; the life is the same either way. */
  skipsQuietLooks = true;
  /** Whether quiet cycles are moved on at once instead of played; the life is the same either way. */
  leavesOutCycles = true;
  readonly #scenario: Scenario;
  readonly #delays: PathDelays;
  readonly #serverSocketOptions: SocketOptionValues;
  readonly #clientSocketOptions: SocketOptionValues;
  readonly #supervisorMs: number | null;
  readonly #planner: Planner;
  readonly #scheduler: Scheduler;
  readonly #server: ServerProcess;
  readonly #client: ClientProcess;
  readonly #nat: Nat | null = null;
  readonly #router: UnreachableRouter | null;
  readonly #jitterLoss: PathJitterLoss | null;
  readonly #stage: Stage;
  readonly #links: readonly LinkParts[];
  readonly #story: Story;
  /** Watches for the state that the scenario is there for; null where it names none. */
  readonly #coverage: CoverageWatch | null;
  /** Null where every event is played. */
  readonly #cycle: SteadyCycle | null;
  readonly #draws = new Draws();
  readonly #runDraws = new Draws();
  readonly #keptAlive: KeptAlive;
  readonly #quiescence = new Quiescence();
  readonly #healthyCell: HealthyCell;
  #healthy: HealthyLives | null = null;
  /** Every phase is drawn, none is given. */
  #drawsAll = true;

  /**
   * @param policy as it is written; a broken server does less
   * @param watchMs how long a ghost is watched after the fault
   * @param recording whether to keep a timeline and ask the kernels for their reasons
   */
  constructor(policy: Policy, scenario: Scenario, watchMs: number, recording: boolean) {
    this.#scenario = scenario;
    this.#healthyCell = new HealthyCell(policy, scenario);
    this.#delays = pathDelays(scenario);
    const { serverSocketOptions, clientSocketOptions } = scenario.kernel;
    this.#serverSocketOptions = { TCP_NODELAY: 1, ...serverSocketOptions };
    this.#clientSocketOptions = { TCP_NODELAY: 1, ...clientSocketOptions };
    this.#planner = new Planner(policy, scenario, watchMs);
    this.#supervisorMs = drainDeadlineMs(policy);
    const scheduler = createScheduler();
    this.#scheduler = scheduler;
    const kinds = policy.mechanisms.map((mechanism) => mechanism.kind);
    this.eventLog = new EventLog(
      scheduler,
      kinds,
      recording,
      scenario.proxies?.map(({ name }) => name),
    );
    const acknowledges = policy.mechanisms.some(
      (mechanism) => kindOf(mechanism).countsAcknowledgements?.(mechanism) === true,
    );
    const opening = abandonedAfter(scenario);
    const frames = framesFor(scenario);
    const [nearest, last] = [frames[0] as Frames, frames.at(-1) as Frames];
    const around: Surroundings = {
      scheduler,
      eventLog: this.eventLog,
      cost: this.cost,
      ...last,
      quietUntilUs: (slot) => (this.skipsQuietLooks ? this.#quietUntilUs(slot) : 0),
      messagesAnswered: acknowledges,
      messagesNoticed: acknowledges || policy.peerHeartbeat?.putOffBy === 'received',
      upgradeNeverComes: opening === 'established' ? () => this.#story.upgradeAwaited() : null,
    };
    const works = policyOn(policy, scenario.server.broken);
    this.#server = new ServerProcess(works, scenario.server, scenario.load, around, this.life);
    this.#client = new ClientProcess(
      scenario.load,
      beatsOf(policy, scenario),
      // What leaves a proxy that ends pings stands elsewhere in the stream than where the client wrote it.
      nearest === last ? around : { ...around, ...nearest, cost: new CostMeter() },
      scenario.client?.neverSends,
    );
    this.#jitterLoss = pathJitterLoss(scenario, this.#draws);
    const events = this.#events();
    const processes = { server: this.#server, client: this.#client };
    this.#links = linksFor(scenario);
    const building = {
      scenario,
      scheduler,
      eventLog: this.eventLog,
      events,
      cost: this.cost,
      draws: this.#draws,
      links: this.#links,
      frames,
    };
    this.#stage = buildStage(building, processes, this.#jitterLoss);
    this.#server.attach(this.#stage.serverHost.socket);
    this.#client.attach(this.#stage.clientHost.socket);
    this.#nat = buildMiddlebox(building);
    this.#router = buildRouter(
      building,
      this.#stage.proxies[0]?.facesClient ?? this.#stage.serverHost,
    );
    // What a policy does to keep a flow busy ends at the first proxy.
    const onServersLink = this.#stage.proxies.length === 0 ? this.#nat : null;
    this.#keptAlive = new KeptAlive(policy, scenario, onServersLink);
    this.#coverage = this.#coverageWatch();
    this.#story = this.#storyOf(scenario);
    this.#cycle = this.#steadyCycle();
  }

  /** On a path on which each packet draws its own fate nothing repeats; hops and boxes on the way are played. */
  #steadyCycle(): SteadyCycle | null {
    const { proxies = [], boxes = [], kernel } = this.#scenario;
    const isPlayed = proxies.length + boxes.length > 0 || this.#jitterLoss !== null;
    if (isPlayed || this.eventLog.recording || this.#keptAlive.mayEnd) return null;
    const { path, serverHost, clientHost } = this.#stage;
    const world: ((state: StateWalk) => void)[] = [
      (state) => this.#scheduler.walk(state),
      (state) => state.none(Number(this.#scheduler.isMuted)),
      (state) => state.none(path.toClient.inFlight + path.toServer.inFlight),
      (state) => serverHost.walk(state),
      (state) => clientHost.walk(state),
      (state) => this.#server.walk(state),
      (state) => this.#client.walk(state),
      (state) => this.cost.walk(state),
      (state) => this.eventLog.walk(state),
      (state) => this.#coverage?.walk(state),
      (state) => this.#nat?.walk(state),
    ];
    return new SteadyCycle(this.#scheduler, this.eventLog, kernel.hz, world);
  }

  #storyOf(scenario: Scenario): Story {
    return new Story({
      scenario,
      stage: this.#stage,
      planner: this.#planner,
      plan: this.plan,
      record: this.life,
      nat: this.#nat,
      jitterLoss: this.#jitterLoss,
      coverage: this.#coverage,
      supervisorMs: this.#supervisorMs,
    });
  }

  /** What all lives played so far have come to. */
  get observed(): ObservedDifferences {
    return this.#server.observed;
  }

  /** From now on a phase is at this share of its range, [0, 1), in every life; null = drawn again. */
  pin(stream: StreamCode, share: number | null): void {
    this.#drawsAll = false;
    this.#draws.pin(stream, share);
    this.#runDraws.pin(stream, share);
  }

  /** From now on the fault or the silence comes at this instant in every life, even if the connection is over by then; null = it is drawn again. */
  placeEvent(atUs: number | null): void {
    this.#planner.placedUs = atUs;
  }

  /**
   * Plays one life from the first SYN until the server's kernel forgot the socket, or the watch ends. The result is in
   * `life`, `cost` and `eventLog`, until the next call.
   *
   * @param connection which connection of a fleet: 0 for the first, which also starts the event log
   */
  play(seed: SeedWords, run: number, connection: number): void {
    const livesShort = this.costsAsHealthy && this.healthy(seed).livesShort;
    this.#begin(seed, run, connection);
    const { plan, life, eventLog, cost } = this;
    const draws = this.#draws;
    eventLog.begin(connection);
    this.#planner.draw(draws, plan);
    if (livesShort) this.#shorten();
    while (this.#playPlan() && this.#planner.drawAgain(draws, plan, life.decidedAtUs)) {
      eventLog.beginAgain();
    }
    cost.finish(Math.min(life.faultAtUs, life.decidedAtUs, this.#scheduler.nowUs));
  }

  /** What a few lives of this scenario would be if nothing happened: the same for every run of a seed. */
  healthy(seed: SeedWords): HealthyLives {
    if (this.#healthy?.isOf(seed) === true) return this.#healthy;
    const play = (): HealthyLives => this.#playHealthyLives(seed);
    // Where a phase is given, these lives have it, too; who plays every cycle plays theirs.
    const isShared = this.#drawsAll && this.leavesOutCycles;
    const lives = isShared ? this.#healthyCell.of(seed, play) : play();
    const { observed } = this.#server;
    observed.verdicts |= lives.observed.verdicts;
    observed.measuresDiffer ||= lives.observed.measuresDiffer;
    this.#healthy = lives;
    return lives;
  }

  #playHealthyLives(seed: SeedWords): HealthyLives {
    const lives = new HealthyLives(seed);
    for (let run = 0; run < HEALTHY_LIVES; run += 1) {
      this.#begin(seed, run, 0);
      this.eventLog.begin(0);
      this.#planner.draw(this.#draws, this.plan);
      lives.add(this.cost, this.#playHealthy(), this.#scheduler.nowUs);
    }
    lives.observed = { ...this.#server.observed };
    return lives;
  }

  /** Whether what a run costs is what healthy lives of its scenario cost; of a life whose event is placed nobody asks. */
  get costsAsHealthy(): boolean {
    return drawsEvent(this.#scenario) && this.#planner.placedUs === null;
  }

  /** The event comes within the life that the policy lets the connection have; where it lets it live, as it was drawn. */
  #shorten(): void {
    const { plan, eventLog } = this;
    const endsUs = this.#playHealthy();
    eventLog.beginAgain();
    this.#planner.draw(this.#draws, plan);
    if (endsUs !== Infinity) this.#planner.drawWithin(this.#draws, plan, endsUs);
  }

  #begin(seed: SeedWords, run: number, connection: number): void {
    this.#draws.reset(seed, run, connection);
    this.#runDraws.reset(seed, run, 0);
  }

  /** Plays a life to which nothing happens. When the policy ended it; Infinity if it did not. */
  #playHealthy(): number {
    const { plan, life } = this;
    this.#planner.drawHealthy(this.#draws, plan);
    // A living client may leave at the end: what comes after that is no part of it.
    const untilUs = plan.endAtUs - 1;
    this.#open();
    const isOver = (): boolean => life.decidedAtUs !== Infinity;
    this.#playQuiet(untilUs);
    runInStrides(this.#scheduler, () => untilUs, isOver);
    return life.decidedAtUs;
  }

  /** Plays what comes before anything happens to the connection. */
  #playQuiet(untilUs: number): void {
    if (this.#cycle === null || !this.leavesOutCycles) return;
    const { eventAtUs, sigtermAtUs, costFromUs, costToUs } = this.plan;
    const happensUs = Math.min(eventAtUs, sigtermAtUs, untilUs);
    if (happensUs < CYCLES_WORTH * this.#planner.roundUs) return;
    const { life } = this;
    const hasHappened = (): boolean => life.faultAtUs !== Infinity || life.decidedAtUs !== Infinity;
    this.#cycle.play(happensUs - 1, [costFromUs, costToUs], hasHappened);
  }

  /** Plays the life as it is planned. Whether it was over before its event: then it may be played again. */
  #playPlan(): boolean {
    const { plan, life } = this;
    this.#open();
    const isOver = (): boolean =>
      life.releasedAtUs !== Infinity ||
      this.#keptAlive.isSeen(this.#scheduler.nowUs, this.#server.isServing) ||
      (this.endsAtRest && this.#atRest());
    this.#playQuiet(plan.endAtUs);
    runInStrides(this.#scheduler, () => plan.endAtUs, isOver);
    if (plan.silenceEndsAtUs === Infinity && this.#scenario.kind === 'live')
      this.#coverage?.ending();
    this.#coverage?.over();
    return isCutShort(plan, life.decidedAtUs);
  }

  /** Whether the last life has come to the state that its scenario names; false where it names none. */
  get reachedRareState(): boolean {
    return this.#coverage?.reached ?? false;
  }

  /**
   * Whether nothing can happen to a ghost any more although the watch goes on: nothing is due but the
   * watchdog's samples of a socket, and these have been the same for longer than any of its patience.
   * Then every later sample is like the last one.
   */
  #atRest(): boolean {
    const { nowUs } = this.#scheduler;
    const { patienceUs } = this.#planner;
    const isStill = this.#quiescence.lastsLonger(patienceUs, this.eventLog.digest, nowUs);
    if (!isStill || this.life.faultAtUs === Infinity) return false;
    return this.#scheduler.nextDueUs(this.#server.watchdogSlot) === Infinity;
  }

  /** Until when nothing happens apart from one slot; the watch itself ends with its last instant. */
  #quietUntilUs(exceptSlot: number): number {
    return Math.min(this.#scheduler.nextDueUs(exceptSlot), this.plan.endAtUs + 1);
  }

  // Built once.

  /** Callbacks of the parts of the world. */
  #events(): WorldEvents {
    return {
      perform: (event) => this.#story.perform(event),
      delivered: (segment) => this.#deliver(segment),
      deliveredToServer: (segment) => this.#deliverToServer(segment),
      // Called for every packet: there is no box while the hosts are being built.
      passes: (segment) => this.#nat === null || this.#nat.pass(segment),
      sent: (segment, arrives) => {
        this.cost.packet(segment, this.#scheduler.nowUs);
        this.eventLog.packet(segment, !arrives);
      },
      sentOnClientLink: (segment, arrives) => {
        if (segment.fromServer) this.#sentToClient(segment, arrives);
      },
      boxForgot: (name) => this.#lostAtHop(`${name}: forgot the connection`, true),
      proxyGaveUp: (by, judged) => this.#lostAtHop(by, judged),
      serverClosedBy: (rule) => {
        if (this.life.closedAtUs === Infinity) this.kernelRule = rule;
      },
      requestDropped: () => this.#story.requestDropped(),
      forgotten: () => this.#story.flowForgotten(),
      icmpReceived: () => this.#story.icmpReceived(),
    };
  }

  /** Something on the way has ended the connection, or forgotten it, before anybody else did. */
  #lostAtHop(by: string, judged: boolean): void {
    const { life } = this;
    if (life.proxyBy !== '' || life.decidedAtUs !== Infinity) return;
    life.proxyGaveUpAtUs = this.#scheduler.nowUs;
    life.proxyBy = by;
    life.proxyJudged = judged;
  }

  #coverageWatch(): CoverageWatch | null {
    const { reaches } = this.#scenario;
    if (reaches === undefined) return null;
    const { server, serverHost, client } = this.#stage;
    return new CoverageWatch(reaches, {
      server,
      serverSocket: serverHost.socket,
      client,
      life: this.life,
    });
  }

  // Before each life.

  #reset(): void {
    this.#scheduler.reset(0);
    const { path, timeline, serverHost, clientHost } = this.#stage;
    path.toClient.reset(this.#delays.toClientUs);
    path.toServer.reset(this.#delays.toServerUs);
    serverHost.reset(drawJiffies(this.#scenario, true, this.#draws));
    clientHost.reset(drawJiffies(this.#scenario, false, this.#draws));
    const tickUs = this.#planner.processTickUs(this.#draws, this.#runDraws, this.plan);
    this.#server.reset(tickUs, this.#draws.share(Stream.ReaperJitter, 0));
    this.#client.reset(this.#draws, this.#planner.drawnUs);
    for (const [place, hosts] of this.#stage.proxies.entries()) this.#resetProxy(hosts, place);
    this.#nat?.reset();
    for (const { boxes } of this.#links) for (const box of boxes) box.reset();
    this.#router?.reset();
    this.#coverage?.reset();
    timeline.reset();
    this.cost.reset(this.plan.openAtUs, this.plan.costFromUs, this.plan.costToUs);
    resetRecord(this.life);
    this.kernelRule = '';
  }

  #resetProxy({ proxy, facesClient, facesServer, path }: ProxyHosts, place: number): void {
    const { toClientUs, toServerUs } = proxyDelays(this.#scenario, place);
    path.toClient.reset(toClientUs);
    path.toServer.reset(toServerUs);
    facesClient.reset(drawProxyJiffies(this.#scenario, place, false, this.#draws));
    facesServer.reset(drawProxyJiffies(this.#scenario, place, true, this.#draws));
    proxy.reset(this.#draws);
  }

  #open(): void {
    this.#reset();
    fillTimeline(this.#stage.timeline, this.plan, this.#scenario, this.#supervisorMs);
    const scenario = this.#scenario;
    const { serverHost, clientHost, client } = this.#stage;
    const opening = abandonedAfter(scenario);
    if (opening === 'established') client.staySilent();
    serverHost.socket.setOptions(this.#serverSocketOptions);
    clientHost.socket.setOptions(this.#clientSocketOptions);
    serverHost.socket.listen();
    for (const { proxy } of this.#stage.proxies) proxy.listen();
    clientHost.socket.connect();
    if (opening !== 'syn') return;
    vanishAfterSyn(this.#stage);
    this.#story.faultHasStruck();
  }

  // During a life: packets.

  #deliver(segment: Segment): void {
    const { clientHost, proxies } = this.#stage;
    const towardsClient = proxies[0]?.facesClient;
    if (segment.fromServer) clientHost.receive(segment);
    else if (towardsClient === undefined) this.#deliverToServer(segment);
    else towardsClient.receive(segment);
  }

  #deliverToServer(segment: Segment): void {
    this.#stage.serverHost.receive(segment);
    this.#server.load.topUp();
    if (this.#coverage !== null) this.#coverage.arrived(segment);
  }

  #sentToClient(segment: Segment, arrives: boolean): void {
    if (this.#coverage !== null) this.#coverage.sent(segment, arrives);
    if (this.#router !== null && this.#stage.path.toClient.cut) this.#router.refuse(segment.seq);
  }
}

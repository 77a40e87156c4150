/**
 * One connection's world: a clock, two kernels, a wire, a server and a client, made once for a
 * policy and a scenario and played again for every run. All chance comes from (seed, run,
 * connection); nothing else differs between two runs, so the same numbers give the same life.
 */
import type { Policy } from '../../model/policy/types.ts';
import { policyOn } from '../../model/policy/degraded-policy.ts';
import type { Fault, Scenario, Silence } from '../../model/scenario/types.ts';
import { createScheduler } from '../clock/scheduler.ts';
import { runInStrides } from '../clock/strides.ts';
import type { Scheduler } from '../clock/types.ts';
import type { Segment } from '../network/segment.ts';
import type { Nat } from '../network/nat.ts';
import type { PathWeather } from '../network/path.ts';
import type { UnreachableRouter } from '../network/router.ts';
import { ClientProcess } from '../client/client.ts';
import { beatsOf } from '../client/heartbeat.ts';
import { Draws, Stream } from '../random.ts';
import type { SeedWords, StreamCode } from '../random.ts';
import { ServerProcess } from '../server/server.ts';
import type { Surroundings } from '../process/surroundings.ts';
import type { Shown } from '../server/observed-differences.ts';
import { Chronicle } from '../trace/event-log.ts';
import { happenings } from '../trace/event-types.ts';
import { Act, type ActCode } from './timeline/acts.ts';
import { buildMiddlebox, buildRouter, buildStage } from './build.ts';
import type { WorldEvents } from './build.ts';
import { CostMeter } from '../process/cost-meter.ts';
import { KeptAlive, Stillness } from './quiescence.ts';
import { HEALTHY_LIVES, HealthyLives } from './healthy.ts';
import { FrameQueue } from '../websocket/frames.ts';
import { kernelConfig, pathDelays, pathWeather } from './hosts.ts';
import { newLife, resetLife } from '../process/connection-record.ts';
import type { Life } from '../process/connection-record.ts';
import { drainDeadlineMs, drawsEvent, isCutShort, newPlan, Planner } from './timeline/plan.ts';
import type { Plan } from './timeline/plan.ts';
import { RareWatch } from './coverage.ts';
import { schedule, scheduleStop } from './timeline/schedule.ts';
import { beginSilence, endSilence, opensInVain, strike, vanishAfterSyn, wakeUp } from './faults.ts';
import type { Stage } from './faults.ts';

export class ConnectionWorld {
  readonly life: Life = newLife();
  readonly cost = new CostMeter();
  readonly chronicle: Chronicle;
  readonly plan: Plan = newPlan();
  /** The kernel rule that closed the server's socket; known only to a recording world. */
  kernelRule = '';
  /** Whether a watch may end early once nothing can change any more; the life is the same either way. */
  endsAtRest = true;
  /** Whether looks at a quiet socket are counted instead of played; the life is the same either way. */
  skipsQuietLooks = true;
  readonly #scenario: Scenario;
  readonly #supervisorMs: number | null;
  readonly #planner: Planner;
  readonly #scheduler: Scheduler;
  readonly #server: ServerProcess;
  readonly #client: ClientProcess;
  readonly #nat: Nat | null = null;
  readonly #router: UnreachableRouter | null;
  readonly #weather: PathWeather | null;
  readonly #stage: Stage;
  /** Looks for the state that the scenario is there for; null where it names none. */
  readonly #rare: RareWatch | null;
  readonly #draws = new Draws();
  readonly #runDraws = new Draws();
  readonly #keptAlive: KeptAlive;
  readonly #stillness = new Stillness();
  #healthy: HealthyLives | null = null;

  /**
   * @param policy as it is written; a broken server does less
   * @param watchMs how long a ghost is watched after the fault
   * @param recording whether to keep a timeline and ask the kernels for their reasons
   */
  constructor(policy: Policy, scenario: Scenario, watchMs: number, recording: boolean) {
    this.#scenario = scenario;
    this.#planner = new Planner(policy, scenario, watchMs);
    this.#supervisorMs = drainDeadlineMs(policy);
    const scheduler = createScheduler();
    this.#scheduler = scheduler;
    const kinds = policy.mechanisms.map((mechanism) => mechanism.kind);
    this.chronicle = new Chronicle(scheduler, kinds, recording);
    const acknowledges = policy.mechanisms.some(
      (mechanism) => mechanism.kind === 'send-stall' && mechanism.progress === 'application-ack',
    );
    const fault = scenario.kind === 'fault' ? scenario.fault : null;
    const opening = fault?.kind === 'handshake-abandoned' ? fault.after : null;
    const around: Surroundings = {
      scheduler,
      chronicle: this.chronicle,
      cost: this.cost,
      toClient: new FrameQueue(),
      toServer: new FrameQueue(),
      quietUntilUs: (slot) => (this.skipsQuietLooks ? this.#quietUntilUs(slot) : 0),
      messagesAnswered: acknowledges,
      upgradeNeverComes: opening === 'established' ? () => this.#upgradeAwaited() : null,
    };
    const works = policyOn(policy, scenario.server.broken);
    this.#server = new ServerProcess(works, scenario.server, scenario.load, around, this.life);
    this.#client = new ClientProcess(scenario.load, beatsOf(policy, scenario), around);
    this.#weather = pathWeather(scenario, this.#draws);
    const events = this.#events();
    const processes = { server: this.#server, client: this.#client };
    const building = { scenario, scheduler, chronicle: this.chronicle, draws: this.#draws, events };
    this.#stage = buildStage(building, processes, this.#weather);
    this.#server.attach(this.#stage.serverHost.socket);
    this.#client.attach(this.#stage.clientHost.socket);
    this.#nat = buildMiddlebox(building);
    this.#router = buildRouter(building, this.#stage.serverHost);
    this.#keptAlive = new KeptAlive(policy, scenario, this.#nat);
    this.#rare = this.#rareWatch();
  }

  /** What all lives played so far have come to. */
  get shown(): Shown {
    return this.#server.shown;
  }

  /** From now on a phase is at this share of its range, [0, 1), in every life; null = drawn again. */
  pin(stream: StreamCode, share: number | null): void {
    this.#draws.pin(stream, share);
    this.#runDraws.pin(stream, share);
  }

  /**
   * Plays one life from the first SYN until the server's kernel forgot the socket, or the watch ends. The result is in
   * `life`, `cost` and `chronicle`, until the next call.
   *
   * @param connection which connection of a fleet: 0 for the first, which also starts the chronicle
   */
  play(seed: SeedWords, run: number, connection: number): void {
    const livesShort = this.costsAsHealthy && this.healthy(seed).livesShort;
    this.#begin(seed, run, connection);
    const { plan, life, chronicle, cost } = this;
    const draws = this.#draws;
    chronicle.begin(connection);
    this.#planner.draw(draws, plan);
    if (livesShort) this.#shorten();
    while (this.#tell() && this.#planner.drawAgain(draws, plan, life.decidedAtUs)) {
      chronicle.beginAgain();
    }
    cost.finish(Math.min(life.faultAtUs, life.decidedAtUs, this.#scheduler.nowUs));
  }

  /** What a few lives of this story would be if nothing happened: the same for every run of a seed. */
  healthy(seed: SeedWords): HealthyLives {
    if (this.#healthy?.isOf(seed) === true) return this.#healthy;
    const lives = new HealthyLives(seed);
    for (let run = 0; run < HEALTHY_LIVES; run += 1) {
      this.#begin(seed, run, 0);
      this.chronicle.begin(0);
      this.#planner.draw(this.#draws, this.plan);
      lives.add(this.cost, this.#tellHealthy(), this.#scheduler.nowUs);
    }
    this.#healthy = lives;
    return lives;
  }

  /** Whether what a run costs is what healthy lives of its story cost. */
  get costsAsHealthy(): boolean {
    return drawsEvent(this.#scenario);
  }

  /** The event comes within the life that the policy lets the connection have; where it lets it live, as it was drawn. */
  #shorten(): void {
    const { plan, chronicle } = this;
    const endsUs = this.#tellHealthy();
    chronicle.beginAgain();
    this.#planner.draw(this.#draws, plan);
    if (endsUs !== Infinity) this.#planner.drawWithin(this.#draws, plan, endsUs);
  }

  #begin(seed: SeedWords, run: number, connection: number): void {
    this.#draws.reset(seed, run, connection);
    this.#runDraws.reset(seed, run, 0);
  }

  /** Plays a life to which nothing happens. When the policy ended it; Infinity if it did not. */
  #tellHealthy(): number {
    const { plan, life } = this;
    this.#planner.drawHealthy(this.#draws, plan);
    // A living client may leave at the end: what comes after that is no part of it.
    const untilUs = plan.endAtUs - 1;
    this.#open();
    const isOver = (): boolean => life.decidedAtUs !== Infinity;
    runInStrides(this.#scheduler, () => untilUs, isOver);
    return life.decidedAtUs;
  }

  /** Plays the life as it is planned. Whether it was over before its event: then it may be told again. */
  #tell(): boolean {
    const { plan, life } = this;
    this.#open();
    const isOver = (): boolean =>
      life.releasedAtUs !== Infinity ||
      this.#keptAlive.isSeen(this.#scheduler.nowUs, this.#server.isServing) ||
      (this.endsAtRest && this.#atRest());
    runInStrides(this.#scheduler, () => plan.endAtUs, isOver);
    if (plan.silenceEndsAtUs === Infinity && this.#scenario.kind === 'live') this.#rare?.ending();
    this.#rare?.over();
    return isCutShort(plan, life.decidedAtUs);
  }

  /** Whether the last life has come to the state that its scenario names; false where it names none. */
  get reachedRareState(): boolean {
    return this.#rare?.reached ?? false;
  }

  /**
   * Whether a ghost's world has come to its end although the watch goes on: nothing is due but the
   * watchdog's looks at a socket, and these have seen the same for longer than any of its patience.
   * Then every later look is like the last one.
   */
  #atRest(): boolean {
    const { nowUs } = this.#scheduler;
    const { patienceUs } = this.#planner;
    const isStill = this.#stillness.lastsLonger(patienceUs, this.chronicle.digest, nowUs);
    if (!isStill || this.life.faultAtUs === Infinity) return false;
    return this.#scheduler.nextDueUs(this.#server.watchdogSlot) === Infinity;
  }

  /** Until when nothing happens apart from one slot; the watch itself ends with its last instant. */
  #quietUntilUs(exceptSlot: number): number {
    return Math.min(this.#scheduler.nextDueUs(exceptSlot), this.plan.endAtUs + 1);
  }

  // Once.

  /** What happens to the world, as its parts tell it. */
  #events(): WorldEvents {
    return {
      perform: (act) => this.#perform(act),
      delivered: (segment) => this.#deliver(segment),
      // Asked for at every packet: there is no box while the hosts are being built.
      passes: (segment) => this.#nat === null || this.#nat.pass(segment),
      sent: (segment, arrives) => {
        this.cost.packet(segment, this.#scheduler.nowUs);
        this.chronicle.packet(segment, !arrives);
        if (segment.fromServer) this.#sentByServer(segment, arrives);
      },
      serverClosedBy: (rule) => {
        if (this.life.closedAtUs === Infinity) this.kernelRule = rule;
      },
      requestDropped: () => this.#requestDropped(),
      forgotten: () => this.#forgotten(),
      icmpReceived: () => this.#icmpArrives(),
    };
  }

  #rareWatch(): RareWatch | null {
    const { reaches } = this.#scenario;
    if (reaches === undefined) return null;
    const { server, serverHost, client } = this.#stage;
    return new RareWatch(reaches, {
      server,
      serverSocket: serverHost.socket,
      client,
      life: this.life,
    });
  }

  // Before a life.

  #reset(): void {
    this.#scheduler.reset(0);
    const delays = pathDelays(this.#scenario);
    const { path, script, serverHost, clientHost } = this.#stage;
    path.toClient.reset(delays.toClientUs);
    path.toServer.reset(delays.toServerUs);
    serverHost.reset(kernelConfig(this.#scenario, true, this.#draws));
    clientHost.reset(kernelConfig(this.#scenario, false, this.#draws));
    const tickUs = this.#planner.processTickUs(this.#draws, this.#runDraws, this.plan);
    this.#server.reset(tickUs, this.#draws.share(Stream.ReaperJitter, 0));
    this.#client.reset(this.#draws, this.#planner.drawnUs);
    this.#nat?.reset();
    this.#router?.reset();
    this.#rare?.reset();
    script.reset();
    this.cost.reset(this.plan.openAtUs, this.plan.costFromUs, this.plan.costToUs);
    resetLife(this.life);
    this.kernelRule = '';
  }

  #open(): void {
    this.#reset();
    schedule(this.#stage.script, this.plan, this.#scenario, this.#supervisorMs);
    const scenario = this.#scenario;
    const { serverHost, clientHost, client } = this.#stage;
    const fault = scenario.kind === 'fault' ? scenario.fault : null;
    if (fault?.kind === 'handshake-abandoned' && fault.after === 'established') client.staySilent();
    serverHost.socket.listen();
    clientHost.socket.connect();
    if (!opensInVain(scenario)) return;
    vanishAfterSyn(this.#stage);
    this.#faultHasStruck();
  }

  // During it.

  #deliver(segment: Segment): void {
    const { clientHost, serverHost } = this.#stage;
    if (segment.fromServer) {
      clientHost.receive(segment);
    } else {
      serverHost.receive(segment);
      this.#server.load.topUp();
      if (this.#rare !== null) this.#rare.arrived(segment);
    }
  }

  #sentByServer(segment: Segment, arrives: boolean): void {
    if (this.#rare !== null) this.#rare.sent(segment, arrives);
    if (this.#router !== null && this.#stage.path.toClient.cut) this.#router.refuse(segment.seq);
  }

  #perform(act: ActCode): void {
    const { story } = this.#scenario;
    switch (act) {
      case Act.StartLoad:
        if (this.#server.isServing) this.#startLoad();
        return;
      case Act.Event:
        this.#event();
        return;
      case Act.EndSilence:
        if (this.#scenario.kind === 'live') this.#endSilence(this.#scenario.silence);
        return;
      case Act.PowerOn:
        this.chronicle.note(happenings.poweredOn);
        this.#stage.clientHost.powerOn();
        return;
      case Act.Query:
        if (story.kind === 'pool') this.#query(story.queryBytes);
        return;
      case Act.Sigterm:
        this.chronicle.note(happenings.sigterm);
        this.life.sigtermAtUs = this.#scheduler.nowUs;
        if (this.#server.isServing) this.#rare?.came('drain-blocked');
        return;
      case Act.Sigkill:
        this.#server.kill();
        return;
      case Act.Farewell:
        this.#rare?.ending();
        this.#client.startClosing();
        return;
      case Act.Storm:
        this.#weather?.toClient.storm();
        this.#weather?.toServer.storm();
        if (this.plan.eventAtUs === Infinity) this.#rare?.struck();
        return;
      case Act.Wake:
        this.#wake();
        return;
      case Act.EndStall:
        this.#server.endStall();
        return;
      case Act.ComeBack:
        this.chronicle.note(happenings.cameBack);
        if (this.life.closedAtUs === Infinity) this.#rare?.came('two-sessions');
    }
  }

  #startLoad(): void {
    this.chronicle.note(happenings.loadStarted);
    this.#server.load.start();
    this.#client.startLoad();
  }

  #query(bytes: number): void {
    if (this.#nat?.forgotten === true && this.#server.isServing) {
      this.#rare?.came('query-into-nothing');
    }
    this.#server.query(bytes);
    if (this.life.askedAtUs !== Infinity) this.#rare?.came('query-asked');
  }

  /** The instant that was drawn. Who has already left cannot be lost. */
  #event(): void {
    if (!this.#server.isServing) return;
    if (this.#scenario.kind === 'fault') {
      this.#strike(this.#scenario.fault);
      return;
    }
    beginSilence(this.#stage, this.#scenario.silence);
    if (this.#server.isServing) this.#stallIfBroken();
    this.#rare?.struck();
  }

  #strike(fault: Fault): void {
    this.life.faultAtUs = this.#scheduler.nowUs;
    strike(this.#stage, fault);
    if (this.#server.isServing) this.#stallIfBroken();
    this.#rare?.struck();
  }

  /** A ghost that wakes with its connection still open is none any more: it is watched like any living peer. */
  #wake(): void {
    wakeUp(this.#stage);
    const { plan } = this;
    if (!this.#server.isServing) return;
    const { nowUs } = this.#scheduler;
    const sleptUs = nowUs - this.life.faultAtUs;
    const overAtUs = Math.max(plan.toldAtUs, this.#planner.livedThrough(nowUs, sleptUs));
    plan.endAtUs = Math.min(plan.endAtUs, overAtUs);
  }

  /** A fault that belongs to the opening, and struck with it. */
  #faultHasStruck(): void {
    this.life.faultAtUs = this.#scheduler.nowUs;
    this.plan.endAtUs = this.#planner.watchedUntil(this.#scheduler.nowUs, this.plan);
    this.#rare?.struck();
  }

  #stallIfBroken(): void {
    const { broken } = this.#scenario.server;
    if (broken?.kind !== 'loop-stalled') return;
    this.#server.stall();
    this.#rare?.came('event-loop-stalled');
    const { script } = this.#stage;
    script.at(this.#scheduler.nowUs + broken.lengthMs * 1000, Act.EndStall);
  }

  /** The middlebox chose its instant; from then on the ghost is watched as long as any other. */
  #forgotten(): void {
    if (!this.#server.isServing) return;
    this.plan.endAtUs = this.#planner.watchedUntil(this.#scheduler.nowUs, this.plan);
    this.#rare?.came('flow-forgotten');
    if (this.#scenario.kind === 'fault') this.#strike(this.#scenario.fault);
    this.#stopAfterFault();
  }

  /** A server that is told to stop after a fault whose instant nobody knew before. */
  #stopAfterFault(): void {
    const { story } = this.#scenario;
    if (story.kind !== 'drain') return;
    const sigtermAtUs = this.#scheduler.nowUs + story.sigtermAfterMs * 1000;
    scheduleStop(this.#stage.script, sigtermAtUs, this.#supervisorMs);
  }

  /** The server has accepted TCP's connection, and the upgrade never comes. */
  #upgradeAwaited(): void {
    this.chronicle.note(happenings.upgradeAwaited);
    this.#faultHasStruck();
    this.#stallIfBroken();
    this.#rare?.came('upgrade-awaited');
  }

  /** The kernel has given up its half-open connection: no process ever heard of it. */
  #requestDropped(): void {
    const { life } = this;
    const { nowUs } = this.#scheduler;
    this.chronicle.note(happenings.requestDropped);
    this.chronicle.end();
    life.ending = 'reaped';
    life.reason = 'tcp_synack_retries: nobody finished the handshake';
    life.decidedAtUs = nowUs;
    life.closedAtUs = nowUs;
    life.kernelClosedAtUs = nowUs;
    life.releasedAtUs = nowUs;
  }

  #icmpArrives(): void {
    this.chronicle.note(happenings.icmpReceived);
    this.#rare?.came('icmp-error');
  }

  #endSilence(silence: Silence): void {
    this.#rare?.ending();
    endSilence(this.#stage, silence, this.#scenario.load.kind === 'saturated');
  }
}

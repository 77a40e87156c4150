/**
 * One connection's world: a clock, two kernels, a wire, a server and a client, made once for a
 * policy and a scenario and played again for every run. All chance comes from (seed, run,
 * connection); nothing else differs between two runs, so the same numbers give the same life.
 */
import { policyPeriodMs } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { policyOn } from '../../model/policy/broken.ts';
import { settleMs } from '../../model/scenario/settle.ts';
import type { Fault, Scenario, Silence } from '../../model/scenario/types.ts';
import { createScheduler } from '../clock/scheduler.ts';
import type { Scheduler } from '../clock/types.ts';
import { createKernelHost } from '../kernel/host.ts';
import { TcpState } from '../kernel/types.ts';
import type { KernelHost, KernelObserver, Segment, SocketOwner } from '../kernel/types.ts';
import { Nat } from '../network/nat.ts';
import { createPath } from '../network/path.ts';
import type { PathWeather, Wire } from '../network/path.ts';
import { UnreachableRouter } from '../network/router.ts';
import { ClientProcess } from '../peer/client.ts';
import { beatsOf } from '../peer/heartbeat.ts';
import { Draws, Stream } from '../random.ts';
import type { SeedWords } from '../random.ts';
import { ServerProcess } from '../server/server.ts';
import type { Surroundings } from '../server/server.ts';
import type { Shown } from '../server/shown.ts';
import { Chronicle } from '../trace/chronicle.ts';
import { happenings } from '../trace/happenings.ts';
import { Act, type ActCode } from './acts.ts';
import { CostMeter } from './cost.ts';
import { FrameQueue } from './frames.ts';
import { kernelConfig, pathDelays, pathWeather } from './hosts.ts';
import { newLife, resetLife } from './life.ts';
import type { Life } from './life.ts';
import { farewellMs, newPlan, Planner } from './plan.ts';
import type { Plan } from './plan.ts';
import { RareWatch } from './rare-watch.ts';
import { Script } from './script.ts';
import { beginSilence, endSilence, strike, vanishAfterSyn, wakeUp } from './troubles.ts';
import type { Stage } from './troubles.ts';

/** The watch looks for the end first after a second, then less and less often. */
const FIRST_STRIDE_US = 1_000_000;
const LAST_STRIDE_US = 64_000_000;

/** A middlebox that keeps an idle flow for longer than this is not watched to the end where the policy keeps it busy. */
const LONG_IDLE_MS = 3_600_000;
/** After so many cycles a rhythm has been seen. */
const CYCLES_SEEN = 4;

/** Where the two phases that a run draws are put instead, µs into the policy's period. */
export interface PinnedPhases {
  /** The fault, or the beginning of the silence, against the opening. */
  readonly eventUs: number;
  /** The same against the tick of the shared sweep. */
  readonly sweepUs: number;
}

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
  /** null = both phases are drawn from the seed. */
  pinned: PinnedPhases | null = null;
  readonly #scenario: Scenario;
  readonly #drainDeadlineMs: number | null;
  readonly #planner: Planner;
  readonly #scheduler: Scheduler;
  readonly #server: ServerProcess;
  readonly #client: ClientProcess;
  readonly #nat: Nat | null;
  readonly #router: UnreachableRouter | null;
  readonly #weather: PathWeather | null;
  readonly #stage: Stage;
  /** Looks for the state that the scenario is there for; null where it names none. */
  readonly #rare: RareWatch | null;
  readonly #draws = new Draws();
  readonly #runDraws = new Draws();
  readonly #sweepPeriodUs: number;
  /** The rhythm in which the policy may keep a patient middlebox busy; Infinity where that is not the story. */
  readonly #keptCycleUs: number;
  #restA = 0;
  #restB = 0;
  #restSinceUs = NaN;

  /**
   * @param policy as it is written; a broken server does less
   * @param watchMs how long a ghost is watched after the fault
   * @param recording whether to keep a timeline and ask the kernels for their reasons
   */
  constructor(policy: Policy, scenario: Scenario, watchMs: number, recording: boolean) {
    this.#scenario = scenario;
    this.#planner = new Planner(policy, scenario, watchMs);
    this.#sweepPeriodUs = policyPeriodMs(policy) * 1000;
    const drain = policy.mechanisms.find((mechanism) => mechanism.kind === 'drain');
    this.#drainDeadlineMs = drain?.deadlineMs ?? null;
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
    this.#stage = this.#build(scheduler);
    this.#server.attach(this.#stage.serverHost.socket);
    this.#client.attach(this.#stage.clientHost.socket);
    this.#nat = this.#middlebox(fault);
    this.#keptCycleUs = this.#rhythmUs(policy, fault);
    this.#router =
      fault?.kind === 'unreachable'
        ? new UnreachableRouter(
            scheduler,
            this.#stage.serverHost,
            Math.round(scenario.path.rttMs * 1000),
            () => this.#icmpArrives(),
          )
        : null;
    this.#rare = this.#rareWatch();
  }

  /** What all lives played so far have come to. */
  get shown(): Shown {
    return this.#server.shown;
  }

  /**
   * Plays one life from the first SYN until the server's kernel forgot the socket, or the watch ends.
   * The result is in `life`, `cost` and `chronicle`, until the next call.
   *
   * @param connection which connection of a fleet: 0 for the first, which also starts the chronicle
   */
  play(seed: SeedWords, run: number, connection: number): void {
    this.#reset(seed, run, connection);
    this.#schedule();
    this.#open();
    const scheduler = this.#scheduler;
    const { plan } = this;
    let strideUs = FIRST_STRIDE_US;
    while (scheduler.nowUs < plan.endAtUs && this.life.releasedAtUs === Infinity) {
      scheduler.run(Math.min(plan.endAtUs, scheduler.nowUs + strideUs));
      if (strideUs < LAST_STRIDE_US) strideUs *= 2;
      if (this.#isKeptAlive() || (this.endsAtRest && this.#atRest())) break;
    }
    if (plan.silenceEndsAtUs === Infinity && this.#scenario.kind === 'live') this.#rare?.ending();
    this.#rare?.over();
    this.cost.finish(Math.min(this.life.faultAtUs, this.life.decidedAtUs, scheduler.nowUs));
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
    const { digest } = this.chronicle;
    const { nowUs } = this.#scheduler;
    if (digest.a !== this.#restA || digest.b !== this.#restB) {
      this.#restA = digest.a;
      this.#restB = digest.b;
      this.#restSinceUs = nowUs;
      return false;
    }
    if (this.life.faultAtUs === Infinity) return false;
    if (nowUs - this.#restSinceUs <= this.#planner.patienceUs) return false;
    return this.#scheduler.nextDueUs(this.#server.watchdogSlot) === Infinity;
  }

  /**
   * Whether the policy's own rhythm has been seen to keep a flow in the table of a middlebox, which forgets it only after
   * many such cycles: the next days are like the first minutes. A policy that ends connections by their age is
   * played to that end.
   */
  #isKeptAlive(): boolean {
    const nat = this.#nat;
    if (nat === null || nat.forgotten || this.#keptCycleUs === Infinity) return false;
    const { nowUs } = this.#scheduler;
    return nowUs > CYCLES_SEEN * this.#keptCycleUs && nat.lastPacketUs > nowUs - this.#keptCycleUs;
  }

  /** Until when nothing happens apart from one slot; the watch itself ends with its last instant. */
  #quietUntilUs(exceptSlot: number): number {
    return Math.min(this.#scheduler.nextDueUs(exceptSlot), this.plan.endAtUs + 1);
  }

  // Once.

  #build(scheduler: Scheduler): Stage {
    const path = createPath(
      scheduler,
      pathDelays(this.#scenario),
      (segment) => this.#deliver(segment),
      this.#weather,
    );
    return {
      scheduler,
      chronicle: this.chronicle,
      script: new Script<ActCode>(scheduler, (act) => this.#perform(act)),
      path,
      server: this.#server,
      serverHost: this.#host(true, this.#server, path.toClient),
      client: this.#client,
      clientHost: this.#host(false, this.#client, path.toServer),
    };
  }

  #host(isServer: boolean, owner: SocketOwner, wire: Wire): KernelHost {
    const transmit = (segment: Segment): void => {
      const passed = this.#nat === null || this.#nat.pass(segment);
      const arrives = passed && wire.send(segment);
      this.cost.packet(segment, this.#scheduler.nowUs);
      this.chronicle.packet(segment, !arrives);
      if (isServer) this.#sentByServer(segment, arrives);
    };
    const observer =
      this.chronicle.recording || this.#opensInVain ? this.#observer(isServer) : undefined;
    const config = kernelConfig(this.#scenario, isServer, this.#draws);
    return createKernelHost(this.#scheduler, isServer, owner, transmit, config, observer);
  }

  /** The client's first SYN is the last thing that is heard of it. */
  get #opensInVain(): boolean {
    const scenario = this.#scenario;
    if (scenario.kind === 'live' || scenario.fault.kind !== 'handshake-abandoned') return false;
    return scenario.fault.after === 'syn';
  }

  #observer(isServer: boolean): KernelObserver {
    return {
      transmitted: (_segment, why) => this.chronicle.explain(why),
      stateChanged: (_socket, from, to, why) => {
        this.chronicle.kernelState(isServer, from, to, why);
        if (isServer && from === TcpState.SynRecv && to === TcpState.Listen) this.#requestDropped();
        if (isServer && to === TcpState.Close && this.life.closedAtUs === Infinity) {
          this.kernelRule = why;
        }
      },
    };
  }

  #middlebox(fault: Fault | null): Nat | null {
    if (fault?.kind !== 'nat-expiry') return null;
    const { idleMs, onExpiry = 'drop' } = fault;
    return new Nat(this.#scheduler, { idleMs, onExpiry }, pathDelays(this.#scenario), {
      forgotten: () => this.#forgotten(),
      sent: (segment) => {
        this.chronicle.explain('middlebox');
        this.chronicle.packet(segment, false);
      },
      deliver: (segment) => this.#deliver(segment),
    });
  }

  /** Twice the policy's period, for the kernel rounds its timers up; where many of them fit into the idle time. */
  #rhythmUs({ mechanisms }: Policy, fault: Fault | null): number {
    const ends = mechanisms.some(({ kind }) => kind === 'age' || kind === 'idle');
    if (fault?.kind !== 'nat-expiry' || fault.idleMs < LONG_IDLE_MS || ends) return Infinity;
    const cycleUs = 2 * this.#sweepPeriodUs;
    return CYCLES_SEEN * cycleUs <= fault.idleMs * 1000 ? cycleUs : Infinity;
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

  #reset(seed: SeedWords, run: number, connection: number): void {
    this.#draws.reset(seed, run, connection);
    this.#runDraws.reset(seed, run, 0);
    this.#scheduler.reset(0);
    const delays = pathDelays(this.#scenario);
    const { path, script, serverHost, clientHost } = this.#stage;
    path.toClient.reset(delays.toClientUs);
    path.toServer.reset(delays.toServerUs);
    serverHost.reset(kernelConfig(this.#scenario, true, this.#draws));
    clientHost.reset(kernelConfig(this.#scenario, false, this.#draws));
    const { plan } = this;
    this.#planner.draw(this.#draws, plan, this.pinned?.eventUs ?? null);
    // Connections of one server share its sweep, which is why its phase hangs on the common event.
    const drawnUs = this.#runDraws.below(Stream.SweepPhase, 0, this.#sweepPeriodUs);
    const phaseUs = this.pinned?.sweepUs ?? drawnUs;
    const sharedOriginUs = (plan.eventAtUs === Infinity ? 0 : plan.eventAtUs) - phaseUs;
    this.#server.reset(sharedOriginUs, this.#draws.share(Stream.ReaperJitter, 0));
    this.#client.reset(this.#draws);
    this.#nat?.reset();
    this.#router?.reset();
    this.#rare?.reset();
    script.reset();
    this.cost.reset(plan.costFromUs, plan.costToUs);
    resetLife(this.life);
    this.kernelRule = '';
    this.chronicle.begin(connection);
  }

  #schedule(): void {
    const { plan } = this;
    const { script } = this.#stage;
    const { story, path } = this.#scenario;
    script.at(plan.eventAtUs, Act.Event);
    // Both ends are established after one and a half round trips.
    const longestRttMs = path.rttMs + 2 * (path.jitterMs ?? 0);
    script.at(Math.max(plan.loadAtUs, Math.ceil(longestRttMs * 2000)), Act.StartLoad);
    script.at(plan.silenceEndsAtUs, Act.EndSilence);
    script.at(plan.queryAtUs, Act.Query);
    if (this.#weather !== null) script.at(settleMs(path) * 1000, Act.Storm);
    if (story.kind === 'drain') {
      const sigtermAtUs = plan.eventAtUs + story.sigtermAfterMs * 1000;
      script.at(sigtermAtUs, Act.Sigterm);
      script.at(sigtermAtUs + (this.#drainDeadlineMs ?? Infinity) * 1000, Act.Sigkill);
    }
    if (this.#scenario.kind === 'live' && this.#scenario.endsWith === 'close') {
      script.at(plan.endAtUs, Act.Farewell);
      plan.endAtUs += farewellMs(path) * 1000;
    }
  }

  #open(): void {
    const scenario = this.#scenario;
    const { serverHost, clientHost, client } = this.#stage;
    const fault = scenario.kind === 'fault' ? scenario.fault : null;
    if (fault?.kind === 'handshake-abandoned' && fault.after === 'established') client.staySilent();
    serverHost.socket.listen();
    clientHost.socket.connect();
    if (!this.#opensInVain) return;
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
        wakeUp(this.#stage);
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
  }

  /** The instant that was drawn. Who has already left cannot be lost. */
  #event(): void {
    if (!this.#server.isServing) return;
    if (this.#scenario.kind === 'fault') {
      this.#strike(this.#scenario.fault);
      return;
    }
    beginSilence(this.#stage, this.#scenario.silence);
    this.#stallIfBroken();
    this.#rare?.struck();
  }

  #strike(fault: Fault): void {
    this.life.faultAtUs = this.#scheduler.nowUs;
    strike(this.#stage, fault);
    this.#stallIfBroken();
    this.#rare?.struck();
  }

  /** A fault that belongs to the opening, and struck with it. */
  #faultHasStruck(): void {
    this.life.faultAtUs = this.#scheduler.nowUs;
    this.plan.endAtUs = this.#planner.watchedUntil(this.#scheduler.nowUs, this.plan);
    this.#rare?.struck();
  }

  #stallIfBroken(): void {
    const { broken } = this.#scenario.server;
    if (broken?.kind !== 'loop-stalled' || !this.#server.isServing) return;
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
  }

  /** The server has accepted TCP's connection, and the upgrade never comes. */
  #upgradeAwaited(): void {
    this.chronicle.note(happenings.upgradeAwaited);
    this.#faultHasStruck();
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

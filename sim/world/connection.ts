/**
 * One connection's world: a clock, two kernels, a wire, a server and a client, made once for a
 * policy and a scenario and played again for every run. All chance comes from (seed, run,
 * connection); nothing else differs between two runs, so the same numbers give the same life.
 */
import { policyPeriodMs } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Fault, Scenario, Silence } from '../../model/scenario/types.ts';
import { createScheduler } from '../clock/scheduler.ts';
import type { Scheduler } from '../clock/types.ts';
import { createKernelHost } from '../kernel/host.ts';
import { TcpState } from '../kernel/types.ts';
import type { KernelHost, KernelObserver, Segment, SocketOwner } from '../kernel/types.ts';
import { Nat } from '../network/nat.ts';
import { createPath } from '../network/path.ts';
import type { Path } from '../network/path.ts';
import { ClientProcess } from '../peer/client.ts';
import { beatsOf } from '../peer/heartbeat.ts';
import { Draws, Stream } from '../random.ts';
import type { SeedWords } from '../random.ts';
import { ServerProcess } from '../server/server.ts';
import type { Surroundings } from '../server/server.ts';
import { Chronicle } from '../trace/chronicle.ts';
import { happenings } from '../trace/happenings.ts';
import { CostMeter } from './cost.ts';
import { FrameQueue } from './frames.ts';
import { kernelConfig, pathDelays } from './hosts.ts';
import { newLife, resetLife } from './life.ts';
import type { Life } from './life.ts';
import { FAREWELL_MS, newPlan, Planner } from './plan.ts';
import type { Plan } from './plan.ts';
import { Script } from './script.ts';

/** What a story can do to its connection. */
const Act = {
  StartLoad: 1,
  Event: 2,
  EndSilence: 3,
  PowerOn: 4,
  Query: 5,
  Sigterm: 6,
  Sigkill: 7,
  Farewell: 8,
} as const;
type ActCode = (typeof Act)[keyof typeof Act];

/** The watch looks for the end first after a second, then less and less often. */
const FIRST_STRIDE_US = 1_000_000;
const LAST_STRIDE_US = 64_000_000;

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
  readonly #serverHost: KernelHost;
  readonly #clientHost: KernelHost;
  readonly #path: Path;
  readonly #server: ServerProcess;
  readonly #client: ClientProcess;
  readonly #nat: Nat | null;
  readonly #script: Script<ActCode>;
  readonly #draws = new Draws();
  readonly #runDraws = new Draws();
  readonly #sweepPeriodUs: number;
  #restA = 0;
  #restB = 0;
  #restSinceUs = NaN;

  /**
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
    const around: Surroundings = {
      scheduler,
      chronicle: this.chronicle,
      cost: this.cost,
      toClient: new FrameQueue(),
      toServer: new FrameQueue(),
      quietUntilUs: (slot) => (this.skipsQuietLooks ? this.#quietUntilUs(slot) : 0),
      messagesAnswered: acknowledges,
    };
    this.#server = new ServerProcess(policy, scenario.server, scenario.load, around, this.life);
    this.#client = new ClientProcess(scenario.load, beatsOf(policy, scenario), around);
    this.#path = createPath(scheduler, pathDelays(scenario), (segment) => this.#deliver(segment));
    this.#serverHost = this.#host(true, this.#server);
    this.#clientHost = this.#host(false, this.#client);
    this.#server.attach(this.#serverHost.socket);
    this.#client.attach(this.#clientHost.socket);
    const fault = scenario.kind === 'fault' ? scenario.fault : null;
    this.#nat =
      fault?.kind === 'nat-expiry'
        ? new Nat(scheduler, fault.idleMs, () => this.#forgotten())
        : null;
    this.#script = new Script(scheduler, (act) => this.#perform(act));
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
    this.#serverHost.socket.listen();
    this.#clientHost.socket.connect();
    const scheduler = this.#scheduler;
    const { plan } = this;
    let strideUs = FIRST_STRIDE_US;
    while (scheduler.nowUs < plan.endAtUs && this.life.releasedAtUs === Infinity) {
      scheduler.run(Math.min(plan.endAtUs, scheduler.nowUs + strideUs));
      if (strideUs < LAST_STRIDE_US) strideUs *= 2;
      if (this.endsAtRest && this.#atRest()) break;
    }
    this.cost.finish(Math.min(this.life.faultAtUs, this.life.decidedAtUs, scheduler.nowUs));
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

  /** Until when nothing happens apart from one slot; the watch itself ends with its last instant. */
  #quietUntilUs(exceptSlot: number): number {
    return Math.min(this.#scheduler.nextDueUs(exceptSlot), this.plan.endAtUs + 1);
  }

  // Before a life.

  #host(isServer: boolean, owner: SocketOwner): KernelHost {
    const wire = isServer ? this.#path.toClient : this.#path.toServer;
    const transmit = (segment: Segment): void => {
      const passed = this.#nat === null || this.#nat.pass();
      const arrives = passed && wire.send(segment);
      this.cost.packet(segment, this.#scheduler.nowUs);
      this.chronicle.packet(segment, !arrives);
    };
    const observer = this.chronicle.recording ? this.#observer(isServer) : undefined;
    const config = kernelConfig(this.#scenario, isServer, this.#draws);
    return createKernelHost(this.#scheduler, isServer, owner, transmit, config, observer);
  }

  #observer(isServer: boolean): KernelObserver {
    return {
      transmitted: (_segment, why) => this.chronicle.explain(why),
      stateChanged: (_socket, from, to, why) => {
        this.chronicle.kernelState(isServer, from, to, why);
        if (isServer && to === TcpState.Close && this.life.closedAtUs === Infinity) {
          this.kernelRule = why;
        }
      },
    };
  }

  #reset(seed: SeedWords, run: number, connection: number): void {
    this.#draws.reset(seed, run, connection);
    this.#runDraws.reset(seed, run, 0);
    this.#scheduler.reset(0);
    const delays = pathDelays(this.#scenario);
    this.#path.toClient.reset(delays.toClientUs);
    this.#path.toServer.reset(delays.toServerUs);
    this.#serverHost.reset(kernelConfig(this.#scenario, true, this.#draws));
    this.#clientHost.reset(kernelConfig(this.#scenario, false, this.#draws));
    const { plan } = this;
    this.#planner.draw(this.#draws, plan, this.pinned?.eventUs ?? null);
    // Connections of one server share its sweep, which is why its phase hangs on the common event.
    const drawnUs = this.#runDraws.below(Stream.SweepPhase, 0, this.#sweepPeriodUs);
    const phaseUs = this.pinned?.sweepUs ?? drawnUs;
    const sharedOriginUs = (plan.eventAtUs === Infinity ? 0 : plan.eventAtUs) - phaseUs;
    this.#server.reset(sharedOriginUs, this.#draws.share(Stream.ReaperJitter, 0));
    this.#client.reset(this.#draws);
    this.#nat?.reset();
    this.#script.reset();
    this.cost.reset(plan.costFromUs, plan.costToUs);
    resetLife(this.life);
    this.kernelRule = '';
    this.chronicle.begin(connection);
  }

  #schedule(): void {
    const { plan } = this;
    const script = this.#script;
    const { story, path } = this.#scenario;
    script.at(plan.eventAtUs, Act.Event);
    // Both ends are established after one and a half round trips.
    script.at(Math.max(plan.loadAtUs, Math.ceil(path.rttMs * 2000)), Act.StartLoad);
    script.at(plan.silenceEndsAtUs, Act.EndSilence);
    script.at(plan.queryAtUs, Act.Query);
    if (story.kind === 'drain') {
      const sigtermAtUs = plan.eventAtUs + story.sigtermAfterMs * 1000;
      script.at(sigtermAtUs, Act.Sigterm);
      script.at(sigtermAtUs + (this.#drainDeadlineMs ?? Infinity) * 1000, Act.Sigkill);
    }
    if (this.#scenario.kind === 'live' && this.#scenario.endsWith === 'close') {
      script.at(plan.endAtUs, Act.Farewell);
      plan.endAtUs += FAREWELL_MS * 1000;
    }
  }

  // During it.

  #deliver(segment: Segment): void {
    if (segment.fromServer) {
      this.#clientHost.receive(segment);
    } else {
      this.#serverHost.receive(segment);
      this.#server.load.topUp();
    }
  }

  #perform(act: ActCode): void {
    switch (act) {
      case Act.StartLoad:
        if (this.#server.isServing) this.#startLoad();
        return;
      case Act.Event:
        // Who has already left cannot be lost.
        if (!this.#server.isServing) return;
        if (this.#scenario.kind === 'fault') this.#strike(this.#scenario.fault);
        else this.#beginSilence(this.#scenario.silence);
        return;
      case Act.EndSilence:
        if (this.#scenario.kind === 'live') this.#endSilence(this.#scenario.silence);
        return;
      case Act.PowerOn:
        this.chronicle.note(happenings.poweredOn);
        this.#clientHost.powerOn();
        return;
      case Act.Query:
        if (this.#scenario.story.kind === 'pool')
          this.#server.query(this.#scenario.story.queryBytes);
        return;
      case Act.Sigterm:
        this.chronicle.note(happenings.sigterm);
        return;
      case Act.Sigkill:
        this.#server.kill();
        return;
      case Act.Farewell:
        this.#client.startClosing();
    }
  }

  #startLoad(): void {
    this.chronicle.note(happenings.loadStarted);
    this.#server.load.start();
    this.#client.startLoad();
  }

  #strike(fault: Fault): void {
    this.life.faultAtUs = this.#scheduler.nowUs;
    switch (fault.kind) {
      case 'vanish':
        this.#cut(fault.direction !== 'client-to-server', fault.direction !== 'server-to-client');
        return;
      case 'freeze':
        this.#client.freeze();
        return;
      case 'tunnel-dead':
        this.#client.loseClientBehind(fault.proxyBufferBytes);
        return;
      case 'reboot':
        this.chronicle.note(happenings.poweredOff);
        this.#client.vanish();
        this.#clientHost.powerOff();
        this.#script.at(this.#scheduler.nowUs + fault.downMs * 1000, Act.PowerOn);
        return;
      case 'crash':
        this.#client.crash();
        return;
      case 'close':
        this.#client.startClosing();
        return;
      case 'nat-expiry':
        this.chronicle.note(happenings.flowForgotten);
    }
  }

  /** The middlebox chose its instant; from then on the ghost is watched as long as any other. */
  #forgotten(): void {
    if (!this.#server.isServing) return;
    this.plan.endAtUs = this.#planner.watchedUntil(this.#scheduler.nowUs, this.plan);
    if (this.#scenario.kind === 'fault') this.#strike(this.#scenario.fault);
  }

  #beginSilence(silence: Silence): void {
    const client = this.#client;
    this.chronicle.note(happenings.silenceBegan);
    switch (silence.kind) {
      case 'none':
        return;
      case 'outage':
        this.#cut(true, true);
        return;
      case 'application-pause':
        client.pause();
        return;
      case 'trickle':
        client.readPaced(silence.bytes, silence.everyMs * 1000);
        return;
      case 'plateau':
        client.readAtRate(silence.bytesPerSecond);
        this.#server.load.holdPlateau(silence.queueBytes);
        return;
      case 'server-starved':
        this.#server.starve();
        return;
      case 'slow-reader':
        client.readAtRate(silence.bytesPerSecond);
        return;
      case 'slow-uploader':
        client.upload(silence.messageBytes, silence.bytesPerSecond);
    }
  }

  #endSilence(silence: Silence): void {
    this.chronicle.note(happenings.silenceEnded);
    if (silence.kind === 'outage') {
      this.#path.toClient.cut = false;
      this.#path.toServer.cut = false;
      this.chronicle.note(happenings.wireHealed);
    }
    if (silence.kind === 'server-starved') this.#server.wake();
    // The story of a slow reader ends with its slowness: what is queued then drains, and that is all.
    if (this.#scenario.load.kind === 'saturated') this.#server.load.stop();
    else if (silence.kind === 'plateau') this.#server.load.endPlateau();
    this.#client.endSilence();
  }

  #cut(toClient: boolean, toServer: boolean): void {
    this.#path.toClient.cut = toClient;
    this.#path.toServer.cut = toServer;
    this.chronicle.note(happenings.wireCut, Number(toClient), Number(toServer));
  }
}

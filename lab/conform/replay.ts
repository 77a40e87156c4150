/**
 * Playing a recorded story again on the simulated kernel.
 *
 * What people and processes did happens at the recorded instants; what the kernels did is left to the
 * simulation. The handshake is timed by the recorded packets, because the round trip measured there
 * decides the first retransmission timeout.
 */
import { assert } from '../../model/assert.ts';
import { createScheduler } from '../../sim/clock/scheduler.ts';
import type { Scheduler } from '../../sim/clock/types.ts';
import { createKernelHost } from '../../sim/kernel/endpoint.ts';
import { blankInfo } from '../../sim/kernel/tcp-info.ts';
import type {
  CongestionControl,
  KernelHost,
  RecordedTimers,
  TcpInfo,
} from '../../sim/kernel/types.ts';
import type { Segment } from '../../sim/network/segment.ts';
import { createPath, type Path } from '../../sim/network/path.ts';
import type { Adoption } from './adoption.ts';
import type { Lateness } from './lateness.ts';
import { profileOf } from './parse.ts';
import { Process } from './process.ts';
import type { Timing } from './timing.ts';
import type { RecordedDelays } from './wire.ts';
import type { KernelTrace, PacketEntry, Side } from './trace.ts';
import { socketOptionsOf } from './trace.ts';

/** Room before t = 0 for the handshake and for whatever a recorder did earlier. */
const START_S = 20;

/** What the simulation did with the story. */
export interface Replay {
  /** Errno name, CLOSED or SURVIVED. */
  readonly outcome: string;
  readonly endS: number | null;
  readonly packets: readonly PacketEntry[];
  /** TCP_INFO around each wanted instant: readings up to two jiffies away. */
  readonly samples: readonly (readonly TcpInfo[])[];
  /** Widest bucket of the timer wheel that was used, jiffies: the phase matters modulo this. */
  readonly widestBucketJ: number;
}

/** How to play it. */
export interface ReplayOptions {
  readonly timing: Timing;
  /** The phase. */
  readonly jiffiesAtT0: number;
  /** Seconds at which TCP_INFO of the watched side is wanted. */
  readonly sampleTimes: readonly number[];
  readonly adoptions: readonly Adoption[];
  /** How late the watched side's machine runs its timers; null = never. */
  readonly lateness: Lateness | null;
  /** Of a side whose setting is not recorded. */
  readonly congestionControl: CongestionControl;
  /** Stop when the end is known: nothing else is wanted. */
  readonly onlyEnd?: boolean;
}

/** Seconds of the recording to virtual microseconds. */
export function toUs(t: number): number {
  return Math.round((t + START_S) * 1_000_000);
}

function toSeconds(us: number): number {
  return us / 1_000_000 - START_S;
}

/** The recorded lateness on the axis of virtual time. */
function recordedTimers(lateness: Lateness): RecordedTimers {
  return {
    latenessUs: (dueUs) => Math.round(lateness.latenessS(toSeconds(dueUs)) * 1e6),
    bucketUs: (finerUs, coarserUs) =>
      toUs(lateness.bucketS(toSeconds(finerUs), toSeconds(coarserUs))),
  };
}

class Stage {
  readonly scheduler: Scheduler = createScheduler();
  readonly packets: PacketEntry[] = [];
  readonly path: Path;
  readonly hosts: Record<Side, KernelHost>;
  readonly processes: Record<Side, Process>;
  private readonly lateness: Lateness | null;
  private readonly delays: RecordedDelays;

  constructor(trace: KernelTrace, options: ReplayOptions) {
    const { scheduler } = this;
    this.delays = options.timing.delays;
    const { timing, jiffiesAtT0, lateness } = options;
    this.lateness = lateness;
    const delays = { toClientUs: timing.oneWayUs, toServerUs: timing.oneWayUs };
    this.path = createPath(scheduler, delays, (segment) => {
      this.hosts[segment.fromServer ? 'client' : 'server'].receive(segment);
    });
    this.processes = {
      server: new Process(scheduler, trace.closeOnEof.server),
      client: new Process(scheduler, trace.closeOnEof.client),
    };
    const host = (side: Side): KernelHost =>
      createKernelHost(
        scheduler,
        side === 'server',
        this.processes[side],
        (segment) => this.onWire(segment),
        {
          hz: trace.hz,
          profile: profileOf(trace.kernel),
          jiffiesAtZero: jiffiesAtT0 - START_S * trace.hz,
          sysctls: trace.sysctls[side],
          offload: false,
          congestionControl: trace.congestionControl[side] ?? options.congestionControl,
          ...(lateness !== null && side === trace.watch
            ? { recordedTimers: recordedTimers(lateness) }
            : {}),
        },
      );
    this.hosts = { server: host('server'), client: host('client') };
    for (const side of ['server', 'client'] as const) {
      const socket = this.hosts[side].socket;
      socket.setOptions(socketOptionsOf(trace.sockopts[side]));
      this.processes[side].hold(socket);
    }
  }

  private onWire(segment: Segment): void {
    const wire = segment.fromServer ? this.path.toClient : this.path.toServer;
    const side = segment.fromServer ? 'server' : 'client';
    const sentS = toSeconds(this.scheduler.nowUs);
    const { delayUs } = wire;
    wire.delayUs = this.delays.of(side, sentS, segment.seq, segment.length) ?? delayUs;
    const arrives = wire.send(segment);
    wire.delayUs = delayUs;
    const letters = [
      segment.syn ? 'S' : '',
      segment.fin ? 'F' : '',
      segment.rst ? 'R' : '',
      segment.psh ? 'P' : '',
      segment.ack ? '.' : '',
    ];
    this.packets.push({
      // A late timer's packet counts from when it was due: lateness is no agreement.
      t: this.lateness?.dueS(sentS) ?? sentS,
      from: side,
      dropped: !arrives,
      flags: letters.join(''),
      seq: segment.seq,
      ack: segment.ackSeq,
      length: segment.length,
      window: segment.windowBytes,
    });
  }
}

/** Empties the wire, as it was recorded to be; cuts stay. */
function clearWire(stage: Stage): void {
  for (const wire of [stage.path.toClient, stage.path.toServer]) {
    const { cut: wasCut, delayUs } = wire;
    wire.reset(delayUs);
    wire.cut = wasCut;
  }
}

function adopt(trace: KernelTrace, stage: Stage, adoption: Adoption): void {
  const peer = trace.watch === 'server' ? 'client' : 'server';
  clearWire(stage);
  stage.hosts[peer].adoptReceiver(adoption.receiver);
  stage.processes[trace.watch].adopt(() => stage.hosts[trace.watch].adoptSender(adoption.sender));
}

/** One thing to do at an instant. */
interface Deed {
  readonly atUs: number;
  readonly run: () => void;
}

/** Cuts or heals what the named sides send; both, if none is named. */
function cut(stage: Stage, names: readonly (string | number)[], on: boolean): void {
  if (names.length === 0 || names.includes('server')) stage.path.toClient.cut = on;
  if (names.length === 0 || names.includes('client')) stage.path.toServer.cut = on;
}

function deedOf(
  stage: Stage,
  who: string,
  what: string,
  args: readonly (string | number)[],
): () => void {
  if (who === 'wire') return () => cut(stage, args, what === 'drop');
  if (who === 'link') {
    const side = args[0] === 'client' ? 'client' : 'server';
    return () => stage.hosts[side].setLinkUp(what !== 'down');
  }
  const side = who === 'client' ? 'client' : 'server';
  const process = stage.processes[side];
  if (what === 'abort') return () => vanish(stage, side);
  return () => process.act(what, args.map(Number));
}

/** Gone without a packet (TCP_REPAIR, or a power loss); from then on its kernel resets what it gets. */
function vanish(stage: Stage, side: Side): void {
  stage.hosts[side].powerOff();
  stage.hosts[side].powerOn();
  stage.processes[side].vanish();
}

/** The recorded instants of what was done: `do` where a process noted it, else `act`. */
function deedsOf(trace: KernelTrace, stage: Stage, timing: Timing): Deed[] {
  const deeds: Deed[] = [];
  for (const entry of trace.log) {
    const byProcess = entry.who === 'server' || entry.who === 'client';
    if (entry.event !== (byProcess ? 'do' : 'act') || entry.what === null) continue;
    deeds.push({
      atUs: toUs(entry.t),
      run: deedOf(stage, entry.who, entry.what, entry.args),
    });
  }
  for (const [side, times] of Object.entries(timing.patternTimes)) {
    for (const time of times) {
      const process = stage.processes[side as Side];
      deeds.push({ atUs: toUs(time.t), run: () => process.act('write', [time.bytes]) });
    }
  }
  return deeds.toSorted((a, b) => a.atUs - b.atUs);
}

function playHandshake(trace: KernelTrace, stage: Stage, timing: Timing, deeds: Deed[]): void {
  const { client, server } = stage.hosts;
  deeds.push({
    atUs: toUs(timing.connectAt),
    run: () => {
      server.socket.listen();
      if (trace.startDropped) cut(stage, [], true);
      stage.path.toServer.delayUs = timing.synDelayUs;
      stage.path.toClient.delayUs = timing.synAckDelayUs;
      client.socket.connect();
      stage.path.toServer.delayUs = timing.ackDelayUs;
    },
  });
  deeds.push({
    atUs: toUs(timing.settledAt),
    run: () => {
      stage.path.toServer.delayUs = timing.oneWayUs;
      stage.path.toClient.delayUs = timing.oneWayUs;
    },
  });
}

/** Offsets in jiffies at which TCP_INFO is read around a sample; densest where some states last microseconds. */
const READINGS = [-2, -1, -0.5, -0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2, 0.5, 1, 2];

/** Reads TCP_INFO of the watched side around each wanted instant. */
function readingsOf(
  stage: Stage,
  trace: KernelTrace,
  options: ReplayOptions,
  deeds: Deed[],
): TcpInfo[][] {
  const { socket } = stage.hosts[trace.watch];
  const tickUs = 1_000_000 / trace.hz;
  return options.sampleTimes.map((t) => {
    const readings: TcpInfo[] = [];
    for (const offset of READINGS) {
      const run = (): void => void readings.push(socket.info(blankInfo()));
      deeds.push({ atUs: toUs(t) + offset * tickUs, run });
    }
    return readings;
  });
}

/** Plays the story. */
export function replay(trace: KernelTrace, options: ReplayOptions): Replay {
  const stage = new Stage(trace, options);
  const deeds = deedsOf(trace, stage, options.timing);
  playHandshake(trace, stage, options.timing, deeds);
  for (const adoption of options.adoptions) {
    deeds.push({ atUs: toUs(adoption.t), run: () => adopt(trace, stage, adoption) });
  }
  // Into an open window the receiver has no part in what is taken over, and the transfer need not be played.
  if ((options.adoptions[0]?.sender.windowBytes ?? 0) > 0) stage.processes[trace.watch].withhold();
  const samples = readingsOf(stage, trace, options, deeds);
  deeds.sort((a, b) => a.atUs - b.atUs);
  for (const deed of deeds) {
    assert(deed.atUs >= stage.scheduler.nowUs, 'the recording begins too early');
    stage.scheduler.run(deed.atUs);
    deed.run();
    if (options.onlyEnd === true && endOf(trace, stage).endS !== null) break;
  }
  const untilUs = toUs(trace.maxS);
  const isOver = options.onlyEnd === true && endOf(trace, stage).endS !== null;
  if (!isOver && untilUs > stage.scheduler.nowUs) stage.scheduler.run(untilUs);
  const { widestBucketJ } = stage.hosts[trace.watch];
  return { ...endOf(trace, stage), packets: stage.packets, samples, widestBucketJ };
}

function endOf(trace: KernelTrace, stage: Stage): { outcome: string; endS: number | null } {
  const process = stage.processes[trace.watch];
  if (process.failure !== null) {
    return { outcome: process.failure.errno, endS: toSeconds(process.failure.atUs) };
  }
  const goneUs = trace.watchKernel ? process.releasedUs : process.closedUs;
  if (goneUs !== null && goneUs <= toUs(trace.maxS)) {
    return { outcome: 'CLOSED', endS: toSeconds(goneUs) };
  }
  return { outcome: 'SURVIVED', endS: null };
}

/** The stage of a replay: two simulated hosts with a program each, and the wire between them. */
import { createScheduler } from '../../sim/clock/scheduler.ts';
import type { Scheduler } from '../../sim/clock/types.ts';
import { createKernelHost } from '../../sim/kernel/endpoint.ts';
import type { CongestionControl, KernelHost, RecordedTimers } from '../../sim/kernel/types.ts';
import type { Segment } from '../../sim/network/segment.ts';
import type { Lateness } from './lateness.ts';
import { Line } from './line.ts';
import { RecordedLosses } from './losses.ts';
import { Process } from './process.ts';
import type { Timing } from './timing.ts';
import { bothSides, otherSide, sides } from './trace.ts';
import type { KernelTrace, PacketEntry, Side } from './trace.ts';

/** Room before t = 0 for the handshake and for whatever a recorder did earlier. */
const START_S = 20;

/** Seconds of the recording to virtual microseconds. */
export function toUs(t: number): number {
  return Math.round((t + START_S) * 1_000_000);
}

/** And back. */
export function toSeconds(us: number): number {
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

/** How to set it. */
export interface StageOptions {
  readonly timing: Timing;
  /** The phase. */
  readonly jiffiesAtT0: number;
  /** How late the machines run their timers; null = never. */
  readonly lateness: Readonly<Record<Side, Lateness>> | null;
  /** Of a side whose setting is not recorded. */
  readonly congestionControl: CongestionControl;
}

export class Stage {
  readonly scheduler: Scheduler = createScheduler();
  readonly packets: PacketEntry[] = [];
  /** What each side sends travels on its own line. */
  readonly lines: Readonly<Record<Side, Line>>;
  readonly hosts: Readonly<Record<Side, KernelHost>>;
  readonly processes: Readonly<Record<Side, Process>>;
  readonly timing: Timing;
  private readonly lateness: Readonly<Record<Side, Lateness>> | null;

  constructor(trace: KernelTrace, options: StageOptions) {
    const { scheduler } = this;
    const { timing, jiffiesAtT0, lateness } = options;
    this.timing = timing;
    this.lateness = lateness;
    const losses = new RecordedLosses(trace);
    this.lines = bothSides((side) => {
      const delayUs = Math.round(trace.oneWayMs[side] * 1000) + timing.overheadUs;
      return new Line(scheduler, delayUs, {
        arrive: (segment) => this.hosts[otherSide(side)].receive(segment),
        comeBack: (kind, quotedSeq) => this.hosts[side].receiveIcmp(kind, quotedSeq),
        isRecordedLost: (segment) => losses.isLost(side, toSeconds(scheduler.nowUs), segment),
      });
    });
    this.processes = bothSides((side) => {
      const reads = trace.log.some(({ who, event }) => who === side && event === 'read');
      const { virtualTime } = trace;
      return new Process(scheduler, { closesOnEof: trace.closeOnEof[side], virtualTime }, reads);
    });
    const host = (side: Side): KernelHost =>
      createKernelHost(
        scheduler,
        side === 'server',
        this.processes[side],
        (segment) => this.onWire(segment),
        {
          hz: trace.hz,
          profile: trace.profile,
          jiffiesAtZero: jiffiesAtT0 - START_S * trace.hz,
          sysctls: trace.sysctls[side],
          offload: trace.offload ? 'device' : 'none',
          addressFamily: trace.addressFamily,
          ...(trace.mtu !== null && { mtuBytes: trace.mtu }),
          congestionControl: trace.congestionControl[side] ?? options.congestionControl,
          ...(lateness !== null && { recordedTimers: recordedTimers(lateness[side]) }),
        },
      );
    this.hosts = bothSides(host);
    for (const side of sides) {
      const { socket } = this.hosts[side];
      // Recorders switch Nagle's algorithm off unless told otherwise.
      socket.setOptions({ TCP_NODELAY: 1, ...trace.options[side].values });
      this.processes[side].hold(socket, trace.options[side].lingerS);
    }
  }

  private onWire(segment: Segment): void {
    const side = segment.fromServer ? 'server' : 'client';
    const sentS = toSeconds(this.scheduler.nowUs);
    const size = segment.length + (segment.fin ? 1 : 0);
    const delayUs = this.timing.delays.of(side, sentS, segment.seq, size);
    const arrives = this.lines[side].send(segment, delayUs, this.lines[otherSide(side)].delayUs);
    const letters = [
      segment.syn ? 'S' : '',
      segment.fin ? 'F' : '',
      segment.rst ? 'R' : '',
      segment.psh ? 'P' : '',
      segment.ack ? '.' : '',
    ];
    this.packets.push({
      // A late timer's packet counts from when it was due: lateness is no agreement.
      t: this.lateness?.[side].dueS(sentS) ?? sentS,
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

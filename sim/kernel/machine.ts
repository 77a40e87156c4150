/**
 * A machine's kernel apart from its sockets: jiffies and clocks, the timer wheel, sysctls, interface, power. The record of its
 * one socket is in tcp-sock.ts, the rules are functions in the files beside it, endpoint.ts puts them together.
 */
import { bucketJiffy, fireJiffy, wheelGranularity } from '../../model/linux/wheel.ts';
import {
  jiffyAt,
  msToJiffies,
  startOfJiffyUs,
  tickPhase,
  usToJiffies,
  type TickPhase,
} from '../../model/linux/jiffies.ts';
import { resolveSysctls, type Sysctls } from '../../model/linux/sysctls.ts';
import { InputError } from '../../model/issue.ts';
import type { Scheduler } from '../clock/types.ts';
import {
  DELAYED_ACK_MAX_MS,
  DELAYED_ACK_MIN_MS,
  ETHERNET_MTU_BYTES,
  TIME_WAIT_MS,
} from '../../model/linux/constants.ts';
import { blankSegment, type MutableSegment } from '../network/segment.ts';
import type {
  CongestionControl,
  KernelConfig,
  KernelObserver,
  LocalDrop,
  Offload,
  RecordedTimers,
} from './types.ts';
import type { Segment } from '../network/segment.ts';

/**
 * A multiple of every bucket's width (8^8 jiffies the widest), so that only the remainder of the
 * jiffy count matters to a timer; it keeps jiffies within the integers that need no memory of their own.
 */
const WHEEL_TURN_JIFFIES = 2 ** 30;

/** One machine. A plain record: the rules live in the topic files. */
export class Kernel {
  readonly scheduler: Scheduler;
  readonly isServer: boolean;
  readonly transmit: (segment: Segment) => void;
  readonly observer: KernelObserver | undefined;
  readonly sysctls: Sysctls;
  readonly profile: KernelConfig['profile'];
  readonly offload: Offload;
  readonly addressFamily: 4 | 6;
  readonly mtuBytes: number;
  readonly windowScaling: boolean;
  readonly otherOrphans: number;
  readonly congestionControl: CongestionControl;
  readonly recordedTimers: RecordedTimers | null;
  /** Durations of constants in jiffies of this HZ. */
  readonly delayedAckMinJ: number;
  readonly delayedAckMaxJ: number;
  readonly timeWaitJ: number;
  /** Filled anew for each segment sent. */
  readonly outgoing: MutableSegment = blankSegment();
  // Of this life.
  phase: TickPhase;
  linkUp = true;
  localDrop: LocalDrop | null = null;
  poweredOn = true;
  /** How long the machine has slept (suspend) in this life: its clocks stood meanwhile. */
  sleptUs = 0;
  /** The wheel's clock while timers run: one past the bucket in hand, so ahead of jiffies unless that is late. */
  wheelClockJ = -1;
  /** Width of the widest bucket a timer has been put in: what of the phase has mattered so far. */
  widestBucketJ = 1;
  /** Width of the bucket a timer was put in last; and of the widest of those that have run since somebody asked. */
  bucketJ = 1;
  widestRunJ = 1;
  /** How many kernel entries are on the stack; the processes run when the outermost returns. */
  depth = 0;
  /** The instant last asked about, and its jiffy. */
  private jiffyOfUs = NaN;
  private jiffy = 0;

  constructor(
    scheduler: Scheduler,
    isServer: boolean,
    transmit: (segment: Segment) => void,
    config: KernelConfig,
    observer: KernelObserver | undefined,
  ) {
    this.scheduler = scheduler;
    this.isServer = isServer;
    this.transmit = transmit;
    this.observer = observer;
    this.sysctls = resolved(config);
    this.profile = config.profile;
    this.offload = config.offload ?? 'path';
    this.addressFamily = config.addressFamily ?? 4;
    this.mtuBytes = config.mtuBytes ?? ETHERNET_MTU_BYTES;
    this.windowScaling = config.windowScaling ?? true;
    this.otherOrphans = config.otherOrphans ?? 0;
    this.congestionControl = config.congestionControl ?? 'cubic';
    this.recordedTimers = config.recordedTimers ?? null;
    this.delayedAckMinJ = msToJiffies(DELAYED_ACK_MIN_MS, config.hz);
    this.delayedAckMaxJ = msToJiffies(DELAYED_ACK_MAX_MS, config.hz);
    this.timeWaitJ = msToJiffies(TIME_WAIT_MS, config.hz);
    this.phase = phaseAt(config.jiffiesAtZero, config.hz);
  }

  /** Boots anew, on the same hardware, with another phase of its timers. */
  reset(jiffiesAtZero: number): void {
    this.phase = phaseAt(jiffiesAtZero, this.phase.hz);
    this.linkUp = true;
    this.localDrop = null;
    this.poweredOn = true;
    this.sleptUs = 0;
    this.wheelClockJ = -1;
    this.widestBucketJ = 1;
    this.bucketJ = 1;
    this.widestRunJ = 1;
    this.depth = 0;
    this.jiffyOfUs = NaN;
  }

  /** CLOCK_MONOTONIC: stands while the machine sleeps. */
  get nowUs(): number {
    return this.scheduler.nowUs - this.sleptUs;
  }

  /** `jiffies` now: asked several times at each instant, computed once. */
  jiffies(): number {
    const { nowUs } = this;
    if (nowUs !== this.jiffyOfUs) {
      this.jiffyOfUs = nowUs;
      this.jiffy = jiffyAt(this.phase, nowUs);
    }
    return this.jiffy;
  }

  /** The millisecond clock (tcp_clock_ms); its zero lies on a tick. */
  clockMs(): number {
    return this.clockMsAt(this.nowUs);
  }

  clockMsAt(us: number): number {
    return Math.floor((us + this.phase.sinceTickUs) / 1000);
  }

  /** Milliseconds to jiffies, rounded up. */
  ms(milliseconds: number): number {
    return msToJiffies(milliseconds, this.phase.hz);
  }

  /** Microseconds to jiffies, rounded up. */
  us(microseconds: number): number {
    return usToJiffies(microseconds, this.phase.hz);
  }

  /** Puts a timer of `delayJ` jiffies on the wheel: the instant at which it really fires. */
  fireUs(delayJ: number): number {
    const nowJ = this.jiffies();
    const ahead = this.wheelClockJ > nowJ;
    const widthJ = wheelGranularity(delayJ - (ahead ? 1 : 0));
    this.bucketJ = widthJ;
    if (widthJ > this.widestBucketJ) this.widestBucketJ = widthJ;
    const fireUs = startOfJiffyUs(this.phase, bucketJiffy(nowJ + delayJ, widthJ)) + this.sleptUs;
    if (this.recordedTimers === null || ahead) return fireUs;
    const finerUs = startOfJiffyUs(this.phase, fireJiffy(nowJ, delayJ, true)) + this.sleptUs;
    return finerUs === fireUs ? fireUs : this.recordedTimers.bucketUs(finerUs, fireUs);
  }
}

function phaseAt(jiffiesAtZero: number, hz: number): TickPhase {
  return tickPhase(jiffiesAtZero % WHEEL_TURN_JIFFIES, hz);
}

/** Settings in force under a configuration. */
function resolved(config: KernelConfig): Sysctls {
  const result = resolveSysctls(config.sysctls, config.profile);
  if (!result.ok) throw new InputError(result.issues);
  return result.value;
}

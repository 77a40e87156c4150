/**
 * One direction of the wire between the two tun devices of a recording: what is handed to it arrives after its delay, or
 * does not, or twice, or is answered with an ICMP error.
 *
 * A packet overtakes another only where the delay has been lowered meanwhile: the recorder's wire is a queue by time of
 * arrival, as a changed route is.
 */
import type { Scheduler } from '../../sim/clock/types.ts';
import type { IcmpKind } from '../../sim/network/icmp.ts';
import { blankSegment, copySegment, type Segment } from '../../sim/network/segment.ts';

/** Something under way. */
interface Arrival {
  readonly dueUs: number;
  readonly run: () => void;
}

/** Whom the line reaches. */
export interface LineEnds {
  /** A segment reaches the other host. */
  arrive(segment: Segment): void;
  /** An ICMP error comes back to the sender. */
  comeBack(kind: IcmpKind, quotedSeq: number): void;
  /** Whether the recording shows this packet as dropped. */
  isRecordedLost(segment: Segment): boolean;
}

export class Line {
  cut = false;
  /** Single packets are lost: those of the recording. */
  lossy = false;
  /** So many of the next packets are lost, or arrive twice. */
  loseNext = 0;
  duplicateNext = 0;
  icmp: IcmpKind | null = null;
  private readonly scheduler: Scheduler;
  private readonly ends: LineEnds;
  private readonly slot: number;
  private underWay: Arrival[] = [];
  private lastDueUs = 0;
  private usualUs: number;

  constructor(scheduler: Scheduler, delayUs: number, ends: LineEnds) {
    this.scheduler = scheduler;
    this.ends = ends;
    this.usualUs = delayUs;
    this.slot = scheduler.slot(() => this.arrive());
  }

  /** Delay of packets sent from now on, unless another is given; lowered, they overtake. */
  get delayUs(): number {
    return this.usualUs;
  }

  set delayUs(delayUs: number) {
    if (delayUs < this.usualUs) this.lastDueUs = 0;
    this.usualUs = delayUs;
  }

  /**
   * Hands over a segment; it is copied. Returns whether it will arrive.
   *
   * @param delayUs of this one; null = the usual
   * @param backUs the way back of an ICMP error
   */
  send(segment: Segment, delayUs: number | null, backUs: number): boolean {
    const dueUs = this.scheduler.nowUs + (delayUs ?? this.usualUs);
    const { icmp } = this;
    if (icmp !== null) {
      const { seq } = segment;
      this.put(dueUs + backUs, () => this.ends.comeBack(icmp, seq));
      return false;
    }
    if (this.isLost(segment)) return false;
    const copy = blankSegment();
    copySegment(segment, copy);
    const arrivesUs = Math.max(dueUs, this.lastDueUs);
    this.lastDueUs = arrivesUs;
    this.put(arrivesUs, () => this.ends.arrive(copy));
    if (this.duplicateNext > 0) {
      this.duplicateNext -= 1;
      this.put(arrivesUs, () => this.ends.arrive(copy));
    }
    return true;
  }

  private isLost(segment: Segment): boolean {
    if (this.cut) return true;
    if (this.loseNext > 0) {
      this.loseNext -= 1;
      return true;
    }
    return this.lossy && this.ends.isRecordedLost(segment);
  }

  private put(dueUs: number, run: () => void): void {
    const after = this.underWay.findIndex((one) => one.dueUs > dueUs);
    this.underWay.splice(after < 0 ? this.underWay.length : after, 0, { dueUs, run });
    this.scheduler.arm(this.slot, this.underWay[0]?.dueUs ?? dueUs);
  }

  private arrive(): void {
    const first = this.underWay.shift();
    const next = this.underWay[0];
    if (next !== undefined) this.scheduler.arm(this.slot, next.dueUs);
    first?.run();
  }

  /** Forgets what is under way; cuts and losses stay. */
  clear(): void {
    this.underWay = [];
    this.lastDueUs = 0;
    this.scheduler.disarm(this.slot);
  }
}

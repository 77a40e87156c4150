/**
 * The wire between two hosts: a fixed delay per direction, a cut per direction, and jitter and loss where the
 * path has some.
 *
 * A cut swallows what is sent while it lasts; what was already under way still arrives. Segments
 * keep their order, so each direction is a ring of copies and one deadline.
 */
import { assert } from '../../model/assert.ts';
import type { Scheduler } from '../clock/types.ts';
import { blankSegment, copySegment, type MutableSegment } from './segment.ts';
import type { Segment } from './segment.ts';
import type { JitterLoss } from './jitter-loss.ts';

/** One direction of the wire. */
export interface Wire {
  /** Hands over a segment; it is copied. Returns whether it will arrive. */
  send(segment: Segment): boolean;
  /** Whether segments sent from now on vanish. */
  cut: boolean;
  /** Delay of segments sent from now on, integer microseconds; the order of arrival stays that of sending. */
  delayUs: number;
  /** Segments under way. */
  readonly inFlight: number;
  /** Forgets what is under way and heals the cut. */
  reset(delayUs: number): void;
}

/** Both directions between the server and the client. */
export interface Path {
  readonly toClient: Wire;
  readonly toServer: Wire;
}

class DelayLine implements Wire {
  cut = false;
  delayUs: number;
  private readonly jitterLoss: JitterLoss | null;
  private readonly scheduler: Scheduler;
  private readonly deliver: (segment: Segment) => void;
  private readonly slot: number;
  private ring: MutableSegment[] = [];
  private dueUs = new Float64Array(0);
  private head = 0;
  private length = 0;
  /** Handed to `deliver` and out of the ring meanwhile, where what the receiver sends could overwrite it. */
  private delivered = blankSegment();

  constructor(
    scheduler: Scheduler,
    delayUs: number,
    deliver: (segment: Segment) => void,
    jitterLoss: JitterLoss | null,
  ) {
    this.scheduler = scheduler;
    this.delayUs = delayUs;
    this.jitterLoss = jitterLoss;
    this.deliver = deliver;
    this.slot = scheduler.slot(() => this.arrive());
    this.grow(16);
  }

  get inFlight(): number {
    return this.length;
  }

  private grow(capacity: number): void {
    const ring: MutableSegment[] = [];
    const dueUs = new Float64Array(capacity);
    const mask = this.ring.length - 1;
    for (let i = 0; i < capacity; i += 1) {
      const old = i < this.ring.length ? (this.head + i) & mask : -1;
      ring.push(old < 0 ? blankSegment() : (this.ring[old] as MutableSegment));
      dueUs[i] = old < 0 ? 0 : (this.dueUs[old] as number);
    }
    this.ring = ring;
    this.dueUs = dueUs;
    this.head = 0;
  }

  send(segment: Segment): boolean {
    if (this.cut) return false;
    const laterUs = this.jitterLoss === null ? 0 : this.jitterLoss.next();
    if (laterUs < 0) return false;
    if (this.length === this.ring.length) this.grow(this.ring.length * 2);
    const mask = this.ring.length - 1;
    const tail = (this.head + this.length) & mask;
    copySegment(segment, this.ring[tail] as MutableSegment);
    let dueUs = this.scheduler.nowUs + this.delayUs + laterUs;
    if (this.length > 0) dueUs = Math.max(dueUs, this.dueUs[(tail - 1) & mask] as number);
    this.dueUs[tail] = dueUs;
    this.length += 1;
    if (this.length === 1) this.scheduler.arm(this.slot, dueUs);
    return true;
  }

  private arrive(): void {
    assert(this.length > 0, 'the wire delivers nothing');
    const segment = this.ring[this.head] as MutableSegment;
    this.ring[this.head] = this.delivered;
    this.delivered = segment;
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.length -= 1;
    if (this.length > 0) this.scheduler.arm(this.slot, this.dueUs[this.head] as number);
    this.deliver(segment);
  }

  reset(delayUs: number): void {
    this.jitterLoss?.reset();
    this.cut = false;
    this.delayUs = delayUs;
    this.head = 0;
    this.length = 0;
    this.scheduler.disarm(this.slot);
  }
}

/** Fixed one-way delays of a path, integer microseconds. */
export interface PathDelays {
  readonly toClientUs: number;
  readonly toServerUs: number;
}

/** What single packets meet on the way, in each direction. */
export interface PathJitterLoss {
  readonly toClient: JitterLoss;
  readonly toServer: JitterLoss;
}

/**
 * Lays a wire in each direction. Call while building a world: it takes two scheduler slots.
 *
 * @param deliver receives what arrives; `segment.fromServer` says where it came from
 * @param jitterLoss null = every packet takes the same time, and none is lost
 */
export function createPath(
  scheduler: Scheduler,
  delays: PathDelays,
  deliver: (segment: Segment) => void,
  jitterLoss: PathJitterLoss | null = null,
): Path {
  const { toClientUs, toServerUs } = delays;
  return {
    toClient: new DelayLine(scheduler, toClientUs, deliver, jitterLoss?.toClient ?? null),
    toServer: new DelayLine(scheduler, toServerUs, deliver, jitterLoss?.toServer ?? null),
  };
}

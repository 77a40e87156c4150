/**
 * The load: what the server's application sends, and how it yields to backpressure.
 *
 * A `queued` server stops producing while user space holds `userQueueBytes`; on a `locked` one the
 * sending thread is inside its blocking send until the kernel has taken the whole message.
 */
import { assert } from '../../model/assert.ts';
import type { Load, ServerSetting } from '../../model/scenario/types.ts';
import type { StateWalk } from '../clock/state-walk.ts';
import type { Scheduler } from '../clock/types.ts';
import type { SendPath } from '../process/send-path.ts';

/** A sender that fills two buffers in this many rounds has no buffers: a bug, not a load. */
const REFILL_LIMIT = 100_000;

export interface LoadHost {
  /** `count` messages of `bytes` each are handed to the send path. */
  sendMessages(count: number, bytes: number): void;
  /** Bytes that the application has handed over and the peer has not acknowledged. */
  outstandingBytes(): number;
}

export class LoadSource {
  readonly #scheduler: Scheduler;
  readonly #host: LoadHost;
  readonly #load: Load;
  readonly #roomBytes: number;
  readonly #slot: number;
  #path!: SendPath;
  #running = false;
  #plateauBytes = 0;
  /** When the tick that found no room was due; Infinity while the load ticks. */
  #asleepSinceUs = Infinity;
  /** The process does not run. */
  #stalled = false;
  #missedTickUs = Infinity;

  constructor(scheduler: Scheduler, host: LoadHost, load: Load, setting: ServerSetting) {
    this.#scheduler = scheduler;
    this.#host = host;
    this.#load = load;
    this.#roomBytes = setting.sendPath === 'locked' ? 1 : Math.max(1, setting.userQueueBytes);
    this.#slot = scheduler.slot(() => this.#tick());
  }

  attach(path: SendPath): void {
    this.#path = path;
  }

  reset(): void {
    this.#running = false;
    this.#plateauBytes = 0;
    this.#asleepSinceUs = Infinity;
    this.#stalled = false;
  }

  start(): void {
    // What only the client sends is none of the server's work.
    if (this.#load.kind === 'periodic' && this.#load.direction === 'client') return;
    this.#running = true;
    if (this.#load.kind === 'periodic') this.#tick();
    else this.refill();
  }

  walk(state: StateWalk): void {
    state.same(Number(this.#running));
    state.none(this.#plateauBytes + Number(this.#asleepSinceUs !== Infinity));
  }

  /** The process stands still: nothing is produced, whatever room there is. */
  stall(): void {
    this.#stalled = true;
    this.#missedTickUs = this.#scheduler.dueUs(this.#slot);
    this.#scheduler.disarm(this.#slot);
  }

  /** It runs again; a tick that has passed comes now. */
  endStall(): void {
    this.#stalled = false;
    const { nowUs } = this.#scheduler;
    if (this.#missedTickUs !== Infinity) {
      this.#scheduler.arm(this.#slot, Math.max(nowUs, this.#missedTickUs));
    }
    this.refill();
  }

  stop(): void {
    this.#running = false;
    this.#plateauBytes = 0;
    this.#asleepSinceUs = Infinity;
    this.#missedTickUs = Infinity;
    this.#scheduler.disarm(this.#slot);
  }

  /** The send path may have room again. */
  refill(): void {
    if (!this.#running || this.#stalled || this.#plateauBytes > 0) return;
    if (this.#load.kind !== 'saturated') {
      this.#awake();
      return;
    }
    const { messageBytes } = this.#load;
    // A send may bring about a verdict, and that ends the load.
    for (let round = 0; this.#running && this.#hasRoom(); round += 1) {
      assert(round < REFILL_LIMIT, 'a send path has a limit');
      const room = this.#roomBytes - this.#path.queuedBytes;
      this.#host.sendMessages(Math.ceil(room / messageBytes), messageBytes);
    }
  }

  /**
   * From now on the queue is kept at `bytes`: the writer is woken by every acknowledgement and
   * replaces exactly what was acknowledged, as one with a low TCP_NOTSENT_LOWAT does.
   */
  holdPlateau(bytes: number): void {
    this.#plateauBytes = bytes;
    this.#asleepSinceUs = Infinity;
    this.#scheduler.disarm(this.#slot);
    this.topUp();
  }

  /** Back to the scenario's own load. */
  endPlateau(): void {
    this.#plateauBytes = 0;
    if (this.#running) this.start();
  }

  /** An acknowledgement was processed. */
  topUp(): void {
    if (this.#plateauBytes === 0 || this.#stalled) return;
    const missing = this.#plateauBytes - this.#host.outstandingBytes();
    if (missing > 0) this.#host.sendMessages(1, missing);
  }

  /** A tick that finds no room sends nothing, and neither would any before there is room again. */
  #tick(): void {
    assert(this.#load.kind === 'periodic', 'only a periodic load ticks');
    const { bytes, everyMs } = this.#load;
    const { nowUs } = this.#scheduler;
    if (!this.#hasRoom()) {
      this.#asleepSinceUs = nowUs;
      return;
    }
    this.#scheduler.arm(this.#slot, nowUs + everyMs * 1000);
    this.#host.sendMessages(1, bytes);
  }

  #hasRoom(): boolean {
    return this.#path.queuedBytes < this.#roomBytes;
  }

  /** There may be room for the next tick, in the old rhythm. */
  #awake(): void {
    if (this.#asleepSinceUs === Infinity || this.#load.kind !== 'periodic') return;
    if (!this.#hasRoom()) return;
    const everyUs = this.#load.everyMs * 1000;
    const ticks = Math.floor((this.#scheduler.nowUs - this.#asleepSinceUs) / everyUs) + 1;
    this.#scheduler.arm(this.#slot, this.#asleepSinceUs + ticks * everyUs);
    this.#asleepSinceUs = Infinity;
  }
}

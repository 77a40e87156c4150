/** One connection under watch: who it is, what judges it, and what was seen of it last. */
import type { Socket } from 'node:net';
import type { CompiledReaper, ReaperInstance, SocketSample } from '../../model/reaper/types.ts';
import type { HeapEntry } from './deadline-heap.ts';
import type { Block, Rows } from './rows.ts';
import type { SendPath } from './send-path.ts';
import type { Timed } from './times.ts';

/** What is kept as a number in the connection's row, by its place; the numbers of its reaper come behind. */
const Place = {
  Opened: 0,
  Draw: 1,
  LastReceived: 2,
  Untold: 3,
  ClosesBy: 4,
  Filed: 5,
  Pinged: 6,
  Sent: 7,
  HeldSince: 8,
  QueueBytes: 9,
  UserQueueBytes: 10,
  BytesAcked: 11,
  Established: 12,
  BytesRead: 13,
  BytesWritten: 14,
} as const;
const OWN_WIDTH = 15;

/** How many numbers a connection has that is judged by one of these. */
export function widthOf(...reapers: readonly CompiledReaper[]): number {
  return OWN_WIDTH + Math.max(...reapers.map(({ width }) => width));
}

/** One connection under watch. */
export class Watched<S> implements HeapEntry, Timed {
  readonly socket: S;
  /** The TCP (or TLS, or Unix-domain) socket below. */
  readonly raw: Socket;
  /** Judges it: by the whole policy while it is open, by what looks at closing connections afterwards. */
  instance: ReaperInstance;
  /** Signs of life, as a sum of `LifeBit`, that its reaper need not be told of each time, see `ReaperInstance.repeats`; 0 = none. */
  repeats = 0;
  isClosing = false;
  /** Its looks at the send queue are left out, for nothing is queued. */
  rests = false;
  /** False once a look at the socket has failed: it is counted once. */
  readable = true;
  watching = true;
  /** Whether its send path is blocked, where the policy wants to know. */
  sendPath: SendPath | undefined = undefined;
  /** The verdict that waits, by its mechanism; -1 = none does. */
  heldMechanism = -1;
  heapIndex = -1;
  /** Among all connections. */
  place = -1;
  label: string | undefined = undefined;
  /** Asked at the opening, where somebody wants to know: a socket that the kernel has ended no longer knows it. */
  remoteAddress: string | undefined = undefined;
  readonly #block: Block;
  readonly #numbers: Float64Array;
  readonly #at: number;

  /** Watched from `openedUs` on; `draw`: what its jitters hang on. */
  constructor(
    socket: S,
    raw: Socket,
    rows: Rows,
    reaper: CompiledReaper,
    openedUs: number,
    draw: number,
  ) {
    this.socket = socket;
    this.raw = raw;
    this.#block = rows.block();
    this.#numbers = this.#block.numbers;
    this.#at = rows.take(this.#block);
    this.#numbers.fill(0, this.#at, this.#at + OWN_WIDTH);
    this.#write(Place.Opened, openedUs);
    this.#write(Place.Draw, draw);
    this.lastReceivedUs = openedUs;
    this.closesByUs = Infinity;
    this.filedUs = Infinity;
    this.#write(Place.QueueBytes, -1);
    this.instance = this.#instanceOf(reaper);
  }

  /** From now on `reaper` judges it, once it is started. */
  judgedBy(reaper: CompiledReaper): void {
    this.instance.stop();
    this.instance = this.#instanceOf(reaper);
    this.repeats = 0;
    this.untoldUs = 0;
  }

  /** It was under watch before, and what is known of it is still known. */
  isOnceMore(before: Watched<S>): void {
    this.#write(Place.Opened, before.openedUs);
    this.lastReceivedUs = before.lastReceivedUs;
    this.pingedUs = before.pingedUs;
    this.sentUs = before.sentUs;
    this.label = before.label;
    this.remoteAddress = before.remoteAddress;
  }

  /** Its numbers are no longer its own; nothing of it may be read afterwards but what is no number. */
  release(rows: Rows): void {
    this.instance.stop();
    rows.giveBack(this.#block, this.#at);
  }

  #instanceOf(reaper: CompiledReaper): ReaperInstance {
    return reaper.instance(this.#numbers, this.#at + OWN_WIDTH);
  }

  get openedUs(): number {
    return this.#read(Place.Opened);
  }

  get draw(): number {
    return this.#read(Place.Draw);
  }

  get lastReceivedUs(): number {
    return this.#read(Place.LastReceived);
  }
  set lastReceivedUs(us: number) {
    this.#write(Place.LastReceived, us);
  }

  /** The last sign of life that its reaper has not been told of; 0 = there is none. */
  get untoldUs(): number {
    return this.#read(Place.Untold);
  }
  set untoldUs(us: number) {
    this.#write(Place.Untold, us);
  }

  /** When its closing has taken long enough, µs; Infinity while it is open. */
  get closesByUs(): number {
    return this.#read(Place.ClosesBy);
  }
  set closesByUs(us: number) {
    this.#write(Place.ClosesBy, us);
  }

  get filedUs(): number {
    return this.#read(Place.Filed);
  }
  set filedUs(us: number) {
    this.#write(Place.Filed, us);
  }

  get pingedUs(): number {
    return this.#read(Place.Pinged);
  }
  set pingedUs(us: number) {
    this.#write(Place.Pinged, us);
  }

  get sentUs(): number {
    return this.#read(Place.Sent);
  }
  set sentUs(us: number) {
    this.#write(Place.Sent, us);
  }

  /** Since when its verdict waits. */
  get heldSinceUs(): number {
    return this.#read(Place.HeldSince);
  }
  set heldSinceUs(us: number) {
    this.#write(Place.HeldSince, us);
  }

  /** What had been read and written when that was asked last, where nothing tells of it. */
  get bytesRead(): number {
    return this.#read(Place.BytesRead);
  }
  set bytesRead(bytes: number) {
    this.#write(Place.BytesRead, bytes);
  }
  get bytesWritten(): number {
    return this.#read(Place.BytesWritten);
  }
  set bytesWritten(bytes: number) {
    this.#write(Place.BytesWritten, bytes);
  }

  /** What was waiting at the last look at the socket; -1 before the first. */
  get queueBytes(): number {
    return this.#read(Place.QueueBytes);
  }

  get bytesAcked(): number {
    return this.#read(Place.BytesAcked);
  }

  /** The last look at the socket; undefined before the first. */
  get sample(): SocketSample | undefined {
    if (this.queueBytes < 0) return undefined;
    return {
      queueBytes: this.queueBytes,
      userQueueBytes: this.#read(Place.UserQueueBytes),
      bytesAcked: this.bytesAcked,
      established: this.#read(Place.Established) === 1,
    };
  }

  /** Keeps what a look has found. */
  keep(sample: SocketSample): void {
    this.#write(Place.QueueBytes, sample.queueBytes);
    this.#write(Place.UserQueueBytes, sample.userQueueBytes);
    this.#write(Place.BytesAcked, sample.bytesAcked);
    this.#write(Place.Established, sample.established ? 1 : 0);
  }

  #read(place: number): number {
    return this.#numbers[this.#at + place] ?? 0;
  }

  #write(place: number, value: number): void {
    this.#numbers[this.#at + place] = value;
  }
}

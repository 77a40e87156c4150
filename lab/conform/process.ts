/** The program at one end of a recorded connection: reads, writes and closes as the recorder's did. */
import type { Scheduler } from '../../sim/clock/types.ts';
import type { Errno, SocketOwner, TcpSocket } from '../../sim/kernel/types.ts';

/** The recorder hands a long write to the kernel in pieces of this size, one per wake-up. */
const WRITE_PIECE_BYTES = 65_536;

/** From the event to the process that waits for it: microseconds on a machine with nothing else to do. */
const WAKE_UP_US = 150;

export class Process implements SocketOwner {
  failure: { readonly errno: Errno; readonly atUs: number } | null = null;
  closedUs: number | null = null;
  releasedUs: number | null = null;
  private readonly scheduler: Scheduler;
  private readonly closesOnEof: boolean;
  private readonly writeSlot: number;
  private readonly trickleSlot: number;
  private readonly readSlot: number;
  private socket: TcpSocket | null = null;
  private frozen = false;
  private leftToWrite = 0;
  private trickleBytes = 0;
  private trickleUs = 0;
  private sawEof = false;
  private withheld = false;

  constructor(scheduler: Scheduler, closesOnEof: boolean) {
    this.scheduler = scheduler;
    this.closesOnEof = closesOnEof;
    this.writeSlot = scheduler.slot(() => this.writePiece());
    this.trickleSlot = scheduler.slot(() => this.trickle());
    this.readSlot = scheduler.slot(() => this.drain());
  }

  hold(socket: TcpSocket): void {
    this.socket = socket;
  }

  /** Does what the recording says was done. */
  act(what: string, args: readonly number[]): void {
    const { socket } = this;
    if (socket === null) return;
    const [first = 0, second = 0] = args;
    if (what === 'write') {
      this.leftToWrite += first;
      // A process that waits with poll(2) writes when a third of the buffer is free, not before.
      if (socket.pollOut()) this.writePiece();
    } else if (what === 'freeze') {
      this.frozen = true;
    } else if (what === 'thaw') {
      this.frozen = false;
      this.trickleBytes = 0;
      this.drain();
    } else if (what === 'trickle') {
      this.trickleBytes = first;
      this.trickleUs = Math.round(second * 1_000_000);
      this.scheduler.arm(this.trickleSlot, this.scheduler.nowUs + this.trickleUs);
    } else if (what === 'close') {
      this.end(() => socket.close());
    } else if (what === 'shutdown') {
      socket.shutdownWrite();
    }
  }

  /** Its whole machine has gone and come back, and knows nothing. */
  vanish(): void {
    this.closedUs ??= this.scheduler.nowUs;
    this.releasedUs ??= this.scheduler.nowUs;
  }

  /** From now on writes are owed, not made, until {@link adopt}: the transfer's course will be replaced anyhow. */
  withhold(): void {
    this.withheld = true;
  }

  /** The socket's state has been replaced by a recorded one: what it holds now has been written. */
  adopt(replace: () => void): void {
    const { socket } = this;
    const before = socket?.bytesWritten ?? 0;
    this.withheld = false;
    replace();
    this.leftToWrite = Math.max(0, this.leftToWrite + before - (socket?.bytesWritten ?? 0));
  }

  private end(how: () => void): void {
    this.closedUs ??= this.scheduler.nowUs;
    how();
  }

  private writePiece(): void {
    const { socket } = this;
    if (socket === null || this.leftToWrite === 0 || this.withheld) return;
    this.leftToWrite -= socket.write(Math.min(WRITE_PIECE_BYTES, this.leftToWrite));
    if (this.leftToWrite > 0 && socket.pollOut()) this.later(this.writeSlot);
  }

  private later(slot: number): void {
    this.scheduler.arm(slot, this.scheduler.nowUs + WAKE_UP_US);
  }

  private drain(): void {
    const { socket } = this;
    if (socket === null || this.frozen || this.trickleBytes > 0) return;
    socket.read(socket.readableBytes);
    if (this.sawEof && this.closesOnEof && this.closedUs === null) this.end(() => socket.close());
  }

  private trickle(): void {
    if (this.trickleBytes === 0) return;
    this.socket?.read(this.trickleBytes);
    this.scheduler.arm(this.trickleSlot, this.scheduler.nowUs + this.trickleUs);
  }

  established(): void {}

  readable(): void {
    this.later(this.readSlot);
  }

  writable(): void {
    this.later(this.writeSlot);
  }

  peerFin(): void {
    this.sawEof = true;
    this.later(this.readSlot);
  }

  failed(_socket: TcpSocket, errno: Errno): void {
    this.failure ??= { errno, atUs: this.scheduler.nowUs };
    this.leftToWrite = 0;
  }

  released(): void {
    this.releasedUs ??= this.scheduler.nowUs;
  }
}

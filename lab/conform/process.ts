/** The program at one end of a recorded connection: reads, writes and closes as the recorder's did. */
import type { Scheduler } from '../../sim/clock/types.ts';
import { TcpState, type Errno, type SocketOwner, type TcpSocket } from '../../sim/kernel/types.ts';

/** The recorder hands a long write to the kernel in pieces of this size, one per wake-up. */
const WRITE_PIECE_BYTES = 65_536;

/** From the event to the process that waits for it: microseconds on a machine with nothing else to do, next to none in virtual time. */
const WAKE_UP_US = 150;
const VIRTUAL_WAKE_UP_US = 5;

/** States in which close(2) with SO_LINGER goes on waiting (sk_stream_wait_close). */
const closing: ReadonlySet<number> = new Set([
  TcpState.FinWait1,
  TcpState.Closing,
  TcpState.LastAck,
]);

/** How often a close that lingers looks whether it still has to, us. */
const LINGER_LOOK_US = 1000;

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
  private lingerUs = 0;
  private lingersUntilUs = 0;
  private readonly lingerSlot: number;
  private readonly readsAreRecorded: boolean;
  private readonly wakeUpUs: number;

  /** @param readsAreRecorded the instants of a trickle's reads are known: it has no beat of its own */
  constructor(
    scheduler: Scheduler,
    { closesOnEof, virtualTime }: { readonly closesOnEof: boolean; readonly virtualTime: boolean },
    readsAreRecorded: boolean,
  ) {
    this.scheduler = scheduler;
    this.closesOnEof = closesOnEof;
    this.readsAreRecorded = readsAreRecorded;
    this.wakeUpUs = virtualTime ? VIRTUAL_WAKE_UP_US : WAKE_UP_US;
    this.lingerSlot = scheduler.slot(() => this.lingerOn());
    this.writeSlot = scheduler.slot(() => this.writePiece());
    this.trickleSlot = scheduler.slot(() => this.trickle());
    this.readSlot = scheduler.slot(() => this.drain());
  }

  hold(socket: TcpSocket, lingerS: number): void {
    this.socket = socket;
    this.linger(lingerS);
  }

  /** SO_LINGER: close(2) waits that long for what is under way before the socket is nobody's. */
  linger(seconds: number): void {
    this.lingerUs = Math.round(seconds * 1_000_000);
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
      if (this.readsAreRecorded) return;
      this.scheduler.arm(this.trickleSlot, this.scheduler.nowUs + this.trickleUs);
    } else if (what === 'read') {
      socket.read(first);
    } else if (what === 'close') {
      this.close(socket);
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

  private close(socket: TcpSocket): void {
    const mayLinger = this.lingerUs > 0 && socket.readableBytes === 0;
    if (!mayLinger) {
      this.closedUs ??= this.scheduler.nowUs;
      socket.close();
      return;
    }
    this.lingersUntilUs = this.scheduler.nowUs + this.lingerUs;
    socket.shutdownWrite();
    this.lingerOn();
  }

  private lingerOn(): void {
    const { socket, scheduler } = this;
    if (socket === null || this.failure !== null) return;
    if (closing.has(socket.state) && scheduler.nowUs < this.lingersUntilUs) {
      scheduler.arm(this.lingerSlot, scheduler.nowUs + LINGER_LOOK_US);
      return;
    }
    this.closedUs ??= scheduler.nowUs;
    socket.close();
  }

  private writePiece(): void {
    const { socket } = this;
    if (socket === null || this.leftToWrite === 0 || this.withheld) return;
    this.leftToWrite -= socket.write(Math.min(WRITE_PIECE_BYTES, this.leftToWrite));
    if (this.leftToWrite > 0 && socket.pollOut()) this.later(this.writeSlot);
  }

  private later(slot: number): void {
    this.scheduler.arm(slot, this.scheduler.nowUs + this.wakeUpUs);
  }

  private drain(): void {
    const { socket } = this;
    if (socket === null || this.frozen || this.trickleBytes > 0) return;
    socket.read(socket.readableBytes);
    if (this.sawEof && this.closesOnEof && this.closedUs === null) this.close(socket);
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

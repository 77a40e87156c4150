/**
 * One direction of a proxy: it reads from one socket and writes to the other, and holds between them what one buffer holds.
 * While that is full it does not read, so the sender's window closes as if the reader itself had stopped.
 */
import type { TcpSocket } from '../kernel/types.ts';
import type { FrameCode } from '../websocket/frames.ts';
import type { PingEnd } from './ping-end.ts';

export class Relay {
  readonly #bufferBytes: number;
  /** Where pings end here; null = every byte is handed on. */
  readonly #pings: PingEnd | null;
  #from!: TcpSocket;
  #to!: TcpSocket;
  #heldBytes = 0;
  #movedBytes = 0;
  #readBytes = 0;
  #endOfFile = false;

  constructor(bufferBytes: number, pings: PingEnd | null = null) {
    this.#bufferBytes = bufferBytes;
    this.#pings = pings;
  }

  attach(from: TcpSocket, to: TcpSocket): void {
    this.#from = from;
    this.#to = to;
  }

  reset(): void {
    this.#heldBytes = 0;
    this.#movedBytes = 0;
    this.#readBytes = 0;
    this.#endOfFile = false;
    this.#pings?.reset();
  }

  /** The sender has shut its side: end of file once everything is read. */
  ends(): void {
    this.#endOfFile = true;
  }

  /** What waits for room on the other side. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** What the other side's kernel has taken since the opening. */
  get movedBytes(): number {
    return this.#movedBytes;
  }

  /** What has been read since the opening, handed on or not. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /** Everything that the sender ever sent has been handed on. */
  get isOver(): boolean {
    return this.#endOfFile && this.#heldBytes === 0 && this.#from.readableBytes === 0;
  }

  /** Moves what can be moved. Whether a byte was read that is handed on. */
  pump(): boolean {
    let hands = false;
    for (;;) {
      const took = this.#from.read(Math.max(0, this.#bufferBytes - this.#heldBytes));
      this.#readBytes += took;
      const at = this.#movedBytes + this.#heldBytes;
      const passed = took === 0 ? 0 : (this.#pings?.passed(took, at) ?? took);
      this.#heldBytes += passed;
      hands ||= passed > 0;
      const gave = this.#give();
      if (gave === 0 && (took === 0 || passed > 0)) return hands;
    }
  }

  /**
   * Sends a frame of the proxy's own behind what it holds.
   *
   * @returns the offset at which it ends
   */
  insert(bytes: number, kind: FrameCode): number {
    this.#heldBytes += bytes;
    const end = this.#movedBytes + this.#heldBytes;
    this.#pings?.own(end, kind, bytes);
    this.#give();
    return end;
  }

  #give(): number {
    const gave = this.#heldBytes > 0 ? this.#to.write(this.#heldBytes) : 0;
    this.#heldBytes -= gave;
    this.#movedBytes += gave;
    return gave;
  }
}

/**
 * One direction of a proxy: it reads from one socket and writes to the other, and holds between them what one buffer holds.
 * While that is full it does not read, so the sender's window closes as if the reader itself had stopped.
 */
import type { TcpSocket } from '../kernel/types.ts';

export class Relay {
  readonly #bufferBytes: number;
  #from!: TcpSocket;
  #to!: TcpSocket;
  #heldBytes = 0;
  #movedBytes = 0;
  #endOfFile = false;

  constructor(bufferBytes: number) {
    this.#bufferBytes = bufferBytes;
  }

  attach(from: TcpSocket, to: TcpSocket): void {
    this.#from = from;
    this.#to = to;
  }

  reset(): void {
    this.#heldBytes = 0;
    this.#movedBytes = 0;
    this.#endOfFile = false;
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

  /** Everything that the sender ever sent has been handed on. */
  get isOver(): boolean {
    return this.#endOfFile && this.#heldBytes === 0 && this.#from.readableBytes === 0;
  }

  /** Moves what can be moved. Whether a byte was read. */
  pump(): boolean {
    let read = false;
    for (;;) {
      const took = this.#from.read(this.#bufferBytes - this.#heldBytes);
      this.#heldBytes += took;
      read ||= took > 0;
      const gave = this.#heldBytes > 0 ? this.#to.write(this.#heldBytes) : 0;
      this.#heldBytes -= gave;
      this.#movedBytes += gave;
      if (gave === 0) return read;
    }
  }
}

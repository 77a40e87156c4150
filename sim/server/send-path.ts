/**
 * From the application to the kernel: a user-space queue in front of a socket that takes what fits.
 *
 * `queued` servers let it grow to a limit and go on; `locked` ones hold a lock while a blocking send
 * hands over its message, which here is the same queue with room for one message at a time.
 */
import type { TcpSocket } from '../kernel/types.ts';
import { Frame, FrameQueue } from '../world/frames.ts';
import type { FrameCode } from '../world/frames.ts';

export interface SendPathHost {
  /** The kernel has taken the last byte of the oldest ping. */
  pingTaken(): void;
}

export class SendPath {
  /** What user space still holds. */
  queuedBytes = 0;
  readonly #host: SendPathHost;
  readonly #socket: TcpSocket;
  /** The frames as the reader at the other end will find them. */
  readonly #frames: FrameQueue;
  readonly #pings = new FrameQueue();
  #blocked = false;

  constructor(host: SendPathHost, socket: TcpSocket, frames: FrameQueue) {
    this.#host = host;
    this.#socket = socket;
    this.#frames = frames;
  }

  reset(): void {
    this.queuedBytes = 0;
    this.#blocked = false;
    this.#pings.clear();
    this.#frames.clear();
  }

  /** Stream offset at which the next byte handed over will stand. */
  get endOffset(): number {
    return this.#socket.bytesWritten + this.queuedBytes;
  }

  /** Hands over one frame. */
  send(bytes: number, kind: FrameCode): void {
    const end = this.endOffset + bytes;
    this.#frames.push(end, kind);
    if (kind === Frame.Ping) this.#pings.push(end, kind);
    this.sendBytes(bytes);
  }

  /** Hands over bytes whose frame ends nobody looks at. */
  sendBytes(bytes: number): void {
    this.queuedBytes += bytes;
    if (!this.#blocked) this.#pump();
  }

  /** The kernel has room again. */
  writable(): void {
    this.#blocked = false;
    this.#pump();
  }

  /** The descriptor is closed: what user space holds is dropped. */
  drop(): void {
    this.queuedBytes = 0;
    this.#pings.clear();
  }

  #pump(): void {
    if (this.queuedBytes > 0) {
      this.queuedBytes -= this.#socket.write(this.queuedBytes);
      this.#blocked = this.queuedBytes > 0;
    }
    while (this.#pings.take(this.#socket.bytesWritten) !== 0) this.#host.pingTaken();
  }
}

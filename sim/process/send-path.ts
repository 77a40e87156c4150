/**
 * The send path of a process: a user-space queue in front of a socket that takes what fits.
 *
 * `queued` servers let it grow to a limit and go on; `locked` ones hold a lock while a blocking send
 * hands over its message, which here is the same queue with room for one message at a time.
 */
import type { StateWalk } from '../clock/state-walk.ts';
import type { TcpSocket } from '../kernel/types.ts';
import { Frame, FrameQueue } from '../websocket/frames.ts';
import type { FrameCode } from '../websocket/frames.ts';

export interface SendPathHost {
  /** The kernel has taken the last byte of the oldest ping, of the library or of the application. */
  pingTaken(): void;
  /** The kernel has taken the last byte of the Close frame. */
  closeTaken(): void;
  /** User space begins to hold what the kernel did not take. */
  blocked(): void;
  /** Some of what waited in user space has moved into the kernel; `all`: nothing waits any more. */
  drained(all: boolean): void;
}

/** Frames of which somebody wants to know when they have left user space. */
function isMarked(kind: FrameCode): boolean {
  return kind === Frame.Ping || kind === Frame.ApplicationPing || kind === Frame.Close;
}

export class SendPath {
  /** What user space still holds. */
  queuedBytes = 0;
  readonly #host: SendPathHost;
  readonly #socket: TcpSocket;
  /** The frames as the reader at the other end will find them. */
  readonly #frames: FrameQueue;
  readonly #marks = new FrameQueue();
  #blocked = false;

  constructor(host: SendPathHost, socket: TcpSocket, frames: FrameQueue) {
    this.#host = host;
    this.#socket = socket;
    this.#frames = frames;
  }

  reset(): void {
    this.queuedBytes = 0;
    this.#blocked = false;
    this.#marks.clear();
    this.#frames.clear();
  }

  /** Stream offset at which the next byte handed over will stand. */
  get endOffset(): number {
    return this.#socket.bytesWritten + this.queuedBytes;
  }

  /** Hands over one frame. */
  send(bytes: number, kind: FrameCode): void {
    const end = this.endOffset + bytes;
    this.#frames.push(end, kind, bytes);
    if (isMarked(kind)) this.#marks.push(end, kind);
    this.sendBytes(bytes);
  }

  /** Hands over bytes whose frame ends nobody looks at. */
  sendBytes(bytes: number): void {
    const waited = this.queuedBytes > 0;
    this.queuedBytes += bytes;
    if (!this.#blocked) this.#pump();
    if (!waited && this.queuedBytes > 0) this.#host.blocked();
  }

  /** The kernel has room again. */
  writable(): void {
    const waitingBytes = this.queuedBytes;
    this.#blocked = false;
    this.#pump();
    if (this.queuedBytes < waitingBytes) this.#host.drained(this.queuedBytes === 0);
  }

  walk(state: StateWalk): void {
    state.none(this.queuedBytes + this.#marks.length + this.#frames.length);
    state.none(Number(this.#blocked));
  }

  /** The descriptor is closed: what user space holds is dropped. */
  drop(): void {
    this.queuedBytes = 0;
    this.#marks.clear();
  }

  #pump(): void {
    if (this.queuedBytes > 0) {
      this.queuedBytes -= this.#socket.write(this.queuedBytes);
      this.#blocked = this.queuedBytes > 0;
    }
    let kind = this.#marks.take(this.#socket.bytesWritten);
    while (kind !== 0) {
      if (kind === Frame.Close) this.#host.closeTaken();
      else this.#host.pingTaken();
      kind = this.#marks.take(this.#socket.bytesWritten);
    }
  }
}

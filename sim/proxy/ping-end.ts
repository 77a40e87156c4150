/**
 * One direction of a proxy that ends HTTP/2: pings and their answers are those of one connection (RFC 9113 §6.7), so they are taken out of what is handed on.
 * Everything else keeps its order, at other offsets of the stream.
 */
import { Frame, type FrameCode, type FrameQueue } from '../websocket/frames.ts';

/** What is done about a frame that ends here. */
export interface PingEndHost {
  /** The party on the side that is read from asks. */
  pingRead(): void;
  /** It has answered. */
  pongRead(): void;
}

function endsHere(kind: FrameCode): boolean {
  return kind === Frame.Ping || kind === Frame.Pong || kind === Frame.UnsolicitedPong;
}

export class PingEnd {
  readonly #incoming: FrameQueue;
  readonly #outgoing: FrameQueue;
  readonly #host: PingEndHost;
  #readBytes = 0;

  constructor(incoming: FrameQueue, outgoing: FrameQueue, host: PingEndHost) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#host = host;
  }

  reset(): void {
    this.#readBytes = 0;
    this.#outgoing.clear();
  }

  /** A frame of the proxy's own is written, and ends at that offset of what goes out. */
  own(end: number, kind: FrameCode, bytes: number): void {
    this.#outgoing.push(end, kind, bytes);
  }

  /**
   * So many bytes have been read.
   *
   * @param at offset at which the first of them that is handed on will stand
   * @returns how many are handed on
   */
  passed(bytes: number, at: number): number {
    const before = this.#readBytes;
    const after = before + bytes;
    this.#readBytes = after;
    let taken = 0;
    for (;;) {
      const kind = this.#incoming.nextKind();
      if (kind === 0) return bytes - taken;
      const [start, end] = [this.#incoming.nextStart(), this.#incoming.nextEnd()];
      if (endsHere(kind)) {
        if (start < after) taken += Math.min(end, after) - Math.max(start, before);
        if (end > after) return bytes - taken;
        this.#incoming.take(after);
        if (kind === Frame.Ping) this.#host.pingRead();
        else this.#host.pongRead();
      } else {
        if (end > after) return bytes - taken;
        this.#incoming.take(after);
        this.#outgoing.push(at + (end - before) - taken, kind, end - start);
        if (kind === Frame.Close) this.#outgoing.closeCode = this.#incoming.closeCode;
      }
    }
  }
}

/**
 * WebSocket frames and their boundaries in the byte stream (RFC 6455 §5). The simulated kernel moves byte counts, not bytes, so each direction of a
 * connection keeps a queue of (stream offset at which a frame ends, what it is). A reader has the
 * frame when its own offset has reached that end: no sooner than TCP delivered the last byte.
 */
import { assert } from '../../model/assert.ts';
import { CloseCode } from '../../model/machines/websocket/index.ts';

/** What a frame is to whoever reads it. */
export const Frame = {
  Ping: 1,
  /** Answers a ping. */
  Pong: 2,
  /** A pong that nobody asked for (RFC 6455 §5.5.3). */
  UnsolicitedPong: 3,
  /** A complete message of the application. */
  Message: 4,
  /** The application's own acknowledgement of a message. */
  ApplicationAck: 5,
  /** A ping and its answer as messages between the applications: a library only carries them. */
  ApplicationPing: 6,
  ApplicationPong: 7,
  /** A message that the client's application sends only to show that it lives. */
  Heartbeat: 8,
  /** A query to the peer and its answer. */
  Request: 9,
  Reply: 10,
  /** A Close frame (RFC 6455 §5.5.1). */
  Close: 11,
} as const;
export type FrameCode = (typeof Frame)[keyof typeof Frame];
/** Every frame but Close, which carries a code. */
export type PlainFrameCode = Exclude<FrameCode, typeof Frame.Close>;

/** RFC 6455 §5.2: two bytes of header; the client's frames carry a 4-byte mask as well. */
export const SERVER_PING_BYTES = 2;
export const SERVER_PONG_BYTES = 2;
export const CLIENT_PING_BYTES = 6;
export const CLIENT_PONG_BYTES = 6;
/** What a masked frame is longer by than the same frame from a server. */
export const MASK_BYTES = 4;
/** A ping and a pong of the application: one character of text, as engine.io's packets `2` and `3`. */
export const APPLICATION_PING_BYTES = 3;
export const APPLICATION_PONG_BYTES = 7;
/** A Close frame with a status code (RFC 6455 §5.5.1): header, mask, two bytes of code. */
export const SERVER_CLOSE_BYTES = 4;
export const CLIENT_CLOSE_BYTES = 8;
/** An application acknowledgement: a masked frame with an 8-byte message number. */
export const APPLICATION_ACK_BYTES = 14;
/** A query that only tests the connection (`SELECT 1`) and the answer to any query, short of its rows. */
export const TEST_QUERY_BYTES = 10;
export const REPLY_BYTES = 14;

const FIRST_CAPACITY = 64;

/** Frames on their way in one direction, oldest first. Grows by doubling, never shrinks. */
export class FrameQueue {
  #ends = new Float64Array(FIRST_CAPACITY);
  #bytes = new Float64Array(FIRST_CAPACITY);
  #kinds = new Uint8Array(FIRST_CAPACITY);
  #head = 0;
  #length = 0;
  /** Status code in the one Close frame that a direction carries (RFC 6455 §5.5.1). */
  closeCode: number = CloseCode.NoStatus;

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#head = 0;
    this.#length = 0;
    this.closeCode = CloseCode.NoStatus;
  }

  /** A frame of so many bytes that ends at stream offset `end`; ends never fall. */
  push(end: number, kind: FrameCode, bytes = 0): void {
    if (this.#length === this.#ends.length) this.#grow();
    const mask = this.#ends.length - 1;
    const at = (this.#head + this.#length) & mask;
    assert(
      this.#length === 0 || (this.#ends[(at - 1) & mask] as number) <= end,
      'frames end in the order in which they were sent',
    );
    this.#ends[at] = end;
    this.#bytes[at] = bytes;
    this.#kinds[at] = kind;
    this.#length += 1;
  }

  /** End of the oldest frame, Infinity when there is none. */
  nextEnd(): number {
    return this.#length === 0 ? Infinity : (this.#ends[this.#head] as number);
  }

  /** Where the oldest frame begins, Infinity when there is none. */
  nextStart(): number {
    return this.nextEnd() - (this.#length === 0 ? 0 : (this.#bytes[this.#head] as number));
  }

  /** What the oldest frame is, 0 when there is none. */
  nextKind(): FrameCode | 0 {
    return this.#length === 0 ? 0 : (this.#kinds[this.#head] as FrameCode);
  }

  /** Takes the oldest frame if it ends at or before `offset`; 0 when there is none. */
  take(offset: number): FrameCode | 0 {
    if (this.#length === 0 || (this.#ends[this.#head] as number) > offset) return 0;
    const kind = this.#kinds[this.#head] as FrameCode;
    this.#head = (this.#head + 1) & (this.#ends.length - 1);
    this.#length -= 1;
    return kind;
  }

  #grow(): void {
    const ends = new Float64Array(this.#ends.length * 2);
    const bytes = new Float64Array(ends.length);
    const kinds = new Uint8Array(ends.length);
    for (let i = 0; i < this.#length; i += 1) {
      const from = (this.#head + i) & (this.#ends.length - 1);
      ends[i] = this.#ends[from] as number;
      bytes[i] = this.#bytes[from] as number;
      kinds[i] = this.#kinds[from] as number;
    }
    this.#ends = ends;
    this.#bytes = bytes;
    this.#kinds = kinds;
    this.#head = 0;
  }
}

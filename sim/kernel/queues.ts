/**
 * The queues of a socket (sk_write_queue, tcp_rtx_queue, sk_receive_queue), as rings of numbers.
 *
 * The kernel keeps these as lists of buffers (sk_buff). Buffer boundaries matter: whether the first
 * unsent buffer fits the window decides the zero-window probes, and received memory is given back
 * per buffer, not per byte.
 */
import { assert } from '../../model/assert.ts';
import { MAX_SKB_FRAGS, MSS } from '../../model/linux/constants.ts';

/** Marks of a buffer in the retransmit queue (TCPCB_* in include/net/tcp.h). */
export const Mark = {
  Sacked: 1,
  Lost: 2,
  /** A retransmission of it is under way. */
  Retransmitting: 4,
  EverRetransmitted: 8,
  Fin: 16,
  Syn: 32,
  /** The end of a write, or of several segments sent as one, is in it (TCPHDR_PSH). */
  Push: 64,
} as const;

/**
 * A ring's memory. Sequence numbers and lengths are small integers nearly always, and a plain array hands
 * them back as such; out of a Float64Array they would come as floating point, and spread.
 */
function zeros(length: number): number[] {
  return Array.from({ length }, () => 0);
}

/** SKB_FRAG_PAGE_ORDER: a sender's payload lies in pieces of up to 32 KB. */
const FRAGMENT_BYTES = 32_768;

/** Sent and not yet acknowledged buffers, oldest first. */
export class RetransmitQueue {
  length = 0;
  /** Payload of a full segment. */
  mss: number = MSS;
  private head = 0;
  private seqs = zeros(16);
  private ends = zeros(16);
  private sents = new Float64Array(16);
  private marksOf = new Uint8Array(16);

  clear(): void {
    this.length = 0;
    this.head = 0;
  }

  private index(i: number): number {
    return (this.head + i) & (this.seqs.length - 1);
  }

  seq(i: number): number {
    return this.seqs[this.index(i)] as number;
  }
  end(i: number): number {
    return this.ends[this.index(i)] as number;
  }
  /** When it was last sent, us. */
  sentUs(i: number): number {
    return this.sents[this.index(i)] as number;
  }
  marks(i: number): number {
    return this.marksOf[this.index(i)] as number;
  }
  setSent(i: number, atUs: number): void {
    this.sents[this.index(i)] = atUs;
  }
  setMarks(i: number, marks: number): void {
    this.marksOf[this.index(i)] = marks;
  }
  setSeq(i: number, seq: number): void {
    this.seqs[this.index(i)] = seq;
  }

  /** Payload bytes: SYN and FIN take sequence space but no memory. */
  bytes(i: number): number {
    const at = this.index(i);
    const marks = this.marksOf[at] as number;
    const flags = (marks & Mark.Fin ? 1 : 0) + (marks & Mark.Syn ? 1 : 0);
    return (this.ends[at] as number) - (this.seqs[at] as number) - flags;
  }

  /** How many segments it is on the wire. */
  segments(i: number): number {
    return segmentsOf(this.bytes(i), this.mss);
  }

  push(seq: number, end: number, sentUs: number, marks: number): void {
    if (this.length === this.seqs.length) this.grow();
    this.length += 1;
    const at = this.index(this.length - 1);
    this.seqs[at] = seq;
    this.ends[at] = end;
    this.sents[at] = sentUs;
    this.marksOf[at] = marks;
  }

  shift(): void {
    assert(this.length > 0, 'retransmit queue is empty');
    this.head = (this.head + 1) & (this.seqs.length - 1);
    this.length -= 1;
  }

  /** Cuts buffer `i` in two at `atSeq` (tcp_fragment); FIN and PSH stay with the second half. */
  split(i: number, atSeq: number): void {
    if (this.length === this.seqs.length) this.grow();
    this.length += 1;
    for (let k = this.length - 1; k > i; k -= 1) {
      const to = this.index(k);
      const from = this.index(k - 1);
      this.seqs[to] = this.seqs[from] as number;
      this.ends[to] = this.ends[from] as number;
      this.sents[to] = this.sents[from] as number;
      this.marksOf[to] = this.marksOf[from] as number;
    }
    const first = this.index(i);
    this.ends[first] = atSeq;
    this.seqs[this.index(i + 1)] = atSeq;
    this.marksOf[first] = (this.marksOf[first] as number) & ~(Mark.Fin | Mark.Push);
  }

  /** Takes buffer `i + 1` into buffer `i` (tcp_collapse_retrans). */
  merge(i: number): void {
    const into = this.index(i);
    const from = this.index(i + 1);
    const kept = (this.marksOf[from] as number) & (Mark.Fin | Mark.Push | Mark.EverRetransmitted);
    this.ends[into] = this.ends[from] as number;
    this.marksOf[into] = (this.marksOf[into] as number) | kept;
    for (let k = i + 1; k < this.length - 1; k += 1) {
      const to = this.index(k);
      const next = this.index(k + 1);
      this.seqs[to] = this.seqs[next] as number;
      this.ends[to] = this.ends[next] as number;
      this.sents[to] = this.sents[next] as number;
      this.marksOf[to] = this.marksOf[next] as number;
    }
    this.length -= 1;
  }

  private grow(): void {
    const size = this.seqs.length;
    const seqs = zeros(size * 2);
    const ends = zeros(size * 2);
    const sents = new Float64Array(size * 2);
    const marks = new Uint8Array(size * 2);
    for (let i = 0; i < this.length; i += 1) {
      const at = this.index(i);
      seqs[i] = this.seqs[at] as number;
      ends[i] = this.ends[at] as number;
      sents[i] = this.sents[at] as number;
      marks[i] = this.marksOf[at] as number;
    }
    this.seqs = seqs;
    this.ends = ends;
    this.sents = sents;
    this.marksOf = marks;
    this.head = 0;
  }
}

/** Segments that `bytes` of payload take; a bare SYN or FIN is one. */
export function segmentsOf(bytes: number, mss: number): number {
  return bytes <= mss ? 1 : Math.ceil(bytes / mss);
}

/** A ring of numbers that grows: lengths of unsent buffers. */
export class LengthQueue {
  length = 0;
  private head = 0;
  private ring = zeros(16);

  clear(): void {
    this.length = 0;
    this.head = 0;
  }
  first(): number {
    return this.ring[this.head] as number;
  }
  setFirst(value: number): void {
    this.ring[this.head] = value;
  }
  last(): number {
    return this.ring[(this.head + this.length - 1) & (this.ring.length - 1)] as number;
  }
  setLast(value: number): void {
    this.ring[(this.head + this.length - 1) & (this.ring.length - 1)] = value;
  }
  push(value: number): void {
    if (this.length === this.ring.length) {
      const ring = zeros(this.ring.length * 2);
      for (let i = 0; i < this.length; i += 1) {
        ring[i] = this.ring[(this.head + i) & (this.ring.length - 1)] as number;
      }
      this.ring = ring;
      this.head = 0;
    }
    this.length += 1;
    this.setLast(value);
  }
  pop(): void {
    assert(this.length > 0, 'length queue is empty');
    this.length -= 1;
  }
  second(): number {
    return this.ring[(this.head + 1) & (this.ring.length - 1)] as number;
  }
  /** Moves `amount` from the second entry to the first; an emptied second entry goes. */
  mergeFirst(amount: number): void {
    const left = this.second() - amount;
    const merged = this.first() + amount;
    if (left === 0) this.shift();
    else this.ring[(this.head + 1) & (this.ring.length - 1)] = left;
    this.setFirst(merged);
  }
  shift(): void {
    assert(this.length > 0, 'length queue is empty');
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.length -= 1;
  }
}

/**
 * Received and unread buffers with the memory each pins; memory comes back when a buffer has been
 * read to its end.
 */
export class ReceiveQueue {
  /** Unread payload. */
  bytes = 0;
  /** sk_rmem_alloc: memory pinned. */
  memory = 0;
  private readonly lengths = new LengthQueue();
  private readonly memories = new LengthQueue();
  private lastFragments = 0;
  /** Bytes that still fit into the last driver buffer. */
  private lastRoom = 0;

  clear(): void {
    this.bytes = 0;
    this.memory = 0;
    this.lastFragments = 0;
    this.lastRoom = 0;
    this.lengths.clear();
    this.memories.clear();
  }

  /** One segment in a buffer of its driver, `room` bytes of which stay free; small ones are copied together. */
  push(bytes: number, memory: number, room: number): void {
    this.bytes += bytes;
    if (this.lengths.length > 0 && bytes <= this.lastRoom) {
      this.lastRoom -= bytes;
      this.lengths.setLast(this.lengths.last() + bytes);
      return;
    }
    this.lastRoom = room;
    this.lengths.push(bytes);
    this.memories.push(memory);
    this.memory += memory;
  }

  /**
   * Buffers of `each` bytes that arrive at once: merged as long as the last one has fragments left (tcp_try_coalesce). A buffer of its
   * own costs `overhead` beside its payload.
   */
  pushPacked(bytes: number, each: number, overhead: number): void {
    const fragments = Math.ceil(each / FRAGMENT_BYTES);
    let left = bytes;
    this.bytes += bytes;
    while (left > 0) {
      const fit = Math.floor((MAX_SKB_FRAGS - this.lastFragments) / fragments);
      if (this.lengths.length > 0 && fit > 0) {
        const taken = Math.min(left, fit * each);
        this.lastFragments += Math.ceil(taken / each) * fragments;
        this.lengths.setLast(this.lengths.last() + taken);
        this.memories.setLast(this.memories.last() + taken);
        this.memory += taken;
        left -= taken;
        continue;
      }
      const taken = Math.min(left, each);
      this.lastFragments = fragments;
      this.lengths.push(taken);
      this.memories.push(taken + overhead);
      this.memory += taken + overhead;
      left -= taken;
    }
  }

  /** Takes back up to `bytes` of the newest payload, with the memory of whole buffers; returns what stays unread. */
  dropLast(bytes: number): number {
    let left = Math.min(bytes, this.bytes);
    this.bytes -= left;
    while (left > 0) {
      const last = this.lengths.last();
      if (left < last) {
        this.lengths.setLast(last - left);
        break;
      }
      left -= last;
      this.memory -= this.memories.last();
      this.lengths.pop();
      this.memories.pop();
    }
    this.lastRoom = 0;
    return this.bytes;
  }

  /** Lays `memory` more on the newest buffer. */
  pin(memory: number): void {
    if (this.memories.length === 0) return;
    this.memories.setLast(this.memories.last() + memory);
    this.memory += memory;
  }

  /** Takes up to `maxBytes` out of the oldest buffer; returns how many. */
  take(maxBytes: number): number {
    if (this.bytes === 0) return 0;
    const first = this.lengths.first();
    const taken = Math.min(maxBytes, first);
    this.bytes -= taken;
    if (taken < first) {
      this.lengths.setFirst(first - taken);
    } else {
      this.memory -= this.memories.first();
      this.lengths.shift();
      this.memories.shift();
    }
    return taken;
  }
}

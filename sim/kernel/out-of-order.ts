/**
 * What has arrived beyond a gap (out_of_order_queue), buffer by buffer, and what an acknowledgement says of it (RFC 2018 §4): the range
 * of the newest arrival first, then those told before.
 *
 * Its memory counts like that of the receive queue, so a gap narrows the window too.
 * Source: net/ipv4/tcp_input.c tcp_data_queue_ofo, tcp_sack_new_ofo_skb, tcp_sack_maybe_coalesce, tcp_sack_remove.
 */

/** TCP_NUM_SACKS: so many ranges are remembered. */
const MOST_RANGES = 4;

export class OutOfOrderQueue {
  /** Buffers, and the memory that they pin, bytes. */
  length = 0;
  memory = 0;
  /** Buffers, ascending and apart: start, end, memory, and payload of each of those that arrived as one. */
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly memories: number[] = [];
  private readonly eaches: number[] = [];
  /** Pairs of start and end, the newest first. */
  readonly ranges: number[] = [];

  /** Start of the oldest buffer, its end, its memory, and the payload of each of those in it. */
  get start(): number {
    return this.starts[0] as number;
  }
  get end(): number {
    return this.ends[0] as number;
  }
  get each(): number {
    return this.eaches[0] as number;
  }
  /** End of all there is. */
  get lastEnd(): number {
    return this.ends[this.ends.length - 1] as number;
  }

  clear(): void {
    if (this.length === 0) return;
    this.length = 0;
    this.memory = 0;
    this.starts.length = 0;
    this.ends.length = 0;
    this.memories.length = 0;
    this.eaches.length = 0;
    this.ranges.length = 0;
  }

  /** Whether all of it is here already. */
  holds(start: number, end: number): boolean {
    for (let i = 0; i < this.length; i += 1) {
      if ((this.starts[i] as number) <= start && end <= (this.ends[i] as number)) return true;
    }
    return false;
  }

  /** A buffer arrives; those that lie within it go. */
  add(start: number, end: number, memory: number, each: number): void {
    let at = 0;
    while (at < this.length && (this.starts[at] as number) < start) at += 1;
    while (at < this.length && (this.ends[at] as number) <= end) this.remove(at);
    this.starts.splice(at, 0, start);
    this.ends.splice(at, 0, end);
    this.memories.splice(at, 0, memory);
    this.eaches.splice(at, 0, each);
    this.memory += memory;
    this.length += 1;
  }

  /** Takes the oldest buffer off; returns its memory. */
  shift(): number {
    return this.remove(0);
  }

  private remove(at: number): number {
    const memory = this.memories[at] as number;
    this.memory -= memory;
    this.length -= 1;
    this.starts.splice(at, 1);
    this.ends.splice(at, 1);
    this.memories.splice(at, 1);
    this.eaches.splice(at, 1);
    return memory;
  }

  /** tcp_sack_new_ofo_skb: the range that has grown, or a new one, comes first. */
  tell(start: number, end: number): void {
    const { ranges } = this;
    let from = start;
    let to = end;
    for (let i = 0; i < ranges.length;) {
      const low = ranges[i] as number;
      const high = ranges[i + 1] as number;
      if (low > to || high < from) {
        i += 2;
        continue;
      }
      from = Math.min(from, low);
      to = Math.max(to, high);
      ranges.splice(i, 2);
    }
    ranges.unshift(from, to);
    if (ranges.length > 2 * MOST_RANGES) ranges.length = 2 * MOST_RANGES;
  }

  /** tcp_sack_remove: what lies below `rcvNxt` is told by the acknowledgement number. */
  forgetBelow(rcvNxt: number): void {
    const { ranges } = this;
    if (this.length === 0) ranges.length = 0;
    for (let i = 0; i < ranges.length;) {
      if ((ranges[i] as number) <= rcvNxt) ranges.splice(i, 2);
      else i += 2;
    }
  }
}

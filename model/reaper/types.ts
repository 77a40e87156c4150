/**
 * The reaper as its hosts see it: the simulator with virtual time, the production adapter with real
 * time. It takes an event and the time and leaves effects and its next deadline; it never reads a
 * clock, arms a timer or touches a socket itself.
 */
import type { KernelOptions } from '../mechanisms/kind.ts';

export { LifeBit } from '../mechanisms/region/life.ts';

/** Effects, in the order in which the host must carry them out. */
export const ReaperEffect = {
  /** Send a ping now; call `pingWritten` when the send path has taken it. */
  Ping: 1,
  /**
   * Look at the socket and answer with `sampled` before anything else. At most one per call, the last of its
   * effects: its answer serves every mechanism that asked, it carries the index of the first.
   */
  Sample: 2,
  /** The verdict. Carries the mechanism's index; its `verdict` says how to end the connection. The reaper is over. */
  Reap: 3,
  /**
   * End the connection in an orderly way (idle, age). Carries the mechanism's index. The reaper is over: how long
   * the peer may take to agree is the close handshake's own timeout.
   */
  Close: 4,
  /** Send a request of the reaper's own, a test of the connection, and call `replied` when its answer is read. */
  Test: 5,
} as const;
export type ReaperEffectCode = (typeof ReaperEffect)[keyof typeof ReaperEffect];

/** What a host reads from its socket for `sampled`. */
export interface SocketSample {
  /** SIOCOUTQ plus what user space still holds, bytes. */
  queueBytes: number;
  /** What user space alone holds, bytes. */
  userQueueBytes: number;
  /** tcpi_bytes_acked. */
  bytesAcked: number;
  /** tcpi_state is TCP_ESTABLISHED (1). */
  established: boolean;
}

/**
 * What is told every number that a reaper keeps, by somebody who compares a connection with itself a cycle earlier; what it returns
 * the reaper keeps instead. So a cycle that only repeats can be left out.
 */
export interface RowWalk {
  /** Must be what it was. */
  same(value: number): void;
  /** An instant at which a clock runs out, Infinity while it stands: where that is now. */
  due(us: number): number;
  /** What progress is measured by: a count of acknowledged bytes, or a length. */
  progress(bytes: number): number;
  /** Something happens on a grid of so many µs. */
  grid(everyUs: number): void;
}

/**
 * One connection's reaper. Reusable: `start` begins a new life without allocating.
 * Every call first clears `effectCount`, then leaves its effects in the two arrays.
 */
export interface ReaperInstance {
  /** Absolute µs of the earliest deadline; Infinity when none is armed. */
  readonly deadlineUs: number;
  /**
   * Whether looks that find nothing queued would change nothing. Then a host that knows that nothing is may leave them out, wait for
   * `restingDeadlineUs`, and call `rouse` before its next `advance`, and as soon as something is written.
   */
  readonly rests: boolean;
  /** The earliest deadline that is no look at a queue. */
  readonly restingDeadlineUs: number;
  readonly effectCount: number;
  /** ReaperEffectCode of effect i. The two arrays are shared by all instances of one policy: read them before another one is called. */
  readonly effects: Uint8Array;
  /** Index into `policy.mechanisms` of effect i. */
  readonly effectMechanism: Uint8Array;
  /**
   * The connection is open. `sharedOriginUs`: any instant at which the timers of the whole process ticked.
   * `draw`: a number drawn for this connection, in [0, 1), that its jitters hang on; 0.5 when missing.
   */
  start(nowUs: number, sharedOriginUs: number, draw?: number): void;
  /** Something arrived and was read by the process; `lifeBits` is a sum of LifeBit. */
  received(lifeBits: number, nowUs: number): void;
  /**
   * Whether the same signs of life, reported again, would do no more than start the same clocks anew. Then, of any number of such reports
   * that nothing else comes between, only the last need be made, before whatever comes next.
   */
  repeats(lifeBits: number): boolean;
  /** The send path took a ping that an effect asked for. */
  pingWritten(nowUs: number): void;
  /** A message of the application was handed to the send path (starts the application-ack clock; not idle). */
  messageSent(nowUs: number): void;
  /** A message of the application was taken by the kernel at once, nothing had to wait. */
  sendAccepted(nowUs: number): void;
  /** User space begins to hold something that the kernel did not take. */
  sendBlocked(nowUs: number): void;
  /** Some of what waited in user space moved on; `all`: nothing waits any more. */
  sendDrained(all: boolean, nowUs: number): void;
  /** A request of the application was handed over, and its answer is awaited. */
  requested(nowUs: number): void;
  /** The answer to the oldest request, or to a test, was read. */
  replied(nowUs: number): void;
  /** Somebody wants to use a pool's entry; where nothing tests it, nothing happens. */
  borrowed(nowUs: number): void;
  /** The answer to a Sample effect. */
  sampled(sample: SocketSample, nowUs: number): void;
  /** Looks that were left out are over: the next one is at the next tick of its grid. */
  rouse(nowUs: number): void;
  /** Fires every deadline due at or before `nowUs`, earliest first. */
  advance(nowUs: number): void;
  /** The connection is closing or gone: no more deadlines, no more effects. */
  stop(): void;
  /** Tells of all its numbers between two calls. */
  walk(through: RowWalk): void;
}

/** A policy made ready to run: shared by all its connections, immutable. */
export interface CompiledReaper {
  readonly mechanismCount: number;
  readonly kernelOptions: KernelOptions;
  /** Whether any mechanism ever asks for a sample; hosts that cannot sample must say so. */
  readonly needsSamples: boolean;
  readonly drainDeadlineMs: number | null | undefined;
  /** Signs of life, as a sum of `LifeBit`, of which any mechanism takes notice. */
  readonly heard: number;
  /** Those of which it makes a difference that they are more than bytes: a host that tells of all bytes need not tell of the others. */
  readonly distinct: number;
  /** How many numbers an instance keeps. */
  readonly width: number;
  /** @param row where it keeps its numbers, from `at` on: of many instances in one array; an array of its own when missing. */
  instance(row?: Float64Array, at?: number): ReaperInstance;
}

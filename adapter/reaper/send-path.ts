/**
 * Whether the send path of a connection is blocked: user space holds something that the kernel does not take. Nothing tells of its beginning,
 * so every socket is looked at again and again, in one pass over all; of its end `drain` tells (node:stream) where more than the high-water mark had
 * gathered. Of less nothing does: then it counts as over once all that waited at its beginning has been taken.
 */
import type { Socket } from 'node:net';
import { kindOf } from '../../model/mechanisms/index.ts';
import type { Mechanism, Policy } from '../../model/policy/types.ts';
import type { SocketSample } from '../../model/reaper/types.ts';

/** A blocked path is seen within a tenth of what it may last, and within a second. */
const LOOKS_PER_TIME = 10;
const SLOWEST_LOOK_MS = 1_000;
const FASTEST_LOOK_MS = 10;
/** One that has nothing queued is not looked at, and is seen to be written to within half the time between two looks. */
const PASSES_PER_LOOK = 2;

/** Whether a mechanism judges by the send path: by its being blocked, or by its progress. */
function hearsSendPath(mechanism: Mechanism): boolean {
  if (mechanism.lost === 'timer') return false;
  const kind = kindOf(mechanism);
  return kind.hearsBlockedSends === true || kind.signs(mechanism).includes('drained');
}

/** How often a mechanism looks for what waits to be sent; undefined where it does not. */
function looksAtQueueEveryMs(mechanism: Mechanism): number | undefined {
  if (mechanism.lost === 'timer') return undefined;
  const kind = kindOf(mechanism);
  const samples = kind.samples?.(mechanism);
  return samples === undefined || samples === 'established'
    ? undefined
    : kind.looksEveryMs?.(mechanism);
}

/** How often send paths are looked at for a policy, ms; undefined where no mechanism of it wants to know. */
export function sendPathStepMs({ mechanisms }: Policy): number | undefined {
  const steps = mechanisms.flatMap((mechanism) => {
    const kind = kindOf(mechanism);
    const everyMs = looksAtQueueEveryMs(mechanism);
    return [
      ...(hearsSendPath(mechanism) ? [kind.patienceMs(mechanism) / LOOKS_PER_TIME] : []),
      ...(everyMs === undefined ? [] : [everyMs / PASSES_PER_LOOK]),
    ];
  });
  if (steps.length === 0) return undefined;
  return Math.min(Math.max(Math.floor(Math.min(...steps)), FASTEST_LOOK_MS), SLOWEST_LOOK_MS);
}

/** How much later than its tables say a policy may decide, for signs that no event tells of: `bytesMs`, of bytes read. */
export function laterMs(policy: Policy, bytesMs: number): { silence: number; stuck: number } {
  const stuck = sendPathStepMs(policy) ?? 0;
  const isLife = policy.mechanisms.some((one) => kindOf(one).signs(one).includes('drained'));
  return { silence: isLife ? Math.max(bytesMs, stuck) : bytesMs, stuck };
}

/** What a look at a send path finds: what it has come to since the look before. */
export type PathChange = 'none' | 'blocked' | 'moved' | 'free' | 'free-and-blocked';

export class SendPath {
  readonly #socket: Socket;
  #blocked = false;
  /** Something less than the high-water mark waited when it was seen to be blocked: nothing tells when it is gone. */
  #untold = false;
  /** All that had been written when it was seen to be blocked. */
  #writtenBytes = 0;
  /** Of a path that is blocked: what tells that it no longer is, and whether it did. */
  #onDrain: (() => void) | undefined = undefined;
  #drained = false;
  /** What the kernel had taken at the look before, of a path that is blocked. */
  #takenBytes = 0;
  /** All that had been written when nothing of it waited any more; -1 = it is not known to be so. */
  #emptyAtBytes = -1;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  look(): PathChange {
    const { writableLength } = this.#socket;
    if (!this.#blocked && writableLength === 0) return 'none';
    const { bytesWritten } = this.#socket;
    const takenBytes = bytesWritten - writableLength;
    const isOver =
      writableLength === 0 || this.#drained || (this.#untold && takenBytes >= this.#writtenBytes);
    const wasBlocked = this.#blocked;
    const hasMoved = takenBytes > this.#takenBytes;
    this.#takenBytes = takenBytes;
    if (wasBlocked && !isOver) return hasMoved ? 'moved' : 'none';
    this.#blocked = writableLength > 0;
    this.#untold = !this.#socket.writableNeedDrain;
    this.#writtenBytes = bytesWritten;
    this.#listens(this.#blocked);
    if (wasBlocked) return this.#blocked ? 'free-and-blocked' : 'free';
    return 'blocked';
  }

  /** The socket was looked at, and nothing waited in user space or in the kernel; or something did. */
  found(empty: boolean): void {
    this.#emptyAtBytes = empty ? this.#socket.bytesWritten : -1;
  }

  /** Nothing waits: nothing was written since a look found that all had been acknowledged. */
  get isEmpty(): boolean {
    return this.#emptyAtBytes >= 0 && this.#socket.bytesWritten === this.#emptyAtBytes;
  }

  /** Nothing was written since nothing waited: a look would find nothing. */
  get isIdle(): boolean {
    return !this.#blocked && this.isEmpty;
  }

  /** True once, when something was written to a path that was empty. */
  wasWrittenTo(): boolean {
    if (this.#emptyAtBytes < 0 || this.isEmpty) return false;
    this.#emptyAtBytes = -1;
    return true;
  }

  /** Nothing is known any more: the next look tells anew of what is blocked. */
  forget(): void {
    this.#blocked = false;
    this.#listens(false);
    this.#emptyAtBytes = -1;
  }

  release(): void {
    this.#listens(false);
  }

  /** Only paths that are blocked have a listener. */
  #listens(wants: boolean): void {
    this.#drained = false;
    if (wants) {
      this.#onDrain ??= (): void => {
        this.#drained = true;
      };
      this.#socket.off('drain', this.#onDrain).on('drain', this.#onDrain);
    } else if (this.#onDrain !== undefined) {
      this.#socket.off('drain', this.#onDrain);
      this.#onDrain = undefined;
    }
  }
}

/** Looks at all send paths of a server every so often, as long as there are any; never holds the process. */
export class Passes {
  readonly #everyMs: number;
  readonly #pass: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** `pass` must not throw. */
  constructor(everyMs: number, pass: () => void) {
    this.#everyMs = everyMs;
    this.#pass = pass;
  }

  begin(): void {
    this.#timer ??= setInterval(this.#pass, this.#everyMs).unref();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/**
 * Whether what waits to be acknowledged has moved since the look before, of which `queueBytes` and `bytesAcked` are: a part of what waited
 * then was acknowledged, and not all of it. Of a queue that had been empty in between nothing waits any more, and its acknowledgements say no
 * more than that the peer's kernel lives.
 */
export function hasMovedOn(before: QueueSample, now: QueueSample): boolean {
  const acked = now.bytesAcked - before.bytesAcked;
  return before.queueBytes > 0 && acked > 0 && acked < before.queueBytes;
}

type QueueSample = Pick<SocketSample, 'queueBytes' | 'bytesAcked'>;

/**
 * One timer for all connections, and the rule that makes its verdicts fair.
 *
 * A Node process that was busy (a long request, garbage collection, a paused container) runs its timers
 * before it reads its sockets: libuv's loop goes timers, poll, check. Judged in the timer itself, a peer
 * that answered long ago looks silent, because its answer still waits in the receive buffer. So the
 * timer never judges. It asks for `setImmediate`, which runs after the poll phase, when what had arrived
 * has been read. After a stall one poll may not empty every buffer; then the alarm waits for a turn of
 * the loop in which nobody was heard any more, up to a limit.
 *
 * The timer is unref'ed: it never keeps the process alive. (An immediate has to be ref'ed, or the poll
 * before it would block; it lasts one turn.)
 */
import { performance } from 'node:perf_hooks';

/** A timer later than this means that the loop was stalled, µs. */
const STALLED_US = 50_000;
/** Turns of the loop that a stalled process may spend reading before it judges. */
const READING_TURNS_LIMIT = 16;
/** setTimeout takes a signed 32-bit number of milliseconds. */
export const TIMEOUT_LIMIT_MS = 2 ** 31 - 1;

/** The monotonic clock in whole microseconds. */
export function nowUs(): number {
  return Math.floor(performance.now() * 1000);
}

export class Alarm {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #dueUs = Infinity;
  #heard = false;
  #latestUs = 0;

  /** `ring` is called at or after the instant given to `setFor`, with pending input read; it must not throw. */
  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** How late the timer was at its worst, µs: the longest stall of the event loop it has met. */
  get latestUs(): number {
    return this.#latestUs;
  }

  /** Something was read from a peer: a stalled process has more to read. */
  heard(): void {
    this.#heard = true;
  }

  /** Rings at `dueUs` at the latest; an earlier ring finds nothing due and sets it again. Infinity = never. */
  setFor(dueUs: number): void {
    if (dueUs === Infinity) {
      this.clear();
      return;
    }
    // A ring under way looks at everything and sets the alarm again by itself.
    if (this.#immediate !== undefined || dueUs >= this.#dueUs) return;
    clearTimeout(this.#timer);
    this.#dueUs = dueUs;
    const waitMs = Math.ceil((dueUs - nowUs()) / 1000);
    this.#timer = setTimeout(
      () => {
        this.#expired();
      },
      Math.min(Math.max(waitMs, 1), TIMEOUT_LIMIT_MS),
    );
    this.#timer.unref();
  }

  /** Rings in the next turn of the loop: for what a ring could not finish at once. */
  soon(): void {
    this.clear();
    this.#readThenRing(1);
  }

  clear(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
    this.#dueUs = Infinity;
  }

  #expired(): void {
    const lateUs = nowUs() - this.#dueUs;
    this.#timer = undefined;
    this.#dueUs = Infinity;
    this.#latestUs = Math.max(this.#latestUs, lateUs);
    this.#readThenRing(lateUs > STALLED_US ? READING_TURNS_LIMIT : 1);
  }

  #readThenRing(turns: number): void {
    this.#heard = false;
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined;
      if (turns > 1 && this.#heard) this.#readThenRing(turns - 1);
      else this.#ring();
    });
  }
}

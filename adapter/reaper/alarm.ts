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
 * What has been read is what had arrived when the poll phase began. A listener that runs in it may block for seconds,
 * and what arrives meanwhile waits for the next poll. So the ring tells the instant as of which it may be judged:
 * the timer's own, however late the ring itself is. What came due after it waits for another ring.
 *
 * The timer is unref'ed: it never keeps the process alive. (An immediate has to be ref'ed, or the poll
 * before it would block; it lasts one turn.)
 */
import { performance } from 'node:perf_hooks';
import { takes } from '../../model/rare-paths.ts';

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
  readonly #ring: (asOfUs: number) => void;
  readonly #late: (us: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #dueUs = Infinity;
  #heard = false;
  #latestUs = 0;

  /**
   * `ring` is called after the instant given to `setFor`, with everything read that had arrived at `asOfUs`, an instant
   * between the two; it must not throw. `late` is told how late the timer was each time, and of poll phases that were blocked.
   */
  constructor(ring: (asOfUs: number) => void, late: (us: number) => void = () => undefined) {
    this.#ring = ring;
    this.#late = late;
  }

  /** How late a timer was at its worst, or how long a poll phase took, µs: the longest stall of the event loop it has met. */
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

  /** Rings in the next turn of the loop, for what a ring could not finish at once. */
  soon(): void {
    this.clear();
    this.#readThenRing(1, nowUs());
  }

  clear(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
    this.#dueUs = Infinity;
  }

  #expired(): void {
    const atUs = nowUs();
    const lateUs = atUs - this.#dueUs;
    this.#timer = undefined;
    this.#dueUs = Infinity;
    this.#latestUs = Math.max(this.#latestUs, lateUs);
    this.#late(Math.max(0, lateUs));
    this.#readThenRing(lateUs > STALLED_US ? READING_TURNS_LIMIT : 1, atUs);
  }

  /** @param asOfUs before the poll phase that comes next */
  #readThenRing(turns: number, asOfUs: number): void {
    this.#heard = false;
    const pollsFromUs = nowUs();
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined;
      // With an immediate pending the poll does not wait: what it took, listeners have.
      const polledUs = nowUs() - pollsFromUs;
      this.#latestUs = Math.max(this.#latestUs, polledUs);
      if (polledUs > STALLED_US) this.#late(polledUs);
      if (turns > 1 && this.#heard) {
        takes('reads-on-after-stall');
        this.#readThenRing(turns - 1, asOfUs);
      } else {
        this.#ring(asOfUs);
      }
    });
  }
}

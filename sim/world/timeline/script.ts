/** What the story does and when: a short list in order of time behind one slot of the clock. */
import { assert } from '../../../model/assert.ts';
import type { Scheduler } from '../../clock/types.ts';

/** More entries than any story has. */
const CAPACITY = 16;

export class Script<Act extends number> {
  readonly #scheduler: Scheduler;
  readonly #slot: number;
  readonly #perform: (act: Act) => void;
  readonly #dueUs = new Float64Array(CAPACITY);
  readonly #acts = new Int32Array(CAPACITY);
  #length = 0;
  #next = 0;

  constructor(scheduler: Scheduler, perform: (act: Act) => void) {
    this.#scheduler = scheduler;
    this.#perform = perform;
    this.#slot = scheduler.slot(() => this.#play());
  }

  reset(): void {
    this.#length = 0;
    this.#next = 0;
  }

  /** Adds an act; equal instants keep the order in which they were added. */
  at(dueUs: number, act: Act): void {
    if (dueUs === Infinity) return;
    assert(this.#length < CAPACITY, 'a story has few acts');
    let place = this.#length;
    while (place > this.#next && (this.#dueUs[place - 1] as number) > dueUs) {
      this.#dueUs[place] = this.#dueUs[place - 1] as number;
      this.#acts[place] = this.#acts[place - 1] as number;
      place -= 1;
    }
    this.#dueUs[place] = dueUs;
    this.#acts[place] = act;
    this.#length += 1;
    this.#arm();
  }

  #arm(): void {
    if (this.#next < this.#length) {
      this.#scheduler.arm(this.#slot, this.#dueUs[this.#next] as number);
    }
  }

  #play(): void {
    const act = this.#acts[this.#next] as Act;
    this.#next += 1;
    this.#arm();
    this.#perform(act);
  }
}

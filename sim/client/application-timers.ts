/**
 * Timer throttling of the client's application. A hidden tab is allowed to run them only once in a
 * while, at instants evenly apart. That does not touch what the application does because it is told something.
 *
 * Source: Chromium's intensive wake-up throttling (chained timers of a page hidden for five minutes run once a
 * minute, aligned; when the page is shown, what is overdue runs at once).
 */
import type { Scheduler } from '../clock/types.ts';

export class ApplicationTimers {
  readonly #scheduler: Scheduler;
  /** Whether any had to wait. */
  hasPutOff = false;
  #sinceUs = NaN;
  #everyUs = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** They run when they are due. */
  reset(): void {
    this.#everyUs = 0;
    this.hasPutOff = false;
  }

  /** From now on they run only every `everyUs`. */
  throttle(everyUs: number): void {
    this.#sinceUs = this.#scheduler.nowUs;
    this.#everyUs = everyUs;
  }

  get isThrottled(): boolean {
    return this.#everyUs > 0;
  }

  /** When a timer that is due at `dueUs` runs. */
  runsAtUs(dueUs: number): number {
    if (!this.isThrottled || dueUs === Infinity) return dueUs;
    const periods = Math.ceil((dueUs - this.#sinceUs) / this.#everyUs);
    const runsUs = this.#sinceUs + periods * this.#everyUs;
    if (runsUs > dueUs) this.hasPutOff = true;
    return runsUs;
  }
}

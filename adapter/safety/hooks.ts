/** Runs the callbacks of one reaper's owner: what fails is counted and told, and never passed on. */
import { contain, tellError } from './contain.ts';

export class Hooks {
  errors = 0;
  readonly #onError: ((error: unknown) => unknown) | undefined;

  constructor(onError: ((error: unknown) => unknown) | undefined) {
    this.#onError = onError;
  }

  /** Counts an error and tells of it. */
  readonly report = (error: unknown): void => {
    this.errors += 1;
    tellError(this.#onError, error, () => {
      this.errors += 1;
    });
  };

  run(work: () => unknown): void {
    contain(work, this.report);
  }

  /** What a callback answers; undefined where it fails. */
  ask<T>(callback: () => T): T | undefined {
    let answer: T | undefined;
    this.run(() => {
      answer = callback();
    });
    return answer;
  }
}

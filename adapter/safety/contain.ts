/**
 * Runs what belongs to the host (a callback, a listener, a ping of its own) so that nothing it does reaches the process.
 * A callback may throw, but an `async` one rejects instead, later and with nobody listening: since Node 15 that ends the
 * process. So its result is looked at, too. One that never settles holds nothing.
 */

import { takes } from '../../model/rare-paths.ts';

/** Whether a value has a `then`, as promises of any library and any realm have. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  return typeof (value as { readonly then?: unknown }).then === 'function';
}

/**
 * Runs `work`, and waits for what it answers if that can be waited for.
 *
 * @param failed is told what it throws or rejects with; must not throw itself
 * @param done is told once it has come to its end
 */
export function contain(
  work: () => unknown,
  failed: (error: unknown) => void,
  done: () => void = () => undefined,
): void {
  const broken = (error: unknown): void => {
    takes('hook-failed');
    failed(error);
  };
  try {
    const result = work();
    // `then` of another library may throw, or call back twice: a promise of our own makes one answer of it.
    if (isThenable(result)) void Promise.resolve(result).then(done, broken);
    else done();
  } catch (error) {
    broken(error);
  }
}

/** Tells `onError` of an error; `unheard` is called where that callback fails itself and nobody is left to tell. */
export function tellError(
  onError: ((error: unknown) => unknown) | undefined,
  error: unknown,
  unheard: () => void = () => undefined,
): void {
  contain(() => onError?.(error), unheard);
}

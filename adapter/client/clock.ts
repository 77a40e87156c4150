/** Time as the client sees it, so that a test can be its own clock. */

export interface Clock {
  /** Monotonic, ms. */
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The runtime's own. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => {
    clearTimeout(timer as ReturnType<typeof setTimeout>);
  },
};

/** The longest that setTimeout can wait: a signed 32-bit number of milliseconds. */
export const TIMEOUT_LIMIT_MS = 2 ** 31 - 1;

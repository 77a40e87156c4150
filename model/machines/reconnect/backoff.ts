/** How long a client waits before it tries again. */

/** A reconnect policy. All times in ms. */
export interface ReconnectPolicy {
  /** Wait before the first retry, without jitter. */
  readonly baseMs: number;
  /** No wait is longer. */
  readonly capMs: number;
  /** The most that chance adds. */
  readonly jitterMs: number;
  /** Retries after a loss before the client gives up; null = never gives up. */
  readonly maxAttempts: number | null;
  /** Patience for one attempt. */
  readonly connectTimeoutMs: number;
}

/**
 * min(base · 2ⁿ + chance · jitter, cap), ms.
 *
 * @param attempt n, 0 for the first retry after a loss
 * @param chance a uniform draw from [0, 1), made by the caller
 *
 * @example
 * const policy = { baseMs: 1_000, capMs: 30_000, jitterMs: 1_000, maxAttempts: 5, connectTimeoutMs: 10_000 };
 * backoffMs(policy, 2, 0.5) // => 1_000 * 2 ** 2 + 0.5 * 1_000
 * backoffMs(policy, 5, 0) // => 30_000
 */
export function backoffMs(policy: ReconnectPolicy, attempt: number, chance: number): number {
  return Math.min(policy.baseMs * 2 ** attempt + chance * policy.jitterMs, policy.capMs);
}

/** The first attempt from which on every wait is the cap: counting further changes nothing. */
export function attemptsUntilCap(policy: ReconnectPolicy): number {
  if (policy.baseMs <= 0) return 0;
  let attempt = 0;
  while (backoffMs(policy, attempt, 0) < policy.capMs) attempt++;
  return attempt;
}

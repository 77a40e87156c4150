/** How long a client waits before it tries again. */

/** A reconnect policy. All times in ms. */
export interface ReconnectPolicy {
  /** Wait before the first retry, without jitter. */
  readonly baseMs: number;
  /** By how much each wait is longer than the one before; 1 = all are the same. */
  readonly factor: number;
  /** No wait is longer. */
  readonly capMs: number;
  /** The most that chance adds. */
  readonly jitterMs: number;
  /** Retries without a stable connection before the client gives up; null = never gives up. */
  readonly maxAttempts: number | null;
  /** Patience for one attempt. */
  readonly connectTimeoutMs: number;
  /**
   * How long a connection must have been open before it proves anything: until then its loss is one more failed
   * attempt. A server that accepts and then closes at once would otherwise be tried at the shortest wait for ever.
   */
  readonly stableMs: number;
}

/**
 * min(base · factorⁿ + chance · jitter, cap), ms.
 *
 * @param attempt n, 0 for the first retry after a loss
 * @param chance a uniform draw from [0, 1), made by the caller
 *
 * @example
 * const policy = { baseMs: 1_000, factor: 2, capMs: 30_000, jitterMs: 1_000 };
 * backoffMs(policy, 2, 0.5) // => 1_000 * 2 ** 2 + 0.5 * 1_000
 * backoffMs(policy, 5, 0) // => 30_000
 */
export function backoffMs(
  policy: Pick<ReconnectPolicy, 'baseMs' | 'factor' | 'jitterMs' | 'capMs'>,
  attempt: number,
  chance: number,
): number {
  const grown = policy.baseMs * policy.factor ** attempt;
  return Math.min(grown + chance * policy.jitterMs, policy.capMs);
}

/** The first attempt from which on every wait is the cap: counting further changes nothing. */
export function attemptsUntilCap(policy: ReconnectPolicy): number {
  if (policy.baseMs <= 0 || policy.factor <= 1) return 0;
  let attempt = 0;
  while (backoffMs(policy, attempt, 0) < policy.capMs) attempt++;
  return attempt;
}

/** How long a client waits before it tries again. */

/**
 * Where chance enters a wait. `inside-cap`: added before the cap is applied, so that at the cap all waits are equal;
 * `above-cap`: added to the capped wait; `full`: the wait is drawn evenly from 0 to the capped wait ("full jitter");
 * `percent`: up to so many percent of the capped wait more or less.
 */
export const jitterKinds = ['inside-cap', 'above-cap', 'full', 'percent'] as const;
export type JitterKind = (typeof jitterKinds)[number];

/** What a client does when the server says that it has no room: HTTP 429 or 503, close code 1013 or 1012. */
export const rejectionReactions = ['retry', 'retry-after', 'give-up'] as const;

/** A reconnect policy. All times in ms. */
export interface ReconnectPolicy {
  /** Wait before the first retry, without jitter. */
  readonly baseMs: number;
  /** By how much each wait is longer than the one before; 1 = all are the same. */
  readonly factor: number;
  /** The longest wait; jitter may go beyond it where its kind says so. */
  readonly capMs: number;
  /** `inside-cap` when missing. */
  readonly jitter?: JitterKind;
  /** The most that chance adds, where it adds a length. */
  readonly jitterMs: number;
  /** How much of the wait chance adds or takes, where it is a share, %. */
  readonly jitterPercent?: number;
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

/** What a wait hangs on. */
type Waiting = Pick<
  ReconnectPolicy,
  'baseMs' | 'factor' | 'jitter' | 'jitterMs' | 'jitterPercent' | 'capMs'
>;

/** min(base · factorⁿ, cap): the wait without chance. */
function plainWaitMs({ baseMs, factor, capMs }: Waiting, attempt: number): number {
  return Math.min(baseMs * factor ** attempt, capMs);
}

/**
 * The wait before a retry, ms.
 *
 * @param attempt n, 0 for the first retry after a loss
 * @param chance a uniform draw from [0, 1), made by the caller
 *
 * @example
 * const policy = { baseMs: 1_000, factor: 2, capMs: 30_000, jitterMs: 1_000 };
 * backoffMs(policy, 2, 0.5) // => 1_000 * 2 ** 2 + 0.5 * 1_000
 * backoffMs(policy, 5, 0.9) // => 30_000
 * backoffMs({ ...policy, jitter: 'above-cap' }, 5, 0.5) // => 30_000 + 0.5 * 1_000
 * backoffMs({ ...policy, jitter: 'full' }, 5, 0.25) // => 0.25 * 30_000
 * backoffMs({ ...policy, jitter: 'percent', jitterPercent: 30 }, 5, 0) // => 0.7 * 30_000
 */
export function backoffMs(policy: Waiting, attempt: number, chance: number): number {
  const { baseMs, factor, capMs, jitter = 'inside-cap', jitterMs, jitterPercent = 0 } = policy;
  const plainMs = plainWaitMs(policy, attempt);
  switch (jitter) {
    case 'inside-cap':
      return Math.min(baseMs * factor ** attempt + chance * jitterMs, capMs);
    case 'above-cap':
      return plainMs + chance * jitterMs;
    case 'full':
      return chance * plainMs;
    case 'percent':
      return plainMs * (1 + (jitterPercent / 100) * (2 * chance - 1));
  }
}

/** The first attempt from which on no wait grows any more: counting further changes nothing. */
export function attemptsUntilCap(policy: Waiting): number {
  if (policy.baseMs <= 0 || policy.factor <= 1) return 0;
  let attempt = 0;
  while (plainWaitMs(policy, attempt) < policy.capMs) attempt++;
  return attempt;
}

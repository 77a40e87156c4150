/** The clients of a storm as the machine of model/machines/reconnect takes them. */
import type { ReconnectPolicy } from '../machines/reconnect/backoff.ts';
import type { Reconnecting } from './types.ts';

/** What chance adds where a story does not say. */
const DEFAULT_JITTER_MS = 1_000;

/**
 * The reconnect policy of a storm's clients.
 *
 * @example
 * const story = { baseMs: 15_000, factor: 1, maxMs: 15_000, attempts: null, attemptTimeoutMs: 10_000 };
 * reconnectPolicyOf(story).jitterMs // => 1_000
 * reconnectPolicyOf(story).capMs // => 15_000
 */
export function reconnectPolicyOf(story: Reconnecting): ReconnectPolicy {
  const { baseMs, factor, maxMs, jitter = 'inside-cap', jitterPercent } = story;
  return {
    baseMs,
    factor,
    capMs: maxMs,
    jitter,
    jitterMs: story.jitterMs ?? DEFAULT_JITTER_MS,
    ...(jitterPercent !== undefined && { jitterPercent }),
    maxAttempts: story.attempts,
    connectTimeoutMs: story.attemptTimeoutMs,
    // A storm ends with the opening: whoever is served stays.
    stableMs: 1,
  };
}

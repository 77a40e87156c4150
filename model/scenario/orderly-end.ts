/** Whether a living peer loses nothing by an orderly end. */
import type { Scenario } from './types.ts';

/**
 * Where the scenario says so; and in a pool, whose closed entry is opened again when it is needed.
 *
 * @example
 * orderlyEndIsHarmless(scenarios['pool-behind-nat']) // => true
 * orderlyEndIsHarmless(scenarios['live-idle']) // => false
 */
export function orderlyEndIsHarmless({ orderlyEnd, story }: Scenario): boolean {
  return orderlyEnd === 'harmless' || story.kind === 'pool';
}

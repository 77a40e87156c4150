/** Whether a living peer loses nothing by an orderly end. */
import type { Policy } from '../policy/types.ts';
import type { Scenario } from './types.ts';

/**
 * Where the scenario or the policy says so; and in the story of a pool, whose closed entry is opened again when it is needed.
 *
 * @example
 * orderlyEndIsHarmless(scenarios['pool-behind-nat'], presets['node-http']) // => true
 * orderlyEndIsHarmless(scenarios['live-idle'], presets['node-http']) // => false
 * orderlyEndIsHarmless(scenarios['live-idle'], presets['hikaricp']) // => true
 */
export function orderlyEndIsHarmless(
  { orderlyEnd, story }: Scenario,
  policy: Pick<Policy, 'orderlyEnd'>,
): boolean {
  return orderlyEnd === 'harmless' || policy.orderlyEnd === 'harmless' || story.kind === 'pool';
}

/** Built-in policies by the name a user typed. */
import type { Result } from '../issue.ts';
import { selectByName } from '../select.ts';
import { presets } from './presets/index.ts';
import type { Policy } from './types.ts';

/**
 * The built-in policies that a selector names, as `--policy` takes it.
 *
 * @param selector the exact name of a built-in policy
 * @returns one policy, or an issue (`unknown-name`) with the nearest name
 * @example
 * selectPolicies('socket.io').value // => [presets['socket.io']]
 * selectPolicies('socket.oi').issues[0].hint // => 'did you mean "socket.io"?'
 */
export function selectPolicies(selector: string): Result<readonly Policy[]> {
  const found = selectByName(presets, selector, ['policy', 'policies']);
  return found.ok ? { ok: true, value: [found.value] } : found;
}

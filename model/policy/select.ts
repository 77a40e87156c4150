/** Built-in policies by what a user typed. */
import type { Result } from '../issue.ts';
import { policiesTagged, policyOf } from './presets/find.ts';
import type { Policy } from './types.ts';

/**
 * The built-in policies that a selector means, as `--policy` takes it: a name or alias, settings in parentheses
 * where it has some, or `@` and a tag.
 *
 * A policy whose settings were changed is another policy: its name says which, under the names of the system it
 * is from, and it makes no claim. A bare number is in that system's own unit.
 *
 * @param selector such as `socket.io`, `bun(idleTimeout=30)` or `@founding`; `@all` means every one
 * @returns at least one policy, or an issue (`unknown-name`, `unknown-tag`, `unknown-option`, `bad-option`)
 * @example
 * selectPolicies('socket.io').value[0].mechanisms[0].intervalMs // => 25_000
 * selectPolicies('socket.io(pingInterval=10s)').value[0].name // => 'socket.io(pingInterval=10s)'
 * selectPolicies('socket.oi').issues[0].hint // => 'did you mean "socket.io"?'
 */
export function selectPolicies(selector: string): Result<readonly Policy[]> {
  if (selector.startsWith('@')) return policiesTagged(selector.slice(1));
  const found = policyOf(selector);
  return found.ok ? { ok: true, value: [found.value] } : found;
}

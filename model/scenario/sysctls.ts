/** The `net.ipv4.*` in force on one side of a scenario, its socket options included. */
import { assert } from '../assert.ts';
import { withSocketOptions } from '../linux/socket-options.ts';
import { resolveSysctls, type Sysctls } from '../linux/sysctls.ts';
import type { Scenario } from './types.ts';

/** What the socket of that side behaves by. */
export function sysctlsOf({ kernel }: Scenario, side: 'server' | 'client'): Sysctls {
  const resolved = resolveSysctls(kernel[`${side}Sysctls`], kernel.profile);
  assert(resolved.ok, 'a parsed scenario names only sysctls that exist');
  const options = kernel[`${side}SocketOptions`];
  if (options === undefined) return resolved.value;
  return withSocketOptions(resolved.value, options, side === 'server');
}

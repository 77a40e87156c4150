/** Every built-in policy by name, in the order in which lists show them. */
import type { Policy } from '../types.ts';
import { catalogue } from './catalogue.ts';

/**
 * The built-in policies: name → policy, every setting at the default of the system it is from. Each says in
 * `claim` what is believed of it, in `truth` what is so, and in `source` where it is from. An unknown name gives
 * undefined; `selectPolicies` takes aliases and settings too, and names the nearest.
 *
 * @example
 * presets['keepalive-go-15s'].mechanisms // => [{ kind: 'keepalive', idleMs: 15_000, intervalMs: 15_000, probes: 9 }]
 */
export const presets: Readonly<Record<string, Policy>> = Object.freeze(
  Object.fromEntries(catalogue.map(({ policy }) => [policy.name, policy])),
);

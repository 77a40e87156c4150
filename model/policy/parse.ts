/** From what people write to the policy object, with every fault of the input as an issue. */
import { canonicalJson } from '../canonical-json.ts';
import { InputError, type Result } from '../issue.ts';
import { parse } from '../schema/parse.ts';
import { policySchema } from './schema.ts';
import { sha256Hex } from '../sha256.ts';
import type { Policy, PolicyInput } from './types.ts';

/**
 * Reads a policy from parsed JSON. Closed: unknown fields are issues. Durations may be text
 * (`"30s"`) or whole milliseconds. The result is canonical and frozen: defaults filled in,
 * milliseconds everywhere; parsing it again gives an equal policy.
 *
 * @param json a value as `JSON.parse` returns it
 * @param origin what the issues' paths begin with, e.g. the file's name; '' for none
 * @returns the policy, or every issue, e.g. `my.json: mechanisms[0].intervalMs`
 * @example
 * const read = parsePolicy({ name: 'mine', mechanisms: [{ kind: 'sweep', intervalMs: '30' }] }, 'mine.json');
 * read.ok // => false
 * read.issues[0].path // => 'mine.json: mechanisms[0].intervalMs'
 * read.issues[0].hint // => 'add a unit: "30ms" or "30s"'
 */
export function parsePolicy(json: unknown, origin: string): Result<Policy> {
  return parse(policySchema, json, origin, 'policy');
}

/**
 * Makes a policy written in code: {@link parsePolicy} for a value that TypeScript has seen.
 *
 * @returns the canonical policy, frozen; defaults filled in, durations in milliseconds
 * @throws {InputError} with every issue, when the input is not a policy
 * @example
 * const { mechanisms } = definePolicy({
 *   name: 'mine',
 *   mechanisms: [{ kind: 'keepalive', idleMs: '1.5m', intervalMs: 10_000, probes: 3 }],
 * });
 * mechanisms // => [{ kind: 'keepalive', idleMs: 90_000, intervalMs: 10_000, probes: 3 }]
 */
export function definePolicy(input: PolicyInput): Policy {
  const parsed = parsePolicy(input, '');
  if (!parsed.ok) throw new InputError(parsed.issues);
  return parsed.value;
}

/**
 * The canonical text of a policy: keys sorted, milliseconds, defaults filled in, no spaces. Equal
 * policies have equal texts, however they were written.
 *
 * @example
 * const none = definePolicy({ name: 'none', mechanisms: [] });
 * canonicalPolicyText(none) // => '{"mechanisms":[],"name":"none","schemaVersion":1,"title":"none"}'
 */
export function canonicalPolicyText(policy: Policy): string {
  return canonicalJson(policy);
}

/**
 * Fingerprint of what a policy does: SHA-256 (FIPS 180-4) of the canonical text of its format version,
 * mechanisms, what it expects of the peer and whether its orderly ends do harm, 64 hexadecimal digits. Name and prose are left out: rewording a claim changes no proof.
 *
 * @example
 * const renamed = definePolicy({ name: 'renamed', mechanisms: [] });
 * policyHash(renamed) === policyHash(presets['none']) // => true
 */
export function policyHash(policy: Policy): string {
  const { schemaVersion, mechanisms, peerHeartbeat, orderlyEnd } = policy;
  const does = {
    ...(peerHeartbeat !== undefined && { peerHeartbeat }),
    ...(orderlyEnd !== undefined && { orderlyEnd }),
  };
  return sha256Hex(canonicalJson({ schemaVersion, mechanisms, ...does }));
}

/**
 * Which decision code a policy was verified with: the tables that its mechanisms are compiled into, and
 * the rules by which the engine steps through them. Code that decides otherwise has another version.
 */
import { canonicalJson } from '../canonical-json.ts';
import { hasRegion } from '../machines/reaper/index.ts';
import type { Policy } from '../policy/types.ts';
import { sha256Hex } from '../sha256.ts';
import { programOf } from './program.ts';

/** Counts changes to `engine.ts` after which it may decide otherwise on the same table. */
const ENGINE_RULES = 2;

/** Digits of the tables' fingerprint: chance agreement is no concern, only difference is. */
const FINGERPRINT_DIGITS = 16;

/** Version of the decision code of one policy, e.g. `1-` and 16 hexadecimal digits. */
export function engineVersion(policy: Policy): string {
  const programs = policy.mechanisms.filter(hasRegion).map((mechanism) => {
    const { clocks, width, initial, next, start, codes, initialStart } = programOf(mechanism);
    return [clocks, width, initial, [...next], [...start], [...codes], initialStart];
  });
  return `${ENGINE_RULES}-${sha256Hex(canonicalJson(programs)).slice(0, FINGERPRINT_DIGITS)}`;
}

/** The policy object: written, read, compared, named. */
export type { MechanismInput, PolicyInput } from './input.ts';
export { canonicalPolicyText, definePolicy, parsePolicy, policyHash } from './parse.ts';
export { policyPeriodMs } from './period.ts';
export { presets } from './presets/index.ts';
export { selectPolicies } from './select.ts';
export type * from './types.ts';

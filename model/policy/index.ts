/** The policy object: written, read, compared, named. */
export { canonicalPolicyText, definePolicy, parsePolicy, policyHash } from './parse.ts';
export { catalogue } from './presets/catalogue.ts';
export type { Preset } from './presets/definition.ts';
export { presetNamed } from './presets/find.ts';
export { presetGroups, type PresetGroup } from './presets/groups.ts';
export { presets } from './presets/index.ts';
export { selectPolicies } from './select.ts';
export type * from './types.ts';

/**
 * `ghostbound/policy`: what a production process wants to know of policies: the built-in ones, its own, their B and T. It loads no
 * simulator; `ghostbound` has that.
 */
export { formatIssue, InputError, type Issue, type Result } from '../model/issue.ts';
export {
  canonicalPolicyText,
  definePolicy,
  parsePolicy,
  policyHash,
  presets,
  selectPolicies,
  type LifeSign,
  type Mechanism,
  type MechanismInput,
  type MechanismKind,
  type Policy,
  type PolicyInput,
} from '../model/policy/index.ts';
export { standardPolicy, standardPolicyWithoutKernel } from '../model/policy/standard.ts';
export { limitsOf, type Limit, type Limits } from '../model/reaper/index.ts';
export { bounds, type Bound, type Bounds, type Tolerance } from '../model/bounds/index.ts';
export { defineScenario, type Scenario, type ScenarioInput } from '../model/scenario/index.ts';

/**
 * `ghostbound`: state how long a ghost can live under a reaper policy and which living client the
 * policy would kill; play it on a simulated Linux kernel; define the policy that production runs.
 *
 * The production side is `ghostbound/ws`; it loads none of this.
 */
export { formatIssue, InputError, type Issue, type Result } from './model/issue.ts';
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
} from './model/policy/index.ts';
export {
  defineScenario,
  parseScenario,
  type Fault,
  type FaultScenario,
  type LiveScenario,
  type Load,
  type RareState,
  type Scenario,
  type ScenarioInput,
  type Silence,
  type Story,
} from './model/scenario/index.ts';
export {
  builtInStacks,
  defineStack,
  endsOf,
  formatStack,
  isPlayed,
  parseExpression,
  parseStack,
  type End,
  type NotPlayed,
  type Stack,
  type StackInput,
} from './model/stack/index.ts';
export type { Finding, Severity } from './model/lint/index.ts';
export { lint, type LintOptions } from './proof/lint/index.ts';
export {
  bounds,
  preventsFault,
  type Bound,
  type Bounds,
  type Tolerance,
} from './model/bounds/index.ts';
export type {
  Comparison,
  ComparisonRow,
  Conformance,
  ConformanceRow,
  Distribution,
  ObservedLives,
  RunEvent,
  RunResult,
  RunResult as Trace,
  Verification,
  VerificationRow,
  Where,
} from './model/results/types.ts';
export type { SettingChange, SettingRow, SettingsTuning } from './model/results/settings.ts';
export type { TunedCandidate, TunedConflict, TunedRow, Tuning } from './model/results/tuning.ts';
export { scenarios, selectScenarios } from './scenarios/catalog/index.ts';
export { simulate, type SimulateOptions } from './scenarios/run.ts';
export { swarmScenario, swarmScenarios } from './scenarios/swarm/index.ts';
export { compare, type CompareOptions } from './scenarios/compare/index.ts';
export { verify, type VerifyOptions } from './proof/verify.ts';
export { tune, type SilenceKind, type TuneRequest } from './proof/tune/index.ts';
export { tuneSettings, type SettingsRequest } from './proof/tune/settings.ts';
export { certify } from './proof/certificate.ts';
export { checkCertificate, type Certificate } from './model/certificate/index.ts';

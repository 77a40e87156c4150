/** The types of the lists of what is built in, as the schemas say it. */
export type { PolicyOption, PolicyOptions, PolicyRuntime } from '../schema/policy-options.ts';
export type { PolicyList, ScenarioList } from '../schema/results.ts';

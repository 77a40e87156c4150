/** The types of the lists of what is built in, as the schemas say it. */
export type { PolicyOptions } from './policy-options-schema.ts';
export type { PolicyList, ScenarioList } from './schema.ts';

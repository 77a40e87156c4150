/** The types of a scenario, as its schema says it. */
export type { Fault } from '../schema/faults.ts';
export type {
  ClientSetting,
  FaultScenario,
  KernelSetting,
  LiveScenario,
  Load,
  Path,
  Scenario,
  ScenarioInput,
  ServerFault,
  ServerSetting,
} from '../schema/scenario.ts';
export type { Silence } from '../schema/silences.ts';
export type { Openings, Reconnecting, Story } from '../schema/story.ts';

/** The types of a scenario, as its schema says it. */
export type { Fault, Silence } from '../faults/index.ts';
export type { Load } from '../schema/load.ts';
export type {
  Box,
  FaultScenario,
  KernelSetting,
  LiveScenario,
  Path,
  Proxy,
  ProxyPing,
  ProxySide,
  Scenario,
  ScenarioInput,
  ServerFault,
  ServerSetting,
  WithheldSign,
} from './schema.ts';
export type { Openings, Reconnecting, Story } from './story-schema.ts';

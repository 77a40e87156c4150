/** Puts the instants of a plan into the script of a life. */
import { settleMs } from '../../../model/scenario/settle.ts';
import type { Scenario } from '../../../model/scenario/types.ts';
import { hasWeather } from '../../network/weather.ts';
import { Act, type ActCode } from './acts.ts';
import { farewellMs } from './plan.ts';
import type { Plan } from './plan.ts';
import type { Script } from './script.ts';

/** Writes the script. A living client that leaves at the end has time for that added to the plan. */
export function schedule(
  script: Script<ActCode>,
  plan: Plan,
  scenario: Scenario,
  supervisorMs: number | null,
): void {
  const { path } = scenario;
  script.at(plan.eventAtUs, Act.Event);
  script.at(plan.loadAtUs, Act.StartLoad);
  script.at(plan.silenceEndsAtUs, Act.EndSilence);
  script.at(plan.queryAtUs, Act.Query);
  if (hasWeather(path)) script.at(settleMs(path) * 1000, Act.Storm);
  scheduleStop(script, plan.sigtermAtUs, supervisorMs);
  if (scenario.kind === 'live' && scenario.endsWith === 'close') {
    script.at(plan.endAtUs, Act.Farewell);
    plan.endAtUs += farewellMs(path) * 1000;
  }
}

/**
 * The server is told to stop.
 *
 * @param supervisorMs how long the supervisor waits before it kills the process; null = for ever
 */
export function scheduleStop(
  script: Script<ActCode>,
  sigtermAtUs: number,
  supervisorMs: number | null,
): void {
  script.at(sigtermAtUs, Act.Sigterm);
  script.at(sigtermAtUs + (supervisorMs ?? Infinity) * 1000, Act.Sigkill);
}

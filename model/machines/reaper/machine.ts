/** The reaper as an xstate machine: for the pages, and for the tests that hold what runs against it. */
import type { AnyStateMachine } from 'xstate';
import type { DelayKind, DelayName, ReaperPhase } from '../../mechanisms/region/clocks.ts';
import { reaperGuards } from '../../mechanisms/region/guards.ts';
import type { Mechanism } from '../../policy/types.ts';
import { machineOf } from '../../statechart/xstate.ts';
import { clocksMs, reaperChart } from './chart.ts';

/**
 * The specification behind the reaper that runs.
 *
 * @param mechanisms the policy's; their positions number delays, events and effects
 * @param phase opening of the connection, grid of the shared sweep and draw; not given where lengths do not matter
 */
export function reaperMachine(
  mechanisms: readonly Mechanism[],
  phase: ReaperPhase = { startMs: 0, sharedOriginMs: 0 },
): AnyStateMachine {
  const meaning = { context: {}, guards: reaperGuards };
  return machineOf(reaperChart(mechanisms), meaning, delaysOf(mechanisms, phase));
}

function delaysOf(mechanisms: readonly Mechanism[], phase: ReaperPhase): Record<DelayName, number> {
  const delays: Record<DelayName, number> = {};
  mechanisms.forEach((mechanism, index) => {
    for (const [clock, ms] of Object.entries(clocksMs(mechanism, phase))) {
      delays[`${clock as DelayKind}.${index}`] = ms;
    }
  });
  return delays;
}

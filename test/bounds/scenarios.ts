/** Scenarios with one thing changed, for tests that need round trips or loads the catalogue has not. */
import { defineScenario, type Scenario, type ScenarioInput } from '../../model/scenario/index.ts';

export const idle = { kind: 'idle' } as const;
export const busy = {
  kind: 'periodic',
  bytes: 1_024,
  everyMs: '500ms',
  direction: 'server',
} as const;
export const saturated = { kind: 'saturated', messageBytes: 65_536 } as const;

type Changes = Partial<Pick<ScenarioInput, 'load' | 'path' | 'server' | 'kernel' | 'story'>>;
type FaultInput = Extract<ScenarioInput, { kind: 'fault' }>;
type LiveInput = Extract<ScenarioInput, { kind: 'live' }>;

/** A fault; the peer vanishes unless another one is named. */
export function fault(changes: Changes & { readonly fault?: FaultInput['fault'] } = {}): Scenario {
  return defineScenario({
    kind: 'fault',
    name: 'test-fault',
    fault: { kind: 'vanish', direction: 'both' },
    ...changes,
  } as ScenarioInput);
}

/** The same over another round trip, also one that no wire has: 0 is where the textbook's figures hold. */
export function withRtt(scenario: Scenario, rttMs: number): Scenario {
  return { ...scenario, path: { rttMs } };
}

/** A living peer that goes through a silence. */
export function live(silence: LiveInput['silence'], changes: Changes = {}): Scenario {
  return defineScenario({
    kind: 'live',
    name: 'test-live',
    silence,
    watchMs: '1m',
    ...changes,
  } as ScenarioInput);
}

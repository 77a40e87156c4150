/** Scenarios with one thing changed, for tests that need round trips or loads the catalogue has not. */
import { expect } from 'vitest';
import type { Bound } from '../../model/bounds/types.ts';
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

/** Three ticks of 4 ms. */
const TICKS_MS = 12;

/** B is proved: no shorter than the arithmetic says, and at most 2 % and three ticks longer; null = never, in some phase. */
export function expectBound({ maxMs, proved }: Bound, exactMs: number | null): void {
  expect(proved).toBe(true);
  if (exactMs === null) {
    expect(maxMs).toBeNull();
    return;
  }
  expect(maxMs).toBeGreaterThanOrEqual(exactMs);
  expect(maxMs).toBeLessThanOrEqual(1.02 * exactMs + TICKS_MS);
}

/** T is proved: no longer than the arithmetic says, and at most 5 % and three ticks shorter; null = no length ends anybody. */
export function expectTolerance({ maxMs, proved }: Bound, exactMs: number | null): void {
  expect(proved).toBe(true);
  if (exactMs === null) {
    expect(maxMs).toBeNull();
    return;
  }
  expect(maxMs).toBeLessThanOrEqual(exactMs);
  expect(maxMs).toBeGreaterThanOrEqual(0.95 * exactMs - TICKS_MS);
}

/**
 * What the tests on the real kernel have in common: the window in which `bounds` says that a decision falls, on a wire
 * with the round trip of this one, and faults whose instants are known.
 */
import { expect } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { definePolicy, type MechanismInput } from '../../model/policy/index.ts';
import { playPhases } from '../../proof/phases.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import type { ServerEvent, ServerProcess } from '../support/child.ts';

/** What a busy test machine may add between a decision and the line that tells of it. */
export const SLACK_MS = 700;
/** Both ends' clocks are one clock, but its readings are whole milliseconds and timers of Node may be 1 ms early. */
const CLOCKS_APART_MS = 5;
/** This wire's round trip, rounded up, ms. */
const RTT_MS = 1;

/** Ticks of the kernels people run, 1/s; which one this machine's kernel was built with is not asked. */
const HZ = [100, 250, 1000] as const;

/** Points of the grid of phases on which the earliest decision is looked for. */
const PHASES = 32;

/** When the decision may come, ms after the fault: as early as in the simulator over a grid of phases, as late as B over HZ. */
export function windowOf(mechanisms: MechanismInput[], scenarioName: string): [number, number] {
  const named = scenarios[scenarioName];
  if (named === undefined) throw new Error(`no scenario ${scenarioName}`);
  const policy = definePolicy({ name: 'test', mechanisms });
  const path = { ...named.path, rttMs: RTT_MS };
  const windows = HZ.map((hz) => {
    const scenario = { ...named, path, kernel: { ...named.kernel, hz } };
    const { minMs } = playPhases(policy, scenario, PHASES, 1n).ghostMs;
    return [minMs ?? Number.NaN, bounds(policy, scenario).decided.maxMs ?? Number.NaN] as const;
  });
  return [Math.min(...windows.map(([min]) => min)), Math.max(...windows.map(([, max]) => max))];
}

/** `earlyMs`, `lateMs`: by how much this test's own arrangement may move the instant the bound counts from. */
export function expectInWindow(
  { atMs }: ServerEvent,
  fault: Fault,
  [minMs, maxMs]: [number, number],
  { earlyMs = 0, lateMs = 0 } = {},
): void {
  expect(atMs - fault.fromMs).toBeGreaterThanOrEqual(minMs - earlyMs - CLOCKS_APART_MS);
  expect(atMs - fault.toMs).toBeLessThan(maxMs + lateMs + SLACK_MS);
}

/** A fault happens while it is being made: at some instant between two readings of the events' clock. */
export interface Fault {
  readonly fromMs: number;
  readonly toMs: number;
}

export function during(make: () => void): Fault {
  const fromMs = Date.now();
  make();
  return { fromMs, toMs: Date.now() };
}

export function clientsOf(of: ServerProcess, kind: 'reap' | 'close'): (string | undefined)[] {
  return of.events.filter(({ event }) => event === kind).map((event) => event.client);
}

/**
 * Real servers against the built-in policies that stand for them: what `lab/systems/record.ts` saw on a real kernel lies
 * inside the window of simulated lives, and the socket options are those that the policy sets.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systems } from '../../lab/systems/index.ts';
import type { RecordedStory, SystemRecording } from '../../lab/systems/types.ts';
import { selectPolicies } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { kernelOptions } from '../../model/reaper/kernel-options.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { watchMs } from '../../scenarios/watch.ts';
import { seedWords } from '../../sim/random.ts';
import { RunPlayer } from '../../sim/world/run.ts';

const LIVES = 400;
const SEED = seedWords(1n);
/** The recorder looks every 5 ms, and the machine it ran on had other things to do. */
const LATE_MS = 250;
/** The recorder's clock starts when the client has said that its handshake is over, which is late by as much. */
const EARLY_MS = 250;

const storyScenarios: Readonly<Record<RecordedStory, string>> = {
  vanish: 'vanish-idle',
  freeze: 'frozen-idle',
  quiet: 'live-idle',
};

const folder = join(import.meta.dirname, '.');
const recordings = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as SystemRecording);

function policyOf({ policy }: SystemRecording): Policy {
  const selected = selectPolicies(policy);
  if (!selected.ok) throw new Error(`${policy}: ${JSON.stringify(selected.issues)}`);
  return selected.value[0] as Policy;
}

type PlayedStory = SystemRecording['stories'][number];

interface Played {
  readonly policy: Policy;
  /** The kernel's socket leaves ESTABLISHED with the decision, not with the descriptor's close. */
  readonly withDecision: boolean;
}

/** The recorded wire: a veth pair, its round trip far below a millisecond. */
function scenarioOf({ story, watchMs }: PlayedStory): Scenario {
  const scenario = scenarios[storyScenarios[story]] as Scenario;
  const watched = scenario.kind === 'live' ? { watchMs } : {};
  return { ...scenario, ...watched, path: { ...scenario.path, rttMs: 1 } };
}

/** When the kernel's socket leaves ESTABLISHED, from the fault or from accept(2), in each life; Infinity = never. */
function simulatedMs({ policy, withDecision }: Played, on: PlayedStory): number[] {
  const scenario = scenarioOf(on);
  const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
  return Array.from({ length: LIVES }, (_, run) => {
    player.play(SEED, run);
    const { record } = player;
    const leftAtUs = withDecision ? record.decidedAtUs : record.kernelClosedAtUs;
    if (on.story !== 'quiet') return (leftAtUs - record.faultAtUs) / 1_000;
    // Of a living peer: from accept(2) to its end, and from there to what is looked at.
    const sinceEndUs = leftAtUs === Infinity ? Infinity : leftAtUs - record.decidedAtUs;
    return (record.endedAtUs - record.acceptedAtUs + sinceEndUs) / 1_000;
  });
}

describe.each(recordings.map((recording) => [recording.system, recording] as const))(
  '%s',
  (_name, recording) => {
    const policy = policyOf(recording);
    const system = systems.find(({ name }) => name === recording.system);
    const withDecision = system?.leavesEstablishedWith === 'decision';

    it('sets the socket options that its process sets', () => {
      const { keepalive = null, userTimeoutMs = 0 } = kernelOptions(policy);
      expect({ keepalive, userTimeoutMs }).toEqual(recording.options);
    });

    it.each(recording.stories)('$story: every recorded life is a simulated one', (played) => {
      const { lives, watchMs: watchedMs } = played;
      const seen = simulatedMs({ policy, withDecision }, played);
      const [earliestMs, latestMs] = [Math.min(...seen), Math.max(...seen)];
      expect(lives.length).toBeGreaterThanOrEqual(8);
      for (const { kernelClosedMs } of lives) {
        // One that was still open is later than the watch; how late, nobody saw.
        const endMs = kernelClosedMs ?? Math.max(watchedMs, earliestMs);
        expect(endMs).toBeGreaterThanOrEqual(earliestMs - EARLY_MS);
        expect(endMs).toBeLessThanOrEqual(latestMs + LATE_MS);
      }
    });
  },
);

it('at least ten systems are recorded, each by a program that is there', () => {
  expect(recordings.length).toBeGreaterThanOrEqual(10);
  const names = new Set(systems.map(({ name }) => name));
  expect(recordings.map(({ system }) => system).filter((name) => !names.has(name))).toEqual([]);
  for (const { system, policy } of recordings) {
    expect(systems.find(({ name }) => name === system)?.policy).toBe(policy);
  }
});

import { describe, expect, it } from 'vitest';
import { presets } from '../../model/policy/index.ts';
import type { Mechanism, Policy } from '../../model/policy/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare, planChunks, playChunk, PlayQueue } from '../../scenarios/compare/index.ts';

const RUNS = 4;
const SEED = 11n;
/** One of every kind of fault and silence, under each load: what tells policies apart is one of these. */
const everyScenario = Object.values(scenarios).filter(({ tags }) => tags.includes('founding'));

function preset(name: string): Policy {
  const policy = presets[name];
  expect(policy).toBeDefined();
  return policy as Policy;
}

function story(name: string): Scenario {
  const scenario = scenarios[name];
  expect(scenario).toBeDefined();
  return scenario as Scenario;
}

/** The policy with each of its mechanisms' verdicts lost in turn. */
function withLostVerdicts(policy: Policy): Policy[] {
  return policy.mechanisms.map((_, lost) => ({
    ...policy,
    name: `${policy.name}-lost-${lost}`,
    mechanisms: policy.mechanisms.map(
      (mechanism, place) =>
        (place === lost ? { ...mechanism, lost: 'verdict' } : mechanism) as Mechanism,
    ),
  }));
}

/** Chunks that were really played, of those the grid has. */
function playedOf(policies: readonly Policy[], scenario: Scenario): string[] {
  const queue = new PlayQueue(policies, [scenario], planChunks(policies.length, 1, RUNS));
  const played: string[] = [];
  for (let play = queue.next(); play !== undefined; play = queue.next()) {
    const policy = policies[play.chunk.policy] as Policy;
    played.push(policy.name);
    queue.played(play, playChunk(policy, scenario, SEED, play.chunk));
  }
  return played;
}

/** The rows of a comparison, as text. */
function rows(policies: readonly Policy[]): string[] {
  const comparison = compare({ policies, scenarios: everyScenario, runs: RUNS, seed: SEED });
  return comparison.rows.map((row) => JSON.stringify(row));
}

/** The same of each policy compared alone. */
function rowsAlone(policies: readonly Policy[]): string[] {
  return policies.flatMap((policy) => rows([policy]));
}

describe('policies that share their runs', () => {
  it('have the rows they have alone, where a verdict is lost', () => {
    for (const name of [
      'sweep-and-pong-timer',
      'engine.io-v4-server',
      'nats-server',
      'send-stall-watchdog',
    ]) {
      const whole = preset(name);
      const policies = [whole, ...withLostVerdicts(whole)];
      expect(rows(policies)).toEqual(rowsAlone(policies));
    }
  });

  it('have the rows they have alone, whatever a watchdog on the send path measures', () => {
    const slow = { ...preset('send-stall-watchdog'), name: 'slow' };
    const looksLessOften: Policy = {
      ...slow,
      mechanisms: slow.mechanisms.map((one) =>
        one.kind === 'peer-closed' ? { ...one, everyMs: 3_000 } : one,
      ),
    };
    const byQueue: Policy = {
      ...looksLessOften,
      name: 'slow-by-queue',
      mechanisms: looksLessOften.mechanisms.map((one) =>
        one.kind === 'send-stall' ? { ...one, progress: 'queue' } : one,
      ),
    };
    const pair = [preset('queue-stall-watchdog'), preset('send-stall-watchdog')];
    const policies = [...pair, looksLessOften, byQueue];
    expect(rows(policies)).toEqual(rowsAlone(policies));
  });

  it('are played once where nothing tells them apart, and each where something does', () => {
    const whole = preset('ws-heartbeat-per-connection');
    const [lost] = withLostVerdicts(whole) as [Policy];
    expect(playedOf([whole, lost], story('live-active'))).toEqual([whole.name]);
    // Who has vanished is reaped: by the sweep that still has its verdict.
    expect(playedOf([whole, lost], story('vanish-idle'))).toEqual([whole.name, lost.name]);
  });

  it('are told apart by a queue that stands still while bytes are acknowledged', () => {
    const pair = [preset('send-stall-watchdog'), preset('queue-stall-watchdog')];
    expect(playedOf(pair, story('live-active'))).toHaveLength(1);
    expect(playedOf(pair, story('live-plateau-queue'))).toHaveLength(2);
  });
});

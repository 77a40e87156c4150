/** Of a living peer there are two outcomes: kept, or ended while alive, whatever ended it. */
import { describe, expect, it } from 'vitest';
import { definePolicy, presets, selectPolicies } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { ComparisonRow } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare } from '../../scenarios/compare/index.ts';
import { simulate } from '../../scenarios/run.ts';

const RUNS = 8;

function preset(name: string): Policy {
  return presets[name] as Policy;
}

function scenario(name: string): Scenario {
  return scenarios[name] as Scenario;
}

function rowsOf(policies: readonly Policy[], on: readonly Scenario[]): readonly ComparisonRow[] {
  return compare({ policies, scenarios: on, runs: RUNS, seed: '1' }).rows;
}

function rowOf(policy: Policy, on: Scenario): ComparisonRow {
  return rowsOf([policy], [on])[0] as ComparisonRow;
}

const aged = definePolicy({
  name: 'hang-up-after-1s',
  mechanisms: [{ kind: 'age', maxMs: '1s', jitterPercent: 0 }],
});

describe('a living peer', () => {
  it('is ended by an age limit, which is no false reap', () => {
    const row = rowOf(aged, scenario('live-active'));
    expect(row.falseReaps.count).toBe(0);
    expect(row.endedAlive).toEqual({ count: RUNS, samples: RUNS, earliestMs: 1_000, by: 'age' });
  });

  it('is ended by an idle limit after exactly that long', () => {
    const policy = definePolicy({ name: 'idle', mechanisms: [{ kind: 'idle', timeoutMs: '5s' }] });
    const run = simulate(policy, scenario('live-idle'), { seed: '1' });
    expect(run.outcome).toBe('closed');
    expect(run.endedAlive).toMatchObject({ by: 'idle', inOrder: false, afterLastHeardMs: 5_000 });
  });

  it('that a verdict hits counts in both columns', () => {
    const row = rowOf(preset('alive-flag-sweep'), scenario('live-trickle-78s'));
    expect(row.endedAlive).toMatchObject({ count: row.falseReaps.count, by: 'sweep' });
    expect(row.falseReaps.count).toBe(RUNS);
  });

  it('that the kernel gives up is ended by it, with the errno', () => {
    // Every probe of a 29 s outage is lost; the user timeout of 20 s rules over the probes' count.
    const policy = preset('keepalive-10-5-3-user-timeout-20s');
    const row = rowOf(policy, scenario('live-outage-29s'));
    expect(row.endedAlive).toMatchObject({ count: RUNS, by: 'kernel ETIMEDOUT' });
  });

  it('that leaves of itself, or is left alone, is not ended', () => {
    for (const name of ['live-idle', 'live-active']) {
      expect(rowOf(preset('alive-flag-sweep'), scenario(name)).endedAlive.count).toBe(0);
      const run = simulate(preset('none'), scenario(name), { seed: '1' });
      expect(run.endedAlive).toBeNull();
    }
  });

  it('is ended before a fault that never came to it', () => {
    const row = rowOf(aged, scenario('vanish-idle'));
    expect(row.prevented).toBe(RUNS);
    expect(row.endedAlive).toMatchObject({ count: RUNS, by: 'age' });
  });

  it('of a pool is closed in order where the scenario calls that harmless', () => {
    const selected = selectPolicies('hikaricp(minimumIdle=2,idleTimeout=300s)');
    if (!selected.ok) throw new Error('hikaricp takes minimumIdle and idleTimeout');
    const row = rowOf(selected.value[0] as Policy, scenario('pool-behind-balancer'));
    expect(row.closedInOrder).toBe(RUNS);
    expect(row.endedAlive).toEqual({ count: 0, samples: RUNS, earliestMs: null, by: null });
  });
});

it('a pool that closes an idle connection of its own ends nobody, and a server that does the same does', () => {
  const quiet = scenario('live-idle');
  for (const name of ['undici', 'node-postgres-pool']) {
    const row = rowOf(preset(name), quiet);
    expect(row.endedAlive.count, name).toBe(0);
    expect(row.closedInOrder, name).toBe(RUNS);
    // No silence is cut short by it: what is stated agrees with what is counted.
    expect(row.toleranceMs, name).toBeNull();
  }
  const pool = preset('node-postgres-pool');
  const { orderlyEnd: _harmless, ...acts } = pool;
  expect(rowOf(acts as Policy, quiet).endedAlive.count).toBe(RUNS);
});

it('an idle or age limit of 1 s more never keeps a living peer that was ended without it', () => {
  const living = Object.values(scenarios).filter(
    ({ kind, tags, story }) =>
      kind === 'live' && tags.includes('founding') && story.kind === 'connection',
  );
  const additions = [
    { kind: 'idle', timeoutMs: '1s' },
    { kind: 'age', maxMs: '1s', jitterPercent: 0 },
  ] as const;
  const plain = ['none', 'alive-flag-sweep', 'keepalive-10-5-3', 'send-stall-watchdog'];
  for (const name of plain) {
    const policy = presets[name] as Policy;
    const before = rowsOf([policy], living);
    for (const addition of additions) {
      const more = definePolicy({
        name: `${name}-and-${addition.kind}`,
        mechanisms: [...policy.mechanisms, addition],
      });
      rowsOf([more], living).forEach((row, index) => {
        const was = before[index] as ComparisonRow;
        // Nobody is a second old and open; a talker's connection is never idle for so long.
        const least = addition.kind === 'age' ? RUNS : was.endedAlive.count;
        expect(row.endedAlive.count, `${more.name} on ${row.scenario}`).toBeGreaterThanOrEqual(
          least,
        );
      });
    }
  }
});

describe('a wait for a pong that begins when its ping has left the queue', () => {
  const patient = definePolicy({
    name: 'written',
    mechanisms: [{ kind: 'ping', intervalMs: '30s', replyTimeoutMs: '10s', replyClock: 'written' }],
  });

  it('ends a ghost whose ping was sent, that long after it', () => {
    const run = simulate(patient, scenario('vanish-idle'), { seed: '1', trace: true });
    const last = run.events.findLast(({ event }) => event === 'ping-queued');
    expect(run.decidedAtMs).toBe((last?.atMs ?? NaN) + 10_000);
  });

  it('does not begin behind a full send path', () => {
    const run = simulate(patient, scenario('frozen-saturated'), { seed: '1' });
    expect(run.reason).not.toMatch(/ping/);
  });
});

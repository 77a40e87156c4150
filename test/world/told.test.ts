/** Stops with living clients, and calls through a pool: what reports of the field say, held against the simulation. */
import { describe, expect, it } from 'vitest';
import { definePolicy, presets } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { RunResult } from '../../model/results/types.ts';
import { defineScenario, type Scenario } from '../../model/scenario/index.ts';
import type { Silence } from '../../model/scenario/types.ts';
import { endedAgainstClaim, outlived } from '../../model/results/assertions.ts';
import { decisionSeen } from '../../model/results/standing.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare } from '../../scenarios/compare/index.ts';
import { simulate } from '../../scenarios/run.ts';
import { share } from '../support/share.ts';

function figure({ fleet = [] }: RunResult, name: string): number | null {
  const found = fleet.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no figure ${name}`);
  return found.value;
}

function run(policy: Policy, scenario: Scenario, number = 0): RunResult {
  return simulate(policy, scenario, { seed: '4', run: number, trace: true });
}

function at({ events }: RunResult, event: string): readonly number[] {
  return events.filter((one) => one.event === event).map(({ atMs }) => atMs);
}

describe('a server that is told to stop while its clients live', () => {
  const stop = defineScenario({
    kind: 'live',
    name: 'stop-with-living-clients',
    silence: { kind: 'none' },
    story: { kind: 'drain', ghosts: 3, sigtermAfterMs: '10s' },
    watchMs: '10m',
  });

  it('is over when the supervisor kills it: 10 s + 15 s', () => {
    const result = run(presets['drain-15s'] as Policy, stop);
    expect(at(result, 'sigterm')).toEqual([10_000, 10_000, 10_000]);
    expect(at(result, 'sigkill')).toEqual([25_000, 25_000, 25_000]);
    expect(result).toMatchObject({
      closedAtMs: 25_000,
      endedAlive: { by: 'drain', inOrder: false },
    });
    expect(figure(result, 'drain takes')).toBe(15_000);
    expect(figure(result, 'killed at the deadline')).toBe(3);
  });

  it('is never over without a deadline, and ends nobody', () => {
    const result = run(presets['drain-unbounded'] as Policy, stop);
    expect(at(result, 'sigterm')).toHaveLength(3);
    expect(result).toMatchObject({ outcome: 'survived', endedAlive: null });
    expect(figure(result, 'drain takes')).toBeNull();
  });

  it('counts as ending the living, and as no verdict about them', () => {
    const { rows } = compare({
      policies: [presets['drain-15s'] as Policy, presets['drain-unbounded'] as Policy],
      scenarios: [stop],
      runs: 5,
      seed: '4',
    });
    expect(rows).toMatchObject([
      { falseReaps: { count: 0 }, endedAlive: { count: 5, samples: 5, by: 'drain' } },
      { falseReaps: { count: 0 }, endedAlive: { count: 0, samples: 5, by: null } },
    ]);
  });

  /** uvicorn: pings every 20 s, 20 s for the pong; its handlers never look at the Close frame. */
  const uvicorn = (deadlineMs: string): Policy =>
    definePolicy({
      name: 'uvicorn',
      mechanisms: [
        { kind: 'ping', intervalMs: '20s', replyTimeoutMs: '20s', life: ['matching-pong'] },
        { kind: 'drain', deadlineMs },
      ],
    });

  it.each([
    ['240s', 240_000],
    ['5s', 5_000],
  ])('waits as long as its supervisor: %s', (deadlineMs, expected) => {
    expect(figure(run(uvicorn(deadlineMs), stop), 'drain takes')).toBe(expected);
  });

  it('is watched past the supervisor, however short the watch is said to be', () => {
    const short = defineScenario({ ...stop, watchMs: '20s' });
    expect(figure(run(uvicorn('240s'), short), 'drain takes')).toBe(240_000);
  });

  it('is over sooner where the policy ends its clients: an age of 30 s', () => {
    const aged = definePolicy({
      name: 'aged',
      mechanisms: [
        { kind: 'age', maxMs: '30s', jitterPercent: 0 },
        { kind: 'drain', deadlineMs: '5m' },
      ],
    });
    const result = run(aged, stop);
    // Accepted at 75 ms, 1.5 round trips of 50; closed by a handshake of one round trip; told to stop at 10 s.
    expect(figure(result, 'drain takes')).toBe(75 + 30_000 + 50 - 10_000);
    expect(figure(result, 'killed at the deadline')).toBe(0);
  });

  it('after a lost deadline waits for ever', () => {
    const lost = definePolicy({
      name: 'lost',
      mechanisms: [{ kind: 'drain', deadlineMs: '15s', lost: 'timer' }],
    });
    expect(figure(run(lost, stop), 'drain takes')).toBeNull();
  });

  it('is told so after a box has forgotten the flow, too', () => {
    const forgotten = defineScenario({
      kind: 'fault',
      name: 'stop-behind-nat',
      fault: { kind: 'nat-expiry', idleMs: '60s' },
      story: { kind: 'drain', ghosts: 2, sigtermAfterMs: '10s' },
    });
    const result = run(presets['drain-15s'] as Policy, forgotten);
    // The last packet of the handshake leaves after one round trip of 50 ms.
    expect(at(result, 'sigterm')).toEqual([70_050, 70_050]);
    expect(figure(result, 'drain takes')).toBe(15_000);
    // Pinged every 30 s nothing is forgotten: then nobody is told to stop, and nothing is said of how long it takes.
    const kept = run(presets['alive-flag-sweep'] as Policy, forgotten);
    expect(kept.fleet?.map(({ name }) => name)).toEqual(['killed at the deadline']);
  });
});

describe('a call on an entry of a pool that has rested', () => {
  const pool = (changes: object): Scenario =>
    defineScenario({
      kind: 'fault',
      name: 'pool',
      fault: { kind: 'vanish', direction: 'both' },
      path: { rttMs: 2 },
      story: { kind: 'pool', idleMs: '60s', queryBytes: 100 },
      ...changes,
    });
  const deadline = definePolicy({
    name: 'query-timeout-30s',
    mechanisms: [{ kind: 'request-deadline', timeoutMs: '30s' }],
  });

  it('to a database that has vanished hangs for tcp_retries2, counted from the query', () => {
    for (let number = 0; number < 5; number += 1) {
      const result = run(presets['none'] as Policy, pool({}), number);
      const [sentMs = NaN] = at(result, 'query-sent');
      // The entry settles for 2 s and rests for a minute; the fault comes meanwhile.
      expect(sentMs).toBe(62_000);
      expect(result.faultAtMs).toBeGreaterThanOrEqual(2_000);
      expect(result.faultAtMs).toBeLessThanOrEqual(62_000);
      expect(figure(result, 'call hangs')).toBe((result.decidedAtMs ?? NaN) - sentMs);
      // An RTO of 204 ms and 15 doublings up to 120 s: 0.204 · (2^10 − 1) + 6 · 120 s = 928.7 s, plus a loss probe and the
      // wheel, which makes each of the long waits up to an eighth, and no shorter than it is.
      expect(figure(result, 'call hangs')).toBeGreaterThan(928_000);
      expect(figure(result, 'call hangs')).toBeLessThan(945_000);
    }
  });

  it('is over when the deadline on its answer is: 30 s, whether the database has vanished or stands still', () => {
    expect(figure(run(deadline, pool({})), 'call hangs')).toBe(30_000);
    const frozen = pool({ fault: { kind: 'freeze' } });
    expect(figure(run(deadline, frozen), 'call hangs')).toBe(30_000);
    expect(figure(run(presets['none'] as Policy, frozen), 'call hangs')).toBeNull();
  });

  it('is over when the test before lending is', () => {
    const checked = definePolicy({
      name: 'checked',
      mechanisms: [{ kind: 'borrow-check', timeoutMs: '5s', freshMs: '500ms' }],
    });
    const result = run(checked, pool({}));
    expect(figure(result, 'call hangs')).toBe(5_000);
    expect(at(result, 'test-query-sent')).toEqual([62_000]);
    expect(at(result, 'query-sent')).toEqual([]);
  });

  it('does not come to an entry that the pool has closed: nothing hangs', () => {
    const idle = definePolicy({
      name: 'idle-10s',
      mechanisms: [{ kind: 'idle', timeoutMs: '10s' }],
    });
    const { rows } = compare({ policies: [idle], scenarios: [pool({})], runs: 20, seed: '4' });
    const [hangs] = rows[0]?.fleet ?? [];
    expect(hangs).toMatchObject({ name: 'call hangs', samples: 0, never: 0, max: null });
    // A closed entry is no harm: the next query opens another.
    expect(rows[0]?.endedAlive.count).toBe(0);
  });

  it.each([
    // redis-py 1527: 938 to 939 s. HTTP.jl 1331: about 15.9 min; the round trip and the tick decide, the wheel adds its phase: at
    // HZ 1000 the last waits are 30 buckets of 4.096 s each, and the end lies up to one bucket after 956.7 s.
    ['redis-py', { rttMs: 1 }, '60s', '61s', 64, 250, 938_000, 939_500],
    ['HTTP.jl', { rttMs: 10 }, '240s', '12m', 600, 250, 945_500, 949_500],
    ['HTTP.jl', { rttMs: 10 }, '240s', '12m', 600, 1000, 956_000, 961_000],
  ])(
    '%s behind a box that forgot it hangs as long as was reported',
    (_who, path, forgetsMs, idleMs, queryBytes, hz, leastMs, mostMs) => {
      const scenario = pool({
        path,
        fault: { kind: 'nat-expiry', idleMs: forgetsMs },
        story: { kind: 'pool', idleMs, queryBytes },
        kernel: { hz },
        watchMs: '40m',
      });
      const hangs = figure(run(presets['none'] as Policy, scenario), 'call hangs');
      expect(hangs).toBeGreaterThan(leastMs);
      expect(hangs).toBeLessThan(mostMs);
    },
  );

  it('to a box that still remembers is refused: nothing would happen to it', () => {
    const early = (): Scenario =>
      pool({
        fault: { kind: 'nat-expiry', idleMs: '5m' },
        story: { kind: 'pool', idleMs: '4m', queryBytes: 64 },
      });
    expect(early).toThrow(/story\.idleMs: received 4m.*write an idleMs/);
  });

  describe('of a living database', () => {
    const lived = (silence: Silence): Scenario =>
      defineScenario({
        kind: 'live',
        name: 'living',
        path: { rttMs: 2 },
        silence,
        story: { kind: 'pool', idleMs: '60s', queryBytes: 100 },
        watchMs: '3m',
      });

    it('is answered in a round trip', () => {
      const result = run(presets['none'] as Policy, lived({ kind: 'none' }));
      expect(at(result, 'reply-read')).toEqual([62_002]);
      expect(figure(result, 'call hangs')).toBe(2);
    });

    it('that stands still is answered when it goes on, and ended by a shorter deadline', () => {
      const pause = lived({ kind: 'process-pause', lengthMs: 45_000 });
      const results = Array.from({ length: 40 }, (_, number) => run(deadline, pause, number));
      const hangs = results.map((result) => figure(result, 'call hangs') ?? NaN);
      // The query falls anywhere into the 45 s.
      expect(Math.max(...hangs)).toBe(30_000);
      const by = results.flatMap(({ endedAlive }) => endedAlive?.by ?? []);
      expect(new Set(by)).toEqual(new Set(['request-deadline']));
      const ended = by.length;
      expect(hangs.filter((one) => one === 30_000)).toHaveLength(ended);
      // 15 of 45 s are too early by 30 s: a third of 40, with a deviation of 3.
      expect(ended).toBeGreaterThan(4);
      expect(ended).toBeLessThan(23);
    });

    it('waits in a process that stands still itself, and its time counts', () => {
      const stall = lived({ kind: 'server-stall', lengthMs: 20_000 });
      for (let number = 0; number < 5; number += 1) {
        const result = run(presets['none'] as Policy, stall, number);
        const [againMs = NaN] = at(result, 'event-loop-runs-again');
        expect(at(result, 'query-sent')).toEqual([againMs]);
        expect(figure(result, 'call hangs')).toBeCloseTo(againMs + 2 - 62_000, 6);
      }
    });
  });
});

describe('a silence and a stall of the server together', () => {
  it('each last as long as they are said to', () => {
    const both = defineScenario({
      kind: 'live',
      name: 'both',
      silence: { kind: 'outage', lengthMs: '9s' },
      server: { broken: { kind: 'loop-stalled', lengthMs: '60s' } },
    });
    const result = run(presets['none'] as Policy, both);
    const [cutMs = NaN] = at(result, 'cut');
    expect(at(result, 'healed')[0]).toBeCloseTo(cutMs + 9_000, 6);
    expect(at(result, 'event-loop-runs-again')[0]).toBeCloseTo(cutMs + 60_000, 6);
  });
});

describe('what is stated of calls and stops', () => {
  it(
    'holds for every built-in policy: bounds of ghosts, and the tolerance of the living',
    { timeout: 240_000 },
    () => {
      const told = Object.values(scenarios).filter(({ story }) =>
        ['pool', 'drain', 'waiting'].includes(story.kind),
      );
      const { rows } = compare({
        policies: share(Object.values(presets), 8),
        scenarios: told,
        runs: 2,
        seed: '24301',
      });
      const broken = rows.filter((row) => {
        const { boundMs, proved, endedAlive, silenceMs, toleranceMs, toleranceProved } = row;
        const late = outlived(decisionSeen(row), boundMs);
        const claim = { maxMs: toleranceMs, proved: toleranceProved };
        return (proved && late) || endedAgainstClaim(endedAlive.count, silenceMs, claim);
      });
      expect(broken.map(({ policy, scenario }) => `${policy} on ${scenario}`)).toEqual([]);
    },
  );
});

/**
 * What is sampled against what was worked out by hand: where every phase is met, a ghost's life is uniform between two
 * ends, and its distribution is held against that by Kolmogorov and Smirnov's test. Round trip 50 ms, 250 ticks a second.
 */
import { describe, expect, it } from 'vitest';
import {
  definePolicy,
  presets,
  selectPolicies,
  type PolicyInput,
} from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { ComparisonRow } from '../../model/results/types.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { ScenarioInput } from '../../model/scenario/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { playPhases } from '../../proof/phases.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare, runChunk } from '../../scenarios/compare/index.ts';
import { verdictOf } from '../../cli/checks/comparison.ts';
import { simulate } from '../../scenarios/run.ts';
import { watchOf } from '../../scenarios/watch.ts';
import { seedWords } from '../../sim/random.ts';
import { RunPlayer } from '../../sim/world/run.ts';

const RUNS = 200;

/** sqrt(−ln(α/2) / 2) for α = 5 %: the distance of n samples from their distribution stays below it / sqrt(n). */
const KOLMOGOROV_5_PERCENT = Math.sqrt(-Math.log(0.05 / 2) / 2);

/** Greatest distance of a sample's distribution from the uniform one on [low, high]. */
function distanceFromUniform(ascending: readonly number[], low: number, high: number): number {
  const n = ascending.length;
  return ascending.reduce((most, value, i) => {
    const expected = Math.min(1, Math.max(0, (value - low) / (high - low)));
    return Math.max(most, Math.abs(expected - i / n), Math.abs(expected - (i + 1) / n));
  }, 0);
}

function policy(mechanisms: PolicyInput['mechanisms'], more: Partial<PolicyInput> = {}): Policy {
  return definePolicy({ name: 'under-test', mechanisms, ...more });
}

function option(expression: string): Policy {
  const selected = selectPolicies(expression);
  if (!selected.ok) throw new Error(expression);
  return selected.value[0] as Policy;
}

function vanish(changes: Partial<ScenarioInput> = {}): Scenario {
  return defineScenario({
    name: 'vanish',
    kind: 'fault',
    fault: { kind: 'vanish', direction: 'both' },
    ...changes,
  } as ScenarioInput);
}

function every(everyMs: string, direction: 'server' | 'client' | 'both' = 'server') {
  return { load: { kind: 'periodic' as const, bytes: 1_024, everyMs, direction } };
}

/** Name, policy, scenario, and the shortest and the longest life by hand, ms. */
type Case = readonly [string, Policy, Scenario, number, number];

const preset = (name: string): Policy => presets[name] as Policy;

/** What left the client less than this before the cut still arrives. */
const WAY = 25;

const cases: readonly Case[] = [
  // The next write after the fault is 0 … 60 s away; then two timeouts of 252 ms and the user timeout, which the wheel
  // rounds up by half a bucket of 256 ms.
  [
    'a load every 60 s under a user timeout of 20 s',
    preset('user-timeout-20s'),
    vanish(every('60s')),
    20_800 - WAY,
    80_800 - WAY,
  ],
  [
    'the same every 120 s',
    preset('user-timeout-20s'),
    vanish(every('120s')),
    20_800 - WAY,
    140_800 - WAY,
  ],
  // The flag is cleared at the tick after the last answered one, 0 … 30 s after the fault, and reaps at the next.
  ['a shared sweep of 30 s', preset('alive-flag-sweep'), vanish(), 30_000 - WAY, 60_000 - WAY],
  [
    'a sweep of 30 s per connection',
    preset('ws-heartbeat-per-connection'),
    vanish(),
    30_000 - WAY,
    60_000 - WAY,
  ],
  [
    'the sweep under a load of 45 s, which is none of its life',
    preset('ws-heartbeat-per-connection'),
    vanish(every('45s')),
    30_000 - WAY,
    60_000 - WAY,
  ],
  // The pong sets the flag, and the next tick skips: a ping every second tick, cleared at it, reaped at the next.
  [
    'a sweep of 10 s that skips the tick after its own pong',
    policy([{ kind: 'sweep', intervalMs: '10s', life: ['pong'], skipAfter: ['pong'] }]),
    vanish(),
    10_000 - WAY,
    30_000 - WAY,
  ],
  [
    'a ping every 20 s with 7 s for the pong',
    policy([{ kind: 'ping', intervalMs: '20s', replyTimeoutMs: '7s' }]),
    vanish(),
    7_000 - WAY,
    27_000 - WAY,
  ],
  // 25 s from the pong, which comes a round trip after the ping; 20 s for the next.
  [
    'engine.io: 25 s from the last pong, 20 s for the next',
    preset('engine.io-v4-server'),
    vanish(),
    20_000 - WAY,
    45_050 - WAY,
  ],
  // 10 s and 5 s are 2500 and 1250 jiffies, in buckets of 64: once on one, 5.12 s from look to look, 10.24 s
  // from probe to probe.
  [
    'keepalive 10 s, 5 s, 3 probes',
    preset('keepalive-10-5-3'),
    vanish(),
    3 * 5_120 - WAY,
    2 * 5_120 + 3 * 5_120 - WAY,
  ],
  // 20 s are 5000 jiffies in buckets of 512: 20.48 s from probe to probe, though the connection is idle after 5 s.
  [
    'keepalive whose interval of 20 s is longer than its idle time of 5 s',
    policy([{ kind: 'keepalive', idleMs: '5s', intervalMs: '20s', probes: 2 }]),
    vanish(),
    2 * 20_480 - WAY,
    3 * 20_480 - WAY,
  ],
  // Heard 0 … 25 s before the fault, or half a round trip after it.
  [
    'a receive deadline of 60 s fed by a heartbeat every 25 s',
    policy([{ kind: 'receive-deadline', timeoutMs: '60s', life: ['any-byte'] }], {
      peerHeartbeat: { everyMs: '25s', sign: 'pong', bytes: 6, sentBy: 'websocket' },
    }),
    vanish(),
    35_000 + WAY,
    60_000 + WAY,
  ],
  [
    'a receive deadline of 90 s fed by a client that pings every 60 s',
    policy([{ kind: 'receive-deadline', timeoutMs: '90s', life: ['ping'] }]),
    vanish({ client: { pingEveryMs: '60s' } }),
    30_000 + WAY,
    90_000 + WAY,
  ],
  [
    'an idle limit of 50 s fed by a client that writes every 20 s',
    policy([{ kind: 'idle', timeoutMs: '50s' }]),
    vanish(every('20s', 'client')),
    30_000 + WAY,
    50_000 + WAY,
  ],
  // Each message puts the ping off; the last came 0 … 8 s before the fault.
  [
    'a ping after 20 s of silence, with messages every 8 s, and 5 s for its pong',
    policy([
      {
        kind: 'ping',
        intervalMs: '20s',
        after: 'last-received',
        replyTimeoutMs: '5s',
        life: ['pong'],
      },
    ]),
    vanish(every('8s', 'client')),
    17_000 + WAY,
    25_000 + WAY,
  ],
  // Nothing feeds them: whoever is met has lived for 0 … the limit.
  ['haproxy(tunnel=30s), idle', option('haproxy(tunnel=30s)'), vanish(), 0, 30_000],
  [
    'an idle limit of 45 s, idle',
    policy([{ kind: 'idle', timeoutMs: '45s' }]),
    vanish(),
    0,
    45_000,
  ],
  [
    'an age limit of 2 min under a load every 7 s',
    policy([{ kind: 'age', maxMs: '2m' }]),
    vanish(every('7s')),
    0,
    120_000,
  ],
];

function livesMs(of: Policy, on: Scenario, seed: bigint, runs = RUNS): readonly number[] {
  const part = runChunk(of, on, seed, { policy: 0, scenario: 0, firstRun: 0, runs });
  expect(part.undetected + part.prevented).toBe(0);
  return part.ghostUs.map((us) => us / 1000).toSorted((a, b) => a - b);
}

describe('the life of a ghost is uniform', () => {
  it.each(cases)('%s', (_name, of, on, low, high) => {
    for (const seed of [1n, 20n, 4_711n]) {
      const lives = livesMs(of, on, seed);
      const distance = distanceFromUniform(lives, low, high);
      expect(distance, `seed ${seed}`).toBeLessThan(KOLMOGOROV_5_PERCENT / Math.sqrt(RUNS));
    }
  });

  it('so the median of the slow load is 50.8 s, and every stretch of runs knows it', () => {
    const [, of, on] = cases[0] as Case;
    const lives = livesMs(of, on, 1n);
    expect(lives[RUNS / 2]).toBeGreaterThan(49_800);
    expect(lives[RUNS / 2]).toBeLessThan(51_800);
    const part = runChunk(of, on, 1n, { policy: 0, scenario: 0, firstRun: 5_000, runs: 50 });
    const some = part.ghostUs.map((us) => us / 1000).toSorted((a, b) => a - b);
    // Fifty even phases lie closer together than fifty chances do.
    expect(distanceFromUniform(some, 20_775, 80_775)).toBeLessThan(KOLMOGOROV_5_PERCENT / 8);
  });

  it('and the grid of phases has the same ends', () => {
    const [, of, on] = cases[0] as Case;
    const { ghostMs } = playPhases(of, on, 64, 1n);
    expect(ghostMs.minMs).toBeLessThan(22_000);
    expect(ghostMs.maxMs).toBeGreaterThan(79_800);
  });
});

describe('the age of a connection at its fault', () => {
  const ages = (of: Policy, on: Scenario): readonly number[] =>
    Array.from({ length: 60 }, (_, run) => simulate(of, on, { seed: '1', run }).faultAtMs ?? NaN);

  it('is seconds, minutes and hours, as likely', () => {
    const minutes = ages(preset('none'), vanish()).map((ms) => ms / 60_000);
    const share = (from: number, to: number): number =>
      minutes.filter((m) => m >= from && m < to).length / minutes.length;
    // Of 4 h in whole seconds, log 60 / log 14 401 each for seconds and minutes; the rest is hours.
    expect(share(0, 1)).toBeCloseTo(0.43, 1);
    expect(share(1, 60)).toBeCloseTo(0.42, 1);
    expect(share(60, 241)).toBeCloseTo(0.15, 1);
  });

  it('is no more than a policy lets it live', () => {
    const limited = policy([{ kind: 'age', maxMs: '40s' }]);
    expect(Math.max(...ages(limited, vanish()))).toBeLessThan(40_100);
  });
});

describe('a load that is there from the opening', () => {
  it('keeps a talking client alive until its fault', () => {
    const byMessage = policy([{ kind: 'sweep', intervalMs: '10s', life: ['message'] }]);
    const { rows } = compare({
      policies: [byMessage],
      scenarios: [scenarios['vanish-telemetry'] as Scenario],
      runs: 100,
      seed: '1',
    });
    expect(rows[0]?.falseReaps.count).toBe(0);
    expect(rows[0]?.endedAlive.count).toBe(0);
    expect(rows[0]?.ghostMs.samples).toBe(100);
  });

  it('is told again from there where the policy does not wait for it to begin late', () => {
    // 256 messages are 77 s, and the common rhythm of the sweeps is 35 min: in most lives the load could begin late.
    const impatient = policy([
      { kind: 'sweep', intervalMs: '35s', timer: 'per-connection', ping: false, life: ['message'] },
      { kind: 'ping', intervalMs: '60s', replyTimeoutMs: null },
    ]);
    const part = runChunk(impatient, vanish(every('300ms', 'client')), 1n, {
      policy: 0,
      scenario: 0,
      firstRun: 0,
      runs: 20,
    });
    expect(part.falseReaps + part.prevented).toBe(0);
    expect(part.ghostUs).toHaveLength(20);
  });
});

describe('what cannot be covered', () => {
  const rowOf = (of: Policy, on: Scenario): ComparisonRow =>
    compare({ policies: [of], scenarios: [on], runs: 2, seed: '1' }).rows[0] as ComparisonRow;

  it('is said: two rhythms of the connection that meet only after days', () => {
    const row = rowOf(
      policy([
        { kind: 'ping', intervalMs: 24_989, replyTimeoutMs: '5s' },
        { kind: 'sweep', intervalMs: 30_011, timer: 'per-connection', life: ['pong'] },
      ]),
      vanish(),
    );
    expect(row.covered).toBe(false);
    // 24 989 · 30 011 ms: they have no common divisor.
    expect(row.notCovered).toContain('ping every 24.989s, sweep every 30.011s');
    expect(row.notCovered).toContain('208.3 h');
  });

  it('is covered where the clocks are not the same: their distance is drawn for every life', () => {
    const of = policy([{ kind: 'sweep', intervalMs: 30_011, life: ['pong'] }]);
    const row = rowOf(of, vanish(every('7.919s')));
    expect(row).toMatchObject({ covered: true });
    expect(row.notCovered).toBeUndefined();
  });
});

describe('the cost of a policy', () => {
  /** The same hour without the fault, packet by packet. */
  function playedHour(of: Policy, on: Partial<ScenarioInput>): ComparisonRow['cost'] {
    const hour = defineScenario({
      ...on,
      name: 'hour',
      kind: 'live',
      silence: { kind: 'none' },
      watchMs: '1h',
    } as ScenarioInput);
    const rows = compare({ policies: [of], scenarios: [hour], runs: 4, seed: '1' }).rows;
    return (rows[0] as ComparisonRow).cost;
  }

  it.each([
    // Each probe and its answer: 3600 / 10.24 s of them.
    ['keepalive 10/5/3', preset('keepalive-10-5-3'), {}, 703],
    // 3600 / 20.48 s.
    [
      'keepalive 5/20/2',
      policy([{ kind: 'keepalive', idleMs: '5s', intervalMs: '20s', probes: 2 }]),
      {},
      352,
    ],
    // Ping, pong, acknowledgement every 20 s, though the sweep ticks every 10.
    [
      'a sweep that skips',
      policy([{ kind: 'sweep', intervalMs: '10s', life: ['pong'], skipAfter: ['pong'] }]),
      {},
      540,
    ],
    ['an alive-flag sweep', preset('alive-flag-sweep'), {}, 360],
    // Five probes between two messages, which put the sixth off.
    ['keepalive 10/5/3 under a load every 60 s', preset('keepalive-10-5-3'), every('60s'), 600],
    // Nothing to add: the load is its own packet, whatever the policy.
    ['a user timeout under load', preset('user-timeout-20s'), every('60s'), 0],
  ])('%s: as many packets as in a played hour', (_name, of, on, packets) => {
    const { rows } = compare({ policies: [of], scenarios: [vanish(on)], runs: 20, seed: '1' });
    const { cost } = rows[0] as ComparisonRow;
    const hour = playedHour(of, on);
    // The first exchanges of a connection are acknowledged at once, and an hour may begin and end with a packet.
    expect(Math.abs(hour.packetsPerHour - cost.packetsPerHour)).toBeLessThan(12);
    expect(Math.abs(packets - cost.packetsPerHour)).toBeLessThan(6);
    expect(Math.abs(hour.wakeupsPerHour - cost.wakeupsPerHour)).toBeLessThan(6);
  });

  it('of a policy that lets nobody live for long is that of the lives it allows', () => {
    // Pings at 2, 4, 6 and 8 s of every 9: 4 · 3 packets in 9 s, once the first are no longer acknowledged at once.
    const short = policy([
      { kind: 'ping', intervalMs: '2s', replyTimeoutMs: '1s' },
      { kind: 'age', maxMs: '9s' },
    ]);
    const { rows } = compare({ policies: [short], scenarios: [vanish()], runs: 20, seed: '1' });
    const perLife = ((rows[0] as ComparisonRow).cost.packetsPerHour * 9) / 3_600;
    expect(perLife).toBeGreaterThanOrEqual(12);
    expect(perLife).toBeLessThanOrEqual(16.5);
  });
});

describe('a watch', () => {
  it('outlasts everybody, so that what has not ended never does', () => {
    for (const name of [
      'none',
      'alive-flag-sweep',
      'keepalive-linux-default',
      'pgbouncer-server-pool',
    ]) {
      for (const on of ['vanish-idle', 'frozen-busy', 'reboot', 'chat-server-week']) {
        const scenario = scenarios[on] as Scenario;
        const watch = watchOf(preset(name), scenario);
        expect(watch.outlastsAll, `${name} on ${on}`).toBe(true);
        const { lengthMs } = watch;
        // A twice as long watch would see the same.
        for (const run of [0, 1, 2]) {
          const ends = [lengthMs, 2 * lengthMs].map((ms) => {
            const player = new RunPlayer(preset(name), scenario, ms, false);
            player.play(seedWords(1n), run);
            return [player.record.decidedAtUs, player.record.releasedAtUs];
          });
          expect(ends[1], `${name} on ${on}`).toEqual(ends[0]);
        }
      }
    }
  });

  it('that is too short for a patience of days says so, and nothing of never', () => {
    const patient = policy([{ kind: 'receive-deadline', timeoutMs: '72h', life: ['any-byte'] }]);
    const { rows } = compare({ policies: [patient], scenarios: [vanish()], runs: 3, seed: '1' });
    const row = rows[0] as ComparisonRow;
    expect(row).toMatchObject({ watchedMs: 86_400_000, watchedOut: false });
    expect(row.ghostMs.undetected).toBe(3);
    expect(verdictOf(row).text).toBe('found nothing within the 24.00 h watched');
  });

  it('goes on to the end of a connection that was decided, whatever a middlebox still remembers', () => {
    // TIME_WAIT takes 60 s, and the flow is forgotten only after hours.
    for (const on of ['path-aws-eni', 'path-linux-conntrack', 'path-rfc5382-nat']) {
      const run = simulate(preset('cowboy-ws'), scenarios[on] as Scenario, { seed: '1' });
      expect(run.decidedAtMs, on).not.toBeNull();
      expect(run.releasedAtMs, on).not.toBeNull();
    }
  });
});

/** Witnesses side by side: they agree on what is true, and each of them catches what is not. */
import { describe, expect, it } from 'vitest';
import { bounds, type Bounds } from '../../model/bounds/index.ts';
import { InputError } from '../../model/issue.ts';
import { definePolicy, presets, type Policy } from '../../model/policy/index.ts';
import { reachBound, reachTolerance } from '../../model/reach/index.ts';
import type { VerificationRow } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { playPhases } from '../../proof/phases.ts';
import { verificationRow } from '../../proof/row.ts';
import { reachedBound, reachedTolerance, verify } from '../../proof/verify.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare } from '../../scenarios/compare/index.ts';
import { seedWords, Stream } from '../../sim/random.ts';
import { RunPlayer } from '../../sim/world/run.ts';
import { share } from '../support/share.ts';

const sweep = presets['alive-flag-sweep'] as Policy;
const ackStall = presets['ack-stall-watchdog'] as Policy;
const vanishIdle = scenarios['vanish-idle'] as Scenario;
const paused = scenarios['live-paused-78s'] as Scenario;
/** B and T of the sweep at 50 ms: two intervals less half a round trip. */
const SWEEP_MS = 59_975;

/** A row with something else stated than is proved. */
function rowWith(
  policy: Policy,
  scenario: Scenario,
  state: (true_: Bounds) => Bounds,
  phases = 8,
  runs = 20,
): VerificationRow {
  const [sampled] = compare({ policies: [policy], scenarios: [scenario], runs, seed: '1' }).rows;
  if (sampled === undefined) throw new Error('a comparison has a row');
  return verificationRow(state(bounds(policy, scenario)), {
    reached: reachedBound(reachBound(policy, scenario)),
    survived: reachedTolerance(reachTolerance(policy, scenario)),
    phases: playPhases(policy, scenario, phases, 1n),
    sampled,
    replay: null,
  });
}

function decidedWithin(maxMs: number | null): (stated: Bounds) => Bounds {
  return (stated) => ({ ...stated, decided: { ...stated.decided, maxMs } });
}

describe('verify', () => {
  it('finds every witness agreeing on the founding policies, and the bound reached', () => {
    const founding = [
      'alive-flag-sweep',
      'engine.io-v4-server',
      'send-stall-watchdog',
      'keepalive-10-5-3',
    ];
    for (const name of share(founding, 4)) {
      const { rows } = verify(presets[name] as Policy, {
        scenarios: share(Object.values(scenarios), 5),
        runs: 10,
        phases: 8,
      });
      expect(rows.filter(({ verdict }) => verdict !== 'agree' && verdict !== 'not-proved')).toEqual(
        [],
      );
    }
    const { rows } = verify(sweep, { scenarios: [vanishIdle], runs: 10 });
    // The fault that comes a microsecond after the opening, and by which B is attained, no grid has.
    expect(rows[0]?.tightness).toBeGreaterThan(0.999);
  });

  it('gives the same for the same seed, and says what it was made from', () => {
    const options = { scenarios: [vanishIdle, paused], runs: 5, phases: 4, seed: '0x2a' };
    const found = verify(sweep, options);
    expect(verify(sweep, options)).toEqual(found);
    expect(found).toMatchObject({ schemaVersion: 1, seed: '42', runs: 5, phases: 4 });
    expect(found.rows.map(({ scenario }) => scenario)).toEqual(['vanish-idle', 'live-paused-78s']);
  });

  it.each([{ phases: 1 }, { phases: 2.5 }, { runs: 0 }, { scenarios: [] }, { seed: 'x' }])(
    'refuses %j',
    (options) => {
      expect(() => verify(sweep, options)).toThrow(InputError);
    },
  );
});

describe('a wrong bound', () => {
  it('is caught by the grid of phases to the microsecond', () => {
    const row = rowWith(sweep, vanishIdle, decidedWithin(SWEEP_MS - 0.003));
    expect(row.against).toEqual(['phases']);
    expect(row.phases.ghostMs.maxMs).toBeGreaterThan(SWEEP_MS - 0.002);
    expect(rowWith(sweep, vanishIdle, decidedWithin(SWEEP_MS)).verdict).toBe('agree');
  });

  it('is caught by everybody where it is the folklore: 30 s', () => {
    const row = rowWith(sweep, vanishIdle, decidedWithin(30_000));
    expect(row.against).toEqual(['phases', 'sampled']);
  });

  it('is caught where nothing ever notices', () => {
    const lost = presets['alive-flag-sweep-lost'] as Policy;
    const row = rowWith(lost, vanishIdle, decidedWithin(60_000));
    expect(row.against).toEqual(['phases', 'sampled']);
    expect(rowWith(lost, vanishIdle, decidedWithin(null)).verdict).toBe('agree');
  });

  it('of the release is caught by the lives', () => {
    const row = rowWith(sweep, vanishIdle, (stated) => ({
      ...stated,
      released: { ...stated.released, maxMs: 60_000 },
    }));
    expect(row).toMatchObject({
      verdict: 'ghost-outlived-bound',
      against: ['phases', 'sampled'],
    });
  });
});

describe('a wrong tolerance', () => {
  it('is caught by lives whose silence is as long', () => {
    const claim = (maxMs: number | null) => (stated: Bounds) => ({
      ...stated,
      tolerance: { ...stated.tolerance, maxMs },
    });
    expect(rowWith(ackStall, paused, claim(29_950)).verdict).toBe('agree');
    expect(rowWith(ackStall, paused, claim(null))).toMatchObject({
      verdict: 'false-reap',
      against: ['phases', 'sampled'],
    });
  });
});

describe('a pong that answers another ping', () => {
  it('lets a ghost live half a round trip longer than its own pong would', () => {
    // The sweep pings 25.1 ms before the fault: its pong is on the way. The timers' ping leaves 23 ms after
    // the fault, is lost, and answered by that pong all the same: the next one is 30 s later.
    const twoLoops = definePolicy({
      name: 'two-ping-loops',
      mechanisms: [
        { kind: 'sweep', intervalMs: '30s', life: ['pong', 'message'] },
        { kind: 'ping', intervalMs: '30s', replyTimeoutMs: '10s' },
      ],
    });
    const player = new RunPlayer(twoLoops, vanishIdle, 120_000, false);
    // The fault comes at 2 s + 30 s + 28.052 s; the connection, open after 75 ms, pings 60 s later.
    const share = (us: number): number => (us + 0.5) / 30_000_000;
    player.world.pin(Stream.FaultPhase, share(28_052_000));
    player.world.pin(Stream.Age, Math.log(2.5) / Math.log(65));
    player.world.pin(Stream.SweepPhase, share(25_100));
    player.play(seedWords(1n), 0);
    const livedMs = (player.record.decidedAtUs - player.record.faultAtUs) / 1000;
    expect(livedMs).toBe(40_023);
    const { decided } = bounds(twoLoops, vanishIdle);
    // 30 s + 10 s + half a round trip.
    expect(decided.maxMs).toBe(40_025);
  });
});

describe('reachability beside the others', () => {
  const paths = verify(sweep, { scenarios: [vanishIdle], runs: 20, phases: 16 }).rows[0];

  it('says the bound and the clocks that add up to it', () => {
    const decided = paths?.reach.decided;
    if (decided?.kind !== 'proved') throw new Error('this cell is proved');
    expect(decided.maxMs).toBe(60_000);
    expect(decided.path.map(({ clock, ms }) => `${clock} ${ms}`)).toEqual([
      'until sweep first tick 30000',
      'sweep interval 30000',
    ]);
  });

  it('is contradicted by a ghost that lives longer, and by nothing where it is cut off', () => {
    const [sampled] = compare({
      policies: [sweep],
      scenarios: [vanishIdle],
      runs: 20,
      seed: '1',
    }).rows;
    if (sampled === undefined) throw new Error('a comparison has a row');
    const testimony = {
      phases: playPhases(sweep, vanishIdle, 8, 1n),
      survived: reachedTolerance(reachTolerance(sweep, vanishIdle)),
      sampled,
      replay: null,
    };
    const tooShort = { kind: 'proved', maxMs: 40_000, by: 'sweep', path: [], steps: 1 } as const;
    const row = verificationRow(bounds(sweep, vanishIdle), { ...testimony, reached: tooShort });
    expect(row.verdict).toBe('ghost-outlived-bound');
    expect(row.against).toContain('sampled');
    const cutOff = { kind: 'not-proved', reason: 'cut off' } as const;
    const other = verificationRow(bounds(sweep, vanishIdle), { ...testimony, reached: cutOff });
    expect(other.verdict).toBe('agree');
  });

  it('says the shortest silence that ends a living peer, and is contradicted by one that is ended in a shorter', () => {
    const outage = scenarios['live-outage-29s'] as Scenario;
    const row = rowWith(sweep, outage, (stated) => stated);
    const { tolerance } = row.reach;
    if (tolerance.kind !== 'proved') throw new Error(tolerance.reason);
    expect(tolerance.maxMs).toBeGreaterThan(16_000);
    expect(tolerance.maxMs).toBeLessThan(16_500);
    expect(tolerance.by).toBe('sweep');
    expect(tolerance.path.length).toBeGreaterThan(0);
    expect(row.verdict).toBe('agree');
    const [sampled] = compare({
      policies: [sweep],
      scenarios: [outage],
      runs: 200,
      seed: '1',
    }).rows;
    if (sampled === undefined) throw new Error('a comparison has a row');
    expect(sampled.endedAlive.count).toBeGreaterThan(0);
    const tooLong = { kind: 'proved', maxMs: 30_000, by: 'sweep', path: [], steps: 1 } as const;
    const contradicted = verificationRow(bounds(sweep, outage), {
      reached: reachedBound(reachBound(sweep, outage)),
      survived: tooLong,
      phases: playPhases(sweep, outage, 8, 1n),
      sampled,
      replay: null,
    });
    expect(contradicted.verdict).toBe('false-reap');
    expect(contradicted.against).toContain('sampled');
  });
});

/**
 * Synthesis. What is expected of the numbers is arithmetic: B of a ping is
 * intervalMs + rttMs + replyTimeoutMs − rttMs / 2, of a sweep twice its interval less half a round trip, of keepalive
 * idle + probes · interval; and a brute-force search over a coarse grid that may find nothing cheaper.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { InputError } from '../../model/issue.ts';
import { lint } from '../../proof/lint/index.ts';
import {
  definePolicy,
  parsePolicy,
  presets,
  type MechanismInput,
} from '../../model/policy/index.ts';
import type { FaultScenario, LiveScenario } from '../../model/scenario/types.ts';
import { idleCost } from '../../proof/tune/cost.ts';
import { durations, first, firstFrom, last } from '../../proof/tune/grid.ts';
import { tune, type TuneRequest } from '../../proof/tune/index.ts';
import { meets } from '../../proof/tune/judge.ts';
import { planOf } from '../../proof/tune/plan.ts';
import { compare } from '../../scenarios/compare/index.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { cases } from '../support/property.ts';

const fault = (name: string): FaultScenario => scenarios[name] as FaultScenario;
const living = (name: string): LiveScenario => scenarios[name] as LiveScenario;
const vanishing = [fault('vanish-idle'), fault('vanish-busy')];

/** Everything that a tuning promises, held against what is proved anew. */
function expectKept(request: TuneRequest): ReturnType<typeof tune> {
  const tuning = tune(request);
  const { policy, rows, conflict } = tuning;
  if (policy === null) throw new Error(`no policy: ${conflict?.message}`);
  expect(conflict).toBeNull();
  expect(meets(policy, planOf(request))).toBe(true);
  expect(rows.filter(({ verdict }) => verdict !== 'agree')).toEqual([]);
  expect(parsePolicy(JSON.parse(JSON.stringify(policy)), '')).toEqual({ ok: true, value: policy });
  return tuning;
}

describe('a request that can be met', () => {
  it('gets the shortest patience that spares everybody and the longest period that finds every ghost', () => {
    const { policy } = expectKept({
      maxGhostMs: '45s',
      survive: { 'server-starved': '10s' },
      faults: [fault('frozen-idle')],
      allow: ['ping'],
    });
    // T = replyTimeoutMs − rttMs ≥ 10 s: 10.5 s on a grid of halves. B = interval + 25 ms + 10.5 s ≤ 45 s: 34 s.
    expect(policy?.mechanisms).toMatchObject([{ intervalMs: 34_000, replyTimeoutMs: 10_500 }]);
  });

  it('takes twice the heartbeat from a path that forgets', () => {
    const { policy } = expectKept({ maxGhostMs: '5m', pathIdleMs: '60s', allow: ['ping'] });
    // A round trip of 50 ms comes on top of the interval: 29.95 s, on a grid of halves.
    expect(policy?.mechanisms).toMatchObject([{ intervalMs: 29_500 }]);
  });

  it('halves the bound for a sweep', () => {
    const { policy } = expectKept({ maxGhostMs: '60s', allow: ['sweep'] });
    // 2 · 30 s − 25 ms ≤ 60 s.
    expect(policy?.mechanisms).toMatchObject([{ kind: 'sweep', intervalMs: 30_000 }]);
  });

  it('lets the kernel do it where nobody freezes, for two packets instead of three', () => {
    const { policy, alternatives } = expectKept({
      maxGhostMs: '45s',
      faults: vanishing,
      allow: ['ping', 'keepalive', 'user-timeout'],
    });
    expect(policy?.mechanisms.map(({ kind }) => kind)).toEqual(['keepalive', 'user-timeout']);
    const kinds = alternatives.map((one) => one.policy.mechanisms.map(({ kind }) => kind).join());
    expect(kinds).toContain('ping');
    const costs = alternatives.map(({ cost }) => cost.packetsPerHour);
    expect(costs).toEqual(costs.toSorted((a, b) => a - b));
    expect(alternatives[0]?.policy).toEqual(policy);
    expect(alternatives[0]?.dominated).toBe(false);
  });

  it('keeps keepalive alone from a connection that is busy', () => {
    const { rejected } = tune({ maxGhostMs: '45s', faults: vanishing, allow: ['keepalive'] });
    expect(rejected).toMatchObject([{ family: 'keepalive', reason: /for vanish-busy/ }]);
  });

  it('spares named living peers', () => {
    const { policy } = expectKept({
      maxGhostMs: '5m',
      living: [living('live-slow-reader'), living('live-slow-uploader'), living('live-paused-78s')],
    });
    expect(policy).not.toBeNull();
  });

  it('makes no policy that the linter finds wrong', () => {
    const { policy } = expectKept({ maxGhostMs: '50s', survive: { outage: '30s' } });
    if (policy === null) throw new Error('found');
    const rules = lint(policy).filter(({ severity }) => severity !== 'note');
    expect(rules.map(({ rule }) => rule)).toEqual([]);
  });

  it('gives the same bytes for the same request', () => {
    const request = { maxGhostMs: '30s', faults: [fault('frozen-idle')], seed: '0x2a' } as const;
    expect(JSON.stringify(tune(request))).toBe(JSON.stringify(tune({ ...request, seed: 42n })));
  });
});

describe('the optimum', () => {
  /** Every ping and sweep on a coarse grid. */
  const coarse: readonly MechanismInput[] = [1, 2, 3, 5, 8, 10, 12, 15, 20, 25, 30, 40, 50].flatMap(
    (interval): readonly MechanismInput[] => [
      { kind: 'sweep', intervalMs: interval * 1_000, life: ['any-byte'] },
      ...[1, 2, 3, 4, 5, 8, 9, 12, 17, 18, 20, 34, 42].map((patience) => ({
        kind: 'ping' as const,
        intervalMs: interval * 1_000,
        after: 'last-received' as const,
        replyTimeoutMs: patience * 1_000,
        life: ['any-byte' as const],
      })),
    ],
  );
  const policies = coarse.map((one) => definePolicy({ name: 'coarse', mechanisms: [one] }));

  it('is not beaten by any candidate of a coarse grid, and found wherever one meets the plan', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 70 }),
        fc.integer({ min: 0, max: 16 }),
        fc.constantFrom(undefined, 20_000, 60_000),
        (ghostS, outageS, pathIdleMs) => {
          const request: TuneRequest = {
            maxGhostMs: ghostS * 1_000,
            faults: [fault('vanish-idle'), fault('frozen-idle')],
            ...(outageS > 0 && { survive: { outage: outageS * 1_000 } }),
            ...(pathIdleMs !== undefined && { pathIdleMs }),
            runs: 1,
          };
          const plan = planOf(request);
          const { cost, policy, conflict } = tune(request);
          expect(policy === null ? conflict?.between.length === 2 : meets(policy, plan)).toBe(true);
          const most = cost?.packetsPerHour ?? Infinity;
          const cheaper = policies.filter((one) => idleCost(one, 50).packetsPerHour < most);
          expect(cheaper.filter((rival) => meets(rival, plan))).toEqual([]);
        },
      ),
      cases(1),
    );
  });
});

describe('a request that cannot be met', () => {
  it('names both demands, and what could be met if either were relaxed', () => {
    const survive = { outage: 30_000 };
    const request: TuneRequest = {
      maxGhostMs: 20_000,
      survive,
      faults: [fault('vanish-idle')],
      allow: ['ping'],
    };
    const { policy, cost, rows, conflict } = tune(request);
    expect([policy, cost, rows]).toEqual([null, null, []]);
    expect(conflict?.between).toHaveLength(2);
    expect(conflict?.between.join()).toMatch(/no ghost older than 20s.*survive 30s of outage/);
    const { maxGhostMs, surviveMs } = conflict?.nearest ?? { maxGhostMs: null, surviveMs: null };
    if (maxGhostMs === null || surviveMs === null) throw new Error('both can be relaxed');
    expect(tune({ ...request, maxGhostMs }).policy).not.toBeNull();
    expect(tune({ ...request, maxGhostMs: maxGhostMs - 500 }).policy).toBeNull();
    expect(tune({ ...request, survive: { outage: surviveMs } }).policy).not.toBeNull();
    expect(tune({ ...request, survive: { outage: surviveMs + 100 } }).policy).toBeNull();
  });

  it('never promises B below T: the physical line', () => {
    const { conflict } = tune({
      maxGhostMs: '10s',
      survive: { 'server-starved': '10s' },
      faults: [fault('frozen-idle')],
      allow: ['ping'],
    });
    expect(conflict?.message).toMatch(/B − T is at least the period of the asking/);
  });

  it('says that kernels answer for frozen processes', () => {
    const { conflict } = tune({ maxGhostMs: '1h', allow: ['keepalive', 'user-timeout'] });
    expect(conflict?.between).toEqual([
      'notice frozen-idle',
      'use nothing but keepalive, user-timeout',
    ]);
    expect(conflict?.nearest).toEqual({ maxGhostMs: null, surviveMs: null });
  });

  it('says what a budget of packets costs', () => {
    const request = { maxGhostMs: 45_000, allow: ['ping'], maxPacketsPerHour: 100 } as const;
    const { conflict } = tune(request);
    expect(conflict?.between[1]).toBe('at most 100 packets an hour');
    const maxGhostMs = conflict?.nearest.maxGhostMs ?? 0;
    const cheap = tune({ ...request, maxGhostMs });
    expect(cheap.cost?.packetsPerHour).toBeLessThanOrEqual(100);
    // Three packets per ping: 108 s apart.
    expect(cheap.policy?.mechanisms).toMatchObject([{ intervalMs: 108_000 }]);
  });

  it('says that nobody keeps the path awake', () => {
    const { conflict } = tune({
      maxGhostMs: '45s',
      pathIdleMs: '60s',
      faults: [fault('vanish-busy')],
      allow: ['user-timeout'],
    });
    expect(conflict?.between[0]).toBe('traffic at least every 30s');
  });
});

describe('a request that is none', () => {
  it.each([
    [{ maxGhostMs: '45' }, /maxGhostMs: .*add a unit/],
    [{ maxGhostMs: 0 }, /maxGhostMs: received 0; expected a duration of at least 1ms/],
    [{ maxGhostMs: 1_000, rttMs: '2m' }, /rttMs/],
    [{ maxGhostMs: 1_000, faults: [] }, /faults: received \[\]; expected at least one/],
    [{ maxGhostMs: 1_000, survive: { outage: '0s' } }, /survive.outage/],
    [{ maxGhostMs: 1_000, maxPacketsPerHour: -1 }, /maxPacketsPerHour/],
    [{ maxGhostMs: 1_000, allow: ['pings'] as unknown as ['ping'] }, /did you mean "ping"/],
    [{ maxGhostMs: '45s', seed: 'x' }, /seed/],
  ] as const)('%j', (request, message) => {
    expect(() => tune(request)).toThrow(InputError);
    expect(() => tune(request)).toThrow(message);
  });
});

describe('cost in closed form', () => {
  it.each([
    'alive-flag-sweep',
    'sweep-and-pong-timer',
    'engine.io-v4-server',
    'keepalive-go-15s',
    'keepalive-10-5-3',
    'send-stall-watchdog',
    'none',
  ])('%s costs what the simulator meters in an hour of silence, to within two cycles', (name) => {
    const policy = presets[name];
    if (policy === undefined) throw new Error(name);
    const stated = idleCost(policy, 50);
    const [row] = compare({
      policies: [policy],
      scenarios: [living('live-idle')],
      runs: 20,
      seed: '1',
    }).rows;
    const { packetsPerHour, bytesPerHour, wakeupsPerHour } = row?.cost ?? stated;
    const share = (metered: number, formula: number): number =>
      Math.abs(metered - formula) / Math.max(1, formula);
    expect(share(packetsPerHour, stated.packetsPerHour)).toBeLessThan(0.02);
    expect(share(bytesPerHour, stated.bytesPerHour)).toBeLessThan(0.02);
    expect(share(wakeupsPerHour, stated.wakeupsPerHour)).toBeLessThan(0.02);
  });
});

describe('durations and their search', () => {
  it('are tenths, halves, and whole seconds', () => {
    expect(durations(9_800, 11_000)).toEqual([9_800, 9_900, 10_000, 10_500, 11_000]);
    expect(durations(59_500, 62_000)).toEqual([59_500, 60_000, 61_000, 62_000]);
    expect(durations(5, 4)).toEqual([]);
  });

  it('finds what a scan finds', () => {
    const values = durations(100, 90_000);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 0, max: 100_000 }),
        (edge, from) => {
          const after = (value: number): boolean => value >= edge;
          expect(first(values, after)).toBe(values.find(after));
          expect(last(values, (value) => !after(value))).toBe(
            values.findLast((value) => !after(value)),
          );
          expect(firstFrom(values, from, after)).toBe(
            values.find((value) => value >= from && after(value)),
          );
        },
      ),
      cases(100),
    );
  });
});

it('states T of a fault as the floor: a lost packet is no death', () => {
  const { policy } = tune({ maxGhostMs: '45s' });
  if (policy === null) throw new Error('found');
  for (const name of ['vanish-idle', 'vanish-saturated', 'frozen-saturated']) {
    expect(bounds(policy, fault(name)).tolerance.maxMs).toBeGreaterThanOrEqual(1_000);
  }
});

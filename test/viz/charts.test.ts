/** Every chart is valid vega-lite, says a finding that its data holds, and never drops a policy. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ErrorObject } from 'ajv';
import * as fc from 'fast-check';
import { compile } from 'vega-lite';
import { describe, expect, it } from 'vitest';
import type { ComparisonRow } from '../../model/results/types.ts';
import { greatestDistance, rowsAlike } from '../../viz/data/alike.ts';
import { ghostWords } from '../../viz/data/cells.ts';
import { chartFiles, inOrder, reportCharts } from '../../viz/charts.ts';
import { finding as costFinding } from '../../viz/specs/cost.ts';
import {
  finding as detectionFinding,
  findingOfPolicy,
} from '../../viz/specs/detection-findings.ts';
import { detectionCharts } from '../../viz/specs/detection.ts';
import { finding as gridFinding } from '../../viz/specs/grid.ts';
import { tailChart } from '../../viz/specs/tail.ts';
import { finding as runFinding } from '../../viz/specs/timeline.ts';
import { finding as tradeoffFinding, twinsOf } from '../../viz/specs/tradeoff.ts';
import { NARROW, WIDE } from '../../viz/theme/theme.ts';
import type { Chart, ChartSpec } from '../../viz/data/types.ts';
import {
  cell,
  comparison,
  fleetInput,
  reportInput,
  scenarios,
  sweepRun,
  uniform,
  VERSION,
} from './fixtures.ts';
import { cases } from '../support/property.ts';

const provenance = { seed: '1', runs: 1_000, version: VERSION };

/** All texts of a specification, wherever they are. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(textsOf);
}

/** An `anyOf` fails in every branch; the errors furthest in are those of the branch that was meant. */
function deepest(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const depth = Math.max(...errors.map(({ instancePath }) => instancePath.length));
  return errors.filter(({ instancePath }) => instancePath.length === depth);
}

function warningsOf(spec: ChartSpec): string[] {
  const warnings: string[] = [];
  const keep = (...words: readonly unknown[]) => {
    warnings.push(words.join(' '));
    return logger;
  };
  const logger = {
    level: () => logger,
    error: keep,
    warn: keep,
    info: () => logger,
    debug: () => logger,
  };
  compile(spec as unknown as Parameters<typeof compile>[0], { logger: logger as never });
  return warnings;
}

describe('charts', () => {
  const charts = chartFiles(reportInput());
  const fleet = chartFiles(fleetInput());

  it('are there for everything the input has data for, under names of their own', () => {
    expect(charts.map(({ name }) => name)).toEqual([
      'overview-faults',
      'overview-living',
      'timeline-alive-flag-sweep-vanish-idle',
      'bound-against-tolerance-vanish-idle',
      'cost-vanish-idle',
      'detection-vanish-idle',
      'tail-vanish-idle',
    ]);
    // A story of many connections has its own chart, and no curve of its single ghosts beside it.
    expect(fleet.map(({ name }) => name)).toEqual([
      'overview-faults',
      'fleet-descriptor-exhaustion',
      'fleet-drain-with-ghosts',
    ]);
  });

  it('keep apart two runs of one policy on one scenario', () => {
    const [one] = reportInput().timelines;
    const twice = chartFiles({ ...reportInput(), timelines: [one!, one!] });
    expect(new Set(twice.map(({ name }) => name)).size).toBe(charts.length + 1);
  });

  it('are the same charts on a phone', () => {
    for (const input of [reportInput(), fleetInput()]) {
      const wide = inOrder(reportCharts(input, WIDE));
      const narrow = inOrder(reportCharts(input, NARROW));
      expect(narrow.map(({ name, title }) => [name, title])).toEqual(
        wide.map(({ name, title }) => [name, title]),
      );
    }
  });

  it('are valid vega-lite', () => {
    const path = createRequire(import.meta.url).resolve('vega-lite');
    const schema: unknown = JSON.parse(
      readFileSync(path.replace(/index\.js$/, 'vega-lite-schema.json'), 'utf8'),
    );
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    const validate = ajv.compile(schema as object);
    const wrong = [...charts, ...fleet].flatMap(({ name, spec }) =>
      validate(spec) ? [] : [{ name, errors: deepest(validate.errors ?? []) }],
    );
    expect(wrong).toEqual([]);
  });

  it('compile without a warning', () => {
    expect(
      warningsOf({ mark: 'bar', data: { values: [] }, encoding: { x: { field: 'a' } } }).length,
    ).toBe(0);
    const instant = comparison().rows.map((row) => Object.assign({}, row, { toleranceMs: 0 }));
    const { comparison: all } = reportInput();
    const zero = chartFiles({ ...reportInput(), comparison: { ...all, rows: instant } });
    const narrow = inOrder(reportCharts(reportInput(), NARROW));
    expect(
      [...charts, ...fleet, ...zero, ...narrow].flatMap(({ spec }) => warningsOf(spec)),
    ).toEqual([]);
    expect(zero.flatMap(({ spec }) => textsOf(spec)).join()).toContain('? "0 s" :');
  });

  it('carry title, seed, runs and version', () => {
    for (const { title, spec } of [...charts, ...fleet]) {
      const head = spec['title'] as { text: string[]; subtitle: string[] };
      expect(head.text.join(' ')).toBe(title);
      expect(head.subtitle.join(' ')).toContain('seed 1 · ');
      expect(head.subtitle.join(' ')).toContain(`ghostbound ${VERSION}`);
    }
  });

  it('name every policy, also those that never detect', () => {
    const policies = new Set(comparison().rows.map(({ policy }) => policy));
    for (const { name, spec } of charts.filter((chart) => !chart.name.startsWith('timeline'))) {
      const texts = textsOf(spec).join(' ');
      const missing = [...policies].filter((policy) => !texts.includes(policy));
      expect({ name, missing }).toEqual({ name, missing: [] });
    }
  });

  it('carry data that others can work with: policy and scenario by name, durations in ms, words for a pointer', () => {
    const dataOf = (value: unknown): Record<string, unknown>[] => {
      if (value === null || typeof value !== 'object') return [];
      const own = (value as { data?: { values?: Record<string, unknown>[] } }).data?.values ?? [];
      return [...own, ...Object.values(value).flatMap(dataOf)];
    };
    for (const { name, spec } of [...charts, ...fleet]) {
      const rows = dataOf(spec).filter((row) => row['policy'] !== undefined);
      expect(rows.length, name).toBeGreaterThan(0);
      expect(JSON.stringify(spec), name).toContain('"tooltip"');
    }
    const detection = charts.find(({ name }) => name === 'detection-vanish-idle');
    const curve = dataOf(detection?.spec).filter((row) => row['kind'] === 'curve');
    for (const row of curve) {
      expect(Object.keys(row)).toEqual(
        expect.arrayContaining(['policy', 'scenario', 'foundByMs', 'shareFound']),
      );
    }
  });
});

describe('the tail', () => {
  const pointsOf = (row: ComparisonRow) => {
    const spec = tailChart([row], provenance, WIDE)?.spec;
    const all = JSON.stringify(spec).matchAll(/"curve":1,"foundByMs":([\d.]+),"oneIn":([\d.]+)/g);
    return [...all].map(([, foundByMs, oneIn]) => ({
      ms: Number(foundByMs),
      oneIn: Number(oneIn),
    }));
  };

  it('is drawn by how rare a longer life is: one in 100 at p99', () => {
    // Uniform on 0 to 100 s: one in n lives longer than 100 s · (1 − 1/n).
    const row = cell({
      policy: 'p',
      scenario: 's',
      ghostMs: uniform(0, 100_000),
      boundMs: 100_000,
    });
    const points = pointsOf(row);
    expect(points.length).toBeGreaterThan(20);
    expect(Math.max(...points.map(({ oneIn }) => oneIn))).toBeGreaterThan(500);
    for (const { ms, oneIn } of points) {
      // Half a step of 512 order statistics, and half a rank of 1000.
      expect(Math.abs(ms - 100_000 * (1 - 1 / oneIn))).toBeLessThan(300);
    }
  });

  it('ends where the others were never found', () => {
    const row = cell({ policy: 'p', scenario: 's', ghostMs: uniform(0, 100_000), undetected: 500 });
    expect(Math.max(...pointsOf(row).map(({ oneIn }) => oneIn))).toBeCloseTo(2, 1);
  });
});

describe('titles', () => {
  it('say never only where nobody is left who could find a ghost', () => {
    const row = cell({ policy: 'p', scenario: 's', undetected: 1_000 });
    const cut = { ...row, watchedOut: false, watchedMs: 86_400_000 };
    expect(ghostWords(row)).toBe('never found');
    expect(ghostWords(cut)).toBe('none found within the 24.00 h watched');
    expect(rowsAlike(row, cut)).toBe(false);
    expect(detectionFinding('s', [row, { ...cut, policy: 'q' }])).toBe(
      's: never found by p; not found in the watch by q',
    );
  });

  const quick = cell({
    policy: 'quick',
    scenario: 's',
    ghostMs: [10_000, 39_960],
    boundMs: 40_000,
  });
  const slow = cell({ policy: 'slow', scenario: 's', ghostMs: [30_000, 59_940], boundMs: 60_000 });
  const blind = cell({ policy: 'blind', scenario: 's', undetected: 1_000 });

  it('of detection: the range of B, and by name whom the fault escapes', () => {
    expect(detectionFinding('s', [quick, slow, blind])).toBe(
      's: B 40.0 s under quick to 60.0 s under slow; never found by blind',
    );
    expect(detectionFinding('s', [quick, { ...quick, policy: 'none' }])).toBe(
      "s: B 40.0 s under quick and 'none'",
    );
    const averts = cell({ policy: 'pings', scenario: 's', prevented: 1_000 });
    expect(detectionFinding('s', [averts, blind])).toBe(
      's: never found by blind; kept from happening by pings',
    );
  });

  it('never quote what was sampled in the place of B', () => {
    const unproved = { ...quick, proved: false, boundMs: null };
    expect(detectionFinding('s', [unproved])).toBe('s: not proved for quick');
    expect(findingOfPolicy('quick', [unproved, slow])).toBe(
      'quick: B is 60.0 s in one fault; B is not proved for s',
    );
    const sheet = gridFinding([quick, slow]);
    for (const words of [detectionFinding('s', [quick, slow]), sheet]) {
      expect(words).not.toMatch(/39\.9|40\.0 s seen|59\.9/);
    }
  });

  it('of one policy are no contest', () => {
    const texts = chartFiles({
      ...reportInput(),
      comparison: {
        ...comparison(),
        rows: comparison().rows.filter(({ policy }) => policy === 'alive-flag-sweep'),
      },
    }).flatMap(({ title, reading, description }) => [title, reading, description]);
    expect(texts.join('\n')).not.toMatch(
      /\b(?:\w+est|fewer|most|best|winner)\b(?! life| outage| silence| run)/i,
    );
  });

  it('of the trade-off: what is paid for what, at both ends', () => {
    const pair = (policy: string, toleranceMs: number | null, boundMs: number | null) => ({
      policy,
      fault: cell({ policy, scenario: 's', boundMs }),
      live: cell({ policy, scenario: 't', kind: 'live', toleranceMs }),
    });
    expect(
      tradeoffFinding([
        pair('a', 16_000, 60_000),
        pair('b', 134_000, 151_000),
        pair('c', null, null),
      ]),
    ).toBe(
      'a: a ghost lives up to 60.0 s, an outage below 16.0 s is survived; b: a ghost lives up to 151.0 s, an outage below 134.0 s is survived; no bound under c',
    );
    for (const toleranceMs of [60_001, null]) {
      expect(tradeoffFinding([pair('a', toleranceMs, 60_000)])).toBe(
        'B lies below T for a, which no detector can do: one of the numbers is wrong',
      );
    }
    const unproved = pair('a', 16_000, 60_000);
    expect(
      tradeoffFinding([
        { ...unproved, fault: { ...unproved.fault, proved: false, boundMs: null } },
      ]),
    ).toBe('No policy here has both a finite bound and a finite tolerance');
  });

  it('of the cost: bounds rounded up, never down', () => {
    const rows = [
      cell({ policy: 'a', scenario: 's', boundMs: 40_010, packetsPerHour: 240 }),
      cell({ policy: 'b', scenario: 's', boundMs: 7_875_000, packetsPerHour: 1 }),
    ];
    // 7875 s = 2.1875 h.
    expect(costFinding('s', rows)).toBe(
      's: B 40.1 s for 240 packets an hour (a); B 2.19 h for 1 packet an hour (b)',
    );
  });

  it('of the sheets: which faults escape, which living peers are ended, by name', () => {
    const kills = cell({ policy: 'quick', scenario: 't', kind: 'live', falseReaps: 1 });
    expect(gridFinding([kills])).toBe('quick ends living peers in t');
    expect(gridFinding([blind])).toBe(
      'blind does not find, or not within a bound, every ghost of s',
    );
    expect(gridFinding([blind, { ...blind, policy: 'none' }])).toBe(
      'No policy here always finds the ghost of s',
    );
    // Doing nothing spares the living: that is no finding, and nobody is praised for it.
    const spared = cell({ policy: 'none', scenario: 't', kind: 'live' });
    expect(gridFinding([kills, spared])).toBe(
      'Every living peer here is ended by some policy and kept by another',
    );
  });

  it('of a run: when the server knew and when it was rid of it, with B beside it', () => {
    // Fault at 31 s, decided at 90 s, forgotten at 193 s.
    const timeline = { run: sweepRun(), boundMs: 60_000, watchMs: 3_600_000 };
    expect(runFinding(timeline)).toBe(
      'In this run alive-flag-sweep knows after 59.0 s (B 60.0 s); the kernel forgets the socket after 162.0 s',
    );
    const endedAlive = {
      afterAcceptMs: 70_000,
      afterLastHeardMs: 45_000,
      by: 'ping',
      inOrder: false,
    };
    expect(runFinding({ ...timeline, run: { ...sweepRun(), faultAtMs: null, endedAlive } })).toBe(
      'alive-flag-sweep ends a living client 45.0 s after it last heard of it, by ping',
    );
    const never = { ...sweepRun(), decidedAtMs: null };
    expect(runFinding({ ...timeline, run: never })).toContain('in 60 min of watching');
  });
});

describe('a share that is never found', () => {
  it('stands beside the longest that was', () => {
    const row = cell({ policy: 'p', scenario: 's', ghostMs: [4_000, 10_000], undetected: 990 });
    expect(ghostWords(row)).toBe('99 % never found, the others within 10.0 s');
    expect(
      ghostWords({ ...row, ghostMs: { ...row.ghostMs, undetected: 0 }, boundMs: 11_000 }),
    ).toBe('B 11.0 s · seen 10.0 s');
    const unproved = cell({ policy: 'p', scenario: 's', ghostMs: [59_700] });
    expect(ghostWords({ ...unproved, proved: false })).toBe('B not proved · seen 59.7 s');
  });
});

describe('the detection chart', () => {
  interface Step {
    readonly kind: string;
    readonly policy: string;
    readonly foundByMs: number;
    readonly shareFound: number;
  }
  const chartsOf = (rows: readonly ComparisonRow[]): readonly Chart[] =>
    detectionCharts(
      { ...comparison(), rows },
      [...new Set(rows.map(({ scenario }) => scenario))],
      provenance,
      WIDE,
    );
  const curveOf = (rows: readonly ComparisonRow[]): readonly Step[] => {
    const data = chartsOf(rows)[0]?.spec['data'] as unknown as { values: Step[] };
    return data.values.filter(({ kind, policy }) => kind === 'curve' && policy === 'p');
  };

  it('rises to the share found, at the times of the sample', () => {
    // 30 s + 30 s · (i + 1/2) / 512: half are found by 45 s; a quarter of all runs is never found.
    const curve = curveOf([
      cell({ policy: 'p', scenario: 's', ghostMs: uniform(30_000, 60_000), undetected: 250 }),
    ]);
    const byHalf = curve.findLast(({ foundByMs }) => foundByMs <= 45_000)!;
    expect(byHalf.shareFound).toBeCloseTo(0.375, 1);
    expect(curve.at(-1)?.shareFound).toBe(0.75);
    const whole = curveOf([cell({ policy: 'p', scenario: 's', ghostMs: uniform(30_000, 60_000) })]);
    expect(whole.at(-1)?.shareFound).toBe(1);
  });

  it('never falls, whatever the sample', () => {
    const times = fc
      .array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 300 })
      .map((all) => all.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(times, (ghostMs) => {
        const rows = [
          cell({ policy: 'p', scenario: 's', ghostMs, boundMs: ghostMs.at(-1) ?? null }),
        ];
        const curve = curveOf(rows);
        curve.forEach((step, i) => {
          expect(step.shareFound).toBeGreaterThanOrEqual(curve[i - 1]?.shareFound ?? 0);
          expect(step.foundByMs).toBeGreaterThanOrEqual(curve[i - 1]?.foundByMs ?? 0);
        });
        expect(chartsOf(rows).flatMap(({ spec }) => warningsOf(spec))).toEqual([]);
      }),
      cases(50),
    );
  });

  it('is one for faults that tell the same, and one for all faults of a single policy', () => {
    const rows = ['a', 'b', 'c'].flatMap((scenario, i) =>
      ['p', 'q'].map((policy) =>
        cell({
          policy,
          scenario,
          ghostMs: uniform(30_000 + i, 60_000 - i),
          boundMs: scenario === 'c' && policy === 'q' ? 70_000 : 60_000,
        }),
      ),
    );
    const charts = chartsOf(rows);
    expect(charts.map(({ name }) => name)).toEqual(['detection-a', 'detection-c']);
    expect(charts[0]?.reading).toContain('in b');
    const one = chartsOf(rows.filter(({ policy }) => policy === 'p'));
    expect(one.map(({ name }) => name)).toEqual(['detection']);
    expect(one[0]?.reading).toContain('a stands for b and c too');
  });

  it('rows go from the least B to those without', () => {
    const [chart] = chartsOf([
      cell({ policy: 'late', scenario: 's', ghostMs: uniform(50_000, 90_000), boundMs: 90_000 }),
      { ...cell({ policy: 'open', scenario: 's', ghostMs: uniform(1_000, 9_000) }), proved: false },
      cell({ policy: 'soon', scenario: 's', ghostMs: uniform(1_000, 9_000), boundMs: 9_000 }),
    ]);
    const facet = chart?.spec['facet'] as unknown as { row: { sort: string[] } };
    expect(facet.row.sort).toEqual(['soon', 'late', 'open']);
  });
});

describe('scenarios that tell the same', () => {
  const row = (from: number, to: number, boundMs = 60_000) =>
    cell({ policy: 'p', scenario: 's', ghostMs: uniform(from, to), boundMs });

  it('differ by B, by what is never found, or by times that a sample tells apart', () => {
    expect(rowsAlike(row(30_000, 60_000), row(30_100, 60_000))).toBe(true);
    expect(rowsAlike(row(30_000, 60_000), row(30_000, 60_000, 61_000))).toBe(false);
    // Uniform on [30, 60] against [35, 60]: a distance of 1/6, above 1.63 · √(2 / 1000) = 0.073.
    expect(rowsAlike(row(30_000, 60_000), row(35_000, 60_000))).toBe(false);
    expect(greatestDistance(uniform(30, 60), uniform(35, 60))).toBeCloseTo(1 / 6, 2);
    const never = cell({ policy: 'p', scenario: 's', undetected: 1_000 });
    expect(rowsAlike(never, row(30_000, 60_000))).toBe(false);
  });
});

describe('twins', () => {
  it('pair a vanished peer with an outage under the same load only', () => {
    expect(twinsOf(scenarios)).toEqual([{ fault: 'vanish-idle', live: 'live-outage-29s' }]);
    const busy = { kind: 'saturated', messageBytes: 1_024 } as const;
    const [fault, live] = scenarios;
    expect(twinsOf([{ ...fault!, load: busy }, live!])).toEqual([]);
  });
});

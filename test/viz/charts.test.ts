/** Every chart is valid vega-lite, says a finding that its data holds, and never drops a policy. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ErrorObject } from 'ajv';
import * as fc from 'fast-check';
import { compile } from 'vega-lite';
import { describe, expect, it } from 'vitest';
import { chartFiles } from '../../viz/charts.ts';
import { finding as costFinding } from '../../viz/specs/cost.ts';
import { finding as detectionFinding, detectionChart } from '../../viz/specs/detection.ts';
import { finding as gridFinding } from '../../viz/specs/grid.ts';
import { finding as runFinding } from '../../viz/specs/timeline.ts';
import { finding as tradeoffFinding, twinsOf } from '../../viz/specs/tradeoff.ts';
import type { Chart, ChartSpec } from '../../viz/types.ts';
import {
  cell,
  comparison,
  reportInput,
  scenarios,
  sweepRun,
  uniform,
  VERSION,
} from './fixtures.ts';

const SEED = 20_261_121;
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

  it('are there for everything the input has data for, under names of their own', () => {
    expect(charts.map(({ name }) => name)).toEqual([
      'overview-faults',
      'overview-living',
      'detection-vanish-idle',
      'bound-against-tolerance-vanish-idle',
      'cost-vanish-idle',
      'timeline-alive-flag-sweep-vanish-idle',
    ]);
  });

  it('keep apart two runs of one policy on one scenario', () => {
    const twice = chartFiles({ ...reportInput(), timelines: [sweepRun(), sweepRun()] });
    expect(new Set(twice.map(({ name }) => name)).size).toBe(charts.length + 1);
  });

  it('are valid vega-lite', () => {
    const path = createRequire(import.meta.url).resolve('vega-lite');
    const schema: unknown = JSON.parse(
      readFileSync(path.replace(/index\.js$/, 'vega-lite-schema.json'), 'utf8'),
    );
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    const validate = ajv.compile(schema as object);
    const wrong = charts.flatMap(({ name, spec }) =>
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
    expect([...charts, ...zero].flatMap(({ spec }) => warningsOf(spec))).toEqual([]);
    expect(zero.flatMap(({ spec }) => textsOf(spec)).join()).toContain('? "0 s" :');
  });

  it('carry title, seed, runs and version, and a white ground for dark pages', () => {
    for (const { title, spec } of charts) {
      const head = spec['title'] as { text: string[]; subtitle: string[] };
      expect(head.text.join(' ')).toBe(title);
      expect(head.subtitle.join(' ')).toContain('seed 1 · ');
      expect(head.subtitle.join(' ')).toContain(`ghostbound ${VERSION}`);
      expect(spec['background']).toBe('white');
    }
  });

  it('name every policy, also those that never detect', () => {
    const policies = new Set(comparison().rows.map(({ policy }) => policy));
    for (const { name, spec } of charts.filter((chart) => !chart.name.startsWith('timeline'))) {
      const texts = new Set(textsOf(spec));
      const missing = [...policies].filter((policy) => !texts.has(policy));
      expect({ name, missing }).toEqual({ name, missing: [] });
    }
    expect(textsOf(charts[2]?.spec)).toContain('never notices (1,000 runs)');
  });

  it('give every layer data of its own', () => {
    const borrowing = charts.filter(
      ({ spec }) =>
        spec['data'] !== undefined ||
        (spec['layer'] as ChartSpec[]).some((layer) => layer['data'] === undefined),
    );
    expect(borrowing).toEqual([]);
  });
});

describe('titles', () => {
  it('of detection: the quickest, the slowest and how many are blind', () => {
    const rows = [
      cell({ policy: 'quick', scenario: 's', ghostMs: [10_000, 39_960], boundMs: 40_000 }),
      cell({ policy: 'slow', scenario: 's', ghostMs: [30_000, 59_940], boundMs: 60_000 }),
      cell({ policy: 'blind', scenario: 's', undetected: 1_000 }),
    ];
    expect(detectionFinding('s', rows)).toBe(
      'quick finds the ghost within 40.0 s; slow takes up to 59.9 s; 1 of 3 leaves ghosts for ever',
    );
    const twice = [rows[0]!, { ...rows[0]!, policy: 'none' }];
    expect(detectionFinding('s', [...twice, rows[1]!])).toBe(
      "quick and 'none' find the ghost within 40.0 s; slow takes up to 59.9 s",
    );
    expect(detectionFinding('s', twice)).toBe('every policy finds the ghost within 40.0 s');
    const averts = cell({ policy: 'pings', scenario: 's', prevented: 1_000 });
    expect(detectionFinding('s', [averts, rows[2]!])).toBe(
      '1 of 2 leaves ghosts for ever; 1 of 2 keeps it from happening',
    );
    expect(detectionFinding('s', rows.slice(2))).toBe('s: nothing here ever finds the ghost');
  });

  it('of the trade-off: the least price for its tolerance', () => {
    // 16 / 60 < 134 / 151.
    const points = [
      { policy: 'a', x: 16_000, y: 60_000 },
      { policy: 'b', x: 134_000, y: 151_000 },
      { policy: 'c', x: null, y: null },
    ];
    expect(tradeoffFinding(points)).toBe(
      'b comes closest to the limit: ghosts live up to 151.0 s, outages up to 134.0 s are survived; 1 of 3 have no bound at all',
    );
  });

  it('of the trade-off: a point below the limit is called wrong, not good', () => {
    for (const x of [60_001, null]) {
      expect(tradeoffFinding([{ policy: 'a', x, y: 60_000 }])).toBe(
        'B lies below T for a, which no detector can do: one of the numbers is wrong',
      );
    }
  });

  it('of the cost: bounds rounded up, never down', () => {
    const points = [
      { policy: 'a', x: 240, y: 40_010 },
      { policy: 'b', x: 1, y: 7_875_000 },
    ];
    // 7875 s = 2.1875 h.
    expect(costFinding(points)).toBe(
      'a is quickest: B 40.1 s for 240 packets an hour; b is cheapest: B 2.19 h for 1 packet an hour',
    );
  });

  it('of the sheets: who passes, or who fails fewest', () => {
    const good = cell({ policy: 'a', scenario: 's', ghostMs: [1_000], boundMs: 2_000 });
    const blind = cell({ policy: 'b', scenario: 's', undetected: 1_000 });
    const kills = cell({ policy: 'a', scenario: 't', kind: 'live', falseReaps: 1 });
    expect(gridFinding([good, blind])).toBe('a bounds every ghost');
    expect(gridFinding([good, kills])).toBe(
      'Nothing here passes every scenario; a fails fewest: 1 of 2',
    );
    expect(gridFinding([kills])).toBe(
      'Nothing here spares every living peer; a fails fewest: 1 of 1',
    );
  });

  it('of a run: when the server knew and when it was rid of it', () => {
    // Fault at 31 s, decided at 90 s, forgotten at 193 s.
    expect(runFinding(sweepRun())).toBe(
      'alive-flag-sweep knows after 59.0 s; the kernel forgets the socket after 162.0 s',
    );
  });
});

describe('the detection chart', () => {
  interface Step {
    readonly ms: number;
    readonly y: number;
    readonly base: number;
  }
  const curveOf = (chart: Chart | undefined): readonly Step[] => {
    const layers = (chart?.spec['layer'] ?? []) as unknown as { data: { values: Step[] } }[];
    return layers[0]?.data.values ?? [];
  };

  it('rises to the share found, at the times of the sample', () => {
    // 30 s + 30 s · (i + 1/2) / 512: half are found by 45 s; a quarter of all runs is never found.
    const row = cell({
      policy: 'p',
      scenario: 's',
      ghostMs: uniform(30_000, 60_000),
      undetected: 250,
      boundMs: null,
    });
    const curve = curveOf(detectionChart({ ...comparison(), rows: [row] }, 's', provenance));
    const full = curve[0]!.base - curve.at(-1)!.y;
    const byHalf = curve.findLast(({ ms }) => ms <= 45_000)!;
    expect((byHalf.base - byHalf.y) / full).toBeCloseTo(0.5, 2);
    const whole = cell({
      policy: 'p',
      scenario: 's',
      ghostMs: uniform(30_000, 60_000),
      boundMs: null,
    });
    const all = curveOf(detectionChart({ ...comparison(), rows: [whole] }, 's', provenance));
    expect(full / (all[0]!.base - all.at(-1)!.y)).toBeCloseTo(0.75, 10);
  });

  it('never falls and stays in its row, whatever the sample', () => {
    const times = fc
      .array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 300 })
      .map((all) => all.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(times, (ghostMs) => {
        const row = cell({ policy: 'p', scenario: 's', ghostMs, boundMs: ghostMs.at(-1) ?? null });
        const chart = detectionChart({ ...comparison(), rows: [row] }, 's', provenance);
        const curve = curveOf(chart);
        curve.forEach((step, i) => {
          expect(step.y).toBeGreaterThanOrEqual(0);
          expect(step.y).toBeLessThanOrEqual(1);
          const last = curve[i - 1];
          if (last === undefined) return;
          expect(step.y).toBeLessThanOrEqual(last.y);
          expect(step.ms).toBeGreaterThanOrEqual(last.ms);
        });
        expect(warningsOf(chart!.spec)).toEqual([]);
      }),
      { seed: SEED, numRuns: 50 },
    );
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

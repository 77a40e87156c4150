/**
 * What stands where in the drawn charts, read from their SVG: in a plane every mark is a datum at its pixel and no text
 * stands on forbidden ground, on an axis or on another text; nothing is cut off at an edge.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { presets, type Policy } from '../../model/policy/index.ts';
import type { Comparison, ComparisonRow } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios as catalogue } from '../../scenarios/catalog/index.ts';
import { simulate } from '../../scenarios/run.ts';
import { inOrder, reportCharts } from '../../viz/charts.ts';
import { renderSvg } from '../../viz/render.ts';
import { costChart } from '../../viz/specs/cost.ts';
import { seriesChart } from '../../viz/specs/series.ts';
import { timelineChart } from '../../viz/specs/timeline.ts';
import { tradeoffChart } from '../../viz/specs/tradeoff.ts';
import { NARROW, WIDE, type Layout } from '../../viz/theme/theme.ts';
import type { Chart, ChartSpec } from '../../viz/data/types.ts';
import { cell, comparison, fleetInput, reportInput, uniform, VERSION } from './fixtures.ts';
import { drawingOf, intersects, overlapping, type Box, type Drawing } from './svg.ts';
import { cases } from '../support/property.ts';

const provenance = { seed: '1', runs: 1_000, version: VERSION };
const twins = { fault: 'vanish-idle', live: 'live-outage-29s' };
const layouts: readonly Layout[] = [WIDE, NARROW];

async function drawn({ spec }: Chart): Promise<Drawing> {
  const svg = await renderSvg(spec);
  if (!svg.ok) throw new Error(JSON.stringify(svg.issues));
  return drawingOf(svg.value);
}

interface Plane {
  readonly width: number;
  readonly height: number;
  readonly layer: readonly {
    readonly mark: { readonly type: string };
    readonly data: { readonly values: readonly Record<string, unknown>[] };
    readonly encoding: Record<
      string,
      { readonly field: string; readonly scale: { domain: [number, number] } }
    >;
  }[];
}

function planeOf(spec: ChartSpec): Plane {
  const parts = (spec['hconcat'] ?? spec['vconcat']) as unknown as Plane[];
  return parts[0] as Plane;
}

/** Place of a value on a logarithmic axis, from its low end. */
function logPx(value: number, [low, high]: readonly [number, number], length: number): number {
  return (Math.log(value / low) / Math.log(high / low)) * length;
}

/** Everything that may not be in a plane. */
async function faultsOf(chart: Chart, rows: readonly ComparisonRow[]): Promise<readonly string[]> {
  const drawing = await drawn(chart);
  const plane = planeOf(chart.spec);
  const group = drawing.shapes.find(
    ({ inside, tag }) => tag === 'path' && /concat_0_group +background/.test(inside),
  );
  const points = plane.layer.find(({ mark }) => mark.type === 'point');
  if (group === undefined || points === undefined) return ['no plane'];
  const plot: Box = {
    left: group.x,
    top: group.y,
    right: group.x + plane.width,
    bottom: group.y + plane.height,
  };
  const { x, y } = points.encoding;
  if (x === undefined || y === undefined) return ['no axes'];
  const faults: string[] = [];
  const expected = points.data.values.map((datum) => ({
    says: `${String(datum['policy'])}: ${String(datum['says'])}`,
    x: plot.left + logPx(Number(datum[x.field]), x.scale.domain, plane.width),
    y: plot.bottom - logPx(Number(datum[y.field]), y.scale.domain, plane.height),
  }));
  const glyphs = drawing.shapes.filter(
    (shape) =>
      shape.inside.includes('mark-symbol') && shape.x <= plot.right && shape.y <= plot.bottom + 10,
  );
  for (const glyph of glyphs) {
    const datum = expected.find(({ says }) => says === glyph.title);
    if (datum === undefined) faults.push(`a glyph without datum: ${String(glyph.title)}`);
    else if (Math.hypot(datum.x - glyph.x, datum.y - glyph.y) > 1.5) {
      faults.push(`${datum.says} stands at ${glyph.x}, ${glyph.y} and not ${datum.x}, ${datum.y}`);
    }
  }
  if (glyphs.length !== expected.length)
    faults.push(`${glyphs.length} glyphs, ${expected.length} data`);
  // The data themselves are those of the comparison: every policy whose two numbers are proved, at those numbers.
  const isTradeoff = x.field === 'toleranceMs';
  for (const fault of rows.filter((row) => row.kind === 'fault' && row.proved)) {
    const live = rows.find((row) => row.kind === 'live' && row.policy === fault.policy);
    const datum = points.data.values.find((each) =>
      String(each['policy']).split(', ').includes(fault.policy),
    );
    const stated = [
      { field: y.field, value: fault.boundMs },
      isTradeoff
        ? { field: x.field, value: live?.toleranceMs ?? null }
        : { field: x.field, value: fault.cost.packetsPerHour },
    ];
    for (const { field, value } of stated) {
      const drawnAt = Number(datum?.[field]);
      // What has no place on a logarithmic axis stands in a band of its own, or at its low end.
      const isOff =
        value === null || value === 0 ? !(drawnAt > 0) : !(Math.abs(drawnAt / value - 1) < 0.02);
      if (isOff) faults.push(`${fault.policy}: ${field} ${drawnAt}, and is ${String(value)}`);
    }
    if (fault.boundMs === null && !(Number(datum?.[y.field]) > longest(rows))) {
      faults.push(`${fault.policy} has no bound and stands among those that have`);
    }
  }
  const inside = drawing.texts.filter((text) => intersects(text, plot));
  const [low, high] = y.scale.domain;
  const border = isTradeoff ? Math.min(high, highOfLimit(plane)) : high;
  for (const text of inside) {
    if (text.left < plot.left || text.bottom > plot.bottom) faults.push(`${text.words} on an axis`);
    // The lower right corner is what comes first to the ground below B = T.
    const t =
      x.scale.domain[0] *
      (x.scale.domain[1] / x.scale.domain[0]) ** ((text.right - plot.left) / plane.width);
    const b = low * (high / low) ** ((plot.bottom - text.bottom) / plane.height);
    if (isTradeoff && b < Math.min(t, border)) faults.push(`${text.words} on forbidden ground`);
    for (const glyph of glyphs) {
      const mark = { left: glyph.x - 5, right: glyph.x + 5, top: glyph.y - 5, bottom: glyph.y + 5 };
      if (intersects(text, mark))
        faults.push(`${text.words} on the mark of ${String(glyph.title)}`);
    }
  }
  return [...faults, ...overlapping(drawing.texts), ...cutOff(drawing)];
}

function longest(rows: readonly ComparisonRow[]): number {
  return Math.max(0, ...rows.map(({ boundMs }) => boundMs ?? 0));
}

/** Where the line B = T ends. */
function highOfLimit(plane: Plane): number {
  const line = plane.layer.find(({ mark }) => mark.type === 'line');
  return Math.max(...(line?.data.values.map(({ y }) => Number(y)) ?? [Infinity]));
}

function cutOff({ texts, width, height }: Drawing): readonly string[] {
  return texts.flatMap(({ words, left, right, top, bottom }) =>
    left < 0 || right > width || top < 0 || bottom > height ? [`${words} is cut off`] : [],
  );
}

/** B and T of a detector that can be: T is never above B, and both may be without limit, or not proved. */
const detector = fc.record({
  boundMs: fc.oneof(fc.constant(null), fc.integer({ min: 1_000, max: 10_000_000 })),
  ofBound: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })),
  packetsPerHour: fc.oneof(fc.constant(0), fc.double({ min: 0.5, max: 5_000, noNaN: true })),
  proved: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
});

const results = fc.array(detector, { minLength: 2, maxLength: 24 }).map((all): Comparison => {
  const rows = all.flatMap(({ boundMs: stated, ofBound, packetsPerHour, proved }, index) => {
    const boundMs = proved ? stated : null;
    const policy = `policy-${index}-with-a-name`;
    return [
      {
        ...cell({
          policy,
          scenario: twins.fault,
          boundMs,
          packetsPerHour,
          undetected: boundMs === null ? 1_000 : 0,
          ...(boundMs === null ? {} : { ghostMs: uniform(boundMs / 2, boundMs) }),
        }),
        proved,
      },
      cell({
        policy,
        scenario: twins.live,
        kind: 'live',
        toleranceMs: boundMs === null ? null : Math.floor(boundMs * ofBound),
      }),
    ];
  });
  return { schemaVersion: 1, seed: '1', runs: 1_000, warnings: [], rows };
});

describe.each(layouts)('a plane, $name', (layout) => {
  it('holds the built-in policies and nothing that is none', async () => {
    const { rows } = comparison();
    for (const chart of [
      tradeoffChart(comparison(), twins, provenance, layout),
      costChart(comparison(), twins.fault, provenance, layout),
    ]) {
      expect(await faultsOf(chart as Chart, rows)).toEqual([]);
    }
  });

  it('holds whatever results there are', async () => {
    await fc.assert(
      fc.asyncProperty(results, async (random) => {
        const charts = [
          tradeoffChart(random, twins, provenance, layout),
          costChart(random, twins.fault, provenance, layout),
        ];
        for (const chart of charts) expect(await faultsOf(chart as Chart, random.rows)).toEqual([]);
      }),
      cases(12, { endOnFailure: true }),
    );
  });
});

/** Texts of a timeline that an upright line of an instant runs through. */
function crossedOut({ shapes, texts }: Drawing): readonly string[] {
  const lines = shapes.filter(
    ({ tag, inside, attributes }) =>
      tag === 'line' && inside.includes('mark-rule role-mark') && Number(attributes['y2']) > 0,
  );
  const words = texts.filter(({ inside }) => inside.includes('mark-text role-mark'));
  return words.flatMap((text) =>
    lines.some(
      ({ x, y, attributes }) =>
        text.left < x &&
        x < text.right &&
        y < text.bottom &&
        y + Number(attributes['y2']) > text.top,
    )
      ? [`a line runs through ${text.words}`]
      : [],
  );
}

const STORIES = [
  ['engine.io-v4-server', 'vanish-idle'],
  ['engine.io-v4-server', 'vanish-busy'],
  ['engine.io-v4-server', 'live-slow-reader'],
  ['keepalive-10-5-3', 'reboot'],
  ['alive-flag-sweep', 'drain-with-ghosts'],
  ['grpc-5s-1s', 'live-idle'],
  ['alive-flag-sweep', 'live-trickle-78s'],
  ['none', 'vanish-idle'],
  ['none', 'frozen-saturated'],
] as const;

describe.each(layouts)('the timeline of a real run, $name', (layout) => {
  it.each(STORIES)(
    '%s on %s: no text is covered, cut off or crossed out',
    async (policy, scenario) => {
      const preset = presets[policy] as Policy;
      const run = simulate(preset, catalogue[scenario] as Scenario, { seed: '1', trace: true });
      const { decided } = bounds(preset, catalogue[scenario] as Scenario);
      const boundMs = run.faultAtMs !== null && decided.proved ? decided.maxMs : null;
      const chart = timelineChart({ run, boundMs, watchMs: 3_600_000 }, VERSION, layout);
      const drawing = await drawn(chart);
      expect([
        ...overlapping(drawing.texts),
        ...cutOff(drawing),
        // On a phone the names of the lanes stand in the lanes: there is no other place for them.
        ...(layout === WIDE ? crossedOut(drawing) : []),
      ]).toEqual([]);
      expect(drawing.width).toBeLessThanOrEqual(layout.widthPx + 2 * layout.paddingPx + 6);
      // Every event's mark says what it is.
      const marks = drawing.shapes.filter(({ inside }) => inside.includes('mark-symbol role-mark'));
      expect(marks.length).toBeGreaterThan(3);
      expect(marks.filter(({ title }) => title === null)).toEqual([]);
    },
  );
});

describe.each(layouts)('a story over time, $name', (layout) => {
  it.each([
    'restart-storm',
    'restart-storm-five-attempts',
    'ghosts-after-a-weekend',
    'chat-server-week',
  ])(
    '%s: no text is covered or cut off, and the plane is as wide as it should be',
    async (name) => {
      const scenario = catalogue[name] as Scenario;
      const runs = ['none', 'alive-flag-sweep'].map((policy) =>
        simulate(presets[policy] as Policy, scenario, { seed: '1' }),
      );
      const chart = seriesChart(runs, scenario, provenance, layout);
      const drawing = await drawn(chart);
      expect([...overlapping(drawing.texts), ...cutOff(drawing)]).toEqual([]);
      expect(drawing.width).toBeLessThanOrEqual(layout.widthPx + 2 * layout.paddingPx + 6);
    },
  );
});

describe.each(layouts)('every chart, $name', (layout) => {
  const all = [
    ...inOrder(reportCharts(reportInput(), layout)),
    ...inOrder(reportCharts(fleetInput(), layout)),
  ];

  it('has no text over another and none that is cut off', async () => {
    for (const chart of all) {
      const drawing = await drawn(chart);
      expect({
        chart: chart.name,
        faults: [...overlapping(drawing.texts), ...cutOff(drawing)],
      }).toEqual({
        chart: chart.name,
        faults: [],
      });
    }
  });

  it('is no wider than what it is laid out for', async () => {
    // The sheets of the overview are tables on the page: as files they are as wide as their columns.
    for (const chart of all.filter(({ name }) => !name.startsWith('overview'))) {
      const { width } = await drawn(chart);
      expect(width, chart.name).toBeLessThanOrEqual(layout.widthPx + 2 * layout.paddingPx + 6);
    }
  });
});

/**
 * One run as five lanes, from the server's application down to the peer's. Packets that arrive
 * point the way they travel, lost ones are crosses; the fault and the four instants of a ghost's
 * end run through all lanes.
 */
import type { RunEvent, RunResult, Where } from '../../model/results/types.ts';
import { formatPolicies } from '../../text/lists.ts';
import { formatMs, plural } from '../../text/numbers.ts';
import { COLORS } from '../palette.ts';
import { textWidthPx } from '../../text/font-width.ts';
import { annotation, FONT_SIZE, framed, INK, linearScale, scaleOf, timeAxis } from '../theme.ts';
import type { Chart, ChartSpec, Provenance } from '../types.ts';

const WIDTH = 860;
const LANE_HEIGHT = 56;
const NAME_GAP = 14;
const LEVEL_HEIGHT = 17;

const LANES: readonly { readonly where: Where; readonly name: string }[] = [
  { where: 'server-app', name: 'server application' },
  { where: 'server-kernel', name: 'server kernel' },
  { where: 'wire', name: 'wire' },
  { where: 'peer-kernel', name: 'peer kernel' },
  { where: 'peer-app', name: 'peer application' },
];

/** A vega symbol: an upright cross turned by 45 degrees. */
const CROSS = 'M-1,-0.6L-0.6,-1L0,-0.4L0.6,-1L1,-0.6L0.4,0L1,0.6L0.6,1L0,0.4L-0.6,1L-1,0.6L-0.4,0Z';

/** What an event is drawn as: its words in the legend, its shape, its colour, its place in the lane. */
const KINDS = [
  { kind: 'packet to the peer', shape: 'triangle-down', color: COLORS.blue, rise: 0.22 },
  { kind: 'packet to the server', shape: 'triangle-up', color: COLORS.green, rise: -0.22 },
  { kind: 'packet lost', shape: CROSS, color: INK.alarm, rise: 0.22 },
  { kind: 'ping or pong', shape: 'diamond', color: COLORS.purple, rise: 0 },
  { kind: 'end of the connection', shape: 'square', color: INK.text, rise: 0 },
  { kind: 'other event', shape: 'circle', color: INK.line, rise: 0 },
] as const;
type Kind = (typeof KINDS)[number]['kind'];

/** Events that end something, wherever they happen. */
const ENDS =
  /^(reaped|closing|descriptor-closed|socket-error|socket-forgotten|sigterm|sigkill|end-of-file)/;

/** The chart of one run. */
export function timelineChart(run: RunResult, version: string): Chart {
  const provenance: Provenance = { seed: run.seed, version };
  const originMs = run.faultAtMs ?? 0;
  const ends = [...run.events.map(({ atMs }) => atMs), ...instantsOf(run).map(({ atMs }) => atMs)];
  const fromMs = Math.min(0, ...ends.map((ms) => ms - originMs));
  const toMs = Math.max(1_000, ...ends.map((ms) => ms - originMs));
  const scale = linearScale(fromMs, toMs, 12);
  const x = {
    field: 'ms',
    type: 'quantitative',
    scale: scaleOf(scale),
    axis: timeAxis(scale, run.faultAtMs === null ? 'time since the start' : 'time since the fault'),
  };
  const perPx = (scale.domainMs[1] - scale.domainMs[0]) / WIDTH;
  const title = finding(run);
  const description =
    `Timeline of one run, policy ${run.policy}, scenario ${run.scenario}: ` +
    `${plural(run.events.length, 'event')} in five lanes from the server's application to the peer's.`;
  const labels = spreadLabels(run, originMs, scale.domainMs[0], perPx);
  const spec = framed(
    {
      title,
      reading: `${run.policy} on ${run.scenario}: ${run.outcome}, ${run.reason}`,
      provenance,
      widthPx: WIDTH,
      description,
    },
    {
      width: WIDTH,
      height: LANE_HEIGHT * LANES.length,
      encoding: {
        y: { field: 'y', type: 'quantitative', scale: { domain: [LANES.length, 0] }, axis: null },
      },
      layer: [...lanes(), ...instants(labels, x), events(run.events, originMs, perPx, x)],
    },
  );
  return { name: `timeline-${run.policy}-${run.scenario}`, title, description, spec };
}

function lanes(): ChartSpec[] {
  return [
    annotation(
      LANES.map((_, index) => ({ y: index, base: index + 1, shade: index % 2 })),
      { type: 'rect', color: INK.grid },
      {
        x: { value: 0 },
        x2: { value: WIDTH },
        y2: { field: 'base' },
        opacity: {
          field: 'shade',
          type: 'quantitative',
          scale: { domain: [0, 1], range: [0.45, 0] },
          legend: null,
        },
      },
    ),
    annotation(
      LANES.map(({ name }, index) => ({ y: index + 0.5, words: name })),
      { type: 'text', align: 'right', baseline: 'middle' },
      { x: { value: -NAME_GAP }, text: { field: 'words' } },
    ),
  ];
}

interface Instant {
  readonly atMs: number;
  readonly words: string;
}

/** The fault and the four instants, coinciding ones told together. */
function instantsOf(run: RunResult): readonly Instant[] {
  const all: readonly (readonly [number | null, string])[] = [
    [run.faultAtMs, 'fault'],
    [run.decidedAtMs, 'decided'],
    [run.closedAtMs, 'descriptor closed'],
    [run.kernelClosedAtMs, 'left ESTABLISHED'],
    [run.releasedAtMs, 'forgotten by the kernel'],
  ];
  const merged: { atMs: number; words: string }[] = [];
  for (const [atMs, words] of all) {
    if (atMs === null) continue;
    const same = merged.find((instant) => Math.abs(instant.atMs - atMs) < 0.5);
    if (same === undefined) merged.push({ atMs, words });
    else same.words += `, ${words}`;
  }
  return merged.toSorted((a, b) => a.atMs - b.atMs);
}

interface PlacedLabel {
  readonly ms: number;
  readonly words: string;
  readonly leftPx: number;
  /** 0 = just above the lanes. */
  readonly level: number;
}

/** Puts each instant's words above its line, on the lowest level where they cover no others. */
function spreadLabels(
  run: RunResult,
  originMs: number,
  fromMs: number,
  perPx: number,
): readonly PlacedLabel[] {
  const placed: (PlacedLabel & { readonly rightPx: number })[] = [];
  for (const { atMs, words } of instantsOf(run)) {
    const ms = atMs - originMs;
    const text =
      run.faultAtMs === null || atMs === run.faultAtMs ? words : `${words} ${formatMs(ms)}`;
    const width = textWidthPx(text, FONT_SIZE.small);
    const leftPx = Math.max(0, Math.min((ms - fromMs) / perPx - 4, WIDTH - width));
    const rightPx = leftPx + width + 10;
    let level = 0;
    while (placed.some((p) => p.level === level && p.leftPx < rightPx && leftPx < p.rightPx)) {
      level++;
    }
    placed.push({ ms, words: text, leftPx, rightPx, level });
  }
  return placed.map(({ ms, words, leftPx, level }) => ({ ms, words, leftPx, level }));
}

function instants(labels: readonly PlacedLabel[], x: ChartSpec): ChartSpec[] {
  const values = labels.map(({ ms, words, leftPx, level }) => ({
    ms,
    words,
    leftPx,
    yPx: -6 - LEVEL_HEIGHT * level,
  }));
  const yPx = { field: 'yPx', type: 'quantitative', scale: null, axis: null };
  return [
    annotation(
      values,
      { type: 'rule', strokeDash: [5, 3], strokeWidth: 1.5, color: INK.text },
      { x, y: yPx, y2: { value: LANE_HEIGHT * LANES.length } },
    ),
    annotation(
      values,
      { type: 'text', align: 'left', baseline: 'bottom', fontSize: FONT_SIZE.small, dx: 4, dy: -3 },
      {
        x: { field: 'leftPx', type: 'quantitative', scale: null, axis: null },
        y: yPx,
        text: { field: 'words' },
      },
    ),
  ];
}

function kindOf({ where, event, from }: RunEvent): Kind {
  if (where === 'wire' && event === 'packet-lost') return 'packet lost';
  if (where === 'wire' && event === 'packet') {
    return from === 'server' ? 'packet to the peer' : 'packet to the server';
  }
  if (/\b(ping|pong)\b/.test(event)) return 'ping or pong';
  return ENDS.test(event) ? 'end of the connection' : 'other event';
}

/** One mark per event; those of a kind on the same pixel of a lane are drawn once. */
function events(
  all: readonly RunEvent[],
  originMs: number,
  perPx: number,
  x: ChartSpec,
): ChartSpec {
  const drawn = new Set<string>();
  const values: ChartSpec[] = [];
  for (const event of all) {
    const kind = kindOf(event);
    const look = KINDS.find((each) => each.kind === kind);
    const lane = LANES.findIndex(({ where }) => where === event.where);
    const ms = event.atMs - originMs;
    const backwards = kind === 'packet lost' && event['from'] === 'client' ? -1 : 1;
    const y = lane + 0.5 - backwards * (look?.rise ?? 0);
    const spot = `${kind} ${y} ${Math.round(ms / perPx)}`;
    if (drawn.has(spot)) continue;
    drawn.add(spot);
    values.push({ ms, y, kind });
  }
  const shown = KINDS.filter(({ kind }) => values.some((value) => value['kind'] === kind));
  const domain = shown.map(({ kind }) => kind);
  const legend = {
    title: null,
    orient: 'bottom',
    direction: 'horizontal',
    columns: 6,
    columnPadding: 18,
    labelFontSize: FONT_SIZE.small,
    labelLimit: 0,
    symbolSize: 70,
    symbolOpacity: 1,
    offset: 8,
  };
  return annotation(
    values,
    { type: 'point', filled: true, size: 58, opacity: 0.9 },
    {
      x,
      color: {
        field: 'kind',
        type: 'nominal',
        scale: { domain, range: shown.map(({ color }) => color) },
        legend,
      },
      shape: {
        field: 'kind',
        type: 'nominal',
        scale: { domain, range: shown.map(({ shape }) => shape) },
        legend,
      },
    },
  );
}

/** The sentence a reader should take away: when the server knew, and when it was rid of it. */
export function finding(run: RunResult): string {
  const { faultAtMs, decidedAtMs, releasedAtMs } = run;
  const policy = formatPolicies([run.policy]);
  if (run.outcome === 'survived') return `${policy} leaves the living peer alone`;
  if (faultAtMs === null) {
    return decidedAtMs === null
      ? `${policy}: the connection ends in an orderly way`
      : `${policy} ${run.outcome === 'reaped' ? 'kills a living peer' : 'closes'} after ${formatMs(decidedAtMs)}`;
  }
  if (decidedAtMs === null) return `${policy} never notices that the peer is gone`;
  const known = `${policy} knows after ${formatMs(decidedAtMs - faultAtMs)}`;
  if (releasedAtMs === decidedAtMs) return `${known}; nothing is left of the socket then`;
  return releasedAtMs === null
    ? `${known}; the kernel keeps the socket to the end of the run`
    : `${known}; the kernel forgets the socket after ${formatMs(releasedAtMs - faultAtMs)}`;
}

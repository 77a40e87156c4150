/**
 * One run as lanes, from the server's application down to the peer's, with the timers that run in between.
 * The time of the ghost (or, of a living peer, of its silence) is shaded, B is a line, packets have their names.
 * What came before the fault is pushed together at the left edge: nothing is decided there.
 */
import type { RunEvent, RunResult, Where } from '../../model/results/types.ts';
import { textWidthPx } from '../../text/font-width.ts';
import { formatMs, formatRound, plural } from '../../text/numbers.ts';
import { COLORS, INK } from '../palette.ts';
import { annotation, FONT_SIZE, framed, labelByValue, linearScale, type Layout } from '../theme.ts';
import type { Chart, ChartSpec, Provenance, TimelineInput } from '../types.ts';
import { namesOrCount } from '../words.ts';
import { isPacket, packetName, packetNumbers, timersOf, timerWords } from './timers.ts';

const LEVEL_HEIGHT = 16;
const LANE_NAME_PX = 11;
const MARK_NAME_PX = 10;

const TIMERS = 'timers of the server';
const LANES: readonly { readonly where: Where | null; readonly name: string }[] = [
  { where: 'server-app', name: 'server application' },
  { where: null, name: TIMERS },
  { where: 'server-kernel', name: 'server kernel' },
  { where: 'wire', name: 'wire' },
  { where: 'peer-kernel', name: 'peer kernel' },
  { where: 'peer-app', name: 'peer application' },
];
/** Tracks within a lane, from its top: names of marks, three for marks, names of marks again. */
const TRACKS = ['a', 'b', 'c', 'd', 'e'] as const;
type Track = (typeof TRACKS)[number];

/** A vega symbol: an upright cross turned by 45 degrees. */
const CROSS = 'M-1,-0.6L-0.6,-1L0,-0.4L0.6,-1L1,-0.6L0.4,0L1,0.6L0.6,1L0,0.4L-0.6,1L-1,0.6L-0.4,0Z';

/** What an event is drawn as: its words in the legend, its shape, its colour. */
const KINDS = [
  { kind: 'packet to the peer', shape: 'triangle-down', color: COLORS.blue },
  { kind: 'packet to the server', shape: 'triangle-up', color: COLORS.green },
  { kind: 'packet lost', shape: CROSS, color: INK.alarm },
  { kind: 'ping or pong', shape: 'diamond', color: COLORS.purple },
  { kind: 'end of the connection', shape: 'square', color: INK.text },
  { kind: 'other event', shape: 'circle', color: INK.line },
] as const;
type Kind = (typeof KINDS)[number]['kind'];

/** Events that end something, wherever they happen. */
const ENDS =
  /^(reaped|closing|descriptor-closed|socket-error|socket-forgotten|sigterm|sigkill|end-of-file)/;

/** The x axis: from the origin (fault, or begin of the silence) in its own scale; what was before in another. */
interface Axis {
  readonly originMs: number;
  readonly originWords: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly widthPx: number;
  readonly beforePx: number;
}

function pixel({ fromMs, toMs, widthPx, beforePx }: Axis, ms: number): number {
  return ms < 0
    ? beforePx * (1 - ms / Math.min(fromMs, -1))
    : beforePx + ((widthPx - beforePx) * ms) / toMs;
}

/** The chart of one run. */
export function timelineChart(input: TimelineInput, version: string, layout: Layout): Chart {
  const { run } = input;
  const provenance: Provenance = { seed: run.seed, version };
  const axis = axisOf(input, layout);
  const title = finding(input);
  const description =
    `Timeline of one run, policy ${run.policy}, scenario ${run.scenario}: ` +
    `${plural(run.events.length, 'event')} in lanes from the server's application to the peer's.`;
  const reading =
    `${run.policy} on ${run.scenario}: ${run.outcome}, ${run.reason}; ` +
    `the time before ${axis.originWords} is compressed`;
  const spec = framed(
    { title, reading, provenance, layout, description },
    bodyOf(input, axis, layout),
  );
  return { name: `timeline-${run.policy}-${run.scenario}`, title, reading, description, spec };
}

function axisOf({ run, boundMs, watchMs }: TimelineInput, layout: Layout): Axis {
  const silence = run.events.find(({ event }) => event === 'silence-began');
  const originMs = run.faultAtMs ?? silence?.atMs ?? 0;
  const originWords =
    run.faultAtMs !== null ? 'the fault' : silence === undefined ? 'the start' : 'the silence';
  const first = Math.min(0, ...run.events.map(({ atMs }) => atMs - originMs));
  const ends = [run.decidedAtMs, run.closedAtMs, boundMs === null ? null : originMs + boundMs]
    .filter((ms) => ms !== null)
    .map((ms) => ms - originMs);
  // Where nothing ends, the story is that of the whole watch.
  const isOpen = run.faultAtMs !== null && run.decidedAtMs === null;
  const told = Math.max(isOpen ? watchMs : 1_000, ...ends);
  const last = Math.max(
    told,
    ...run.events.map(({ atMs }) => atMs - originMs),
    (run.releasedAtMs ?? originMs) - originMs,
  );
  // What the kernel still does long after the end of the story would squeeze the story itself.
  const toMs = ends.length > 0 ? Math.min(last, 3 * told) : last;
  const isNarrow = layout.name === 'narrow';
  const namesPx = isNarrow
    ? 0
    : Math.max(...LANES.map(({ name }) => textWidthPx(name, FONT_SIZE.text))) + 12;
  return {
    originMs,
    originWords,
    fromMs: first,
    toMs: toMs * 1.03,
    widthPx: Math.floor(layout.widthPx - namesPx - (isNarrow ? 10 : 16)),
    beforePx: first < 0 ? (isNarrow ? 24 : 60) : 0,
  };
}

function bodyOf(input: TimelineInput, axis: Axis, layout: Layout): ChartSpec {
  const laneHeight = layout.name === 'narrow' ? 64 : 58;
  const height = laneHeight * LANES.length;
  const ticks = linearScale(0, axis.toMs, layout.name === 'narrow' ? 4 : 9).ticksMs.filter(
    (ms) => ms <= axis.toMs,
  );
  const x = {
    field: 'sinceMs',
    type: 'quantitative',
    scale:
      axis.beforePx > 0
        ? {
            domain: [Math.min(axis.fromMs, -1), 0, axis.toMs],
            range: [0, axis.beforePx, axis.widthPx],
            nice: false,
            zero: false,
          }
        : { domain: [0, axis.toMs], nice: false, zero: false },
    axis: {
      title: `time since ${axis.originWords}`,
      values: [...ticks],
      labelExpr: labelByValue(ticks, formatRound),
      labelOverlap: false,
      grid: false,
      aria: false,
    },
  };
  const names = LANES.map(({ name }) => name);
  const y = {
    field: 'lane',
    type: 'nominal',
    sort: names,
    scale: { type: 'band', domain: names, paddingInner: 0, paddingOuter: 0 },
    axis:
      layout.name === 'narrow'
        ? null
        : {
            title: null,
            domain: false,
            ticks: false,
            labelPadding: 8,
            labelFontSize: FONT_SIZE.text,
            labelColor: INK.text,
            aria: false,
          },
  };
  const yOffset = {
    field: 'track',
    type: 'nominal',
    scale: { type: 'point', domain: [...TRACKS], padding: 0.5 },
  };
  const marks = marksOf(input.run, axis);
  return {
    width: axis.widthPx,
    height,
    layer: [
      ...lanes(names, axis, laneHeight, layout),
      ...shade(input, axis, x),
      ...timerBars(input.run, axis, x, y, yOffset),
      ...instants(spreadLabels(input, axis), axis, height),
      ...nameTexts(nameLabels(marks, axis, instantsOf(input, axis), layout), x, y, yOffset),
      events(marks, x, y, yOffset, layout),
    ],
    resolve: { scale: { color: 'independent', shape: 'independent' } },
  };
}

/** Every other lane is shaded; on a phone the name of each stands in its corner. */
function lanes(
  names: readonly string[],
  { widthPx }: Axis,
  laneHeight: number,
  layout: Layout,
): ChartSpec[] {
  const shaded = names.flatMap((_, index) =>
    index % 2 === 1
      ? []
      : [
          annotation(
            [{}],
            { type: 'rect', color: INK.grid, opacity: 0.45, aria: false },
            {
              x: { value: 0 },
              x2: { value: widthPx },
              y: { value: index * laneHeight },
              y2: { value: (index + 1) * laneHeight },
            },
          ),
        ],
  );
  if (layout.name !== 'narrow') return shaded;
  const text = {
    type: 'text',
    align: 'left',
    baseline: 'top',
    fontSize: LANE_NAME_PX,
    color: INK.muted,
    aria: false,
  };
  return [
    ...shaded,
    ...names.map((lane, index) =>
      annotation([{ lane }], text, {
        x: { value: 2 },
        y: { value: index * laneHeight + 2 },
        text: { field: 'lane', type: 'nominal' },
      }),
    ),
  ];
}

/** The time in which there is a ghost, or in which a living peer is silent. */
function shade({ run }: TimelineInput, axis: Axis, x: ChartSpec): ChartSpec[] {
  const isGhost = run.faultAtMs !== null;
  const silenceEnd = run.events.find(({ event }) => event === 'silence-ended')?.atMs;
  const began = isGhost || run.events.some(({ event }) => event === 'silence-began');
  if (!began) return [];
  const until = (ms: number | null | undefined): number =>
    ms === null || ms === undefined ? axis.toMs : Math.min(axis.toMs, ms - axis.originMs);
  // Unknown to the server it is darker than when only the kernel still keeps something of it.
  const times = isGhost
    ? [
        { untilMs: until(run.decidedAtMs), says: 'a ghost stands, and nobody knows' },
        { untilMs: until(run.releasedAtMs), says: 'something of it is left' },
      ]
    : [{ untilMs: until(silenceEnd ?? run.decidedAtMs), says: 'the peer lives and is silent' }];
  return [
    annotation(
      times.map((time) => ({ sinceMs: 0, ...time })),
      { type: 'rect', color: isGhost ? INK.alarm : COLORS.green, opacity: 0.07, aria: false },
      { x, x2: { field: 'untilMs' } },
    ),
  ];
}

function timerBars(
  run: RunResult,
  axis: Axis,
  x: ChartSpec,
  y: ChartSpec,
  yOffset: ChartSpec,
): ChartSpec[] {
  const bars = timersOf(run).flatMap((bar) => {
    const sinceMs = Math.max(bar.armedAtMs - axis.originMs, axis.fromMs);
    const untilMs = Math.min(bar.endedAtMs - axis.originMs, axis.toMs);
    if (untilMs <= 0 || sinceMs >= axis.toMs) return [];
    const track: Track = bar.owner === 'application' ? 'b' : 'd';
    const room = pixel(axis, untilMs) - Math.max(pixel(axis, sinceMs), axis.beforePx);
    const words = `${bar.name}, ${formatMs(bar.endedAtMs - bar.armedAtMs)}`;
    const label =
      [words, bar.name].find((text) => textWidthPx(text, MARK_NAME_PX) + 6 < room) ?? '';
    return [
      {
        policy: run.policy,
        scenario: run.scenario,
        lane: TIMERS,
        track,
        sinceMs,
        untilMs,
        middleMs: (Math.max(0, sinceMs) + untilMs) / 2,
        owner: bar.owner,
        fired: bar.fired ? 'fired' : 'answered',
        says: timerWords(bar),
        label,
      },
    ];
  });
  if (bars.length === 0) return [];
  return [
    annotation(
      bars,
      { type: 'bar', height: 13, opacity: 0.28, stroke: INK.line, strokeWidth: 0.75 },
      {
        x,
        x2: { field: 'untilMs' },
        y,
        yOffset,
        color: {
          field: 'fired',
          type: 'nominal',
          legend: null,
          scale: { domain: ['fired', 'answered'], range: [INK.alarm, COLORS.green] },
        },
        tooltip: { field: 'says', type: 'nominal' },
        description: { field: 'says' },
      },
    ),
    annotation(
      bars.filter(({ label }) => label !== ''),
      { type: 'text', fontSize: MARK_NAME_PX, baseline: 'middle', aria: false },
      {
        x: { ...x, field: 'middleMs' },
        y: { ...y, bandPosition: 0.5 },
        yOffset,
        text: { field: 'label', type: 'nominal' },
      },
    ),
  ];
}

interface Instant {
  readonly ms: number;
  readonly words: string;
  readonly isBound: boolean;
}

/** Fault, B and the four instants, coinciding ones told together. */
function instantsOf({ run, boundMs }: TimelineInput, axis: Axis): readonly Instant[] {
  const ended = run.faultAtMs === null ? 'living peer ended' : 'decided';
  const all: readonly (readonly [number | null, string])[] = [
    [run.faultAtMs, 'fault'],
    [
      run.faultAtMs === null && axis.originWords === 'the silence' ? axis.originMs : null,
      'silence begins',
    ],
    [run.decidedAtMs, ended],
    [run.closedAtMs, 'descriptor closed'],
    [run.kernelClosedAtMs, 'left ESTABLISHED'],
    [run.releasedAtMs, 'forgotten by the kernel'],
  ];
  const merged: { ms: number; words: string; isBound: boolean }[] = [];
  for (const [atMs, words] of all) {
    if (atMs === null) continue;
    const ms = atMs - axis.originMs;
    const same = merged.find((instant) => Math.abs(instant.ms - ms) < 0.5);
    if (same === undefined) merged.push({ ms, words, isBound: false });
    else same.words += `, ${words}`;
  }
  const timed = merged.map((instant) =>
    instant.ms === 0 ? instant : { ...instant, words: `${instant.words} ${formatMs(instant.ms)}` },
  );
  const bound =
    boundMs === null ? [] : [{ ms: boundMs, words: `B ${formatMs(boundMs, 'up')}`, isBound: true }];
  return [...timed, ...bound].toSorted((a, b) => a.ms - b.ms);
}

interface PlacedLabel extends Instant {
  readonly leftPx: number;
  /** 0 = just above the lanes. */
  readonly level: number;
}

/** Puts each instant's words above its line, on the lowest level where they cover no others. */
function spreadLabels(input: TimelineInput, axis: Axis): readonly PlacedLabel[] {
  const placed: (PlacedLabel & { readonly rightPx: number })[] = [];
  for (const instant of instantsOf(input, axis)) {
    const isBeyond = instant.ms > axis.toMs;
    const words = isBeyond ? `${instant.words}, beyond this edge` : instant.words;
    const width = textWidthPx(words, FONT_SIZE.small);
    const at = pixel(axis, Math.min(instant.ms, axis.toMs));
    const leftPx = Math.max(0, Math.min(at + 4, axis.widthPx - width));
    const rightPx = leftPx + width + 10;
    let level = 0;
    while (placed.some((p) => p.level === level && p.leftPx < rightPx && leftPx < p.rightPx)) {
      level++;
    }
    placed.push({ ...instant, words, leftPx, rightPx, level });
  }
  return placed;
}

function instants(labels: readonly PlacedLabel[], axis: Axis, height: number): ChartSpec[] {
  const values = labels.map(({ ms, words, leftPx, level, isBound }) => ({
    atPx: pixel(axis, Math.min(ms, axis.toMs)),
    isBeyond: ms > axis.toMs,
    sinceMs: ms,
    words,
    leftPx,
    yPx: -4 - LEVEL_HEIGHT * level,
    isBound,
  }));
  const px = (field: string) => ({ field, type: 'quantitative', scale: null, axis: null });
  const ink = { condition: { test: 'datum.isBound', value: COLORS.blue }, value: INK.text };
  return [
    annotation(
      values.filter(({ isBeyond }) => !isBeyond),
      { type: 'rule', strokeWidth: 1.5, aria: false },
      {
        x: px('atPx'),
        y: px('yPx'),
        y2: { value: height },
        color: ink,
        strokeDash: { condition: { test: 'datum.isBound', value: [1, 0] }, value: [5, 3] },
      },
    ),
    annotation(
      values,
      { type: 'text', align: 'left', baseline: 'bottom', fontSize: FONT_SIZE.small, aria: false },
      { x: px('leftPx'), y: px('yPx'), text: { field: 'words', type: 'nominal' }, color: ink },
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

/** An event as it is drawn. */
interface Mark {
  readonly policy: string;
  readonly scenario: string;
  readonly lane: string;
  readonly track: Track;
  readonly sinceMs: number;
  readonly kind: Kind;
  /** Its name: `rto #4`, `ping`, `reaped`. */
  readonly name: string;
  readonly says: string;
}

/** One mark per event; those of a kind on the same pixel of a lane are drawn once. */
function marksOf(run: RunResult, axis: Axis): readonly Mark[] {
  const drawn = new Set<string>();
  const numbers = packetNumbers(run.events);
  const marks: Mark[] = [];
  for (const event of run.events) {
    const kind = kindOf(event);
    const lane = LANES.find(({ where }) => where === event.where)?.name;
    const sinceMs = event.atMs - axis.originMs;
    if (lane === undefined || sinceMs > axis.toMs) continue;
    const from = event['from'] === 'client' ? 'd' : 'b';
    const track: Track = isPacket(event) ? from : 'c';
    const spot = `${kind} ${lane} ${track} ${Math.round(pixel(axis, sinceMs))}`;
    if (drawn.has(spot)) continue;
    drawn.add(spot);
    const name = isPacket(event)
      ? packetName(event, numbers.get(event) ?? 1)
      : event.event === 'state'
        ? String(event['to'])
        : event.event.replaceAll('-', ' ');
    const what = isPacket(event)
      ? `${name} ${event.event === 'packet' ? 'arrives' : 'is lost'}`
      : name;
    marks.push({
      policy: run.policy,
      scenario: run.scenario,
      lane,
      track,
      sinceMs,
      kind,
      name,
      says: `${sinceMs < 0 ? '–' : ''}${formatMs(Math.abs(sinceMs))}: ${what}`,
    });
  }
  return marks;
}

/** Names that the marks themselves cannot say, where there is room: never over another name or across an instant's line. */
function nameLabels(
  marks: readonly Mark[],
  axis: Axis,
  instants: readonly Instant[],
  layout: Layout,
): readonly (Mark & { readonly label: Track })[] {
  const lines = instants.map(({ ms }) => pixel(axis, ms));
  const labels: (Mark & { readonly label: Track })[] = [];
  const ends = new Map<string, number>();
  for (const mark of marks) {
    if (mark.sinceMs <= 0 || !isNamed(mark)) continue;
    const label: Track = mark.track === 'd' ? 'e' : 'a';
    const width = textWidthPx(mark.name, MARK_NAME_PX);
    const left = pixel(axis, mark.sinceMs) - width / 2;
    const row = `${mark.lane} ${label}`;
    // On a phone the name of the lane stands in the same line.
    const taken = layout.name === 'narrow' && label === 'a' ? laneNameEndPx(mark.lane) : 0;
    const right = left + width;
    if (left < Math.max(taken, ends.get(row) ?? axis.beforePx) || right > axis.widthPx) continue;
    if (lines.some((px) => left - 2 < px && px < right + 2)) continue;
    ends.set(row, right + 6);
    labels.push({ ...mark, label });
  }
  return labels;
}

function laneNameEndPx(lane: string): number {
  return 2 + textWidthPx(lane, LANE_NAME_PX) + 6;
}

function isNamed({ kind, name, lane }: Mark): boolean {
  if (lane === 'wire') return !['ack', 'data', 'duplicate ack'].includes(name);
  return kind !== 'ping or pong' || name === 'ping queued' || name === 'pong read';
}

function nameTexts(
  labels: readonly (Mark & { readonly label: Track })[],
  x: ChartSpec,
  y: ChartSpec,
  yOffset: ChartSpec,
): ChartSpec[] {
  return [
    annotation(
      labels.map(({ lane, sinceMs, name, label }) => ({ lane, sinceMs, name, track: label })),
      { type: 'text', fontSize: MARK_NAME_PX, baseline: 'middle', aria: false },
      { x, y: { ...y, bandPosition: 0.5 }, yOffset, text: { field: 'name', type: 'nominal' } },
    ),
  ];
}

function events(
  marks: readonly Mark[],
  x: ChartSpec,
  y: ChartSpec,
  yOffset: ChartSpec,
  layout: Layout,
): ChartSpec {
  const shown = KINDS.filter(({ kind }) => marks.some((mark) => mark.kind === kind));
  const domain = shown.map(({ kind }) => kind);
  const legend = {
    title: null,
    orient: 'bottom',
    direction: 'horizontal',
    columns: layout.name === 'narrow' ? 2 : 6,
    columnPadding: 14,
    labelFontSize: FONT_SIZE.small,
    labelLimit: 0,
    symbolSize: 60,
    symbolOpacity: 1,
    offset: 8,
    aria: false,
  };
  return annotation(
    marks.map((mark) => ({ ...mark })),
    { type: 'point', filled: true, size: 52, opacity: 0.9 },
    {
      x,
      y: { ...y, bandPosition: 0.5 },
      yOffset,
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
      tooltip: [
        { field: 'says', type: 'nominal' },
        { field: 'lane', type: 'nominal' },
      ],
      description: { field: 'says' },
    },
  );
}

/** The sentence a reader should take away: when the server knew, or that it ended somebody who lived. */
export function finding({ run, boundMs, watchMs }: TimelineInput): string {
  const { faultAtMs, decidedAtMs, releasedAtMs, endedAlive } = run;
  const policy = namesOrCount([run.policy], 1);
  if (endedAlive !== null) {
    const how = endedAlive.inOrder
      ? 'closes the connection of a living client in order'
      : 'ends a living client';
    return `${policy} ${how} ${formatMs(endedAlive.afterLastHeardMs)} after it last heard of it, by ${endedAlive.by}`;
  }
  if (run.outcome === 'survived') return `${policy} leaves the living peer alone`;
  if (faultAtMs === null) return `${policy}: the connection ends in an orderly way`;
  if (decidedAtMs === null)
    return `${policy} does not notice that the peer is gone, in ${formatRound(watchMs)} of watching (${run.scenario})`;
  const bound = boundMs === null ? '' : ` (B ${formatMs(boundMs, 'up')})`;
  const known = `In this run ${policy} knows after ${formatMs(decidedAtMs - faultAtMs)}${bound}`;
  if (releasedAtMs === decidedAtMs) return `${known}; nothing is left of the socket then`;
  return releasedAtMs === null
    ? `${known}; the kernel keeps the socket to the end of the run`
    : `${known}; the kernel forgets the socket after ${formatMs(releasedAtMs - faultAtMs)}`;
}

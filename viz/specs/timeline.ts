/**
 * One run as lanes, from the server's application down to the peer's, with the timers that run in between.
 * The time of the ghost (or, of a living peer, of its silence) is shaded, B is a line, packets have their names.
 * What came before the fault is pushed together at the left edge: nothing is decided there.
 */
import { textWidthPx } from '../../text/font-width.ts';
import { formatMs, formatRound, plural } from '../../text/numbers.ts';
import { COLORS, INK } from '../theme/palette.ts';
import {
  annotation,
  FONT_SIZE,
  framed,
  labelByValue,
  linearScale,
  type Layout,
} from '../theme/theme.ts';
import type { Chart, ChartSpec, Provenance, TimelineInput } from '../data/types.ts';
import { namesOrCount } from '../theme/words.ts';
import { axisOf, instants, instantsOf, pixel, spreadLabels, type Axis } from './timeline-axis.ts';
import { LANE_NAME_PX, LANES, MARK_NAME_PX, TIMERS, TRACKS, type Track } from './timeline-lanes.ts';
import { events, marksOf, nameLabels, nameTexts } from './timeline-marks.ts';
import { timersOf, timerWords } from './timers.ts';

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
      ...timerBars(input, axis, x, y, yOffset),
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

/** The timers that run after the fault, with a label where one fits between the instants' lines. */
function timerData(input: TimelineInput, axis: Axis) {
  const { run } = input;
  const lines = instantsOf(input, axis).map(({ ms }) => pixel(axis, ms));
  return timersOf(run).flatMap((bar) => {
    const sinceMs = Math.max(bar.armedAtMs - axis.originMs, axis.fromMs);
    const untilMs = Math.min(bar.endedAtMs - axis.originMs, axis.toMs);
    if (untilMs <= 0 || sinceMs >= axis.toMs) return [];
    const track: Track = bar.owner === 'application' ? 'b' : 'd';
    const from = Math.max(pixel(axis, sinceMs), axis.beforePx);
    const to = pixel(axis, untilMs);
    const middle = (from + to) / 2;
    const words = `${bar.name}, ${formatMs(bar.endedAtMs - bar.armedAtMs)}`;
    const fits = (text: string): boolean => {
      const half = textWidthPx(text, MARK_NAME_PX) / 2 + 3;
      return 2 * half < to - from && lines.every((px) => Math.abs(px - middle) > half);
    };
    const label = [words, bar.name].find(fits) ?? '';
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
}

function timerBars(
  input: TimelineInput,
  axis: Axis,
  x: ChartSpec,
  y: ChartSpec,
  yOffset: ChartSpec,
): ChartSpec[] {
  const bars = timerData(input, axis);
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

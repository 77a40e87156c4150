/** The time axis of a timeline, and the instants that stand above its lanes. */
import { textWidthPx } from '../../text/font-width.ts';
import { formatMs } from '../../text/numbers.ts';
import { COLORS, INK } from '../palette.ts';
import { annotation, FONT_SIZE, type Layout } from '../theme.ts';
import type { ChartSpec, TimelineInput } from '../types.ts';
import { LANES } from './timeline-lanes.ts';

const LEVEL_HEIGHT = 16;

/** The x axis: from the origin (fault, or begin of the silence) in its own scale; what was before in another. */
export interface Axis {
  readonly originMs: number;
  readonly originWords: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly widthPx: number;
  readonly beforePx: number;
}

export function pixel({ fromMs, toMs, widthPx, beforePx }: Axis, ms: number): number {
  return ms < 0
    ? beforePx * (1 - ms / Math.min(fromMs, -1))
    : beforePx + ((widthPx - beforePx) * ms) / toMs;
}

export function axisOf({ run, boundMs, watchMs }: TimelineInput, layout: Layout): Axis {
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

export interface Instant {
  readonly ms: number;
  readonly words: string;
  readonly isBound: boolean;
}

/** Fault, B and the four instants, coinciding ones told together. */
export function instantsOf({ run, boundMs }: TimelineInput, axis: Axis): readonly Instant[] {
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
export function spreadLabels(input: TimelineInput, axis: Axis): readonly PlacedLabel[] {
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

export function instants(labels: readonly PlacedLabel[], axis: Axis, height: number): ChartSpec[] {
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

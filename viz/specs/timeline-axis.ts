/** The time axis of a timeline, and the instants that stand above its lanes. */
import { textWidthPx } from '../../text/font-width.ts';
import { formatMs } from '../../text/numbers.ts';
import { COLORS, INK } from '../theme/palette.ts';
import { annotation, FONT_SIZE, type Layout } from '../theme/theme.ts';
import type { ChartSpec, TimelineInput } from '../data/types.ts';
import { LANES } from './timeline-lanes.ts';

const LEVEL_HEIGHT = 16;
/** Places that are tried before words may cover a line. */
const MOST_TRIES = 20_000;
/** The last three of the four instants, where they are one. */
const ALL_AT_ONCE = 'closed, left ESTABLISHED, forgotten';

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
    [run.closedAtMs, 'closed'],
    [run.kernelClosedAtMs, 'left ESTABLISHED'],
    [run.releasedAtMs, 'forgotten'],
  ];
  const merged: { ms: number; words: string; isBound: boolean }[] = [];
  for (const [atMs, words] of all) {
    if (atMs === null) continue;
    const ms = atMs - axis.originMs;
    const same = merged.find((instant) => Math.abs(instant.ms - ms) < 0.5);
    if (same === undefined) merged.push({ ms, words, isBound: false });
    else same.words += `, ${words}`;
  }
  const timed = merged.map(({ ms, words, isBound }) => ({
    ms,
    isBound,
    words: ms === 0 ? words : `${words.replace(ALL_AT_ONCE, 'nothing left')} ${formatMs(ms)}`,
  }));
  const bound =
    boundMs === null ? [] : [{ ms: boundMs, words: `B ${formatMs(boundMs, 'up')}`, isBound: true }];
  return [...timed, ...bound].toSorted((a, b) => a.ms - b.ms);
}

interface PlacedLabel extends Instant {
  readonly atPx: number;
  readonly leftPx: number;
  readonly rightPx: number;
  /** 0 = just above the lanes. */
  readonly level: number;
}

/**
 * Puts each instant's words above its line, on the lowest level where they cover no others, no line runs through them
 * and their own line runs through no others. Where one finds no place, those before it are moved.
 */
export function spreadLabels(input: TimelineInput, axis: Axis): readonly PlacedLabel[] {
  const choices = instantsOf(input, axis).map((instant, _, all) =>
    placesFor(instant, all.length, axis),
  );
  // Where there is no such choice each has a level of its own: a line may run through words, but no words over others.
  return (
    placed(choices, [], { left: MOST_TRIES }) ??
    choices.flatMap((places, index) => places.filter(({ level }) => level === index).slice(0, 1))
  );
}

/** Every place for one instant's words: by level, right of its line, left of it, or at the edge. */
function placesFor(instant: Instant, levels: number, axis: Axis): readonly PlacedLabel[] {
  const isBeyond = instant.ms > axis.toMs;
  const words = isBeyond ? `${instant.words}, beyond this edge` : instant.words;
  const width = textWidthPx(words, FONT_SIZE.small);
  const atPx = pixel(axis, Math.min(instant.ms, axis.toMs));
  const sides = [atPx + 4, atPx - 4 - width, axis.widthPx - width].filter(
    (leftPx) => leftPx >= 0 && leftPx + width <= axis.widthPx,
  );
  return Array.from({ length: levels }, (_, level) =>
    (sides.length > 0 ? sides : [0]).map((leftPx) => {
      const rightPx = leftPx + width;
      return { ...instant, words, atPx, leftPx, rightPx, level };
    }),
  ).flat();
}

/** The first choice of places in which all are apart, by trying in order and going back; null = given up. */
function placed(
  choices: readonly (readonly PlacedLabel[])[],
  before: readonly PlacedLabel[],
  tries: { left: number },
): readonly PlacedLabel[] | null {
  const places = choices[before.length];
  if (places === undefined) return before;
  for (const place of places) {
    tries.left -= 1;
    if (tries.left < 0) return null;
    if (!before.every((other) => areApart(place, other))) continue;
    const all = placed(choices, [...before, place], tries);
    if (all !== null) return all;
  }
  return null;
}

function areApart(a: PlacedLabel, b: PlacedLabel): boolean {
  const runsThrough = (line: PlacedLabel, text: PlacedLabel): boolean =>
    line.level > text.level && text.leftPx - 2 < line.atPx && line.atPx < text.rightPx + 2;
  const covers = a.level === b.level && a.leftPx < b.rightPx + 10 && b.leftPx < a.rightPx + 10;
  const touches =
    a.level === b.level &&
    ((a.leftPx < b.atPx && b.atPx < a.rightPx) || (b.leftPx < a.atPx && a.atPx < b.rightPx));
  return !covers && !touches && !runsThrough(a, b) && !runsThrough(b, a);
}

export function instants(labels: readonly PlacedLabel[], axis: Axis, height: number): ChartSpec[] {
  const values = labels.map(({ ms, words, atPx, leftPx, level, isBound }) => ({
    atPx,
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

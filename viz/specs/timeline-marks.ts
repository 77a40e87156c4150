/** The events of a run as marks in their lanes, with the names for which there is room. */
import type { RunEvent, RunResult } from '../../model/results/types.ts';
import { textWidthPx } from '../../text/font-width.ts';
import { formatMs } from '../../text/numbers.ts';
import { COLORS, INK } from '../theme/palette.ts';
import { annotation, CROSS, FONT_SIZE, type Layout } from '../theme/theme.ts';
import type { ChartSpec } from '../data/types.ts';
import { isPacket, packetName, packetNumbers } from './timers.ts';
import { pixel, type Axis, type Instant } from './timeline-axis.ts';
import { LANES, LANE_NAME_PX, MARK_NAME_PX, type Track } from './timeline-lanes.ts';

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
export function marksOf(run: RunResult, axis: Axis): readonly Mark[] {
  const drawn = new Set<string>();
  const numbers = packetNumbers(run.events);
  const marks: Mark[] = [];
  for (const event of run.events) {
    const kind = kindOf(event);
    const lane = LANES.find(({ where }) => where === event.where)?.name;
    const sinceMs = event.atMs - axis.originMs;
    if (lane === undefined || sinceMs > axis.toMs) continue;
    const from = event['from'] === 'server' ? 'b' : 'd';
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
export function nameLabels(
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

export function nameTexts(
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

export function events(
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

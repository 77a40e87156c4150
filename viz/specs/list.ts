/** A list beside a plane, or below it on a phone: what the numbers in the plane stand for. */
import { INK } from '../theme/palette.ts';
import { FONT_SIZE, type Layout } from '../theme/theme.ts';
import type { ChartSpec } from '../data/types.ts';

const LINE_PX = 16;
const TIGHT_PX = 12.5;
const NUMBER_PX = 26;
const LIST_PX = 240;

/** One entry: names under one number, and what is said of them. */
export interface ListEntry {
  readonly names: readonly { readonly name: string; readonly color: string }[];
  readonly says: readonly string[];
}

/** The list, entry 1 first. */
export function list(entries: readonly ListEntry[], layout: Layout, besidePx: number): ChartSpec {
  const lines = entries.flatMap(({ names, says }, index) => [
    ...names.map(({ name, color }, place) => ({
      number: place === 0 ? String(index + 1) : '',
      words: name,
      color,
    })),
    ...says.map((words) => ({ number: '', words, color: INK.muted as string })),
  ]);
  const values = lines.map((line, index) => ({ line: String(index), ...line }));
  const rows = {
    field: 'line',
    type: 'ordinal',
    sort: values.map(({ line }) => line),
    scale: { type: 'band', padding: 0 },
    axis: null,
  };
  const text = { type: 'text', baseline: 'middle', fontSize: FONT_SIZE.small, aria: false };
  const linePx =
    layout.name === 'narrow'
      ? LINE_PX
      : Math.max(TIGHT_PX, Math.min(LINE_PX, besidePx / Math.max(1, lines.length)));
  return {
    data: { values },
    width: LIST_PX,
    height: Math.max(1, linePx * lines.length),
    layer: [
      {
        mark: { ...text, align: 'right' },
        encoding: {
          x: { value: NUMBER_PX - 8 },
          y: { ...rows, bandPosition: 0.5 },
          text: { field: 'number' },
        },
      },
      {
        mark: { ...text, align: 'left' },
        encoding: {
          x: { value: NUMBER_PX },
          y: { ...rows, bandPosition: 0.5 },
          text: { field: 'words' },
          color: { field: 'color', type: 'nominal', scale: null },
        },
      },
    ],
  };
}

/** A plane and its list: side by side, or on a phone one above the other. */
export function withList(plane: ChartSpec, entries: ChartSpec, layout: Layout): ChartSpec {
  const parts = [plane, entries];
  return layout.name === 'narrow'
    ? { vconcat: parts, spacing: 16 }
    : { hconcat: parts, spacing: 24 };
}

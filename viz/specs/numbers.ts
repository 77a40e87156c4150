/** Numbers beside the things of a plane, each of which the list beside the plane explains. */
import { textWidthPx } from '../../text/font-width.ts';
import { placeLabels, type Box } from '../theme/labels.ts';
import { annotation, FONT_SIZE } from '../theme/theme.ts';
import type { ChartSpec } from '../data/types.ts';

/** A direction of the plane: its encoding, and which value of its field lies so many pixels from the left or from the top. */
export interface Direction {
  readonly encoding: ChartSpec;
  readonly field: string;
  readonly valueAt: (px: number) => number;
}

/** The numbers 1, 2, …, and where each went. */
export interface Numbers {
  readonly layer: ChartSpec;
  readonly places: readonly Box[];
}

/**
 * Places the number of each thing beside it.
 *
 * @param things their places in the plot, in the order of their numbers
 * @param forbids says of a box whether it touches ground that numbers keep off
 */
export function numbersBeside(
  things: readonly { readonly x: number; readonly y: number }[],
  plot: Box,
  x: Direction,
  y: Direction,
  forbids: (box: Box) => boolean = () => false,
): Numbers {
  const texts = things.map((at, index) => ({
    ...at,
    width: textWidthPx(String(index + 1), FONT_SIZE.small),
    height: FONT_SIZE.small,
  }));
  const places = placeLabels(texts, plot, forbids);
  const values = places.map((box, index) => ({
    number: String(index + 1),
    [x.field]: x.valueAt(box.x + box.width / 2),
    [y.field]: y.valueAt(box.y + box.height / 2),
  }));
  const layer = annotation(
    values,
    {
      type: 'text',
      align: 'center',
      baseline: 'middle',
      fontSize: FONT_SIZE.small,
      aria: false,
    },
    { x: x.encoding, y: y.encoding, text: { field: 'number', type: 'nominal' } },
  );
  return { layer, places };
}

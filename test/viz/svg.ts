/**
 * Reads a drawn chart back: marks with the pixel they stand on, texts with the box they take. Knows what vega writes:
 * nested translations, a rotation for the title of an upright axis, symbols as paths around their own origin.
 */
import { textWidthPx } from '../../text/font-width.ts';

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface DrawnText extends Box {
  readonly words: string;
  /** Whether it runs neither level nor upright: then its box is larger than itself. */
  readonly isSlanted: boolean;
  /** Classes of the groups around it, outermost first: `role-axis-label` and the like. */
  readonly inside: string;
}

/** A symbol of a mark, or any other shape, at its own origin. */
export interface DrawnShape {
  readonly tag: string;
  readonly x: number;
  readonly y: number;
  readonly inside: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** What it says on hover. */
  readonly title: string | null;
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly texts: readonly DrawnText[];
  readonly shapes: readonly DrawnShape[];
}

interface Frame {
  readonly x: number;
  readonly y: number;
  /** Degrees clockwise. */
  readonly angle: number;
  readonly inside: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

function plain(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}

function attributesOf(tag: string): Record<string, string> {
  return Object.fromEntries(
    [...tag.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      plain(value),
    ]),
  );
}

function moved(frame: Frame, attributes: Readonly<Record<string, string>>): Frame {
  const transform = attributes['transform'] ?? '';
  const [, x = '0', y = '0'] = /translate\(([-\d.e]+),\s*([-\d.e]+)\)/.exec(transform) ?? [];
  return {
    x: frame.x + Number(x),
    y: frame.y + Number(y),
    angle: frame.angle + Number(/rotate\(([-\d.]+)/.exec(transform)?.[1] ?? 0),
    inside: `${frame.inside} ${attributes['class'] ?? ''}`,
  };
}

function textBox(frame: Frame, attributes: Readonly<Record<string, string>>, words: string): Box {
  const size = Number.parseFloat(attributes['font-size'] ?? '12');
  const width = textWidthPx(words, size, attributes['font-weight'] === 'bold');
  const anchor = attributes['text-anchor'] ?? 'start';
  const before = anchor === 'end' ? width : anchor === 'middle' ? width / 2 : 0;
  // From the top of a capital to the base line; descenders reach a fifth below.
  const [rise, fall] = [0.74 * size, 0.12 * size];
  const turn = (frame.angle * Math.PI) / 180;
  const corners = [-before, width - before].flatMap((along) =>
    [-rise, fall].map((down) => ({
      x: frame.x + along * Math.cos(turn) - down * Math.sin(turn),
      y: frame.y + along * Math.sin(turn) + down * Math.cos(turn),
    })),
  );
  return {
    left: Math.min(...corners.map(({ x }) => x)),
    right: Math.max(...corners.map(({ x }) => x)),
    top: Math.min(...corners.map(({ y }) => y)),
    bottom: Math.max(...corners.map(({ y }) => y)),
  };
}

/** Reads an SVG document. */
export function drawingOf(svg: string): Drawing {
  const texts: DrawnText[] = [];
  const shapes: DrawnShape[] = [];
  const stack: Frame[] = [{ x: 0, y: 0, angle: 0, inside: '' }];
  const token =
    /<(\/?)(g|path|line|rect|text|tspan|svg)\b([^>]*?)(\/?)>(?:<title>([^<]*)<\/title>)?([^<]*)/g;
  let size = { width: 0, height: 0 };
  let block = { frame: stack[0] as Frame, attributes: {} as Record<string, string> };
  for (const [, closing, tag = '', rest = '', selfClosing, title, content = ''] of svg.matchAll(
    token,
  )) {
    if (closing === '/') {
      if (tag === 'g' || tag === 'svg') stack.pop();
      continue;
    }
    const attributes = attributesOf(rest);
    if (tag === 'tspan') {
      // Lines of one text: each so much lower than the one before.
      const { x, y, angle, inside } = block.frame;
      const line = { x, y: y + Number(attributes['dy'] ?? 0), angle, inside };
      block = { frame: line, attributes: block.attributes };
      const words = plain(content);
      texts.push({
        ...textBox(block.frame, block.attributes, words),
        words,
        isSlanted: false,
        inside: block.frame.inside,
      });
      continue;
    }
    const frame = moved(stack.at(-1) as Frame, attributes);
    if (tag === 'svg') {
      size = { width: Number(attributes['width']), height: Number(attributes['height']) };
    }
    if (tag === 'text' && attributes['opacity'] !== '0') {
      block = { frame, attributes };
      const words = plain(content);
      if (words.trim() !== '') {
        texts.push({
          ...textBox(frame, attributes, words),
          words,
          isSlanted: frame.angle % 90 !== 0,
          inside: frame.inside,
        });
      }
    }
    if (tag === 'path' || tag === 'line' || tag === 'rect') {
      shapes.push({
        tag,
        x: frame.x,
        y: frame.y,
        inside: frame.inside,
        attributes,
        title: title === undefined ? null : plain(title),
      });
    }
    if ((tag === 'g' || tag === 'svg') && selfClosing !== '/') stack.push(frame);
  }
  return { ...size, texts, shapes };
}

export function intersects(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** All pairs of texts of which one covers the other. */
export function overlapping(all: readonly DrawnText[]): readonly string[] {
  const texts = all.filter(({ isSlanted }) => !isSlanted);
  return texts.flatMap((a, i) =>
    texts.slice(i + 1).flatMap((b) => (intersects(a, b) ? [`${a.words} × ${b.words}`] : [])),
  );
}

/** The small parts charts are made of: words for numbers, looks of policies, places of names. */
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeLabels } from '../../viz/labels.ts';
import { policyStyles } from '../../viz/palette.ts';
import { FONT_FILES } from '../../viz/render.ts';
import { textWidthPx, wrapText } from '../../text/font-width.ts';
import { timeScale } from '../../viz/theme.ts';
import { comparison } from './fixtures.ts';

const SEED = 20_261_121;

describe('a time axis', () => {
  it('holds every value and labels at least two instants', () => {
    const values = fc.array(fc.double({ min: 0, max: 1e8, noNaN: true }), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(values, (times) => {
        const { domainMs, ticksMs, type } = timeScale(times, 12);
        const held = times.map((ms) => (type === 'log' ? Math.max(ms, 1) : ms));
        expect(Math.min(...held)).toBeGreaterThanOrEqual(domainMs[0]);
        expect(Math.max(...held)).toBeLessThanOrEqual(domainMs[1]);
        expect(ticksMs.length).toBeGreaterThanOrEqual(2);
        expect(ticksMs.length).toBeLessThanOrEqual(13);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

describe('looks', () => {
  const names = [...new Set(comparison().rows.map(({ policy }) => policy))];
  const signs = (all: readonly string[]): string[] =>
    [...policyStyles(all).values()].map(({ color, dash }) => `${color} ${dash.join()}`);

  it('differ between any two built-in policies by colour or dash', () => {
    expect(names.length).toBe(17);
    expect(new Set(signs(names)).size).toBe(names.length);
  });

  it('are free ones for policies from elsewhere, whatever the order', () => {
    const mine = ['socket.io', 'my-policy', 'x', 'y', 'z'];
    expect(new Set(signs([...names, ...mine])).size).toBe(names.length + mine.length);
    const there = policyStyles(mine);
    const back = policyStyles(mine.toReversed());
    for (const name of mine) expect(back.get(name)).toEqual(there.get(name));
  });

  it('have a contrast of at least 3:1 on white (WCAG 2.2, 1.4.11)', () => {
    const linear = (c: number): number => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    for (const { color } of policyStyles(names).values()) {
      const [r, g, b] = [1, 3, 5].map((i) =>
        linear(Number.parseInt(color.slice(i, i + 2), 16) / 255),
      );
      const luminance = 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
      expect(1.05 / (luminance + 0.05)).toBeGreaterThanOrEqual(3);
    }
  });
});

describe('text', () => {
  /** Advance width of a character, from the font file's own cmap (format 4) and hmtx tables. */
  function advances(path: string): (letter: string) => number {
    const font = readFileSync(path);
    const tables = new Map<string, number>();
    for (let i = 0; i < font.readUInt16BE(4); i++) {
      const entry = 12 + 16 * i;
      tables.set(font.toString('latin1', entry, entry + 4), font.readUInt32BE(entry + 8));
    }
    const cmap = tables.get('cmap')!;
    const subtables = Array.from({ length: font.readUInt16BE(cmap + 2) }, (_, i) =>
      font.readUInt32BE(cmap + 8 + 8 * i),
    );
    const table = cmap + subtables.find((offset) => font.readUInt16BE(cmap + offset) === 4)!;
    const size = font.readUInt16BE(table + 6);
    const glyphOf = (code: number): number => {
      for (let i = 0; i < size; i += 2) {
        const start = font.readUInt16BE(table + 16 + size + i);
        if (code > font.readUInt16BE(table + 14 + i) || code < start) continue;
        const delta = font.readUInt16BE(table + 16 + 2 * size + i);
        const at = table + 16 + 3 * size + i;
        const offset = font.readUInt16BE(at);
        if (offset === 0) return (code + delta) & 0xffff;
        return font.readUInt16BE(at + offset + 2 * (code - start));
      }
      return 0;
    };
    const longMetrics = font.readUInt16BE(tables.get('hhea')! + 34);
    return (letter) => {
      const glyph = Math.min(glyphOf(letter.codePointAt(0)!), longMetrics - 1);
      return font.readUInt16BE(tables.get('hmtx')! + 4 * glyph);
    };
  }

  it('is measured as the shipped font says, letter by letter', () => {
    const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
    for (const { path, weight } of FONT_FILES) {
      const advance = advances(path);
      const letters = [...printable, '·', '–', '×', '≤', '∞', '…', '\u00a0'];
      const wrong = letters.filter(
        (letter) => textWidthPx(letter, 2048, weight === 700) !== advance(letter),
      );
      expect({ weight, wrong }).toEqual({ weight, wrong: [] });
    }
  });

  it('breaks at spaces, but not inside a duration', () => {
    const text = 'keepalive-linux-default takes up to 2 h 11 min for 1 packet';
    for (let width = 40; width < 400; width += 7) {
      const lines = wrapText(text, width, 12);
      expect(lines.join(' ')).toBe(text);
      expect(lines.filter((line) => line.includes('2 h 11 min')).length).toBe(1);
    }
  });
});

describe('names of points', () => {
  it('stay inside the plot and do not cover each other when there is room', () => {
    const plot = { x: 0, y: 0, width: 760, height: 500 };
    const point = fc.record({
      x: fc.integer({ min: 0, max: 760 }),
      y: fc.integer({ min: 0, max: 500 }),
      width: fc.constant(90),
      height: fc.constant(15),
    });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 6 }), (blocks) => {
        const boxes = placeLabels(blocks, plot, []);
        boxes.forEach((a, i) => {
          expect(a.x).toBeGreaterThanOrEqual(-0.001);
          expect(a.x + a.width).toBeLessThanOrEqual(760.001);
          expect(a.y).toBeGreaterThanOrEqual(-0.001);
          expect(a.y + a.height).toBeLessThanOrEqual(500.001);
          for (const b of boxes.slice(i + 1)) {
            const apart =
              a.x + a.width <= b.x + 2 ||
              b.x + b.width <= a.x + 2 ||
              a.y + 13 <= b.y ||
              b.y + 13 <= a.y;
            expect(apart).toBe(true);
          }
        });
      }),
      { seed: SEED, numRuns: 100 },
    );
  });
});

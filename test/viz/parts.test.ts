/** The small parts charts are made of: words for numbers, looks of policies, places of names. */
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunEvent, RunResult } from '../../model/results/types.ts';
import { chartFiles } from '../../viz/charts.ts';
import { placeLabels, type Box } from '../../viz/theme/labels.ts';
import { inlineSvg } from '../../viz/page/inline-svg.ts';
import { COLORS, HEAT, HEAT_ON_DARK, INK, ON_DARK, policyStyles } from '../../viz/theme/palette.ts';
import { FONT_FILES, renderSvg } from '../../viz/render.ts';
import { packetName, packetNumbers, timersOf } from '../../viz/specs/timers.ts';
import { textWidthPx, wrapText } from '../../text/font-width.ts';
import { timeScale } from '../../viz/theme/theme.ts';
import { comparison, fleetInput, reportInput, sweepRun } from './fixtures.ts';
import { cases } from '../support/property.ts';

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
      cases(500),
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

describe('numbers of points', () => {
  it('stay inside the plot, off forbidden ground, points and each other', () => {
    const plot = { x: 0, y: 0, width: 250, height: 280 };
    const below = ({ x, y, width, height }: Box): boolean =>
      y + height > plot.height - (x + width) * (plot.height / plot.width);
    const point = fc.record({
      x: fc.integer({ min: 0, max: 250 }),
      y: fc.integer({ min: 0, max: 280 }),
      width: fc.constant(14),
      height: fc.constant(11),
    });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 24 }), (texts) => {
        const boxes = placeLabels(texts, plot, below);
        boxes.forEach((a, i) => {
          expect(a.x).toBeGreaterThanOrEqual(0);
          expect(a.x + a.width).toBeLessThanOrEqual(250);
          expect(a.y).toBeGreaterThanOrEqual(0);
          expect(a.y + a.height).toBeLessThanOrEqual(280);
          expect(below(a)).toBe(false);
          for (const b of boxes.slice(i + 1)) {
            const apart =
              a.x + a.width <= b.x ||
              b.x + b.width <= a.x ||
              a.y + a.height <= b.y ||
              b.y + b.height <= a.y;
            expect(apart).toBe(true);
          }
        });
      }),
      cases(100),
    );
  });
});

describe('timers of a run', () => {
  const at = (atMs: number, where: RunEvent['where'], event: string, more = {}): RunEvent => ({
    atMs,
    where,
    event,
    ...more,
  });
  const sent = (atMs: number, why: string) =>
    at(atMs, 'wire', 'packet-lost', { from: 'server', why, length: 10 });
  const run: RunResult = {
    ...sweepRun(),
    kernelClosedAtMs: 90_000,
    events: [
      at(1_000, 'server-app', 'ping-queued', { mechanism: 'ping' }),
      at(1_050, 'server-app', 'pong-read'),
      at(60_000, 'server-app', 'ping-queued', { mechanism: 'ping' }),
      sent(60_000, 'data'),
      sent(60_250, 'tlp'),
      sent(60_500, 'rto'),
      sent(61_000, 'rto'),
      sent(62_000, 'rto'),
      at(80_000, 'server-app', 'reaped'),
      at(90_000, 'server-kernel', 'state', {
        from: 'FinWait1',
        to: 'Close',
        why: 'retransmission-timed-out',
      }),
    ],
  };

  it('run from armed to fired or answered', () => {
    expect(
      timersOf(run).map(({ name, armedAtMs, endedAtMs, fired }) => [
        name,
        armedAtMs,
        endedAtMs,
        fired,
      ]),
    ).toEqual([
      ['wait for pong', 1_000, 1_050, false],
      ['wait for pong', 60_000, 80_000, true],
      ['rto #2', 60_500, 61_000, true],
      ['rto #3', 61_000, 62_000, true],
      ['until it gives up', 62_000, 90_000, true],
    ]);
  });

  it('number each packet of a chain, from 1 again once the other side was heard', () => {
    const heard = at(63_000, 'wire', 'packet', { from: 'client', why: 'data', length: 5 });
    const events = [...run.events, heard, sent(64_000, 'rto')];
    const numbers = packetNumbers(events);
    const names = events
      .filter(({ why }) => why === 'rto')
      .map((event) => packetName(event, numbers.get(event) ?? 0));
    expect(names).toEqual(['rto #1', 'rto #2', 'rto #3', 'rto #1']);
  });
});

describe('a dark page', () => {
  const luminance = (color: string): number => {
    const [r, g, b] = [1, 3, 5].map((i) => {
      const c = Number.parseInt(color.slice(i, i + 2), 16) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const contrast = (a: string, b: string): number => {
    const [low, high] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
    return (high! + 0.05) / (low! + 0.05);
  };
  const ground = ON_DARK['white']!;

  it('has a colour of 3:1 for each of a policy, 4.5:1 for words (WCAG 2.2, 1.4.3 and 1.4.11)', () => {
    for (const color of Object.values(COLORS)) {
      expect(contrast(ON_DARK[color] ?? color, ground), color).toBeGreaterThanOrEqual(4.5);
    }
    for (const ink of [INK.text, INK.muted, INK.alarm]) {
      expect(contrast(ON_DARK[ink] ?? ink, ground), ink).toBeGreaterThanOrEqual(4.5);
    }
    for (const table of [HEAT, HEAT_ON_DARK]) {
      for (const [heat, { fill, ink }] of Object.entries(table)) {
        expect(contrast(fill, ink), heat).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  it('knows every colour that a chart is drawn with', async () => {
    for (const input of [reportInput(), fleetInput()]) {
      // The sheets of the overview are tables on the page.
      for (const { name, spec } of chartFiles(input).filter(
        (chart) => !chart.name.startsWith('overview'),
      )) {
        const svg = await renderSvg(spec);
        if (!svg.ok) throw new Error('not drawn');
        const used = [...svg.value.matchAll(/ (?:fill|stroke)="([^"]+)"/g)].map(
          ([, color]) => color!,
        );
        const unknown = [...new Set(used)].filter((color) => !(color in ON_DARK));
        expect({
          name,
          unknown: unknown.filter((color) => !/^(none|transparent)$/.test(color)),
        }).toEqual({
          name,
          unknown: [],
        });
      }
    }
  });
});

describe('a chart inside a page', () => {
  it('keeps every point at which a line turns, and every word', async () => {
    for (const { spec } of chartFiles(reportInput()).slice(2)) {
      const svg = await renderSvg(spec);
      if (!svg.ok) throw new Error('not drawn');
      const short = inlineSvg(svg.value);
      const words = (text: string): string[] =>
        [...text.matchAll(/>([^<>]+)</g)].map(([, word]) => word!);
      expect(words(short)).toEqual(words(svg.value));
      expect(short.length).toBeLessThan(0.75 * svg.value.length);
      expect(short.match(/<g[ >]/g)?.length).toBe(short.match(/<\/g>/g)?.length);
    }
  });

  it('writes a staircase as level and upright moves, and leaves other paths alone', () => {
    expect(
      inlineSvg('<path d="M0,10L5,10L5,10L5,2.349L9,2.349L9,10L5,10L0,10Z" fill="red"/>'),
    ).toBe('<path d="M0,10H5V2.3H9V10H0Z" fill="red"/>');
    expect(inlineSvg('<path d="M0,10L5,12L9,2" fill="red"/>')).toBe(
      '<path d="M0,10L5,12L9,2" fill="red"/>',
    );
    const symbol = '<path d="M4.5,0A4.5,4.5,0,1,1,-4.5,0Z" fill="red"/>';
    expect(inlineSvg(symbol)).toBe(symbol);
  });
});

/** Widths, tables, numbers: what people see. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCount, formatMs, formatRound, formatShare, plural } from '../../text/numbers.ts';
import { renderTable, type Column } from '../../text/table.ts';
import { displayWidth, pad, printable, truncate, wrap } from '../../text/width.ts';
import { cases } from '../support/property.ts';

describe('width', () => {
  it('counts columns, not code units', () => {
    expect(displayWidth('ghost')).toBe(5);
    expect(displayWidth('≤ 40.1 s ✓')).toBe(10);
    expect(displayWidth('幽霊')).toBe(4); // two wide ideographs, UAX #11
    expect(displayWidth('e\u0301')).toBe(1); // e with a combining acute accent
    expect(displayWidth('👻')).toBe(2);
  });

  it('never prints more than it may', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, columns) => {
        const clean = printable(text);
        expect(displayWidth(truncate(clean, columns))).toBeLessThanOrEqual(columns);
        expect(displayWidth(pad(truncate(clean, columns), columns, 'left'))).toBe(columns);
      }),
      cases(100),
    );
  });

  it('shows control characters instead of sending them', () => {
    expect(printable('red \u001b[31m\u202e')).toBe('red \\u001b[31m\\u202e');
    expect(printable('plain – text ✓')).toBe('plain – text ✓');
  });

  it('breaks lines at spaces only', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('extraordinarily so', 5)).toEqual(['extraordinarily', 'so']);
    expect(wrap('up to 100 % of 40.1 s', 12)).toEqual(['up to 100 %', 'of 40.1 s']);
    expect(wrap('within 40.1 s', 11)).toEqual(['within', '40.1 s']);
  });
});

describe('numbers', () => {
  it('rounds bounds up and tolerances down', () => {
    expect(formatMs(40_050, 'up')).toBe('40.1 s');
    expect(formatMs(40_050, 'down')).toBe('40.0 s');
    expect(formatMs(7_848_000, 'up')).toBe('2.18 h'); // 2.18 · 100 = 218.00000000000003 in binary
    expect(formatMs(16_000, 'down')).toBe('16.0 s');
  });

  it('chooses one unit, the one that fits after rounding', () => {
    expect(formatMs(412)).toBe('412 ms');
    expect(formatMs(999.6)).toBe('1.0 s');
    expect(formatMs(599_000)).toBe('599.0 s');
    expect(formatMs(599_960)).toBe('10.0 min');
    expect(formatMs(924_600)).toBe('15.4 min'); // 924.6 / 60 = 15.41
    expect(formatMs(7_875_000)).toBe('2.19 h'); // 7200 s + 9 × 75 s = 7875 s
    expect(formatMs(22_673_511_967, 'up')).toBe('262.5 d'); // / 86 400 000 = 262.42…
    expect(formatMs(400_000_000_000)).toBe('4,629.6 d');
  });

  it('rounds a bound never below and a tolerance never above, whatever the unit', () => {
    const unitMs: Record<string, number> = { ms: 1, s: 1e3, min: 6e4, h: 3.6e6, d: 8.64e7 };
    const read = (text: string): number => {
      const [value = '', unit = ''] = text.split(' ');
      return Number(value.replaceAll(',', '')) * (unitMs[unit] ?? NaN);
    };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (us) => {
        const ms = us / 1_000;
        expect(read(formatMs(ms, 'up'))).toBeGreaterThanOrEqual(ms * (1 - 1e-9));
        expect(read(formatMs(ms, 'down'))).toBeLessThanOrEqual(ms * (1 + 1e-9));
      }),
      cases(100),
    );
  });

  it('writes settings and ticks without digits that nobody measured', () => {
    const settings = [0, 50, 10_000, 60_000, 75_000, 900_000, 5_400_000, 7_200_000, 1_500];
    expect(settings.map(formatRound)).toEqual([
      '0 s',
      '50 ms',
      '10 s',
      '60 s',
      '75 s',
      '15 min',
      '90 min',
      '2 h',
      '1.5 s',
    ]);
  });

  it('groups thousands', () => {
    expect([formatCount(999), formatCount(14_000), formatCount(2.43), formatCount(0)]).toEqual([
      '999',
      '14,000',
      '2.4',
      '0',
    ]);
    expect([plural(1, 'run'), plural(1000, 'run')]).toEqual(['1 run', '1,000 runs']);
  });

  it('never rounds a share to all or nothing', () => {
    expect(formatShare(1, 100_000)).toBe('< 0.1 %');
    expect(formatShare(99_999, 100_000)).toBe('> 99.9 %');
    expect([formatShare(0, 7), formatShare(7, 7)]).toEqual(['0 %', '100 %']);
  });
});

interface Line {
  readonly name: string;
  readonly value: string;
}

const columns: readonly Column<Line>[] = [
  { header: 'name', align: 'left', cell: ({ name }) => name, flexible: 'end' },
  { header: 'cost', align: 'right', cell: ({ value }) => value, expendable: 1 },
  { header: 'value', align: 'right', cell: ({ value }) => value },
];
const plain = (_paint: string, text: string): string => text;

describe('table', () => {
  const rows = [
    { name: 'first', value: '1' },
    { name: '二番', value: '22' },
  ];

  it('aligns, also with wide characters', () => {
    expect(renderTable(columns, rows, { columns: 80, paint: plain })).toEqual([
      'name   cost  value',
      'first     1      1',
      '二番     22     22',
    ]);
  });

  it('drops the expendable before it cuts the flexible', () => {
    expect(renderTable(columns, rows, { columns: 12, paint: plain })).toEqual([
      'name   value',
      'first      1',
      '二番      22',
    ]);
    expect(renderTable(columns, rows, { columns: 11, paint: plain })[1]).toBe('fir…      1');
  });

  it('breaks headers and verdicts into lines, and moves a name above its row before it is cut', () => {
    const all: readonly Column<Line>[] = [
      { header: 'policy', align: 'left', cell: ({ name }) => name, flexible: 'above' },
      { header: 'living ended', align: 'right', cell: () => '70 %' },
      { header: 'verdict', align: 'left', cell: ({ value }) => value, flexible: 'wrap' },
    ];
    const long = [
      { name: 'keepalive-10-5-3-user-timeout-20s', value: '✗ kills 139 of 200, against its claim' },
    ];
    expect(renderTable(all, long, { columns: 68, paint: plain })).toEqual([
      '                                   living',
      'policy                              ended  verdict',
      'keepalive-10-5-3-user-timeout-20s    70 %  ✗ kills 139 of 200,',
      '                                             against its claim',
    ]);
    expect(renderTable(all, long, { columns: 40, paint: plain })).toEqual([
      'policy',
      '  living',
      '   ended  verdict',
      'keepalive-10-5-3-user-timeout-20s',
      '    70 %  ✗ kills 139 of 200, against',
      '            its claim',
    ]);
    expect(renderTable(all, long, { columns: 30, paint: plain })[3]).toBe(
      'keepalive-10-5-…er-timeout-20s',
    );
  });

  it('drops the most expendable first', () => {
    const three: readonly Column<Line>[] = [
      { header: 'name', align: 'left', cell: ({ name }) => name },
      { header: 'kept', align: 'right', cell: ({ value }) => value, expendable: 1 },
      { header: 'gone', align: 'right', cell: ({ value }) => value, expendable: 2 },
    ];
    expect(renderTable(three, rows, { columns: 12, paint: plain })[0]).toBe('name   kept');
  });

  it('fits wherever it can', () => {
    const rowsOf = fc.array(fc.record({ name: fc.string(), value: fc.string({ maxLength: 5 }) }));
    fc.assert(
      fc.property(rowsOf, fc.integer({ min: 11, max: 60 }), (cells, width) => {
        const clean = cells.map(({ name, value }) => ({
          name: printable(name),
          value: printable(value).slice(0, 5),
        }));
        const lines = renderTable(columns, clean, { columns: width, paint: plain });
        expect(lines).toHaveLength(clean.length + 1);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }),
      cases(100),
    );
  });

  it('lays colours on after the columns are set', () => {
    const paint = (style: string, text: string): string => `<${style}>${text}</>`;
    const column: Column<string> = {
      header: 'verdict',
      align: 'left',
      cell: (text) => ({ text, paint: 'good' }),
    };
    expect(renderTable([column], ['✓'], { columns: 80, paint })[1]).toBe('<good>✓</>');
  });
});

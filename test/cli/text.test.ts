/** Widths, tables, numbers: what people see. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCount, formatMs, plural } from '../../cli/text/numbers.ts';
import { renderTable, type Column } from '../../cli/text/table.ts';
import { displayWidth, pad, printable, truncate, wrap } from '../../cli/text/width.ts';
import { jsonDocument } from '../../cli/text/json-document.ts';

const SEED = 20_260_101;

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
      { seed: SEED },
    );
  });

  it('shows control characters instead of sending them', () => {
    expect(printable('red \u001b[31m\u202e')).toBe('red \\u001b[31m\\u202e');
    expect(printable('plain – text ✓')).toBe('plain – text ✓');
  });

  it('breaks lines at spaces only', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('extraordinarily so', 5)).toEqual(['extraordinarily', 'so']);
  });
});

describe('numbers', () => {
  it('rounds bounds up and tolerances down', () => {
    expect(formatMs(40_050, 'up')).toBe('40.1 s');
    expect(formatMs(40_050, 'down')).toBe('40.0 s');
    expect(formatMs(7_848_000, 'up')).toBe('2.18 h'); // 2.18 · 100 = 218.00000000000003 in binary
    expect(formatMs(16_000, 'down')).toBe('16.0 s');
  });

  it('chooses one unit', () => {
    expect(formatMs(412)).toBe('412 ms');
    expect(formatMs(599_000)).toBe('599.0 s');
    expect(formatMs(924_600)).toBe('15.4 min'); // 924.6 / 60 = 15.41
    expect(formatMs(7_875_000)).toBe('2.19 h'); // 7200 s + 9 × 75 s = 7875 s
  });

  it('groups thousands', () => {
    expect([formatCount(999), formatCount(14_000), formatCount(2.4)]).toEqual([
      '999',
      '14 000',
      '2.4',
    ]);
    expect([plural(1, 'run'), plural(1000, 'run')]).toEqual(['1 run', '1 000 runs']);
  });
});

interface Line {
  readonly name: string;
  readonly value: string;
}

const columns: readonly Column<Line>[] = [
  { header: 'name', align: 'left', cell: ({ name }) => name, flexible: true },
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
      { seed: SEED },
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

describe('JSON documents', () => {
  it('say the same as JSON.stringify, one element a line', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (document) => {
        expect(JSON.parse(jsonDocument(document))).toEqual(JSON.parse(JSON.stringify(document)));
      }),
      { seed: SEED },
    );
    expect(jsonDocument({ schemaVersion: 1, rows: [{ a: 1 }, { a: 2 }] })).toBe(
      '{\n  "schemaVersion": 1,\n  "rows": [\n    {"a":1},\n    {"a":2}\n  ]\n}\n',
    );
  });
});

/**
 * Plain-text tables that fit the terminal. Where a table is too wide, columns marked as
 * expendable go first (the highest `expendable` first), then the last `flexible` column is cut.
 * Colours are laid on after padding, so they never disturb the columns.
 */
import { displayWidth, pad, truncate } from './width.ts';

/** What a text is about; a terminal shows it as a colour that only repeats what the text says. */
export type Paint = 'good' | 'bad' | 'dim' | 'strong';

/** A cell's text, with a colour that only repeats what the text says. */
export type Cell = string | { readonly text: string; readonly paint: Paint };

export interface Column<Row> {
  readonly header: string;
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => Cell;
  /** Dropped where the table is too wide; the highest number goes first. Absent = always shown. */
  readonly expendable?: number;
  /** May be cut, down to the width of its header. */
  readonly flexible?: boolean;
}

export interface TableStyle {
  /** Columns of the terminal; Infinity = never cut. */
  readonly columns: number;
  readonly indent?: string;
  readonly paint: (paint: Paint, text: string) => string;
}

const GAP = '  ';

/** A column with its cells laid out: what is drawn. */
interface Laid {
  readonly header: string;
  readonly align: 'left' | 'right';
  readonly expendable: number | undefined;
  readonly flexible: boolean;
  readonly cells: readonly Cell[];
  width: number;
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function lay<Row>(column: Column<Row>, rows: readonly Row[]): Laid {
  const cells = rows.map(column.cell);
  const widths = cells.map((cell) => displayWidth(textOf(cell)));
  return {
    header: column.header,
    align: column.align,
    expendable: column.expendable,
    flexible: column.flexible === true,
    cells,
    width: Math.max(displayWidth(column.header), ...widths),
  };
}

function totalWidth(laid: readonly Laid[], indent: string): number {
  const gaps = GAP.length * Math.max(0, laid.length - 1);
  return indent.length + gaps + laid.reduce((sum, { width }) => sum + width, 0);
}

/** Drops expendable columns, then cuts flexible ones, until the table fits or nothing is left to give. */
function fit(all: readonly Laid[], columns: number, indent: string): Laid[] {
  let laid = [...all];
  const expendable = laid
    .filter((column) => column.expendable !== undefined)
    .toSorted((a, b) => (b.expendable ?? 0) - (a.expendable ?? 0));
  for (const column of expendable) {
    if (totalWidth(laid, indent) <= columns) return laid;
    laid = laid.filter((other) => other !== column);
  }
  for (const column of laid.filter(({ flexible }) => flexible).toReversed()) {
    const excess = totalWidth(laid, indent) - columns;
    if (excess <= 0) return laid;
    column.width = Math.max(displayWidth(column.header), column.width - excess);
  }
  return laid;
}

/** Draws the table as lines without trailing spaces: the header, then one line per row. */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  style: TableStyle,
): string[] {
  const indent = style.indent ?? '';
  const laid = fit(
    columns.map((column) => lay(column, rows)),
    style.columns,
    indent,
  );
  const draw = (cellOf: (column: Laid) => Cell): string => {
    const parts = laid.map((column, index) => {
      const cell = cellOf(column);
      const text = truncate(textOf(cell), column.width);
      const last = index === laid.length - 1 && column.align === 'left';
      const padded = last ? text : pad(text, column.width, column.align);
      return typeof cell === 'string' ? padded : style.paint(cell.paint, padded);
    });
    return (indent + parts.join(GAP)).trimEnd();
  };
  return [
    draw(({ header }) => ({ text: header, paint: 'dim' })),
    ...rows.map((_, row) => draw(({ cells }) => cells[row] ?? '')),
  ];
}

/**
 * Plain-text tables that fit the terminal. Where a table is too wide, columns marked as expendable go first (the highest
 * `expendable` first), then texts are cut at their end, then verdicts are broken into lines, then names lose their
 * middle: what tells rows apart goes last. Colours are laid on after padding, so they never disturb the columns.
 */
import { cutMiddle, displayWidth, pad, truncate, wrap } from './width.ts';

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
  /** What may become of a text that is too long; absent = nothing. */
  readonly flexible?: Flexible;
}

/** Cut at its end, broken into lines at spaces, or without its middle. */
export type Flexible = 'end' | 'wrap' | 'middle';

/** In which order columns give way. */
const givingOrder: readonly Flexible[] = ['end', 'wrap', 'middle'];

/** A text in lines narrower than this is a list of words. */
const LEAST_WRAP_COLUMNS = 16;

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
  readonly flexible: Flexible | undefined;
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
    flexible: column.flexible,
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
  for (const way of givingOrder) {
    for (const column of laid.filter(({ flexible }) => flexible === way).toReversed()) {
      const excess = totalWidth(laid, indent) - columns;
      if (excess <= 0) return laid;
      column.width = Math.max(leastWidth(column), column.width - excess);
    }
  }
  return laid;
}

function leastWidth({ header, flexible, width }: Laid): number {
  const least = displayWidth(header);
  return flexible === 'wrap' ? Math.max(least, Math.min(width, LEAST_WRAP_COLUMNS)) : least;
}

/** The lines that a cell takes in its column. */
function linesOf(text: string, { width, flexible }: Laid): readonly string[] {
  if (displayWidth(text) <= width) return [text];
  if (flexible === 'middle') return [cutMiddle(text, width)];
  if (flexible !== 'wrap') return [truncate(text, width)];
  // A sign at the beginning stands alone: the lines below keep its distance.
  const [sign = ''] = /^[✓✗] /.exec(text) ?? [];
  return wrap(text.slice(sign.length), width - sign.length).map((line, index) =>
    truncate((index === 0 ? sign : ' '.repeat(sign.length)) + line, width),
  );
}

/** The headers of the columns that a table has room for. */
export function shownHeaders<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { columns: width, indent = '' }: Pick<TableStyle, 'columns' | 'indent'>,
): ReadonlySet<string> {
  const laid = columns.map((column) => lay(column, rows));
  return new Set(fit(laid, width, indent).map(({ header }) => header));
}

/** Draws the table as lines without trailing spaces: the header, then each row, in one line where it fits. */
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
  const draw = (cellOf: (column: Laid) => Cell): string[] => {
    const cells = laid.map((column) => {
      const cell = cellOf(column);
      return { column, cell, lines: linesOf(textOf(cell), column) };
    });
    const height = Math.max(1, ...cells.map(({ lines }) => lines.length));
    return Array.from({ length: height }, (_, line) => {
      const parts = cells.map(({ column, cell, lines }, index) => {
        const text = lines[line] ?? '';
        const last = index === laid.length - 1 && column.align === 'left';
        const padded = last ? text : pad(text, column.width, column.align);
        return typeof cell === 'string' || text === '' ? padded : style.paint(cell.paint, padded);
      });
      return (indent + parts.join(GAP)).trimEnd();
    });
  };
  return [
    ...draw(({ header }) => ({ text: header, paint: 'dim' })),
    ...rows.flatMap((_, row) => draw(({ cells }) => cells[row] ?? '')),
  ];
}

/**
 * Plain-text tables that fit the terminal. Where a table is too wide, headers are broken into lines, verdicts too, columns
 * marked as expendable go (the highest `expendable` first), texts are cut at their end, and at last what a row is called
 * moves to a line of its own: verdicts and names stay whole. Colours are laid on after padding, so they never disturb the
 * columns.
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

/** Cut at its end; broken into lines at spaces; or, as the name of a row, on a line above it. */
export type Flexible = 'end' | 'wrap' | 'above';

/** A verdict is broken into lines as wide as this before columns go, and as this before names move. */
const WRAPPED_COLUMNS = { eased: 24, least: 16 } as const;

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
  readonly width: number;
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

function longestWord(text: string): number {
  return Math.max(...text.split(' ').map(displayWidth));
}

/** No wider than its cells, or than the longest word above them. */
function withBrokenHeader(column: Laid): Laid {
  const widths = column.cells.map((cell) => displayWidth(textOf(cell)));
  return { ...column, width: Math.max(longestWord(column.header), ...widths) };
}

/** Columns of one kind give what is too much, the last ones first, down to `least`. */
function shrink(
  laid: readonly Laid[],
  excess: number,
  flexible: Flexible,
  least: number,
): readonly Laid[] {
  let left = excess;
  return laid
    .toReversed()
    .map((column) => {
      if (column.flexible !== flexible || left <= 0) return column;
      const floor = Math.min(column.width, Math.max(longestWord(column.header), least));
      const width = Math.max(floor, column.width - left);
      left -= column.width - width;
      return { ...column, width };
    })
    .toReversed();
}

function mostExpendable(laid: readonly Laid[], isLastResort: boolean): Laid | undefined {
  const marked = laid.filter(({ expendable }) => expendable !== undefined);
  const [first] = marked.toSorted((a, b) => (b.expendable ?? 0) - (a.expendable ?? 0));
  if (first !== undefined || !isLastResort) return first;
  return laid.findLast(({ flexible }) => flexible === undefined);
}

/** The columns in the room there is; undefined where that is too little. */
function squeezed(all: readonly Laid[], columns: number, indent: string, isLastResort: boolean) {
  const excess = (laid: readonly Laid[]): number => totalWidth(laid, indent) - columns;
  if (excess(all) <= 0) return all;
  let laid = all.map(withBrokenHeader);
  for (;;) {
    let tried = shrink(laid, excess(laid), 'wrap', WRAPPED_COLUMNS.eased);
    if (excess(tried) <= 0) return tried;
    const goes = mostExpendable(laid, false);
    if (goes === undefined) {
      tried = shrink(tried, excess(tried), 'end', 0);
      tried = shrink(tried, excess(tried), 'wrap', WRAPPED_COLUMNS.least);
      if (excess(tried) <= 0) return tried;
      if (!isLastResort) return undefined;
    }
    const gone = goes ?? mostExpendable(laid, true);
    if (gone === undefined) return tried;
    laid = laid.filter((other) => other !== gone);
  }
}

/** What is drawn of a table: its columns, and what stands above each row. */
interface Fitted {
  readonly laid: readonly Laid[];
  readonly above: Laid | undefined;
  readonly indent: string;
}

function fit(all: readonly Laid[], columns: number, indent: string): Fitted {
  const laid = squeezed(all, columns, indent, false);
  if (laid !== undefined) return { laid, above: undefined, indent };
  const name = all.find(({ flexible }) => flexible === 'above');
  const others = all.filter((column) => column !== name);
  const inner = name === undefined ? indent : `${indent}  `;
  const room = columns - indent.length;
  return {
    laid: squeezed(others, columns, inner, true) ?? others,
    above: name === undefined ? undefined : { ...name, width: Math.min(name.width, room) },
    indent: inner,
  };
}

/** The lines that a cell takes in its column. */
function linesOf(text: string, { width, flexible }: Laid): readonly string[] {
  if (displayWidth(text) <= width) return [text];
  if (flexible === 'above') return [cutMiddle(text, width)];
  if (flexible !== 'wrap') return [truncate(text, width)];
  // A sign at the beginning stands alone: the lines below keep its distance.
  const [sign = ''] = /^[✓✗] /.exec(text) ?? [];
  return wrap(text.slice(sign.length), width - sign.length).map((line, index) =>
    truncate((index === 0 ? sign : ' '.repeat(sign.length)) + line, width),
  );
}

/** Header texts stand on the line above the first row. */
function headerLines(header: string, width: number, height: number): readonly string[] {
  const lines = wrap(header, width);
  return [...Array.from({ length: height - lines.length }, () => ''), ...lines];
}

/** One line of cells: what is empty takes no colour. */
function drawLine(
  laid: readonly Laid[],
  cells: readonly { readonly cell: Cell; readonly text: string }[],
  indent: string,
  style: TableStyle,
): string {
  const parts = laid.map((column, index) => {
    const { cell, text } = cells[index] ?? { cell: '', text: '' };
    const last = index === laid.length - 1 && column.align === 'left';
    const padded = last ? text : pad(text, column.width, column.align);
    return typeof cell === 'string' || text === '' ? padded : style.paint(cell.paint, padded);
  });
  return (indent + parts.join(GAP)).trimEnd();
}

/** The header's lines, and those of each row. */
export interface RenderedTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The headers of the columns that a table has room for. */
export function shownHeaders<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { columns: width, indent = '' }: Pick<TableStyle, 'columns' | 'indent'>,
): ReadonlySet<string> {
  const { laid, above } = fit(
    columns.map((column) => lay(column, rows)),
    width,
    indent,
  );
  return new Set([...laid, ...(above === undefined ? [] : [above])].map(({ header }) => header));
}

/** Draws the table without trailing spaces, row by row. */
export function renderRows<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  style: TableStyle,
): RenderedTable {
  const outer = style.indent ?? '';
  const { laid, above, indent } = fit(
    columns.map((column) => lay(column, rows)),
    style.columns,
    outer,
  );
  const headers = laid.map(({ header, width }) => wrap(header, width).length);
  const height = Math.max(1, ...headers);
  const heads = laid.map(({ header, width }) => headerLines(header, width, height));
  const header = Array.from({ length: height }, (_, line) =>
    drawLine(
      laid,
      heads.map((lines) => {
        const text = lines[line] ?? '';
        return { cell: { text, paint: 'dim' }, text };
      }),
      indent,
      style,
    ),
  );
  const title = above === undefined ? [] : [outer + style.paint('dim', above.header)];
  const drawn = rows.map((_, row) => {
    const cells = laid.map((column) => {
      const cell = column.cells[row] ?? '';
      return { cell, lines: linesOf(textOf(cell), column) };
    });
    const lines = Array.from(
      { length: Math.max(1, ...cells.map(({ lines: own }) => own.length)) },
      (_line, line) =>
        drawLine(
          laid,
          cells.map(({ cell, lines: own }) => ({ cell, text: own[line] ?? '' })),
          indent,
          style,
        ),
    );
    if (above === undefined) return lines;
    const name = above.cells[row] ?? '';
    const [first = ''] = linesOf(textOf(name), above);
    return [outer + (typeof name === 'string' ? first : style.paint(name.paint, first)), ...lines];
  });
  return { header: [...title, ...header], rows: drawn };
}

/** Draws the table as lines: the header, then each row, in one line where it fits. */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  style: TableStyle,
): string[] {
  const { header, rows: drawn } = renderRows(columns, rows, style);
  return [...header, ...drawn.flat()];
}

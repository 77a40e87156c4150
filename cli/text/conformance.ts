/** Recorded kernel traces against the simulated kernel, as people read it. */
import type { Conformance, ConformanceRow } from '../../model/results/types.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { verdictCell } from '../checks/comparison.ts';
import { formatCount, formatSeconds, plural } from '../../text/numbers.ts';
import { renderTable, type Column } from '../../text/table.ts';
import { printable, truncate, wrap } from '../../text/width.ts';

/** Remarks shown of one trace. */
const MOST_REMARKS = 3;

function seconds(ms: number | null): string {
  return ms === null ? '–' : formatSeconds(ms);
}

function share(part: number, whole: number): string {
  return `${formatCount(part)}/${formatCount(whole)}`;
}

const columns: readonly Column<ConformanceRow>[] = [
  { header: 'trace', align: 'left', cell: ({ name }) => printable(name), flexible: 'above' },
  { header: 'kernel', align: 'left', cell: ({ outcome }) => printable(outcome.kernel) },
  {
    header: 'simulated',
    align: 'left',
    cell: ({ outcome }) => printable(outcome.sim),
    expendable: 2,
  },
  { header: 'end s', align: 'right', cell: ({ endMs }) => seconds(endMs.kernel) },
  { header: 'simulated s', align: 'right', cell: ({ endMs }) => seconds(endMs.sim), expendable: 4 },
  { header: 'off ms', align: 'right', cell: ({ errorMs }) => errorMs.toFixed(1) },
  {
    header: 'packets',
    align: 'right',
    cell: ({ packets }) => share(packets.matched, packets.kernel),
    expendable: 0,
  },
  {
    header: 'worst ms',
    align: 'right',
    cell: ({ packets }) => packets.maxErrorMs.toFixed(1),
    expendable: 3,
  },
  {
    header: 'samples',
    align: 'right',
    cell: ({ samples }) => share(samples.agreed, samples.compared),
    expendable: 1,
  },
  {
    header: 'verdict',
    align: 'left',
    cell: ({ pass }) => verdictCell({ good: pass, text: pass ? 'agrees' : 'differs' }),
    flexible: 'wrap',
  },
];

function sum(rows: readonly ConformanceRow[], value: (row: ConformanceRow) => number): number {
  return rows.reduce((total, row) => total + value(row), 0);
}

function worst(
  rows: readonly ConformanceRow[],
  value: (row: ConformanceRow) => number,
): { readonly name: string; readonly ms: number } {
  return rows
    .map((row) => ({ name: row.name, ms: value(row) }))
    .reduce((most, next) => (next.ms > most.ms ? next : most), { name: '', ms: 0 });
}

/** How many traces, packets and samples agree, and how far the worst is. */
export function conformanceSummary({ rows }: Conformance): string {
  const passed = rows.filter(({ pass }) => pass).length;
  const end = worst(rows, ({ errorMs }) => errorMs);
  const packet = worst(rows, ({ packets }) => packets.maxErrorMs);
  const matched = sum(rows, ({ packets }) => packets.matched);
  const sent = sum(rows, ({ packets }) => packets.kernel);
  const agreed = sum(rows, ({ samples }) => samples.agreed);
  const compared = sum(rows, ({ samples }) => samples.compared);
  const off = (what: string, { name, ms }: typeof end): string =>
    ms === 0 ? `every ${what} exact` : `the worst ${what} ${ms.toFixed(1)} ms off (${name})`;
  return (
    `${formatCount(passed)} of ${plural(rows.length, 'trace')} agree: ` +
    `${formatCount(matched)} of ${plural(sent, 'packet')} matched, ` +
    `${formatCount(agreed)} of ${plural(compared, 'sample')} equal; ` +
    `${off('end', end)}, ${off('packet', packet)}.`
  );
}

function remarkLines({ name, remarks }: ConformanceRow, columns: number): string[] {
  const shown = remarks.slice(0, MOST_REMARKS);
  const more = remarks.length - shown.length;
  const lines = shown.map((text) => truncate(printable(`${name}: ${text}`), columns));
  return more === 0 ? lines : [...lines, `${name}: ${plural(more, 'more remark')}, all by --json`];
}

/** The table, what was remarked, and the summary as the last line. */
export function conformanceText(conformance: Conformance, terminal: Terminal): string {
  const { rows } = conformance;
  const remarks = rows.flatMap((row) => remarkLines(row, terminal.columns));
  const lines = [
    ...renderTable(columns, rows, { columns: terminal.columns, paint: terminal.paint }),
    '',
    ...remarks,
    ...(remarks.length > 0 ? [''] : []),
    ...wrap(printable(conformanceSummary(conformance)), terminal.columns),
  ];
  return `${lines.join('\n')}\n`;
}

/** What to set at the parties of a stack, as people read it: the lines to write first, then what is proved with them; or what cannot be met. */
import type { SettingRow, SettingsTuning } from '../../model/results/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { verdictCell } from '../checks/comparison.ts';
import { formatMs, plural } from '../../text/numbers.ts';
import { renderTable, type Cell, type Column } from '../../text/table.ts';
import { hanging, printable, SENTENCE_COLUMNS, wrap } from '../../text/width.ts';

export interface SettingsText {
  readonly tuning: SettingsTuning;
  readonly version: string;
  /** The command that prints the same again. */
  readonly repeat: string;
}

function demandTable(rows: readonly SettingRow[], terminal: Terminal): string[] {
  const stated = ({ kind, statedMs, proved }: SettingRow): Cell => {
    if (!proved) return 'not proved';
    return statedMs === null ? '∞' : formatMs(statedMs, kind === 'fault' ? 'up' : 'down');
  };
  const columns: Column<SettingRow>[] = [
    { header: 'judge', align: 'left', cell: ({ party }) => printable(party), flexible: 'above' },
    { header: 'demand', align: 'left', cell: ({ scenario }) => printable(scenario) },
    { header: 'number', align: 'left', cell: ({ kind }) => (kind === 'fault' ? 'B ≤' : 'T ≥') },
    { header: 'asked', align: 'right', cell: ({ limitMs }) => formatMs(limitMs) },
    { header: 'proved', align: 'right', cell: stated },
    {
      header: 'met',
      align: 'left',
      cell: ({ met }) => verdictCell({ good: met, text: met ? 'yes' : 'no' }),
    },
    { header: 'as', align: 'left', cell: ({ formula }) => printable(formula), expendable: 1 },
  ];
  return renderTable(columns, rows, { ...terminal, indent: '  ' });
}

function answer({ met, changes, because }: SettingsTuning, whom: string): string {
  if (!met) return `✗ no setting of ${whom} meets this: ${because ?? ''}`;
  if (changes.length === 0) return `✓ ${whom}: nothing to change`;
  return `✓ ${plural(changes.length, 'change')} of ${whom}`;
}

/** The whole text, ready for stdout. */
export function settingsText(
  { tuning, version, repeat }: SettingsText,
  terminal: Terminal,
): string {
  const { stack, changes, rows, met, tuned } = tuning;
  const whom = tuning.for.join(', ');
  const width = Math.min(terminal.columns, SENTENCE_COLUMNS);
  const lines = [
    ...wrap(printable(`ghostbound ${version} · tune · ${stack}`), terminal.columns),
    '',
    ...(met || changes.length === 0 ? [] : ['  nearest:']),
    ...changes.flatMap(({ write, from }) =>
      hanging(printable(`${write}   (was ${from})`), terminal.columns, '  ', '    ').map((line) =>
        terminal.paint('strong', line),
      ),
    ),
    ...(changes.length === 0 ? [] : ['']),
    ...demandTable(rows, terminal),
    ...(tuned === null || changes.length === 0
      ? []
      : ['', ...hanging(printable(`stack: ${tuned}`), terminal.columns, '  ', '    ')]),
    '',
    `repeat: ${repeat}`,
    ...hanging(printable(answer(tuning, whom)), width, '', '  '),
  ];
  return `${lines.join('\n')}\n`;
}

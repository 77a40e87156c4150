/**
 * What was found for a request, as people read it: the policy, each demand with what is proved of it, what else
 * would do and what would not; or which two demands exclude each other. The last line is the answer.
 */
import type { Mechanism, Policy } from '../../model/policy/index.ts';
import type { Cost, TunedCandidate, TunedRow, Tuning } from '../../model/results/tuning.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { verdictCell } from '../checks/comparison.ts';
import { formatCount, formatMs, plural } from '../../text/numbers.ts';
import { renderTable, type Cell, type Column } from '../../text/table.ts';
import { hanging, printable, SENTENCE_COLUMNS, wrap } from '../../text/width.ts';

export interface TuningText {
  readonly tuning: Tuning;
  readonly version: string;
  /** The command that prints the same again. */
  readonly repeat: string;
}

/** A mechanism in its own field names, durations in words: `ping intervalMs 27.5 s …`. */
function mechanismText({ kind, ...fields }: Mechanism): string {
  const words = Object.entries(fields).map(([name, value]) => {
    if (!name.endsWith('Ms')) return `${name} ${Array.isArray(value) ? value.join('+') : value}`;
    return `${name.slice(0, -2)} ${value === null ? 'none' : formatMs(Number(value))}`;
  });
  return [kind, ...words].join(' ');
}

function policyText({ mechanisms }: Policy): string {
  return mechanisms.map((one) => one.kind).join(' + ');
}

function demandTable(rows: readonly TunedRow[], terminal: Terminal): string[] {
  const stated = ({ kind, statedMs }: TunedRow): Cell =>
    statedMs === null ? '∞' : formatMs(statedMs, kind === 'fault' ? 'up' : 'down');
  const verdict = ({ verdict: word }: TunedRow): Cell =>
    verdictCell({ good: word === 'agree', text: word === 'agree' ? 'agree' : word });
  const columns: Column<TunedRow>[] = [
    {
      header: 'demand',
      align: 'left',
      cell: ({ scenario }) => printable(scenario),
      flexible: 'above',
    },
    { header: 'number', align: 'left', cell: ({ kind }) => (kind === 'fault' ? 'B ≤' : 'T ≥') },
    { header: 'asked', align: 'right', cell: ({ limitMs }) => formatMs(limitMs) },
    { header: 'stated', align: 'right', cell: stated },
    { header: 'witnesses', align: 'left', cell: verdict, flexible: 'wrap' },
    { header: 'by', align: 'left', cell: ({ by }) => by, expendable: 1 },
  ];
  return renderTable(columns, rows, { ...terminal, indent: '  ' });
}

function alternativeTable(all: readonly TunedCandidate[], terminal: Terminal): string[] {
  const number = (of: (cost: Cost) => number) => (one: TunedCandidate) => formatCount(of(one.cost));
  const columns: Column<TunedCandidate>[] = [
    { header: 'also', align: 'left', cell: ({ policy }) => policyText(policy), flexible: 'above' },
    { header: 'packets/h', align: 'right', cell: number((cost) => cost.packetsPerHour) },
    { header: 'bytes/h', align: 'right', cell: number((cost) => cost.bytesPerHour), expendable: 1 },
    { header: 'wake-ups/h', align: 'right', cell: number((cost) => cost.wakeupsPerHour) },
    {
      header: 'worth it',
      align: 'left',
      cell: ({ dominated }) => (dominated ? 'no: another costs less' : 'yes: fewer wake-ups'),
      flexible: 'wrap',
    },
  ];
  return renderTable(columns, all, { ...terminal, indent: '  ' });
}

/** One line for each reason, with all that it keeps out. */
function rejectedLines({ rejected }: Tuning, terminal: Terminal): string[] {
  const byReason = new Map<string, string[]>();
  for (const { family, reason } of rejected) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), family]);
  }
  const width = Math.min(terminal.columns, SENTENCE_COLUMNS);
  return [...byReason].flatMap(([reason, families]) =>
    hanging(printable(`${reason}: ${families.join(', ')}`), width, '  ', '    '),
  );
}

function foundLines(tuning: Tuning, policy: Policy, terminal: Terminal): string[] {
  const others = tuning.alternatives.filter((one) => one.policy.name !== policy.name);
  return [
    '',
    ...policy.mechanisms.flatMap((one) =>
      hanging(mechanismText(one), terminal.columns, '  ', '    ').map((line) =>
        terminal.paint('strong', line),
      ),
    ),
    '',
    ...demandTable(tuning.rows, terminal),
    ...(others.length === 0 ? [] : ['', ...alternativeTable(others, terminal)]),
    ...(tuning.rejected.length === 0 ? [] : ['', terminal.paint('dim', '  what will not do')]),
    ...rejectedLines(tuning, terminal),
  ];
}

function answer({ policy, cost, rows, request, seed }: Tuning): string {
  if (policy === null || cost === null) return '';
  const longest = Math.max(...rows.map((row) => (row.kind === 'fault' ? (row.statedMs ?? 0) : 0)));
  const agree = rows.every(({ verdict }) => verdict === 'agree');
  return `${agree ? '✓' : '✗'} ${policyText(policy)}: ghosts within ${formatMs(longest, 'up')} of ${formatMs(request.maxGhostMs)}, ${formatCount(cost.packetsPerHour)} packets/h on an idle connection · seed ${seed}`;
}

function conflictLines(tuning: Tuning, terminal: Terminal): string[] {
  const { conflict } = tuning;
  if (conflict === null) return [];
  const { between, message, nearest } = conflict;
  const width = Math.min(terminal.columns, SENTENCE_COLUMNS);
  const possible = [
    ...(nearest.maxGhostMs === null
      ? []
      : [`--max-ghost ${Math.ceil(nearest.maxGhostMs / 1000)}s`]),
    ...(nearest.surviveMs === null
      ? []
      : [
          `a silence of ${formatMs(nearest.surviveMs, 'down')} within ${formatMs(tuning.request.maxGhostMs)}`,
        ]),
  ];
  return [
    '',
    ...between.flatMap((demand) =>
      hanging(printable(demand), width, `  ${terminal.paint('bad', '✗')} `, '    '),
    ),
    '',
    ...hanging(printable(message), width, '  ', '  '),
    ...(possible.length === 0
      ? []
      : ['', ...hanging(`nearest: ${possible.join(', or ')}`, width, '  ', '    ')]),
    '',
    terminal.paint('dim', '  what was tried'),
    ...rejectedLines(tuning, terminal),
  ];
}

/** The whole text, ready for stdout; the seed is in its first and its last line. */
export function tuningText(text: TuningText, terminal: Terminal): string {
  const { tuning, version, repeat } = text;
  const { seed, runs, policy, request } = tuning;
  const size = `${plural(request.faults.length, 'fault')}, ${plural(request.survive.length, 'living peer')} × ${plural(runs, 'run')}`;
  const lines = [
    ...wrap(`ghostbound ${version} · tune · seed ${seed} · ${size}`, terminal.columns),
    ...(policy === null ? conflictLines(tuning, terminal) : foundLines(tuning, policy, terminal)),
    '',
    `repeat: ${repeat}`,
    ...hanging(
      policy === null
        ? `✗ no policy does both: ${tuning.conflict?.between.map(printable).join('; ')} · seed ${seed}`
        : answer(tuning),
      terminal.columns,
      '',
      '  ',
    ),
  ];
  return `${lines.join('\n')}\n`;
}

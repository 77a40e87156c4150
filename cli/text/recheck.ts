/** A certificate re-established, as people read it: each number as certified and as it is proved now. */
import type { CheckedNumber, CheckedRow, Recheck } from '../../proof/check.ts';
import type { Certificate } from '../../model/certificate/index.ts';
import { formatMs, plural } from '../../text/numbers.ts';
import { renderTable, type Cell, type Column } from '../../text/table.ts';
import { hanging, printable, SENTENCE_COLUMNS } from '../../text/width.ts';
import { verdictCell } from '../checks/comparison.ts';
import type { Terminal } from '../terminal/terminal.ts';

function number(one: CheckedNumber | undefined, careful: 'up' | 'down', now: boolean): Cell {
  if (one === undefined) return '–';
  if (now && !one.proved) return 'not proved';
  const ms = now ? one.provedMs : one.certifiedMs;
  return ms === null ? '∞' : formatMs(ms, careful);
}

const columns: readonly Column<CheckedRow>[] = [
  {
    header: 'scenario',
    align: 'left',
    cell: ({ scenario }) => printable(scenario),
    flexible: 'above',
  },
  {
    header: 'B certified',
    align: 'right',
    cell: ({ numbers }) => number(numbers.decided, 'up', false),
  },
  { header: 'B now', align: 'right', cell: ({ numbers }) => number(numbers.decided, 'up', true) },
  {
    header: 'T certified',
    align: 'right',
    cell: ({ numbers }) => number(numbers.tolerance, 'down', false),
  },
  {
    header: 'T now',
    align: 'right',
    cell: ({ numbers }) => number(numbers.tolerance, 'down', true),
  },
  {
    header: 'verdict',
    align: 'left',
    cell: ({ holds }) => verdictCell({ good: holds, text: holds ? 'holds' : 'does not hold' }),
  },
];

/** What a certificate is about, beside its numbers. */
function aboutLines({ assumes, sampledOnly }: Certificate): string[] {
  const kernels = assumes.map(({ profile, hz, sysctls }) => {
    const values = Object.entries(sysctls).map(
      ([name, value]) => `${name.replace('net.ipv4.', '')}=${value}`,
    );
    return `assumes Linux ${profile}, HZ ${hz}, ${values.join(', ')}`;
  });
  const sampled =
    sampledOnly.length === 0
      ? []
      : [`only sampled, not proved: ${sampledOnly.map(printable).join(', ')}`];
  return [...kernels, ...sampled];
}

/** The whole text, ready for stdout. */
export function recheckText(found: Recheck, certificate: Certificate, terminal: Terminal): string {
  const { policy, modelVersion, rows, holds } = found;
  const width = Math.min(terminal.columns, SENTENCE_COLUMNS);
  const kept = rows.filter((row) => row.holds).length;
  const model =
    modelVersion.certified === modelVersion.here
      ? `model ${modelVersion.here}`
      : `model ${modelVersion.certified}, proved anew in model ${modelVersion.here}`;
  const lines = [
    terminal.paint('strong', printable(policy)),
    ...renderTable(columns, rows, {
      columns: terminal.columns,
      indent: '  ',
      paint: terminal.paint,
    }),
    '',
    ...aboutLines(certificate).flatMap((line) => hanging(line, width, '', '  ')),
    `${kept} of ${plural(rows.length, 'scenario')} ${holds ? 'hold' : 'hold: the certificate is not re-established'} (${model})`,
  ];
  return `${lines.join('\n')}\n`;
}

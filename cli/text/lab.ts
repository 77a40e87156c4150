/** A story on the real kernel as people read it: measured beside simulated beside proved, and real instants drawn over simulated ones. */
import type { Lab } from '../../model/results/lab-schema.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { formatMs, plural } from '../../text/numbers.ts';
import { renderTable, type Column } from '../../text/table.ts';
import { hanging, SENTENCE_COLUMNS } from '../../text/width.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Width of the drawing. */
const DRAWN_COLUMNS = 60;

interface Row {
  readonly witness: string;
  readonly earliest: string;
  readonly latest: string;
  readonly not: string;
}

const lives = (count: number): string => (count === 1 ? '1 life' : `${count} lives`);

const inWords = (ms: number | null): string => (ms === null ? '–' : formatMs(ms));

function rowsOf({ isFault, measured, simulated, proved }: Lab): Row[] {
  const decided = measured.lives.flatMap(({ decidedMs }) =>
    decidedMs === null ? [] : [decidedMs],
  );
  const least = decided.length === 0 ? null : Math.min(...decided);
  const most = decided.length === 0 ? null : Math.max(...decided);
  const stands = measured.lives.length - decided.length;
  return [
    {
      witness: `measured, ${lives(measured.lives.length)}`,
      earliest: inWords(least),
      latest: inWords(most),
      not: String(isFault ? stands : decided.length),
    },
    {
      witness: `simulated, ${lives(simulated.lives)}`,
      earliest: inWords(simulated.earliestMs),
      latest: inWords(simulated.latestMs),
      not: String(isFault ? simulated.undetected : simulated.endedAlive),
    },
    {
      witness: isFault ? 'proved: B' : 'proved: T',
      earliest: '',
      latest: inWords(isFault ? proved.boundMs : proved.toleranceMs),
      not: '',
    },
  ];
}

function columnsOf({ isFault }: Lab): readonly Column<Row>[] {
  return [
    { header: 'witness', align: 'left', cell: ({ witness }) => witness },
    { header: 'earliest', align: 'right', cell: ({ earliest }) => earliest },
    { header: 'latest', align: 'right', cell: ({ latest }) => latest },
    {
      header: isFault ? 'never found' : 'ended alive',
      align: 'right',
      cell: ({ not }) => not,
    },
  ];
}

/** Instants on one line from 0 to `endMs`. */
function strip(
  endMs: number,
  marks: readonly (readonly [fromMs: number, toMs: number])[],
  mark: string,
): string {
  const cells = Array.from({ length: DRAWN_COLUMNS + 1 }, () => ' ');
  const at = (ms: number): number => Math.round((Math.min(ms, endMs) / endMs) * DRAWN_COLUMNS);
  for (const [fromMs, toMs] of marks) cells.fill(mark, at(fromMs), at(toMs) + 1);
  return cells.join('').trimEnd();
}

/** Real instants over simulated ones, up to what is proved. */
function drawing({ measured, simulated, proved }: Lab): string[] {
  const instants = measured.lives.flatMap(({ decidedMs }) =>
    decidedMs === null ? [] : [decidedMs],
  );
  const endMs = Math.max(...instants, simulated.latestMs ?? 0, proved.boundMs ?? 0);
  if (endMs <= 0) return [];
  const { earliestMs, latestMs } = simulated;
  const lines: (readonly [string, string])[] = [
    [
      'measured',
      strip(
        endMs,
        instants.map((ms) => [ms, ms]),
        '●',
      ),
    ],
    ...(earliestMs === null || latestMs === null
      ? []
      : [['simulated', strip(endMs, [[earliestMs, latestMs]], '░')] as const]),
    ...(proved.boundMs === null
      ? []
      : [['proved', strip(endMs, [[proved.boundMs, proved.boundMs]], '┃')] as const]),
  ];
  const end = formatMs(endMs, 'up');
  const scale = `0${end.padStart(DRAWN_COLUMNS)}`;
  return [
    ...lines.map(([name, line]) => `  ${name.padEnd(9)}  ${line}`),
    `  ${''.padEnd(9)}  ${scale}`,
  ];
}

function answer({ isFault, measured, proved }: Lab, code: ExitCodeValue): string {
  if (code === ExitCode.BoundExceeded) return '✗ a real ghost stood longer than is proved';
  if (measured.bystander !== null) {
    return `✗ the one to whom nothing happened was ended: ${measured.bystander}`;
  }
  if (code === ExitCode.FalseReap)
    return '✗ a real living peer was ended within what is proved to be survived';
  if (!isFault) {
    const ended = measured.lives.filter(({ by }) => by !== null).length;
    return ended === 0
      ? '✓ nobody was ended'
      : `${plural(ended, 'living peer')} ended, as no T forbids`;
  }
  const stands = measured.lives.filter(({ decidedMs }) => decidedMs === null).length;
  if (stands > 0) return `${plural(stands, 'ghost')} not found, as no B forbids`;
  return proved.boundMs === null
    ? '✓ every ghost was found; B is not proved'
    : '✓ every real ghost was found within what is proved';
}

/** The whole page. */
export function labText(
  lab: Lab,
  { path }: Scenario,
  code: ExitCodeValue,
  terminal: Terminal,
): string {
  const width = Math.min(terminal.columns, SENTENCE_COLUMNS);
  const off = lab.off.flatMap((one) => hanging(`off here: ${one}`, width, '  ', '    '));
  return [
    `${lab.policy} on ${lab.scenario}: the kernel of Linux ${lab.kernel}, a wire of ${formatMs(path.rttMs)}`,
    '',
    ...renderTable(columnsOf(lab), rowsOf(lab), {
      columns: terminal.columns,
      indent: '  ',
      paint: terminal.paint,
    }),
    '',
    ...drawing(lab),
    '',
    ...hanging(lab.proved.because, width, '  ', '  '),
    ...off,
    answer(lab, code),
    '',
  ].join('\n');
}

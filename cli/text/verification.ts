/**
 * A verification as people read it: per policy one line for each scenario, what is stated and every
 * witness side by side. Many rows: one line per policy, and each row in which a witness contradicts.
 */
import { inARow } from '../../model/reach/index.ts';
import type { PathLeg, Verification, VerificationRow } from '../../model/results/types.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { verdictCell } from '../checks/comparison.ts';
import { formatCount, formatMs, neverWithin, plural } from '../../text/numbers.ts';
import { renderTable, type Cell, type Column } from '../../text/table.ts';
import { hanging, printable, SENTENCE_COLUMNS, wrap } from '../../text/width.ts';

/** More rows than this are summed up, unless `--verbose`. */
const MOST_DETAILED_ROWS = 100;

export interface VerificationText {
  readonly verification: Verification;
  readonly version: string;
  readonly verbose: boolean;
  /** The command that prints the same again. */
  readonly repeat: string;
}

function msOr(ms: number | null, none: string): string {
  return ms === null ? none : formatMs(ms);
}

/** Only a ghost has a bound. */
function bound({ kind, stated }: VerificationRow): Cell {
  if (kind === 'live') return '–';
  const { maxMs, proved } = stated.decided;
  if (!proved) return 'not proved';
  return maxMs === null ? '∞' : formatMs(maxMs, 'up');
}

function reached({ kind, reach: { decided } }: VerificationRow): Cell {
  if (kind === 'live' || decided.kind === 'not-proved') return '–';
  return decided.maxMs === null ? '∞' : formatMs(decided.maxMs, 'up');
}

/** The longest path that reachability found, as the sum of its clocks; those that repeat are counted. */
function pathLine({ scenario, reach: { decided } }: VerificationRow): string[] {
  if (decided.kind === 'not-proved' || decided.maxMs === null || decided.path.length === 0)
    return [];
  return [`${printable(scenario)}: ${formatMs(decided.maxMs, 'up')} = ${sumOf(decided.path)}`];
}

function sumOf(path: readonly PathLeg[]): string {
  const sum = inARow(path).map(({ leg: { clock, ms }, times }) => {
    const words = `${clock} ${formatMs(ms, 'up')}`;
    return times === 1 ? words : `${times} × (${words})`;
  });
  return sum.join(' + ');
}

function survived({ reach: { tolerance } }: VerificationRow): Cell {
  if (tolerance.kind === 'not-proved') return '–';
  return tolerance.maxMs === null ? '∞' : formatMs(tolerance.maxMs, 'down');
}

/** The shortest silence that ends a living connection, as the sum of its clocks from its beginning to the end. */
function storyLine({ scenario, reach: { tolerance } }: VerificationRow): string[] {
  if (tolerance.kind === 'not-proved' || tolerance.maxMs === null || tolerance.path.length === 0)
    return [];
  const { maxMs, by, path } = tolerance;
  const story = sumOf(path);
  const length = formatMs(maxMs, 'down');
  return [
    `${printable(scenario)}: a silence of ${length} can end a living connection by ${printable(by)}: ${story}`,
  ];
}

function longest(row: VerificationRow, witness: 'phases' | 'sampled'): Cell {
  if (row.kind === 'live') return '–';
  const { ghostMs, undetected, watchedMs, watchedOut } = row[witness];
  if (undetected > 0) return neverWithin(watchedMs, watchedOut);
  return msOr(ghostMs.maxMs, '–');
}

/** The extreme of the life on the worst path. */
function replayed({ replay, phases }: VerificationRow): Cell {
  if (replay === null) return '–';
  const { attainedMs } = replay;
  return attainedMs === null
    ? neverWithin(phases.watchedMs, phases.watchedOut)
    : formatMs(attainedMs);
}

/** How near the life on the worst path comes to what is proved, and why no nearer. */
function replayLine({ scenario, kind, reach, replay }: VerificationRow): string[] {
  const proved = kind === 'fault' ? reach.decided : reach.tolerance;
  if (replay === null || proved.kind === 'not-proved') return [];
  const { attainedMs, gapMs, lives, because } = replay;
  const careful = kind === 'fault' ? 'up' : 'down';
  const bound = proved.maxMs === null ? '∞' : formatMs(proved.maxMs, careful);
  const name = `${printable(scenario)}: ${kind === 'fault' ? 'B' : 'T'} ${bound}`;
  const found = attainedMs === null ? 'played without an end' : `played ${formatMs(attainedMs)}`;
  const near =
    because === undefined
      ? 'within a tick of it'
      : `${gapMs === null ? 'no gap can be told' : `gap ${formatMs(gapMs)}`}: ${because}`;
  return [`${name}, ${found}, ${near} (${lives === 1 ? '1 life' : `${lives} lives`})`];
}

function verdict({ verdict: word, against }: VerificationRow): Cell {
  if (word === 'agree') return verdictCell({ good: true, text: 'agree' });
  if (word === 'not-proved') return verdictCell({ good: false, text: 'not proved' });
  const what = word === 'false-reap' ? 'false reap' : 'ghost outlived bound';
  return verdictCell({ good: false, text: `${what} (${against.join(', ')})` });
}

const columns: readonly Column<VerificationRow>[] = [
  {
    header: 'scenario',
    align: 'left',
    cell: ({ scenario }) => printable(scenario),
    flexible: 'above',
  },
  { header: 'B stated', align: 'right', cell: bound },
  { header: 'reach', align: 'right', cell: reached, expendable: 1 },
  { header: 'phases', align: 'right', cell: (row) => longest(row, 'phases'), expendable: 5 },
  { header: 'sampled', align: 'right', cell: (row) => longest(row, 'sampled'), expendable: 2 },
  { header: 'replay', align: 'right', cell: replayed, expendable: 3 },
  {
    header: 'T stated',
    align: 'right',
    cell: ({ stated: { tolerance } }) => {
      if (!tolerance.proved) return 'not proved';
      return tolerance.maxMs === null ? '∞' : formatMs(tolerance.maxMs, 'down');
    },
  },
  { header: 'reach', align: 'right', cell: survived, expendable: 1 },
  { header: 'verdict', align: 'left', cell: verdict, flexible: 'wrap' },
];

/** Who it is: of a stack the party, else the policy. */
function headingOf(policy: string, [first]: readonly VerificationRow[]): string {
  const { stack, party, link } = first ?? {};
  return printable(stack === undefined ? policy : `${party}, link ${link} of ${stack}`);
}

interface PolicyRows {
  readonly policy: string;
  readonly rows: readonly VerificationRow[];
}

function byPolicy({ rows }: Verification): PolicyRows[] {
  const policies = [...new Set(rows.map(({ policy }) => policy))];
  return policies.map((policy) => ({ policy, rows: rows.filter((row) => row.policy === policy) }));
}

/** Rows of one policy beyond which the worst paths are left to `--json`. */
const MOST_PATHS = 8;

/** Scenarios that are named in a sentence. */
const MOST_NAMED = 4;

function worstPaths(rows: readonly VerificationRow[], terminal: Terminal): string[] {
  if (rows.length > MOST_PATHS) return [];
  const width = Math.min(terminal.columns, SENTENCE_COLUMNS);
  const told = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0
      ? []
      : ['', `  ${title}`, ...lines.flatMap((line) => hanging(line, width, '  ', '    '))];
  return [
    ...told('Worst paths', rows.flatMap(pathLine)),
    ...told('Shortest silences that end a living connection', rows.flatMap(storyLine)),
    ...told('These, played in the simulator', rows.flatMap(replayLine)),
  ];
}

/** What a policy hangs by: the mechanisms without which ghosts live for ever. */
function threadLines({ withoutOne }: Verification, policy: string, terminal: Terminal): string[] {
  const threads = withoutOne.filter((one) => one.policy === policy && one.endless.length > 0);
  const width = Math.min(terminal.columns, SENTENCE_COLUMNS);
  const lines = threads.map(({ mechanism, kind, faults, endless }) => {
    const named = endless.slice(0, MOST_NAMED).map(printable).join(', ');
    const more = endless.length > MOST_NAMED ? `, and ${endless.length - MOST_NAMED} more` : '';
    return `${printable(kind)} (mechanism ${mechanism}): if it silently dies, ghosts of ${endless.length} of ${plural(faults, 'fault')} live for ever (${named}${more})`;
  });
  if (lines.length === 0) return [];
  return [
    '',
    '  Hangs by a thread',
    ...lines.flatMap((line) => hanging(line, width, '  ', '    ')),
  ];
}

function detailLines(
  verification: Verification,
  all: readonly PolicyRows[],
  terminal: Terminal,
): string[] {
  const style = { columns: terminal.columns, indent: '  ', paint: terminal.paint };
  return all.flatMap(({ policy, rows }) => [
    '',
    terminal.paint('strong', headingOf(policy, rows)),
    ...renderTable(columns, rows, style),
    ...worstPaths(rows, terminal),
    ...threadLines(verification, policy, terminal),
  ]);
}

function contradicted({ verdict: word }: VerificationRow): boolean {
  return word !== 'agree' && word !== 'not-proved';
}

function agreeing(rows: readonly VerificationRow[]): number {
  return rows.filter((row) => row.verdict === 'agree').length;
}

function unproved(rows: readonly VerificationRow[]): number {
  return rows.filter((row) => row.verdict === 'not-proved').length;
}

/** Rows whose number reachability proves. */
function reachedRows(rows: readonly VerificationRow[]): number {
  return rows.filter(({ kind, reach }) => {
    const { decided, tolerance } = reach;
    return (kind === 'fault' ? decided : tolerance).kind === 'proved';
  }).length;
}

const summaryColumns = ({ withoutOne }: Verification): readonly Column<PolicyRows>[] => [
  { header: 'policy', align: 'left', cell: ({ policy }) => printable(policy), flexible: 'above' },
  { header: 'scenarios', align: 'right', cell: ({ rows }) => formatCount(rows.length) },
  { header: 'reach', align: 'right', cell: ({ rows }) => formatCount(reachedRows(rows)) },
  {
    header: 'hangs by',
    align: 'left',
    cell: ({ policy }) => {
      const threads = withoutOne.filter((one) => one.policy === policy && one.endless.length > 0);
      return threads.length === 0 ? '–' : threads.map(({ kind }) => printable(kind)).join(', ');
    },
    flexible: 'wrap',
    expendable: 1,
  },
  {
    header: 'verdict',
    align: 'left',
    cell: ({ rows }) => {
      const good = agreeing(rows) === rows.length;
      const open = unproved(rows);
      const rest = open === 0 ? '' : `, ${open} not proved`;
      return verdictCell({ good, text: `${agreeing(rows)} of ${rows.length} agree${rest}` });
    },
    flexible: 'wrap',
  },
];

function summaryLines(
  verification: Verification,
  all: readonly PolicyRows[],
  terminal: Terminal,
): string[] {
  const style = { columns: terminal.columns, paint: terminal.paint };
  const broken = all
    .map(({ policy, rows }) => ({ policy, rows: rows.filter(contradicted) }))
    .filter(({ rows }) => rows.length > 0);
  return [
    '',
    ...renderTable(summaryColumns(verification), all, style),
    ...detailLines(verification, broken, terminal),
    '',
    '--verbose shows every row.',
  ];
}

/** How many rows agree, and how near the worst ghost came to the bounds. */
function closingSentence({ rows }: Verification): string {
  const tightest = rows.flatMap(({ tightness }) => tightness ?? []);
  const near = tightest.filter((share) => share >= 0.99).length;
  const open = unproved(rows) === 0 ? '' : `, ${formatCount(unproved(rows))} not proved`;
  const reached =
    tightest.length === 0
      ? ''
      : ` ${formatCount(near)} of ${plural(tightest.length, 'bound')} reached to within 1 %.`;
  return (
    `${formatCount(agreeing(rows))} of ${plural(rows.length, 'cell')} agree${open}; ` +
    `every phase explored in ${formatCount(reachedRows(rows))}.${reached}`
  );
}

/** The whole text, ready for stdout; the seed is in its first and its last line. */
export function verificationText(text: VerificationText, terminal: Terminal): string {
  const { verification, version, repeat } = text;
  const { seed, runs, phases, rows } = verification;
  const all = byPolicy(verification);
  const detailed = text.verbose || rows.length <= MOST_DETAILED_ROWS;
  const size = `${plural(rows.length, 'cell')} × ${plural(runs, 'run')} and ${plural(phases, 'phase')}`;
  const lines = [
    ...wrap(`ghostbound ${version} · seed ${seed} · ${size}`, terminal.columns),
    ...(detailed
      ? detailLines(verification, all, terminal)
      : summaryLines(verification, all, terminal)),
    '',
    ...wrap(closingSentence(verification), Math.min(terminal.columns, SENTENCE_COLUMNS)),
    `repeat: ${repeat}`,
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * The grid: every built-in policy on every founding scenario, one line per cell, as a few lives of a fixed seed
 * and reachability have it. CI keeps it as an artefact: a change of a kernel rule, a reaper or a bound shows as a
 * difference of lines between two of them, and is judged by a reader, not by a test.
 */
import { presets } from '../../model/policy/index.ts';
import type { ComparisonRow, Distribution } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../catalog/index.ts';
import { compare } from '../compare/index.ts';

const RUNS = 3;
const SEED = 1n;

const HEAD = `# Every built-in policy on every founding scenario: ${RUNS} lives of seed ${SEED}, times in s after the fault.
# B: the bound until the server decides; R: until its kernel has forgotten the socket; T: the longest tolerated silence of this kind.
# open: not proved. decided, forgotten: least … greatest of the lives. inf: for ever. -: does not apply. alive: how many lives were ended whose peer lived.`;

const seconds = (ms: number): string => (ms / 1_000).toFixed(3);
const orForEver = (ms: number | null, proved: boolean): string =>
  proved ? (ms === null ? 'inf' : seconds(ms)) : 'open';

/** Least … greatest, and how many never came to it. */
function spanText({ min, max }: Distribution, never: number): string {
  if (min === null || max === null) return never > 0 ? 'inf' : '-';
  const span = `${seconds(min)} … ${seconds(max)}`;
  return never > 0 ? `${span} … inf` : span;
}

type Cells = readonly [name: string, ...texts: string[]];

function cellsOf(row: ComparisonRow): Cells {
  const isFault = row.kind === 'fault';
  return [
    row.scenario,
    isFault ? orForEver(row.boundMs, row.proved) : '-',
    isFault ? orForEver(row.releaseBoundMs, row.releaseProved) : '-',
    isFault ? '-' : orForEver(row.toleranceMs, row.toleranceProved),
    isFault ? spanText(row.ghostMs, row.ghostMs.undetected) : '-',
    isFault ? spanText(row.releasedMs, row.releasedMs.unreleased) : '-',
    String(row.falseReaps.count),
  ];
}

const header: Cells = ['', 'B', 'R', 'T', 'decided', 'forgotten', 'alive'];

/** Columns at the same places in every block, so that a change of one cell changes one line. */
const widths: readonly number[] = [24, 9, 9, 9, 27, 27, 5];

function line(cells: Cells): string {
  return cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join('  ')
    .trimEnd();
}

/** Its text. Plays a few thousand lives. */
export function gridText(): string {
  const founding: readonly Scenario[] = Object.values(scenarios).filter(({ tags }) =>
    tags.includes('founding'),
  );
  const blocks = Object.values(presets).map((policy) => {
    const { rows } = compare({ policies: [policy], scenarios: founding, runs: RUNS, seed: SEED });
    return [line([policy.name, ...header.slice(1)]), ...rows.map((row) => line(cellsOf(row)))].join(
      '\n',
    );
  });
  return `${[HEAD, ...blocks].join('\n\n')}\n`;
}

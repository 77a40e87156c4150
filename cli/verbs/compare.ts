/** `compare`: policies × scenarios → the table, the document, or one share of it for `merge`. */
import type { Result } from '../../model/issue.ts';
import type { Shard } from '../../scenarios/compare/index.ts';
import { emit } from '../output/emit.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import { fleetWords } from '../checks/fleet.ts';
import type { CompareFlags } from './compare-flags.ts';
import { compareStacks } from './compare-stacks.ts';
import { compareGrid, parseGrid, shareOfGrid, type Grid } from '../grid/grid.ts';
import { allOf, optional, parseThresholds, unwrap } from '../arguments/options.ts';
import { checkPlaces, present, type Framing } from '../output/present.ts';
import { parseShard } from '../grid/parse-shard.ts';
import { shardDocument } from '../grid/shard.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { jsonDocument } from '../text/json-document.ts';

/** What is said of the whole cannot be asked of a share. */
function checkShardAlone(flags: CompareFlags): Result<undefined> {
  const asked = [
    ...(flags.maxGhost === undefined ? [] : ['--max-ghost']),
    ...(flags.falseReaps ? [] : ['--no-false-reaps']),
    ...(flags.maxOverhead === undefined ? [] : ['--max-overhead']),
    ...fleetWords(flags).filter((word) => word.startsWith('--')),
    ...(flags.report === undefined ? [] : ['--report']),
    ...(flags.strict ? ['--strict'] : []),
  ];
  if (flags.shard === undefined || asked.length === 0) return { ok: true, value: undefined };
  const received = asked.join(', ');
  const expected = 'these flags on merge, which sees all shares';
  return { ok: false, issues: [{ code: 'shard-alone', path: '--shard', received, expected }] };
}

/** One share: a document for `merge`, whatever the output flags say about form. */
async function compareShare(
  grid: Grid,
  shard: Shard,
  flags: CompareFlags,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const parts = await shareOfGrid(grid, flags.quiet, terminal, shard);
  emit(jsonDocument(shardDocument(grid, flags, shard, parts)), flags, terminal);
  return parts.length > 0 ? ExitCode.Fine : ExitCode.NothingSampled;
}

/** `compare`, and whatever frames one. */
export async function compareVerb(
  flags: CompareFlags,
  terminal: Terminal,
  framing: Framing = {},
): Promise<ExitCodeValue> {
  if ((flags.stack ?? []).length > 0) return compareStacks(flags, terminal);
  const { grid, thresholds, shard } = unwrap(
    allOf({
      grid: parseGrid(flags),
      thresholds: parseThresholds(flags),
      shard: optional(flags.shard, (input) => parseShard(input)),
      alone: checkShardAlone(flags),
    }),
  );
  checkPlaces(flags);
  if (shard !== undefined) return compareShare(grid, shard, flags, terminal);
  const comparison = await compareGrid(grid, flags.quiet, terminal);
  return present({ comparison, grid, selected: flags }, thresholds, flags, terminal, framing);
}

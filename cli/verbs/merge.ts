/** `merge`: the shares of `compare --shard` → the bytes that `compare` alone would have printed. */
import { mergeParts } from '../../scenarios/compare/index.ts';
import type { ExitCodeValue } from '../terminal/exit.ts';
import { allOf, allOfList, parseThresholds, unwrap } from '../arguments/options.ts';
import { checkPlaces, present, type PresentationFlags } from '../output/present.ts';
import { joinShards, readShard } from '../grid/shard.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `merge FILE…`. */
export async function mergeVerb(
  files: readonly string[],
  flags: PresentationFlags,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const { shards, thresholds } = unwrap(
    allOf({ shards: allOfList(files.map(readShard)), thresholds: parseThresholds(flags) }),
  );
  checkPlaces(flags);
  const { grid, selected, parts } = unwrap(joinShards(shards));
  const comparison = mergeParts(grid, parts);
  return present({ comparison, grid, selected }, thresholds, flags, terminal);
}

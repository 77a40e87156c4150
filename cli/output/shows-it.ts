/**
 * The command that plays the life which shows a finding. What has a name is named, what came from a file is that file,
 * and anything else is written out as JSON: the line can be pasted anywhere.
 */
import type { Finding } from '../../model/lint/index.ts';
import { commandLine } from '../arguments/replay.ts';
import { policyWord, scenarioWord } from '../arguments/written-out.ts';

/**
 * The command line.
 *
 * @param subject what was looked at, and the word that selects it: the same policy is not written out again
 * @returns undefined where the finding needs no life to show it
 */
export function showsIt(
  { played, scenario, seed, index }: Finding,
  subject: { readonly thing: unknown; readonly selector: string },
): string | undefined {
  if (played === undefined || scenario === undefined) return undefined;
  return commandLine([
    'ghostbound',
    'run',
    '--policy',
    played === subject.thing ? subject.selector : policyWord(played),
    '--scenario',
    scenarioWord(scenario),
    '--seed',
    seed ?? '1',
    ...(index === undefined || index === 0 ? [] : ['--index', String(index)]),
  ]);
}

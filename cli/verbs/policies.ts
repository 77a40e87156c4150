/** `policies`: what is there to compare, and what can be set on one. No scenario is read for it. */
import type { PolicyList, PolicyOptions } from '../../model/results/lists.ts';
import { catalogue, presetGroups, presetNamed, type Preset } from '../../model/policy/index.ts';
import { checkOut, emit, layoutFor } from '../output/emit.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import type { OutputFlags } from '../arguments/flags.ts';
import { unwrap } from '../arguments/options.ts';
import { searched } from '../arguments/search.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { jsonDocument } from '../text/json-document.ts';
import { optionsText, presetListText } from '../text/presets.ts';

/** All that is said of a built-in policy in a list. */
function wordsOf({ policy, aliases, tags }: Preset): readonly string[] {
  return [policy.name, ...aliases, ...tags.map((tag) => `@${tag}`), policy.title];
}

/** `policies [list] [WORD…]`. */
export function listPolicies(
  words: readonly string[],
  flags: OutputFlags,
  terminal: Terminal,
): ExitCodeValue {
  const found = unwrap(searched(catalogue, wordsOf, words, 'policies'));
  checkOut(flags);
  if (flags.json) {
    const policies = found.map(({ policy }) => policy);
    emit(jsonDocument({ schemaVersion: 1, policies } satisfies PolicyList), flags, terminal);
    return ExitCode.Fine;
  }
  const groups = presetGroups
    .map((group) => ({ ...group, members: group.members.filter((one) => found.includes(one)) }))
    .filter(({ members }) => members.length > 0);
  emit(presetListText(groups, layoutFor(flags, terminal)), flags, terminal);
  return ExitCode.Fine;
}

/** `policies options NAME`: what can be set on a built-in one. */
export function policyOptions(name: string, flags: OutputFlags, terminal: Terminal): ExitCodeValue {
  const preset = unwrap(presetNamed(name));
  checkOut(flags);
  const { policy, aliases, tags, assumes, notModelled, options } = preset;
  const { name: runtimeName, sets, source } = preset.runtime;
  const runtime = { name: runtimeName, sets, source };
  const document = {
    schemaVersion: 1,
    name: policy.name,
    aliases,
    tags,
    assumes,
    runtime,
    notModelled,
    options,
  } as const;
  const text = flags.json
    ? jsonDocument(document satisfies PolicyOptions)
    : optionsText(preset, layoutFor(flags, terminal));
  emit(text, flags, terminal);
  return ExitCode.Fine;
}

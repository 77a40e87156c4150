/** `stacks`: what people run, as stacks by name; one of them as a file; and the systems that a stack can name. */
import { stringify } from 'yaml';
import {
  builtInStacks,
  commonOptions,
  formatStack,
  systems as all,
  writtenStack,
  type Stack,
  type System,
} from '../../model/stack/index.ts';
import type { OutputFlags } from '../arguments/flags.ts';
import { unwrap } from '../arguments/options.ts';
import { searched } from '../arguments/search.ts';
import { oneStack } from '../arguments/stacks.ts';
import { checkOut, emit, layoutFor } from '../output/emit.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { catalogueText, definitionText } from '../text/catalogue.ts';
import { jsonDocument } from '../text/json-document.ts';

/** `stacks [list] [WORD…]`. */
export function listStacks(
  words: readonly string[],
  flags: OutputFlags,
  terminal: Terminal,
): ExitCodeValue {
  const said = (one: Stack): string[] => [one.name, formatStack(one) ?? '', one.title];
  const found = unwrap(searched(builtInStacks(), said, words, 'stacks'));
  checkOut(flags);
  const entries = found.map((one) => ({
    name: one.name,
    title: one.title,
    words: [formatStack(one) ?? ''],
  }));
  if (flags.json) {
    const stacks = entries.map(({ name, title, words: [line = ''] }) => ({ name, title, line }));
    emit(jsonDocument({ schemaVersion: 1, stacks }), flags, terminal);
    return ExitCode.Fine;
  }
  emit(catalogueText(entries, 'stack', 'in one line', layoutFor(flags, terminal)), flags, terminal);
  return ExitCode.Fine;
}

/** `stacks show NAME|LINE|FILE`: as YAML where the file is named so, else as JSON. */
export function showStack(name: string, flags: OutputFlags, terminal: Terminal): ExitCodeValue {
  const stack = unwrap(oneStack(name));
  checkOut(flags);
  const written = writtenStack(stack);
  const line = formatStack(stack);
  const yaml = `${line === null ? '' : `# ${line}\n`}${stringify(written)}`;
  const isYaml = flags.json !== true && /\.ya?ml$/.test(flags.out ?? '');
  emit(isYaml ? yaml : definitionText(written), flags, terminal);
  return ExitCode.Fine;
}

/** `stacks systems [WORD…]`: what can stand in a stack, with its options. */
export function listSystems(
  words: readonly string[],
  flags: OutputFlags,
  terminal: Terminal,
): ExitCodeValue {
  const said = (one: System): string[] => [one.name, ...one.aliases, one.role, one.title];
  const found = unwrap(searched(all, said, words, 'stacks systems'));
  checkOut(flags);
  const optionsOf = ({ role, options }: System): readonly string[] => [
    ...options.map((option) => option.name),
    ...Object.keys(commonOptions[role]),
  ];
  if (flags.json) {
    const listed = found.map((one) => ({
      name: one.name,
      aliases: one.aliases,
      role: one.role,
      title: one.title,
      options: optionsOf(one),
    }));
    emit(jsonDocument({ schemaVersion: 1, systems: listed }), flags, terminal);
    return ExitCode.Fine;
  }
  const entries = found.map((one) => ({
    name: one.role === 'box' ? one.name : (one.aliases[0] ?? one.name),
    title: `${one.role}: ${one.title}`,
    words: optionsOf(one),
  }));
  emit(catalogueText(entries, 'system', 'options', layoutFor(flags, terminal)), flags, terminal);
  return ExitCode.Fine;
}

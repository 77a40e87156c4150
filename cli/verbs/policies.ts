/** `policies`: what is there to compare, and one of them as a file to start from. */
import type { PolicyList } from '../../model/results/lists.ts';
import { presets } from '../../model/policy/index.ts';
import { checkOut, emit, layoutFor } from '../emit.ts';
import { ExitCode, type ExitCodeValue } from '../exit.ts';
import type { OutputFlags } from '../flags.ts';
import { unwrap } from '../options.ts';
import { onePolicy } from '../select.ts';
import type { Terminal } from '../terminal.ts';
import { catalogueText, definitionText } from '../text/catalogue.ts';
import { jsonDocument } from '../text/json-document.ts';

/** `policies [list]`. */
export function listPolicies(flags: OutputFlags, terminal: Terminal): ExitCodeValue {
  checkOut(flags);
  const policies = Object.values(presets);
  if (flags.json) {
    emit(jsonDocument({ schemaVersion: 1, policies } satisfies PolicyList), flags, terminal);
    return ExitCode.Fine;
  }
  const entries = policies.map(({ name, title, mechanisms }) => ({
    name,
    title,
    words: mechanisms.map(({ kind }) => kind),
  }));
  const layout = layoutFor(flags, terminal);
  emit(catalogueText(entries, 'policy', 'mechanisms', layout), flags, terminal);
  return ExitCode.Fine;
}

/** `policies show NAME`: a built-in one, or a file in its canonical form. */
export function showPolicy(name: string, flags: OutputFlags, terminal: Terminal): ExitCodeValue {
  const policy = unwrap(onePolicy([name], 'policies show'));
  checkOut(flags);
  emit(definitionText(policy), flags, terminal);
  return ExitCode.Fine;
}

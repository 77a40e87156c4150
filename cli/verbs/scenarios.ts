/** `scenarios`: the stories that policies are held against, and one of them as a file. */
import type { ScenarioList } from '../../model/results/lists.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios as builtIn } from '../../scenarios/catalog/index.ts';
import { checkOut, emit, layoutFor } from '../output/emit.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import type { OutputFlags, ShowFlags } from '../arguments/flags.ts';
import { parseSeed } from '../../sim/random.ts';
import { allOf, unwrap } from '../arguments/options.ts';
import { searched } from '../arguments/search.ts';
import { oneScenarioOf } from '../grid/swarm.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { catalogueText, definitionText } from '../text/catalogue.ts';
import { jsonDocument } from '../text/json-document.ts';

/** `scenarios [list] [WORD…]`. */
export function listScenarios(
  words: readonly string[],
  flags: OutputFlags,
  terminal: Terminal,
): ExitCodeValue {
  const said = ({ name, title, tags }: Scenario): string[] => [
    name,
    title,
    ...tags.map((tag) => `@${tag}`),
  ];
  const scenarios = unwrap(searched(Object.values(builtIn), said, words, 'scenarios'));
  checkOut(flags);
  if (flags.json) {
    emit(jsonDocument({ schemaVersion: 1, scenarios } satisfies ScenarioList), flags, terminal);
    return ExitCode.Fine;
  }
  const entries = scenarios.map(({ name, title, tags }) => ({
    name,
    title,
    words: tags.map((tag) => `@${tag}`),
  }));
  const layout = layoutFor(flags, terminal);
  emit(catalogueText(entries, 'scenario', 'tags', layout), flags, terminal);
  return ExitCode.Fine;
}

/** `scenarios show NAME`: a built-in one, a drawn one of the seed, or a file in its canonical form. */
export function showScenario(name: string, flags: ShowFlags, terminal: Terminal): ExitCodeValue {
  const { scenario } = unwrap(
    allOf({
      scenario: oneScenarioOf([name], flags.seed, 'scenarios show'),
      seed: parseSeed(flags.seed),
    }),
  );
  checkOut(flags);
  emit(definitionText(scenario), flags, terminal);
  return ExitCode.Fine;
}

/** What tests call by its name. */
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';

/** A scenario of the catalogue. */
export function story(name: string): Scenario {
  const found = scenarios[name];
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

/**
 * Scenarios of the swarm on the command line: `--swarm N` draws them from the seed, and their names select them
 * again, with the same seed, wherever a scenario is asked for.
 */
import type { Policy } from '../model/policy/types.ts';
import type { Issue, Result } from '../model/issue.ts';
import type { Scenario } from '../model/scenario/index.ts';
import {
  brokenRun,
  shrinkSwarm,
  swarmScenario,
  swarmScenarios,
  type BrokenRun,
} from '../scenarios/swarm/index.ts';
import { parseSeed } from '../sim/random.ts';
import { parseWhole } from './options.ts';
import { oneScenario, scenariosFor, type Chosen } from './select.ts';

/** More scenarios than this in one comparison is a job for several seeds. */
const MOST_DRAWN = 100_000;

/** A seed that cannot be read is reported by whoever asked for it; nothing is drawn from it. */
function seedOf(text: string): bigint {
  const seed = parseSeed(text);
  return seed.ok ? seed.value : 0n;
}

function chosen(scenario: Scenario): Chosen<Scenario> {
  return { thing: scenario, selector: scenario.name };
}

/** The scenarios of all `--scenario` flags, and the drawn ones; without any flag, the founding ones. */
export function scenariosOf(
  selectors: readonly string[],
  seedText: string,
  swarm: string | undefined,
): Result<readonly Chosen<Scenario>[]> {
  const seed = seedOf(seedText);
  const named = selectors.flatMap((word) => swarmScenario(seed, word) ?? []);
  const others = selectors.filter((word) => swarmScenario(seed, word) === null);
  const count =
    swarm === undefined
      ? { ok: true as const, value: 0 }
      : parseWhole(swarm, '--swarm', 1, MOST_DRAWN);
  const none: Result<readonly Chosen<Scenario>[]> = { ok: true, value: [] };
  const onlyDrawn = others.length === 0 && (swarm !== undefined || named.length > 0);
  const written = onlyDrawn ? none : scenariosFor(others);
  if (!count.ok || !written.ok) {
    const issues: Issue[] = [
      ...(count.ok ? [] : count.issues),
      ...(written.ok ? [] : written.issues),
    ];
    return { ok: false, issues };
  }
  const drawn = count.value === 0 ? [] : swarmScenarios(seed, count.value);
  const all = [...written.value, ...[...named, ...drawn].map(chosen)];
  return { ok: true, value: [...new Map(all.map((each) => [each.thing.name, each])).values()] };
}

/** The one scenario of a verb that takes one; `path` is what the user typed it behind. */
export function oneScenarioOf(
  selectors: readonly string[],
  seedText: string,
  path = '--scenario',
): Result<Scenario> {
  const [word, ...more] = selectors;
  const drawn = word === undefined ? null : swarmScenario(seedOf(seedText), word);
  return drawn !== null && more.length === 0
    ? { ok: true, value: drawn }
    : oneScenario(selectors, path);
}

/** What breaks a statement, as plain as it gets. */
export interface Shrunk extends BrokenRun {
  readonly scenario: Scenario;
}

/** The plainest form of a drawn scenario that still breaks, and the run that shows it; null for a written one. */
export function shrink(
  policy: Policy,
  scenario: Scenario,
  seed: bigint,
  runs: number,
): Shrunk | null {
  const broken = (one: Scenario): BrokenRun | null => brokenRun(policy, one, seed, runs);
  if (swarmScenario(seed, scenario.name) === null) return null;
  const first = broken(scenario);
  if (first === null) return null;
  const plainest = shrinkSwarm(seed, scenario.name, (one) => broken(one)?.what === first.what);
  const run = plainest === null ? null : broken(plainest);
  return plainest === null || run === null ? null : { ...run, scenario: plainest };
}

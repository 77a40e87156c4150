/**
 * The swarm on the command line: `--swarm N` draws scenarios from the seed, `--swarm-policies N` policies, and their
 * names select them again, with the same seed, wherever one is asked for.
 */
import type { Policy } from '../../model/policy/types.ts';
import type { Issue, Result } from '../../model/issue.ts';
import type { Scenario } from '../../model/scenario/index.ts';
import { swarmPolicies, swarmPolicy } from '../../scenarios/swarm/policies.ts';
import { swarmScenario, swarmScenarios } from '../../scenarios/swarm/scenarios.ts';
import { parseSeed } from '../../sim/random.ts';
import { parseWhole } from '../arguments/options.ts';
import {
  onePolicy,
  oneScenario,
  policiesFor,
  scenariosFor,
  type Chosen,
} from '../arguments/select.ts';

/** More scenarios than this in one comparison is a job for several seeds. */
const MOST_DRAWN = 100_000;

/** A seed that cannot be read is reported by whoever asked for it; nothing is drawn from it. */
function seedOf(text: string): bigint {
  const seed = parseSeed(text);
  return seed.ok ? seed.value : 0n;
}

/** How one kind of thing is drawn, and found where it is written. */
interface Drawing<T extends { readonly name: string }> {
  /** The flag that says how many. */
  readonly flag: string;
  readonly byName: (seed: bigint, name: string) => T | null;
  readonly several: (seed: bigint, count: number) => readonly T[];
  readonly written: (selectors: readonly string[]) => Result<readonly Chosen<T>[]>;
}

const scenarioDrawing: Drawing<Scenario> = {
  flag: '--swarm',
  byName: swarmScenario,
  several: swarmScenarios,
  written: scenariosFor,
};

const policyDrawing: Drawing<Policy> = {
  flag: '--swarm-policies',
  byName: swarmPolicy,
  several: swarmPolicies,
  written: policiesFor,
};

/** Those of all selectors, and the drawn ones; without either, the founding ones. */
function select<T extends { readonly name: string }>(
  drawing: Drawing<T>,
  selectors: readonly string[],
  seedText: string,
  howMany: string | undefined,
): Result<readonly Chosen<T>[]> {
  const seed = seedOf(seedText);
  const named = selectors.flatMap((word) => drawing.byName(seed, word) ?? []);
  const others = selectors.filter((word) => drawing.byName(seed, word) === null);
  const count =
    howMany === undefined
      ? { ok: true as const, value: 0 }
      : parseWhole(howMany, drawing.flag, 1, MOST_DRAWN);
  const none: Result<readonly Chosen<T>[]> = { ok: true, value: [] };
  const onlyDrawn = others.length === 0 && (howMany !== undefined || named.length > 0);
  const written = onlyDrawn ? none : drawing.written(others);
  if (!count.ok || !written.ok) {
    const issues: Issue[] = [
      ...(count.ok ? [] : count.issues),
      ...(written.ok ? [] : written.issues),
    ];
    return { ok: false, issues };
  }
  const drawn = count.value === 0 ? [] : drawing.several(seed, count.value);
  const all = [
    ...written.value,
    ...[...named, ...drawn].map((thing) => ({ thing, selector: thing.name })),
  ];
  return { ok: true, value: [...new Map(all.map((each) => [each.thing.name, each])).values()] };
}

/** The scenarios of all `--scenario` flags, and the drawn ones; without any flag, the founding ones. */
export function scenariosOf(
  selectors: readonly string[],
  seedText: string,
  swarm: string | undefined,
): Result<readonly Chosen<Scenario>[]> {
  return select(scenarioDrawing, selectors, seedText, swarm);
}

/** The policies of all `--policy` flags, and the drawn ones; without any flag, the founding ones. */
export function policiesOf(
  selectors: readonly string[],
  seedText: string,
  swarm: string | undefined,
): Result<readonly Chosen<Policy>[]> {
  return select(policyDrawing, selectors, seedText, swarm);
}

/** The one policy of a verb that takes one; `path` is what the user typed it behind. */
export function onePolicyOf(
  selectors: readonly string[],
  seedText: string,
  path = '--policy',
): Result<Policy> {
  const [word, ...more] = selectors;
  const drawn = word === undefined ? null : swarmPolicy(seedOf(seedText), word);
  return drawn !== null && more.length === 0
    ? { ok: true, value: drawn }
    : onePolicy(selectors, path);
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

/**
 * From `--policy NAME|FILE` and `--scenario NAME|FILE|@TAG` to the things themselves. A word that is
 * a built-in name means that; a path, a `.json` name or an existing file is read; any other word is
 * misspelt. Things of one name must be the same thing: results are told apart by name alone.
 */
import type { Issue, Result } from '../model/issue.ts';
import {
  canonicalPolicyText,
  parsePolicy,
  presets,
  selectPolicies,
  type Policy,
} from '../model/policy/index.ts';
import { parseScenario, type Scenario } from '../model/scenario/index.ts';
import { scenarios as builtInScenarios, selectScenarios } from '../scenarios/catalog/index.ts';
import { isFile, readText } from './files.ts';
import { parseJson } from './json.ts';
import { allOfList } from './options.ts';

interface Named {
  readonly name: string;
}

/** How one kind of thing is found and read. */
interface Source<T extends Named> {
  readonly flag: string;
  readonly builtIn: Readonly<Record<string, T>>;
  readonly select: (selector: string) => Result<readonly T[]>;
  readonly parse: (json: unknown, origin: string) => Result<T>;
  /** Equal texts mean the same thing. */
  readonly text: (thing: T) => string;
}

const policySource: Source<Policy> = {
  flag: '--policy',
  builtIn: presets,
  select: selectPolicies,
  parse: parsePolicy,
  text: canonicalPolicyText,
};

const scenarioSource: Source<Scenario> = {
  flag: '--scenario',
  builtIn: builtInScenarios,
  select: selectScenarios,
  parse: parseScenario,
  text: (scenario) => JSON.stringify(scenario),
};

function looksLikeFile(selector: string): boolean {
  return selector.includes('/') || selector.endsWith('.json') || isFile(selector);
}

function readThing<T extends Named>(source: Source<T>, path: string): Result<readonly T[]> {
  const text = readText(path);
  if (!text.ok) return text;
  const json = parseJson(text.value, path);
  if (!json.ok) return json;
  const parsed = source.parse(json.value, path);
  return parsed.ok ? { ok: true, value: [parsed.value] } : parsed;
}

function find<T extends Named>(source: Source<T>, selector: string): Result<readonly T[]> {
  const named = Object.hasOwn(source.builtIn, selector) || selector.startsWith('@');
  if (!named && looksLikeFile(selector)) return readThing(source, selector);
  const found = source.select(selector);
  if (found.ok) return found;
  const issues = found.issues.map((issue) => ({ ...issue, path: source.flag }));
  return { ok: false, issues };
}

function clash<T extends Named>(source: Source<T>, things: readonly T[]): Issue[] {
  const byName = new Map<string, string>();
  return things.flatMap((thing) => {
    const text = source.text(thing);
    const before = byName.get(thing.name);
    byName.set(thing.name, before ?? text);
    if (before === undefined || before === text) return [];
    return [
      {
        code: 'duplicate-name',
        path: source.flag,
        received: `two different ones named ${JSON.stringify(thing.name)}`,
        expected: 'a name of its own for each',
        hint: 'change "name" in the file',
      },
    ];
  });
}

function selectAll<T extends Named>(
  source: Source<T>,
  selectors: readonly string[],
): Result<readonly T[]> {
  if (selectors.length === 0) return { ok: true, value: Object.values(source.builtIn) };
  const found = allOfList(selectors.map((selector) => find(source, selector)));
  if (!found.ok) return found;
  const things = found.value.flat();
  const issues = clash(source, things);
  if (issues.length > 0) return { ok: false, issues };
  return { ok: true, value: [...new Map(things.map((thing) => [thing.name, thing])).values()] };
}

function selectOne<T extends Named>(source: Source<T>, selectors: readonly string[]): Result<T> {
  const all = selectAll(source, selectors);
  if (!all.ok) return all;
  const [only, ...others] = all.value;
  if (selectors.length > 0 && only !== undefined && others.length === 0) {
    return { ok: true, value: only };
  }
  const received = selectors.length === 0 ? 'nothing' : `${all.value.length} of them`;
  const expected = 'exactly one name or JSON file';
  return { ok: false, issues: [{ code: 'not-one', path: source.flag, received, expected }] };
}

/** The policies of all `--policy` flags in order, each once; without flags, every built-in one. */
export function policiesFor(selectors: readonly string[]): Result<readonly Policy[]> {
  return selectAll(policySource, selectors);
}

/** The scenarios of all `--scenario` flags in order, each once; without flags, every built-in one. */
export function scenariosFor(selectors: readonly string[]): Result<readonly Scenario[]> {
  return selectAll(scenarioSource, selectors);
}

/** The one policy of a verb that takes one; `path` is what the user typed it behind. */
export function onePolicy(selectors: readonly string[], path = '--policy'): Result<Policy> {
  return selectOne({ ...policySource, flag: path }, selectors);
}

/** The one scenario of a verb that takes one; `path` is what the user typed it behind. */
export function oneScenario(selectors: readonly string[], path = '--scenario'): Result<Scenario> {
  return selectOne({ ...scenarioSource, flag: path }, selectors);
}

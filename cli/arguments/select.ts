/**
 * From `--policy NAME|FILE|@TAG` and `--scenario NAME|FILE|@TAG` to the things themselves. A word that
 * means something built in means that; a path, a `.json` name or an existing file is read; any other word is
 * misspelt. Things of one name must be the same thing: results are told apart by name alone.
 *
 * Without a flag the founding policies and scenarios are meant: a table that people can read. `@all` is everything.
 */
import type { Issue, Result } from '../../model/issue.ts';
import {
  canonicalPolicyText,
  parsePolicy,
  selectPolicies,
  type Policy,
} from '../../model/policy/index.ts';
import { parseScenario, type Scenario } from '../../model/scenario/index.ts';
import { selectScenarios } from '../../scenarios/catalog/index.ts';
import { readDocument, type FileKind } from '../files/kinds.ts';
import { parseJson } from '../files/json.ts';
import { isFile } from '../files/files.ts';
import { allOfList } from './options.ts';

interface Named {
  readonly name: string;
}

/** How one kind of thing is found and read. */
interface Source<T extends Named> {
  readonly flag: string;
  /** Kinds of file that it reads. */
  readonly reads: readonly FileKind[];
  /** The verb that lists what can be chosen. */
  readonly listedBy: string;
  readonly select: (selector: string) => Result<readonly T[]>;
  readonly parse: (json: unknown, origin: string) => Result<T>;
  /** Equal texts mean the same thing. */
  readonly text: (thing: T) => string;
}

const policySource: Source<Policy> = {
  flag: '--policy',
  reads: ['policy'],
  listedBy: 'policies',
  select: selectPolicies,
  parse: parsePolicy,
  text: canonicalPolicyText,
};

const scenarioSource: Source<Scenario> = {
  flag: '--scenario',
  reads: ['scenario'],
  listedBy: 'scenarios',
  select: selectScenarios,
  parse: parseScenario,
  text: (scenario) => JSON.stringify(scenario),
};

/** What is compared where nobody says what. */
const DEFAULT_SELECTION = '@founding';

export function looksLikeFile(selector: string): boolean {
  return selector.includes('/') || selector.endsWith('.json') || isFile(selector);
}

/** A thing and the word that selects it again: its name, or the file it came from. */
export interface Chosen<T> {
  readonly thing: T;
  readonly selector: string;
}

function byName<T extends Named>(things: readonly T[]): Chosen<T>[] {
  return things.map((thing) => ({ thing, selector: thing.name }));
}

function readThing<T extends Named>(source: Source<T>, path: string): Result<Chosen<T>[]> {
  const document = readDocument(path, source.flag, source.reads);
  if (!document.ok) return document;
  const parsed = source.parse(document.value.json, path);
  if (!parsed.ok) return parsed;
  return { ok: true, value: [{ thing: parsed.value, selector: path }] };
}

/** A word that is the thing itself, as JSON: what `lint` prints to show a finding. */
function readInline<T extends Named>(source: Source<T>, selector: string): Result<Chosen<T>[]> {
  const json = parseJson(selector, source.flag);
  if (!json.ok) return json;
  const parsed = source.parse(json.value, source.flag);
  return parsed.ok ? { ok: true, value: [{ thing: parsed.value, selector }] } : parsed;
}

function find<T extends Named>(source: Source<T>, selector: string): Result<Chosen<T>[]> {
  if (selector.trimStart().startsWith('{')) return readInline(source, selector);
  const found = source.select(selector);
  if (found.ok) return { ok: true, value: byName(found.value) };
  if (!selector.startsWith('@') && looksLikeFile(selector)) return readThing(source, selector);
  const issues = found.issues.map((issue) => ({ ...issue, path: source.flag }));
  return { ok: false, issues };
}

function clashes<T extends Named>(source: Source<T>, chosen: readonly Chosen<T>[]): Issue[] {
  const byName = new Map<string, string>();
  return chosen.flatMap(({ thing }) => {
    const text = source.text(thing);
    const before = byName.get(thing.name);
    byName.set(thing.name, before ?? text);
    if (before === undefined || before === text) return [];
    return [
      {
        code: 'duplicate-name',
        path: source.flag,
        received: `two different ones are named ${JSON.stringify(thing.name)}`,
        expected: 'a name of its own for each',
        hint: 'change "name" in the file',
      },
    ];
  });
}

function selectAll<T extends Named>(
  source: Source<T>,
  selectors: readonly string[],
): Result<readonly Chosen<T>[]> {
  const words = selectors.length === 0 ? [DEFAULT_SELECTION] : selectors;
  const found = allOfList(words.map((selector) => find(source, selector)));
  if (!found.ok) return found;
  const chosen = found.value.flat();
  const issues = clashes(source, chosen);
  if (issues.length > 0) return { ok: false, issues };
  return { ok: true, value: [...new Map(chosen.map((each) => [each.thing.name, each])).values()] };
}

function selectOne<T extends Named>(source: Source<T>, selectors: readonly string[]): Result<T> {
  const all = selectAll(source, selectors);
  if (!all.ok) return all;
  const [only, ...others] = all.value;
  if (selectors.length > 0 && only !== undefined && others.length === 0) {
    return { ok: true, value: only.thing };
  }
  const received =
    selectors.length === 0
      ? `none ('ghostbound ${source.listedBy}' lists them)`
      : String(all.value.length);
  const expected = 'exactly one, by name or JSON file';
  return { ok: false, issues: [{ code: 'not-one', path: source.flag, received, expected }] };
}

/** The policies of all `--policy` flags in order, each once; without flags, the founding ones. */
export function policiesFor(
  selectors: readonly string[],
  path = '--policy',
): Result<readonly Chosen<Policy>[]> {
  return selectAll({ ...policySource, flag: path }, selectors);
}

/** The policy of a file, where a stack names one. */
export function policyOfFile(path: string): Result<Policy> {
  const read = readThing(policySource, path);
  if (!read.ok) return read;
  const [only] = read.value;
  return only === undefined
    ? { ok: false, issues: [{ code: 'not-one', path, received: 'none', expected: 'a policy' }] }
    : { ok: true, value: only.thing };
}

/** The scenarios of all `--scenario` flags in order, each once; without flags, the founding ones. */
export function scenariosFor(selectors: readonly string[]): Result<readonly Chosen<Scenario>[]> {
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

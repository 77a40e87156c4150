/**
 * Holds a value against a shape: every fault becomes an issue with its path, and what remains is the
 * canonical value (durations as milliseconds, defaults filled in, fields in the shape's order, frozen).
 */
import { parseDuration, formatDuration } from '../duration.ts';
import type { Issue, Result } from '../issue.ts';
import { didYouMean, nearest } from '../spelling.ts';
import type {
  ChoiceShape,
  DurationShape,
  ListShape,
  NumberShape,
  ObjectShape,
  Shape,
  TextShape,
  UnionShape,
} from './shape.ts';

/** Longest quotation of bad input in a message. */
const MAX_QUOTE_LENGTH = 80;

/** What a failed check returns in place of a value; its reason is already among the issues. */
const INVALID = Symbol('invalid');

/** A value on its way through the check: where it stands, and where its issues go. */
interface Place {
  readonly path: string;
  readonly issues: Issue[];
}

/**
 * The canonical value, or every reason why there is none.
 *
 * @param origin what the paths begin with: a file's name, or '' for a value that was written in code
 * @param noun what the whole value is called when there is no origin, e.g. `policy`
 */
export function checkShape(
  shape: Shape,
  input: unknown,
  origin: string,
  noun: string,
): Result<unknown> {
  const issues: Issue[] = [];
  const value = check(shape, input, { path: '', issues });
  if (issues.length === 0) return { ok: true, value };
  return { ok: false, issues: issues.map((issue) => placed(issue, origin, noun)) };
}

/** The issue with its path in full: after the file the value stands in. */
export function placed(issue: Issue, origin: string, noun: string): Issue {
  return { ...issue, path: fullPath(origin, noun, issue.path) };
}

function fullPath(origin: string, noun: string, path: string): string {
  if (path === '') return origin === '' ? noun : origin;
  return origin === '' ? path : `${origin}: ${path}`;
}

function check(shape: Shape, input: unknown, place: Place): unknown {
  switch (shape.type) {
    case 'text':
      return checkText(shape, input, place);
    case 'number':
      return checkNumber(shape, input, place);
    case 'duration':
      return checkDuration(shape, input, place);
    case 'boolean':
      if (typeof input === 'boolean') return input;
      return fail(place, 'wrong-type', input, 'true or false');
    case 'choice':
      return checkChoice(shape, input, place);
    case 'nullable':
      return input === null ? null : checkNullable(shape.inner, shape.nullMeans, input, place);
    case 'list':
      return checkList(shape, input, place);
    case 'object':
      return isObject(input)
        ? checkFields(shape, input, place)
        : fail(place, 'wrong-type', input, 'an object');
    case 'union':
      return checkUnion(shape, input, place);
    case 'any':
      return input;
    case 'scalar':
      if (input === null || ['string', 'number', 'boolean'].includes(typeof input)) return input;
      return fail(place, 'wrong-type', input, 'a text, a number, true, false or null');
  }
}

function fail(
  place: Place,
  code: string,
  input: unknown,
  expected: string,
  hint?: string,
): typeof INVALID {
  const issue = { code, path: place.path, expected, received: quote(input) };
  place.issues.push(hint === undefined ? issue : { ...issue, hint });
  return INVALID;
}

function isObject(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function checkText(shape: TextShape, input: unknown, place: Place): unknown {
  const expected = shape.expected ?? `a text of ${shape.minLength} to ${shape.maxLength} characters`;
  if (typeof input !== 'string') return fail(place, 'wrong-type', input, expected);
  const length = [...input].length;
  const fits = length >= shape.minLength && length <= shape.maxLength;
  const matches = shape.pattern === undefined || new RegExp(shape.pattern, 'u').test(input);
  return fits && matches ? input : fail(place, 'bad-text', input, expected);
}

function checkNumber(shape: NumberShape, input: unknown, place: Place): unknown {
  const noun = shape.integer ? 'a whole number' : 'a number';
  const from = shape.aboveMin === true ? `above ${shape.min}, up to` : `from ${shape.min} to`;
  const expected = `${noun} ${from} ${shape.max}`;
  if (typeof input !== 'number') return fail(place, 'wrong-type', input, expected);
  const inside = shape.aboveMin === true ? input > shape.min : input >= shape.min;
  if (inside && input <= shape.max && (!shape.integer || Number.isInteger(input))) return input + 0;
  return fail(place, 'out-of-range', input, expected);
}

function checkDuration(shape: DurationShape, input: unknown, place: Place): unknown {
  const limits = `from ${formatDuration(shape.minMs)} to ${formatDuration(shape.maxMs)}`;
  const whole = shape.multipleOfMs === 1_000 ? ' in whole seconds' : '';
  const expected = `a duration ${limits}${whole}, such as "30s", or milliseconds as a number`;
  if (typeof input !== 'number' && typeof input !== 'string') {
    return fail(place, 'wrong-type', input, expected);
  }
  const parsed = parseDuration(input, place.path);
  if (!parsed.ok) {
    for (const issue of parsed.issues) place.issues.push({ ...issue, expected });
    return INVALID;
  }
  const ms = parsed.value;
  if (ms >= shape.minMs && ms <= shape.maxMs && ms % shape.multipleOfMs === 0) return ms;
  const seconds = typeof input === 'number' && ms < shape.minMs && ms * 1_000 <= shape.maxMs;
  const hint = seconds && ms > 0 ? `a number is milliseconds; for seconds write "${ms}s"` : undefined;
  return fail(place, 'out-of-range', input, expected, hint);
}

function checkChoice(shape: ChoiceShape, input: unknown, place: Place): unknown {
  if (shape.values.some((value) => value === input)) return input;
  const words = shape.values.filter((value) => typeof value === 'string');
  const hint = typeof input === 'string' ? didYouMean(input, words) : undefined;
  return fail(place, 'unknown-value', input, oneOf(shape.values), hint);
}

function checkNullable(inner: Shape, nullMeans: string, input: unknown, place: Place): unknown {
  const before = place.issues.length;
  const value = check(inner, input, place);
  for (let index = before; index < place.issues.length; index++) {
    const issue = place.issues[index];
    if (issue === undefined || issue.path !== place.path) continue;
    place.issues[index] = { ...issue, expected: `${issue.expected}, or null (${nullMeans})` };
  }
  return value;
}

function checkList(shape: ListShape, input: unknown, place: Place): unknown {
  const { minItems, maxItems } = shape;
  const expected = `a list of ${minItems} to ${maxItems} items`;
  if (!Array.isArray(input)) return fail(place, 'wrong-type', input, expected);
  if (input.length < minItems || input.length > maxItems) {
    return fail(place, 'bad-length', input, expected);
  }
  const values = Array.from(input, (item: unknown, index) =>
    check(shape.item, item, { path: `${place.path}[${index}]`, issues: place.issues }),
  );
  if (shape.unique) checkUnique(values, place);
  for (const kind of shape.atMostOne ?? []) checkAtMostOne(values, kind, place);
  if (shape.unique && shape.item.type === 'choice') {
    const order = shape.item.values;
    values.sort((a, b) => order.indexOf(a as string) - order.indexOf(b as string));
  }
  return Object.freeze(values);
}

function checkUnique(values: readonly unknown[], place: Place): void {
  values.forEach((value, index) => {
    if (value === INVALID || values.indexOf(value) === index) return;
    const here = { ...place, path: `${place.path}[${index}]` };
    fail(here, 'duplicate', value, 'each value once');
  });
}

function checkAtMostOne(values: readonly unknown[], kind: string, place: Place): void {
  let seen = false;
  values.forEach((value, index) => {
    if (!isObject(value) || value['kind'] !== kind) return;
    const here = { ...place, path: `${place.path}[${index}].kind` };
    if (seen) fail(here, 'duplicate', kind, `one "${kind}" at most: it is set once per socket`);
    seen = true;
  });
}

function checkUnion(shape: UnionShape, input: unknown, place: Place): unknown {
  const kinds = Object.keys(shape.variants);
  if (!isObject(input)) {
    return fail(place, 'wrong-type', input, `an object whose kind is ${oneOf(kinds)}`);
  }
  const kind = Object.hasOwn(input, 'kind') ? input['kind'] : undefined;
  const variant =
    typeof kind === 'string' && kinds.includes(kind) ? shape.variants[kind] : undefined;
  if (variant !== undefined) return checkFields(variant, input, place);
  const here = { path: fieldPath(place.path, 'kind'), issues: place.issues };
  if (kind === undefined) return fail(here, 'missing-field', kind, oneOf(kinds));
  const hint = typeof kind === 'string' ? didYouMean(kind, kinds) : undefined;
  return fail(here, 'unknown-value', kind, oneOf(kinds), hint);
}

function checkFields(
  shape: ObjectShape,
  input: Readonly<Record<string, unknown>>,
  place: Place,
): unknown {
  const names = Object.keys(shape.fields);
  const misspelt = checkUnknownKeys(shape, input, place);
  const entries: [string, unknown][] = [];
  for (const name of names) {
    const field = shape.fields[name];
    if (field === undefined) continue;
    const here = { path: fieldPath(place.path, name), issues: place.issues };
    const given = Object.hasOwn(input, name) ? input[name] : undefined;
    if (given !== undefined) entries.push([name, check(field.shape, given, here)]);
    else if (field.fallback !== undefined) {
      entries.push([name, check(field.shape, field.fallback, here)]);
    } else if (field.optional !== true && !misspelt.has(name)) {
      fail(here, 'missing-field', undefined, expectation(field.shape));
    }
  }
  return Object.freeze(Object.fromEntries(entries));
}

/** Reports keys that are no fields; returns the missing fields that they were probably meant to be. */
function checkUnknownKeys(
  shape: ObjectShape,
  input: Readonly<Record<string, unknown>>,
  place: Place,
): Set<string> {
  const names = Object.keys(shape.fields);
  const missing = names.filter((name) => !Object.hasOwn(input, name));
  const expected = shape.expected ?? `only the fields ${names.join(', ')}`;
  const meant = new Set<string>();
  for (const key of Object.keys(input)) {
    if (names.includes(key) || shape.ignored?.includes(key) === true) continue;
    const here = { path: fieldPath(place.path, key), issues: place.issues };
    const instead = shape.instead?.[key];
    if (instead !== undefined) {
      fail(here, 'unknown-field', key, expected, instead);
      continue;
    }
    const near = nearest(key, missing) ?? nearest(key, names);
    if (near !== undefined) meant.add(near);
    const hint = near === undefined ? undefined : `did you mean "${near}"?`;
    fail(here, 'unknown-field', key, expected, hint);
  }
  return meant;
}

/** What a missing field should have been, in the words of its own check. */
function expectation(shape: Shape): string {
  const issues: Issue[] = [];
  check(shape, undefined, { path: '', issues });
  return issues[0]?.expected ?? shape.type;
}

function fieldPath(parent: string, key: string): string {
  if (!/^[A-Za-z_$][A-Za-z0-9_$]*$/.test(key)) return `${parent}[${JSON.stringify(key)}]`;
  return parent === '' ? key : `${parent}.${key}`;
}

function oneOf(values: readonly (string | number)[]): string {
  const quoted = values.map((value) => JSON.stringify(value));
  return quoted.length === 1 ? (quoted[0] ?? '') : `one of ${quoted.join(', ')}`;
}

/** Bad input as the user wrote it, short enough for a line. */
function quote(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (Array.isArray(input)) return `a list of length ${input.length}`;
  if (typeof input === 'object' && input !== null) return 'an object';
  if (typeof input === 'function') return 'a function';
  const quoted = typeof input === 'string' ? JSON.stringify(input) : String(input);
  return quoted.length <= MAX_QUOTE_LENGTH ? quoted : `${quoted.slice(0, MAX_QUOTE_LENGTH - 1)}…`;
}

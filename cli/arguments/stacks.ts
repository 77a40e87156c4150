/** From `--stack NAME|EXPRESSION|FILE` to the stack itself. */
import type { Result } from '../../model/issue.ts';
import {
  builtInStacks,
  parseExpression,
  parseStack,
  stackNamed,
  type Stack,
} from '../../model/stack/index.ts';
import { didYouMean } from '../../model/spelling.ts';
import { parseJson } from '../files/json.ts';
import { readDocument } from '../files/kinds.ts';
import { stackOfChain } from '../files/old-chain.ts';
import { allOfList } from './options.ts';
import type { Policy } from '../../model/policy/types.ts';
import { looksLikeFile, policiesFor, policyOfFile, type Chosen } from './select.ts';

const FLAG = '--stack';
const IS_LINE = /[>@("]/;

function ofFile(path: string): Result<Stack> {
  const document = readDocument(path, FLAG, ['stack', 'chain']);
  if (!document.ok) return document;
  const { json } = document.value;
  const isChain = typeof json === 'object' && json !== null && 'hops' in json;
  if (!isChain) return parseStack(json, path);
  const hint = `write '${stackOfChain(json) ?? 'client > server'}'`;
  return {
    ok: false,
    issues: [
      {
        code: 'wrong-kind-of-file',
        path,
        received: 'a chain of timeouts, which stacks have replaced',
        expected: `${FLAG} reads a stack`,
        hint,
      },
    ],
  };
}

function ofLine(selector: string): Result<Stack> {
  const read = parseExpression(selector, (word) =>
    looksLikeFile(word) ? policyOfFile(word) : null,
  );
  if (read.ok) return read;
  const names = builtInStacks().map(({ name }) => name);
  const near = IS_LINE.test(selector) ? undefined : didYouMean(selector, names);
  return {
    ok: false,
    issues: read.issues.map((issue) => ({
      ...issue,
      path: `${FLAG}, ${issue.path}`,
      ...(near === undefined ? {} : { hint: near }),
    })),
  };
}

function find(selector: string): Result<Stack> {
  if (selector.trimStart().startsWith('{')) {
    const json = parseJson(selector, FLAG);
    return json.ok ? parseStack(json.value, FLAG) : json;
  }
  const named = stackNamed(selector.trim());
  if (named.ok) return named;
  const isFile = !IS_LINE.test(selector) && /\.(?:jsonc?|ya?ml)$/.test(selector);
  return isFile ? ofFile(selector) : ofLine(selector);
}

/** The stacks of all flags in order, each once. */
export function stacksFor(selectors: readonly string[]): Result<readonly Chosen<Stack>[]> {
  const found = allOfList(
    selectors.map((selector): Result<Chosen<Stack>> => {
      const stack = find(selector);
      return stack.ok ? { ok: true, value: { thing: stack.value, selector } } : stack;
    }),
  );
  if (!found.ok) return found;
  return {
    ok: true,
    value: [...new Map(found.value.map((one) => [one.thing.name, one])).values()],
  };
}

/** The one stack of a verb that takes one. */
export function oneStack(selector: string): Result<Stack> {
  return find(selector);
}

/** Whether a word of `lint` means a stack: a line, a built-in name, or a file of one. */
function meansStack(word: string): boolean {
  if (/[>@]/.test(word.slice(1)) || stackNamed(word).ok) return true;
  if (!/\.(?:jsonc?|ya?ml)$/.test(word)) return false;
  const document = readDocument(word, FLAG, ['stack', 'chain']);
  return document.ok;
}

/** What `lint` is given: policies and stacks by name, line or file; without anything, the founding policies. */
export function lintSubjectsFor(
  words: readonly string[],
  policies: readonly string[],
  stacks: readonly string[],
): Result<readonly Chosen<Policy | Stack>[]> {
  const given = words.map((word) =>
    meansStack(word) ? stacksFor([word]) : policiesFor([word], 'lint'),
  );
  const isNothing = words.length + policies.length + stacks.length === 0;
  const all = allOfList<readonly Chosen<Policy | Stack>[]>([
    ...given,
    ...(policies.length > 0 || isNothing ? [policiesFor(policies, 'lint')] : []),
    stacksFor(stacks),
  ]);
  return all.ok ? { ok: true, value: all.value.flat() } : all;
}

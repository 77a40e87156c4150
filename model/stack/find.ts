/** From a word to a system of the role that its place asks for. */
import type { Issue, Result } from '../issue.ts';
import { kinHint } from '../policy/presets/kin.ts';
import { didYouMean, nearestFew } from '../spelling.ts';
import { failed, type Role, type System } from './facts.ts';
import { systems } from './systems/index.ts';

/** What stands at a place, as a message says it. */
const ROLE_WORDS: Readonly<Record<Role, string>> = {
  client: 'a client',
  box: 'a box',
  proxy: 'a proxy',
  server: 'a server',
  orchestrator: 'an orchestrator',
};

function isCalled({ name, aliases }: System, word: string): boolean {
  return name === word || aliases.includes(word);
}

/** Every word that names a system of one of these roles. */
export function wordsOf(wanted: readonly Role[]): readonly string[] {
  return systems
    .filter(({ role }) => wanted.includes(role))
    .flatMap(({ name, aliases }) => [name, ...aliases]);
}

function issueOf(word: string, wanted: readonly Role[]): Issue {
  const names = wordsOf(wanted);
  const expected = wanted.map((role) => ROLE_WORDS[role]).join(' or ');
  const other = systems.find((one) => isCalled(one, word));
  const near = `the nearest: ${nearestFew(word, names).join(', ')}`;
  if (other !== undefined) {
    const received = `"${word}", which is ${ROLE_WORDS[other.role]}`;
    const isLast = wanted.includes('server') && (other.role === 'proxy' || other.role === 'box');
    const hint = isLast ? 'the server behind it is missing: … > server' : near;
    return { code: 'wrong-role', path: '', received, expected, hint };
  }
  const hint = didYouMean(word, names) ?? kinHint(word) ?? near;
  return { code: 'unknown-system', path: '', received: JSON.stringify(word), expected, hint };
}

/** The system of a name or alias, in one of these roles; `path` of an issue is empty: it is the word's own place. */
export function systemNamed(word: string, wanted: readonly Role[]): Result<System> {
  const found = systems.find((one) => wanted.includes(one.role) && isCalled(one, word));
  return found === undefined ? failed(issueOf(word, wanted)) : { ok: true, value: found };
}

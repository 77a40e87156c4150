/** From a name, an alias, a name with settings or a tag to built-in policies. */
import type { Issue, Result } from '../../issue.ts';
import { unknownName } from '../../select.ts';
import { didYouMean } from '../../spelling.ts';
import type { Policy } from '../types.ts';
import { isBadOption, type Preset } from './definition.ts';
import { catalogue } from './catalogue.ts';
import { kinHint } from './kin.ts';

const SPELLED = /^([^()]+)\(([^()]*)\)$/;

const byWord: ReadonlyMap<string, Preset> = new Map(
  catalogue.flatMap((preset) =>
    [preset.policy.name, ...preset.aliases].map((name) => [name, preset] as const),
  ),
);

function failed(issue: Issue): Result<never> {
  return { ok: false, issues: [issue] };
}

function unknown(name: string): Result<never> {
  const issue = unknownName('policy', name, [...byWord.keys()], 'policies');
  const hint = kinHint(name);
  return failed(hint === undefined ? issue : { ...issue, hint });
}

/** The built-in policy of a name or alias, as a system with settings; what is set in the name does not matter. */
export function presetNamed(selector: string): Result<Preset> {
  const name = (SPELLED.exec(selector)?.[1] ?? selector).trim();
  const preset = byWord.get(name);
  return preset === undefined ? unknown(name) : { ok: true, value: preset };
}

/** `a=1,b=2` as option → text, or the first part that is not so. */
function settingsOf(text: string, preset: Preset): Result<ReadonlyMap<string, string>> {
  const settings = new Map<string, string>();
  const names = preset.options.map(({ name }) => name);
  for (const part of text.split(',').map((one) => one.trim())) {
    if (part === '') continue;
    const at = part.indexOf('=');
    const name = at < 0 ? part : part.slice(0, at).trim();
    const path = `${preset.policy.name}(${name})`;
    if (!names.includes(name)) {
      const hint = didYouMean(name, names);
      const expected =
        names.length === 0 ? 'no options: this one has none' : `one of ${names.join(', ')}`;
      const issue = { code: 'unknown-option', path, received: JSON.stringify(name), expected };
      return failed(hint === undefined ? issue : { ...issue, hint });
    }
    if (at < 0 || settings.has(name)) {
      const expected = at < 0 ? `a value: ${name}=…` : 'each option once';
      return failed({ code: 'bad-option', path, received: JSON.stringify(part), expected });
    }
    settings.set(name, part.slice(at + 1).trim());
  }
  return { ok: true, value: settings };
}

/** The built-in policy of a name or alias, with settings where they follow: `bun(idleTimeout=30)`. */
export function policyOf(selector: string): Result<Policy> {
  const found = presetNamed(selector);
  if (!found.ok) return found;
  const preset = found.value;
  const match = SPELLED.exec(selector);
  const name = (match?.[1] ?? selector).trim();
  const settings = settingsOf(match?.[2] ?? '', preset);
  if (!settings.ok) return settings;
  const policy = preset.configured(name, settings.value);
  if (!isBadOption(policy)) return { ok: true, value: policy };
  const { option, expected, doubt } = policy;
  const received = settings.value.get(option) ?? '';
  if (doubt === undefined) {
    const path = `${name}(${option})`;
    return failed({ code: 'bad-option', path, received: JSON.stringify(received), expected });
  }
  return failed({
    code: 'doubtful-unit',
    path: name,
    received: `${name}(${option}=${received}) means ${doubt.means}`,
    expected: doubt.likelier,
    hint: `did you mean ${doubt.likelier}? If not, write ${doubt.means}`,
  });
}

/** Every tag and how many policies it selects, in the order of their first members. */
function tagsInUse(): readonly string[] {
  return [...new Set(catalogue.flatMap(({ tags }) => tags as readonly string[]))];
}

/** The built-in policies of a tag, without its `@`; `all` = every one. */
export function policiesTagged(tag: string): Result<readonly Policy[]> {
  const members = catalogue.filter(
    ({ tags }) => tag === 'all' || (tags as readonly string[]).includes(tag),
  );
  if (members.length > 0) return { ok: true, value: members.map(({ policy }) => policy) };
  const tags = ['all', ...tagsInUse()].map((one) => `@${one}`);
  return failed({ ...unknownName('policy', `@${tag}`, tags, 'tags'), code: 'unknown-tag' });
}

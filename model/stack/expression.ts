/**
 * The one-line form of a stack: what a packet from the client meets, in order.
 *
 *     browser > carrier-nat > nginx(proxy_read_timeout=75s) > socket.io(pingInterval=25s) @ kubernetes
 *
 * An element is a word, a name in double quotes where it has one, and options in brackets. `path(rtt=80ms,jitter=5ms,loss=1)` says what
 * the link is like on which it stands. A single party is a server that anybody calls.
 */
import { parseDuration } from '../duration.ts';
import type { Issue, Result } from '../issue.ts';
import type { Policy } from '../policy/types.ts';
import { didYouMean } from '../spelling.ts';
import { failed, type System } from './facts.ts';
import { systemNamed } from './find.ts';
import { parseStack } from './parse.ts';
import { OPTION_TEXT, WORD, type Stack } from './schema.ts';

/** A word with its options, and where it stands. */
interface Element {
  readonly word: string;
  readonly name?: string;
  readonly options: Readonly<Record<string, string>>;
  readonly at: number;
}

/** How a word that is no system is read, such as the file of a policy. */
export type ReadPolicy = (word: string) => Result<Policy> | null;

const ELEMENT = /^([^\s"()<>@,=]+)\s*(?:"([^"]*)")?\s*(?:\(([^()]*)\))?\s*$/;

function issueAt(at: number, text: string, received: string, expected: string): Issue {
  return { code: 'bad-stack', path: `column ${at + 1}, "${text}"`, received, expected };
}

/** `a=1, b=2`. */
function optionsOf(text: string, element: string, at: number): Result<Element['options']> {
  const options: Record<string, string> = {};
  const parts = text.split(',').map((part) => part.trim());
  for (const part of parts) {
    if (part === '' && parts.length === 1) continue;
    const [name = '', value, ...more] = part.split('=').map((one) => one.trim());
    const isOne = value !== undefined && more.length === 0;
    if (!isOne || !OPTION_TEXT.test(name) || !OPTION_TEXT.test(value)) {
      return failed(
        issueAt(at, element, JSON.stringify(part), 'options as name=value, with commas between'),
      );
    }
    if (Object.hasOwn(options, name)) {
      return failed(issueAt(at, element, `${name} twice`, 'each option once'));
    }
    options[name] = value;
  }
  return { ok: true, value: options };
}

function elementOf(raw: string, from: number): Result<Element> {
  const text = raw.trim();
  const at = from + (raw.length - raw.trimStart().length);
  const match = ELEMENT.exec(text);
  if (match === null) {
    const received = text === '' ? 'nothing' : JSON.stringify(text);
    const expected = 'a system such as nginx or socket.io(pingInterval=25s)';
    return failed(issueAt(at, text, received, expected));
  }
  const [, word = '', name, settings = ''] = match;
  const options = optionsOf(settings, text, at);
  if (!options.ok) return options;
  const named = name === undefined || name === '' ? {} : { name };
  return { ok: true, value: { word, ...named, options: options.value, at } };
}

/** The pieces between `sign`, each with where it begins. */
function pieces(text: string, sign: string): readonly (readonly [string, number])[] {
  let from = 0;
  return text.split(sign).map((piece) => {
    const at = from;
    from += piece.length + sign.length;
    return [piece, at] as const;
  });
}

const PATH_OPTIONS = ['rtt', 'jitter', 'loss'];

/** What a `path(…)` says of its link. */
function pathOf({ options, at }: Element): Result<Record<string, number>> {
  const link: Record<string, number> = {};
  for (const [name, text] of Object.entries(options)) {
    if (name === 'loss') {
      const percent = Number(text.replace(/%$/, ''));
      if (!Number.isFinite(percent)) return failed(issueAt(at, 'path', text, 'loss in percent'));
      link['lossPercent'] = percent;
      continue;
    }
    const ms = parseDuration(text, `column ${at + 1}, path(${name})`);
    if (!PATH_OPTIONS.includes(name)) {
      const hint = didYouMean(name, PATH_OPTIONS);
      const issue = issueAt(at, 'path', JSON.stringify(name), `one of ${PATH_OPTIONS.join(', ')}`);
      return failed(hint === undefined ? issue : { ...issue, hint });
    }
    if (!ms.ok) return ms;
    link[name === 'rtt' ? 'rttMs' : 'jitterMs'] = ms.value;
  }
  return { ok: true, value: link };
}

interface Placed {
  readonly json: Record<string, unknown>;
  readonly element: Element;
}

interface Read {
  readonly parties: Placed[];
  readonly links: { path: Record<string, number>; boxes: Placed[] }[];
}

/** What stands between the ends; a policy of one's own is a proxy's. */
function between({ word, at }: Element): Result<'box' | 'proxy'> {
  const found: Result<System> = systemNamed(word, ['box', 'proxy']);
  if (found.ok) return { ok: true, value: found.value.role === 'box' ? 'box' : 'proxy' };
  if (!WORD.test(word) || word.endsWith('.json')) return { ok: true, value: 'proxy' };
  return failed(...found.issues.map((one) => ({ ...one, path: `column ${at + 1}, ${word}` })));
}

/** A party, or the policy that its word stands for. */
function partyOf(element: Element, readPolicy: ReadPolicy): Result<Placed> {
  const { word, name, options } = element;
  const rest = { ...(name === undefined ? {} : { name }), options };
  const own = WORD.test(word) && !word.endsWith('.json') ? null : readPolicy(word);
  if (own === null) return { ok: true, value: { json: { system: word, ...rest }, element } };
  if (!own.ok) return own;
  return { ok: true, value: { json: { policy: own.value, ...rest }, element } };
}

function assemble(elements: readonly Element[], readPolicy: ReadPolicy): Result<Read> {
  const read: Read = { parties: [], links: [] };
  const issues: Issue[] = [];
  elements.forEach((element, index) => {
    const link = read.links.at(-1);
    const isBetween = index > 0 && index < elements.length - 1 && link !== undefined;
    const { word, name, options } = element;
    if (isBetween && word === 'path') {
      const path = pathOf(element);
      if (path.ok) Object.assign(link.path, path.value);
      else issues.push(...path.issues);
      return;
    }
    const role = isBetween ? between(element) : null;
    if (role?.ok === false) {
      issues.push(...role.issues);
      return;
    }
    if (isBetween && role?.value === 'box') {
      const json = { system: word, ...(name === undefined ? {} : { name }), options };
      link.boxes.push({ json, element });
      return;
    }
    const party = partyOf(element, readPolicy);
    if (!party.ok) {
      issues.push(...party.issues);
      return;
    }
    read.parties.push(party.value);
    if (index < elements.length - 1) read.links.push({ path: {}, boxes: [] });
  });
  return issues.length === 0 ? { ok: true, value: read } : failed(...issues);
}

/** `parties[1].options.x` as the column of the word that it is said of. */
function atColumn(issue: Issue, { parties, links }: Read, orchestrator: Element | null): Issue {
  const party = /^parties\[(\d+)\]/.exec(issue.path);
  const box = /^links\[(\d+)\]\.boxes\[(\d+)\]/.exec(issue.path);
  const element =
    party !== null
      ? parties[Number(party[1])]?.element
      : box !== null
        ? links[Number(box[1])]?.boxes[Number(box[2])]?.element
        : issue.path.startsWith('orchestrator')
          ? orchestrator
          : undefined;
  if (element === undefined || element === null) return issue;
  const option = /\.options\.(.+)$/.exec(issue.path)?.[1];
  const said = option === undefined ? element.word : `${element.word}(${option})`;
  return { ...issue, path: `column ${element.at + 1}, ${said}` };
}

/** The name of a stack that is written in one line: the line itself, without spaces. */
function nameOf(text: string): string {
  return text
    .replaceAll(/\s*([>@,=])\s*/g, '$1')
    .trim()
    .slice(0, 200);
}

/**
 * Reads a stack from its one-line form.
 *
 * @param readPolicy what a word means that is no system, such as the path of a policy's file; null = nothing
 * @returns the stack, named by the line; or every issue, with the column of the word that it is about
 * @example
 * const read = parseExpression('browser > ngnix > socket.io');
 * read.issues[0].path // => 'column 11, ngnix'
 * read.issues[0].hint // => 'did you mean "nginx"?'
 */
export function parseExpression(text: string, readPolicy: ReadPolicy = () => null): Result<Stack> {
  const [way, stop, ...more] = pieces(text, '@');
  if (way === undefined || more.length > 0) {
    const expected = 'one @, before the orchestrator';
    return failed({ code: 'bad-stack', path: 'stack', received: JSON.stringify(text), expected });
  }
  const read = pieces(way[0], '>').map((piece) => elementOf(...piece));
  const stopped = stop === undefined ? null : elementOf(...stop);
  const issues = [...read, ...(stopped === null ? [] : [stopped])].flatMap((one) =>
    one.ok ? [] : one.issues,
  );
  if (issues.length > 0) return { ok: false, issues };
  const given = read.flatMap((one) => (one.ok ? [one.value] : []));
  const anybody: Element = { word: 'client', options: {}, at: 0 };
  const elements = given.length === 1 ? [anybody, ...given] : given;
  const orchestrator = stopped?.ok === true ? stopped.value : null;
  const assembled = assemble(elements, readPolicy);
  if (!assembled.ok) return assembled;
  const { parties, links } = assembled.value;
  const stack = parseStack(
    {
      name: nameOf(text),
      parties: parties.map(({ json }) => json),
      links: links.map(({ path, boxes }) => ({ ...path, boxes: boxes.map(({ json }) => json) })),
      ...(orchestrator === null
        ? {}
        : {
            orchestrator: {
              system: orchestrator.word,
              ...(orchestrator.name === undefined ? {} : { name: orchestrator.name }),
              options: orchestrator.options,
            },
          }),
    },
    '',
  );
  if (stack.ok) return stack;
  return failed(...stack.issues.map((one) => atColumn(one, assembled.value, orchestrator)));
}

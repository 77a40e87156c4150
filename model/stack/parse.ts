/** The stack object as a file: read and made. */
import { InputError, type Issue, type Result } from '../issue.ts';
import { parse, placed } from '../schema/parse.ts';
import { failed } from './facts.ts';
import { readHops } from './hops.ts';
import {
  FAR_MS,
  NEAR_MS,
  stackSchema,
  type Stack,
  type StackInput,
  type StatedLink,
} from './schema.ts';

function partyIssues({
  parties,
  links,
}: Pick<Stack, 'parties'> & { links: readonly object[] }): readonly Issue[] {
  const stated = parties.flatMap(({ system, policy }, index) => {
    if ((system === undefined) !== (policy === undefined)) return [];
    const expected = 'a system or a policy, one of the two';
    const received = system === undefined ? 'neither' : 'both';
    return [{ code: 'not-one', path: `parties[${index}]`, expected, received }];
  });
  if (links.length === parties.length - 1) return stated;
  const expected = `${parties.length - 1} links, one fewer than parties`;
  return [
    ...stated,
    { code: 'bad-length', path: 'links', expected, received: String(links.length) },
  ];
}

/**
 * Reads a stack from parsed JSON or YAML. Closed: unknown fields are issues, and so are systems and options that do not exist.
 * The result is canonical and frozen: every link with its round trip, milliseconds everywhere.
 *
 * @param json a value as `JSON.parse` returns it
 * @param origin what the issues' paths begin with, e.g. the file's name; '' for none
 * @returns the stack, or every issue, e.g. `edge.json: parties[1].options.proxy_red_timeout`
 * @example
 * const parties = [{ system: 'browser' }, { system: 'socket.oi' }];
 * const read = parseStack({ name: 'edge', parties }, 'edge.json');
 * read.issues[0].path // => 'edge.json: parties[1].system'
 * read.issues[0].hint // => 'did you mean "socket.io"?'
 */
export function parseStack(json: unknown, origin: string): Result<Stack> {
  const read = parse(stackSchema, json, origin, 'stack');
  if (!read.ok) return read;
  const { links: stated, ...rest } = read.value;
  const links: NonNullable<typeof stated> =
    stated ?? rest.parties.slice(1).map(() => ({ boxes: [] }));
  const issues = partyIssues({ parties: rest.parties, links });
  if (issues.length > 0) return failed(...issues.map((one) => placed(one, origin, 'stack')));
  const whole = links.map((link, index): StatedLink =>
    Object.freeze({ ...link, rttMs: link.rttMs ?? (index === 0 ? FAR_MS : NEAR_MS) }),
  );
  const stack: Stack = Object.freeze({ ...rest, links: Object.freeze(whole) });
  const hops = readHops(stack);
  if (!hops.ok) return failed(...hops.issues.map((one) => placed(one, origin, 'stack')));
  return { ok: true, value: stack };
}

/**
 * Makes a stack written in code: {@link parseStack} for a value that TypeScript has seen.
 *
 * @returns the canonical stack, frozen
 * @throws {InputError} with every issue, when the input is not a stack
 * @example
 * const { links } = defineStack({
 *   name: 'edge',
 *   parties: [{ system: 'browser' }, { system: 'nginx' }, { system: 'socket.io' }],
 * });
 * links.map(({ rttMs }) => rttMs) // => [50, 1]
 */
export function defineStack(input: StackInput): Stack {
  const parsed = parseStack(input, '');
  if (!parsed.ok) throw new InputError(parsed.issues);
  return parsed.value;
}

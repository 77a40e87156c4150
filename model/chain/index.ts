/** The chain object: written and read. */
import { assert } from '../assert.ts';
import { InputError, type Issue, type Result } from '../issue.ts';
import { policyOf } from '../policy/presets/find.ts';
import type { Policy } from '../policy/types.ts';
import { chainSchema } from './schema.ts';
import { parse, placed } from '../schema/parse.ts';
import type { Chain, ChainInput, Hop, ServerHop } from './types.ts';

export type * from './types.ts';

/** The order in which a packet from the client meets them. */
const ranks: Readonly<Record<Hop['kind'], number>> = {
  client: 0,
  middlebox: 1,
  proxy: 1,
  server: 2,
  orchestrator: 3,
};

/** Kinds of which there is one at most. */
const alone: ReadonlySet<Hop['kind']> = new Set(['client', 'server', 'orchestrator']);

function orderIssues(hops: readonly Hop[]): Issue[] {
  return hops.flatMap((hop, index) => {
    const before = hops[index - 1];
    if (before === undefined || ranks[before.kind] <= ranks[hop.kind]) return [];
    const expected = 'hops from the client to the server: client, boxes, server, orchestrator';
    const received = `${hop.kind} after ${before.kind}`;
    return [{ code: 'bad-order', path: `hops[${index}].kind`, expected, received }];
  });
}

function countIssues(hops: readonly Hop[]): Issue[] {
  const doubled = hops.flatMap((hop, index) => {
    const first = hops.findIndex(({ kind }) => kind === hop.kind);
    if (!alone.has(hop.kind) || first === index) return [];
    const expected = `one ${hop.kind} at most`;
    const received = JSON.stringify(hop.kind);
    return [{ code: 'duplicate', path: `hops[${index}].kind`, expected, received }];
  });
  if (hops.some(({ kind }) => kind === 'server')) return doubled;
  const expected = 'a hop of kind "server"';
  return [...doubled, { code: 'missing-hop', path: 'hops', expected, received: 'none' }];
}

function policyIssues(hops: readonly Hop[]): Issue[] {
  return hops.flatMap((hop, index) => {
    if (hop.kind !== 'server' || hop.preset === undefined) return [];
    const path = `hops[${index}].preset`;
    if (hop.policy !== undefined) {
      const expected = 'a preset or a policy, not both';
      return [{ code: 'duplicate', path, expected, received: JSON.stringify(hop.preset) }];
    }
    const found = policyOf(hop.preset);
    return found.ok ? [] : found.issues.map((issue) => ({ ...issue, path }));
  });
}

/**
 * Reads a chain of timeouts from parsed JSON. Closed: unknown fields are issues. Durations may be text
 * (`"60s"`) or whole milliseconds. The result is canonical and frozen: defaults filled in (50 ms round
 * trip, an application that may be silent for ever, readers of 100 kB/s), milliseconds everywhere.
 *
 * @param json a value as `JSON.parse` returns it
 * @param origin what the issues' paths begin with, e.g. the file's name; '' for none
 * @returns the chain, or every issue, e.g. `edge.json: hops[1].idleMs`
 * @example
 * const read = parseChain({ name: 'edge', hops: [{ kind: 'server', preset: 'socket.oi' }] }, 'edge.json');
 * read.ok // => false
 * read.issues[0].path // => 'edge.json: hops[0].preset'
 * read.issues[0].hint // => 'did you mean "socket.io"?'
 */
export function parseChain(json: unknown, origin: string): Result<Chain> {
  const read = parse(chainSchema, json, origin, 'chain');
  if (!read.ok) return read;
  const { hops } = read.value;
  const issues = [...orderIssues(hops), ...countIssues(hops), ...policyIssues(hops)];
  if (issues.length === 0) return read;
  return { ok: false, issues: issues.map((issue) => placed(issue, origin, 'chain')) };
}

/**
 * Makes a chain written in code: {@link parseChain} for a value that TypeScript has seen.
 *
 * @returns the canonical chain, frozen; defaults filled in, durations in milliseconds
 * @throws {InputError} with every issue, when the input is not a chain
 * @example
 * const { hops } = defineChain({
 *   name: 'edge',
 *   hops: [{ kind: 'middlebox', name: 'NAT', idleMs: '350s' }, { kind: 'server', preset: 'socket.io' }],
 * });
 * hops[0] // => { kind: 'middlebox', name: 'NAT', idleMs: 350_000, atExpiry: 'silent' }
 */
export function defineChain(input: ChainInput): Chain {
  const parsed = parseChain(input, '');
  if (!parsed.ok) throw new InputError(parsed.issues);
  return parsed.value;
}

/** The policy of a chain's server; one that says nothing of a policy has none. */
export function policyOfServer({ preset = 'none', policy }: ServerHop): Policy {
  if (policy !== undefined) return policy;
  const found = policyOf(preset);
  assert(found.ok, 'a parsed chain names only presets that exist');
  return found.value;
}

/**
 * A stack as the hops that a packet from the client meets: client, boxes and proxies in order, server, and who stops it. Each with
 * what its system does, by its own options and by the words that every party has.
 */
import type { Issue, Result } from '../issue.ts';
import { freeSocketOptions, type SocketOptionName } from '../linux/socket-options.ts';
import { isKnownSysctl } from '../linux/sysctls.ts';
import { socketOptionsSchema, sysctlsSchema } from '../schema/kernel-settings.ts';
import { parse } from '../schema/parse.ts';
import { didYouMean } from '../spelling.ts';
import { assert } from '../assert.ts';
import { commonOptions } from './common-options.ts';
import { failed, type Facts, type Role, type Settings, type System } from './facts.ts';
import { systemNamed } from './find.ts';
import { factsOf } from './option-table.ts';
import type { Stack, StatedParty } from './schema.ts';

/** Settings of a party's kernel and sockets, by the names of sysctl(8), tcp(7) and socket(7). */
export interface PartyKernel {
  readonly sysctls: Readonly<Record<string, number>>;
  readonly socketOptions: Readonly<Record<string, number>>;
}

/** What a packet from the client meets, and what it does. */
export interface Hop extends Facts {
  readonly role: Role;
  /** What messages call it. */
  readonly called: string;
  /** JSON Pointer of where it is written. */
  readonly place: string;
  /** Its part of the one-line form, without options; '' for a policy of one's own. */
  readonly word: string;
  /** null = a policy of one's own. */
  readonly system: System | null;
  readonly settings: Settings;
  readonly kernel: PartyKernel;
}

interface Written {
  readonly system?: string;
  readonly policy?: StatedParty['policy'];
  readonly name?: string;
  readonly options: Readonly<Record<string, string>>;
}

type Sorted = Record<'own' | 'common' | 'sysctls' | 'socketOptions', Map<string, string>>;

/** Options told apart: the system's, those of every party, the kernel's and the sockets'. */
function sorted(options: Written['options'], own: readonly string[], role: Role): Result<Sorted> {
  const common = Object.keys(commonOptions[role]).filter((name) => !own.includes(name));
  const parts: Sorted = {
    own: new Map(),
    common: new Map(),
    sysctls: new Map(),
    socketOptions: new Map(),
  };
  const issues: Issue[] = [];
  for (const [name, text] of Object.entries(options)) {
    if (own.includes(name)) parts.own.set(name, text);
    else if (common.includes(name)) parts.common.set(name, text);
    else if (name.startsWith('net.ipv4.') && isKnownSysctl(name)) parts.sysctls.set(name, text);
    else if (freeSocketOptions.includes(name as SocketOptionName))
      parts.socketOptions.set(name, text);
    else {
      const known = [...own, ...common];
      const received = JSON.stringify(name);
      const names =
        known.length === 0 ? 'no options: this one has none' : `one of ${known.join(', ')}`;
      const expected = `${names}; or a net.ipv4.tcp_* setting`;
      const hint = didYouMean(name, known);
      issues.push({
        code: 'unknown-option',
        path: `.options.${name}`,
        received,
        expected,
        ...(hint === undefined ? {} : { hint }),
      });
    }
  }
  return issues.length === 0 ? { ok: true, value: parts } : failed(...issues);
}

function numbers(settings: Settings): Record<string, number> {
  return Object.fromEntries([...settings].map(([name, text]) => [name, Number(text)]));
}

function kernelOf({ sysctls, socketOptions }: Sorted): Result<PartyKernel> {
  const set = parse(sysctlsSchema, numbers(sysctls), '', '');
  const options = parse(socketOptionsSchema, numbers(socketOptions), '', '');
  if (!set.ok || !options.ok) {
    const issues = [...(set.ok ? [] : set.issues), ...(options.ok ? [] : options.issues)];
    return failed(...issues.map((issue) => ({ ...issue, path: `.options${issue.path}` })));
  }
  const value = {
    sysctls: set.value,
    socketOptions: options.value as PartyKernel['socketOptions'],
  };
  return { ok: true, value };
}

/** An issue of an option, under the place where it is written. */
function inOptions({ path, ...issue }: Issue, names: readonly string[]): Issue {
  const name = /\(([^)=]*)/.exec(path)?.[1] ?? path;
  return { ...issue, path: names.includes(name) ? `.options.${name}` : '' };
}

function hopOf(written: Written, wanted: readonly Role[], place: string): Result<Hop> {
  const { system: word, policy, name, options } = written;
  const [role = 'server'] = wanted;
  const found = word === undefined ? null : systemNamed(word, wanted);
  if (found?.ok === false)
    return failed(...found.issues.map((one) => ({ ...one, path: '.system' })));
  const system = found === null ? null : found.value;
  const own = system?.options.map((option) => option.name) ?? [];
  const parts = sorted(options, own, system?.role ?? role);
  if (!parts.ok) return parts;
  const { value: settled } = parts;
  const facts: Result<Facts> =
    system === null
      ? { ok: true, value: { policy: policy ?? null } }
      : system.facts(word as string, settled.own);
  if (!facts.ok) return failed(...facts.issues.map((one) => inOptions(one, own)));
  const common = factsOf(commonOptions[system?.role ?? role], settled.common);
  if (!common.ok)
    return failed(...common.issues.map((one) => inOptions(one, [...settled.common.keys()])));
  const kernel = kernelOf(settled);
  if (!kernel.ok) return kernel;
  return {
    ok: true,
    value: {
      ...facts.value,
      ...common.value,
      role: system?.role ?? role,
      called: name ?? word ?? policy?.name ?? '',
      place,
      word: word ?? '',
      system,
      settings: new Map(Object.entries(options)),
      kernel: kernel.value,
    },
  };
}

/** The facts of a hop with one option set otherwise; null where that is no value of it. */
export function hopWith(hop: Hop, option: string, text: string): Result<Facts> | null {
  const { system, word, settings, role, place } = hop;
  if (system === null && !Object.hasOwn(commonOptions[role], option)) return null;
  const options = { ...Object.fromEntries(settings), [option]: text };
  const named = { options, ...(system === null ? {} : { system: word }) };
  const read = hopOf(
    { ...named, ...(system === null ? { policy: hop.policy } : {}) } as Written,
    [role],
    place,
  );
  return read.ok ? read : null;
}

interface Place {
  readonly written: Written;
  readonly wanted: readonly Role[];
  readonly pointer: string;
  readonly path: string;
}

/** What stands where, and what may stand there. */
function placesOf({ parties, links, orchestrator }: Stack): readonly Place[] {
  const last = parties.length - 1;
  const ofParty = (index: number): Role =>
    index === 0 ? 'client' : index === last ? 'server' : 'proxy';
  return [
    ...parties.flatMap((party, index) => [
      {
        written: party,
        wanted: [ofParty(index)],
        pointer: `/parties/${index}`,
        path: `parties[${index}]`,
      },
      ...(links[index]?.boxes ?? []).map((box, i) => ({
        written: box,
        wanted: ['box' as const],
        pointer: `/links/${index}/boxes/${i}`,
        path: `links[${index}].boxes[${i}]`,
      })),
    ]),
    ...(orchestrator === undefined
      ? []
      : [
          {
            written: orchestrator,
            wanted: ['orchestrator' as const],
            pointer: '/orchestrator',
            path: 'orchestrator',
          },
        ]),
  ];
}

/** The hops, or everything that a stack says of its systems and that they do not have. */
export function readHops(stack: Stack): Result<readonly Hop[]> {
  const read = placesOf(stack).map(({ written, wanted, pointer, path }) => {
    const hop = hopOf(written, wanted, pointer);
    return hop.ok
      ? hop
      : failed(...hop.issues.map((issue) => ({ ...issue, path: `${path}${issue.path}` })));
  });
  const issues = read.flatMap((one) => (one.ok ? [] : one.issues));
  if (issues.length > 0) return { ok: false, issues };
  return { ok: true, value: read.flatMap((one) => (one.ok ? [one.value] : [])) };
}

const known = new WeakMap<Stack, readonly Hop[]>();

/** The hops of a stack that has been read. */
export function hopsOf(stack: Stack): readonly Hop[] {
  const before = known.get(stack);
  if (before !== undefined) return before;
  const read = readHops(stack);
  assert(read.ok, 'a stack that has been read names systems that exist');
  known.set(stack, read.value);
  return read.value;
}

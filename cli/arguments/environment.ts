/**
 * `--rtt`, `--hz`, `--sysctl`, `--socket-option`: the environment in which every scenario is played, in the place of what it
 * says itself. A name alone is the server's; `client:NAME=VALUE` is the client's.
 */
import { parseDuration } from '../../model/duration.ts';
import type { Issue, Result } from '../../model/issue.ts';
import {
  freeSocketOptions,
  socketOptionIssues,
  type SocketOptionName,
} from '../../model/linux/socket-options.ts';
import { isKnownSysctl, resolveSysctls, sysctlTable } from '../../model/linux/sysctls.ts';
import { MAX_RTT_MS } from '../../model/schema/kernel-settings.ts';
import { inEnvironment, type Environment } from '../../model/scenario/environment.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { didYouMean } from '../../model/spelling.ts';
import type { EnvironmentFlags } from './flags.ts';
import { allOf, allOfList, optional, parseChoice } from './options.ts';
import { repeated } from './replay.ts';
import type { Chosen } from './select.ts';

const ticks = ['100', '250', '1000'] as const;

type Side = 'server' | 'client';

/** A setting of one side: `client:net.ipv4.tcp_retries2=8`. */
interface Setting {
  readonly side: Side;
  readonly name: string;
  readonly value: number;
}

function bad(path: string, received: string, expected: string, hint?: string): Issue {
  const issue = { code: 'bad-option', path, received: JSON.stringify(received), expected };
  return hint === undefined ? issue : { ...issue, hint };
}

function parseSetting(text: string, flag: string, example: string): Result<Setting> {
  const match = /^(?:(server|client):)?([^=:]+)=(-?\d{1,10})$/.exec(text);
  const [, side = 'server', name, value] = match ?? [];
  if (name === undefined) {
    const expected = `a name and a whole number, such as ${example} or client:${example}`;
    return { ok: false, issues: [bad(flag, text, expected)] };
  }
  return { ok: true, value: { side: side as Side, name, value: Number(value) } };
}

function outOfRange(flag: string, text: string, issues: readonly Issue[]): Result<Setting> {
  const [first] = issues;
  return { ok: false, issues: [bad(flag, text, first?.expected ?? 'another value')] };
}

/** `--sysctl net.ipv4.tcp_retries2=8`. */
function parseSysctl(text: string): Result<Setting> {
  const flag = '--sysctl';
  const parsed = parseSetting(text, flag, 'net.ipv4.tcp_retries2=8');
  if (!parsed.ok) return parsed;
  const { side, name, value } = parsed.value;
  if (!name.startsWith('net.ipv4.') || !isKnownSysctl(name)) {
    const known = Object.keys(sysctlTable).map((one) => `net.ipv4.${one}`);
    const expected = 'a net.ipv4.tcp_* setting of the simulated kernel';
    return { ok: false, issues: [bad(flag, name, expected, didYouMean(name, known))] };
  }
  const resolved = resolveSysctls({ [name]: value }, '6.18');
  return resolved.ok
    ? { ok: true, value: { side, name, value } }
    : outOfRange(flag, text, resolved.issues);
}

/** `--socket-option TCP_RTO_MAX_MS=5000`. */
function parseSocketOption(text: string): Result<Setting> {
  const flag = '--socket-option';
  const parsed = parseSetting(text, flag, 'TCP_RTO_MAX_MS=5000');
  if (!parsed.ok) return parsed;
  const { name, value } = parsed.value;
  if (!freeSocketOptions.includes(name as SocketOptionName)) {
    const expected = `one of ${freeSocketOptions.join(', ')}`;
    return { ok: false, issues: [bad(flag, name, expected, didYouMean(name, freeSocketOptions))] };
  }
  const issues = socketOptionIssues({ [name]: value }, '6.18');
  return issues.length === 0 ? parsed : outOfRange(flag, text, issues);
}

function parseRtt(text: string): Result<number> {
  const parsed = parseDuration(text, '--rtt');
  if (!parsed.ok || (parsed.value >= 1 && parsed.value <= MAX_RTT_MS)) return parsed;
  return {
    ok: false,
    issues: [bad('--rtt', text, `a duration from 1ms to ${MAX_RTT_MS / 1000}s`)],
  };
}

/** The last one of a name holds, as with two calls of sysctl(8). */
function of(side: Side, settings: readonly Setting[]): Record<string, number> | undefined {
  const own = settings.filter((one) => one.side === side);
  return own.length === 0
    ? undefined
    : Object.fromEntries(own.map(({ name, value }) => [name, value]));
}

/** The environment that the flags describe; undefined where they say nothing. */
export function parseEnvironment(flags: EnvironmentFlags): Result<Environment | undefined> {
  const parts = allOf({
    rttMs: optional(flags.rtt, parseRtt),
    hz: optional(flags.hz, (text) => parseChoice(text, '--hz', ticks)),
    sysctls: allOfList((flags.sysctl ?? []).map(parseSysctl)),
    options: allOfList((flags.socketOption ?? []).map(parseSocketOption)),
  });
  if (!parts.ok) return parts;
  const { rttMs, hz, sysctls, options } = parts.value;
  const all = {
    rttMs,
    hz: hz === undefined ? undefined : Number(hz),
    serverSysctls: of('server', sysctls),
    clientSysctls: of('client', sysctls),
    serverSocketOptions: of('server', options),
    clientSocketOptions: of('client', options),
  };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  if (given.length === 0) return { ok: true, value: undefined };
  return { ok: true, value: Object.fromEntries(given) as Environment };
}

/** The scenarios as they are played. */
export function placedIn(
  chosen: readonly Chosen<Scenario>[],
  environment: Environment | undefined,
): Result<readonly Chosen<Scenario>[]> {
  if (environment === undefined) return { ok: true, value: chosen };
  return allOfList(
    chosen.map(({ thing, selector }): Result<Chosen<Scenario>> => {
      const placed = inEnvironment(thing, environment);
      return placed.ok ? { ok: true, value: { thing: placed.value, selector } } : placed;
    }),
  );
}

/** The flags alone, out of those of a verb. */
export function environmentFlags(flags: EnvironmentFlags): EnvironmentFlags {
  const { rtt, hz, sysctl, socketOption } = flags;
  return {
    ...(rtt !== undefined && { rtt }),
    ...(hz !== undefined && { hz }),
    ...(sysctl !== undefined && sysctl.length > 0 && { sysctl }),
    ...(socketOption !== undefined && socketOption.length > 0 && { socketOption }),
  };
}

/** The flags as they were typed: every command that repeats a result carries them. */
export function environmentWords(flags: EnvironmentFlags): string[] {
  const { rtt, hz, sysctl = [], socketOption = [] } = flags;
  return [
    ...(rtt === undefined ? [] : ['--rtt', rtt]),
    ...(hz === undefined ? [] : ['--hz', hz]),
    ...repeated('--sysctl', sysctl),
    ...repeated('--socket-option', socketOption),
  ];
}

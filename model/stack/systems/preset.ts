/** A built-in policy as a system: its role, and the facts that follow from what it does. */
import { allOf, kindOf } from '../../mechanisms/index.ts';
import type { Preset } from '../../policy/presets/definition.ts';
import { policyOf } from '../../policy/presets/find.ts';
import type { Policy } from '../../policy/types.ts';
import type { ProxySide } from '../../scenario/types.ts';
import { described, factsOf, type OptionTable } from '../option-table.ts';
import type { Facts, Role, Settings, System } from '../facts.ts';

/** The heartbeat that a party sends because its policy asks for an answer: the peer hears the question, ms. */
function heartbeatOf({ mechanisms }: Policy): Pick<Facts, 'heartbeatMs'> {
  const asked = mechanisms.flatMap((one) => {
    const question = one.lost === 'timer' ? null : kindOf(one).asks(one);
    return question === null || question.answeredBy === 'kernel' ? [] : [question.everyMs];
  });
  return asked.length === 0 ? {} : { heartbeatMs: Math.min(...asked) };
}

/** How long it keeps a connection that rests; null = for ever. */
function restMs({ mechanisms }: Policy): number | null {
  const limits = [
    ...allOf('idle', mechanisms).map(({ timeoutMs }) => timeoutMs),
    ...allOf('age', mechanisms).map(({ maxMs }) => maxMs),
  ];
  return limits.length === 0 ? null : Math.min(...limits);
}

/** When a proxy ends a tunnel in which nothing moves, and how. */
function tunnelOf({ mechanisms }: Policy): Pick<Facts, 'idleMs' | 'atExpiry'> {
  const quiet = allOf('receive-deadline', mechanisms);
  const ends = [
    ...quiet.map(({ timeoutMs, verdict }) => ({ timeoutMs, verdict })),
    ...allOf('idle', mechanisms).map(({ timeoutMs, verdict }) => ({ timeoutMs, verdict })),
  ].toSorted((a, b) => a.timeoutMs - b.timeoutMs)[0];
  if (ends === undefined) return { idleMs: null, atExpiry: 'close' };
  return { idleMs: ends.timeoutMs, atExpiry: ends.verdict === 'reset' ? 'reset' : 'close' };
}

/** What it does with its sockets and writes towards the client; the built-in policies judge that side unless they say otherwise. */
function towardsOf(
  { mechanisms }: Policy,
  settings: Settings,
): Pick<Facts, 'towardsClient' | 'towardsServer'> {
  const acting = mechanisms.filter(({ lost }) => lost === undefined);
  const [keepalive] = allOf('keepalive', acting);
  const [userTimeout] = allOf('user-timeout', acting);
  const [write] = allOf('write-deadline', acting);
  const side: ProxySide = {
    ...(keepalive !== undefined && {
      keepalive: {
        idleMs: keepalive.idleMs,
        intervalMs: keepalive.intervalMs,
        probes: keepalive.probes,
      },
    }),
    ...(userTimeout !== undefined && { userTimeoutMs: userTimeout.timeoutMs }),
    ...(write !== undefined && { writeMs: write.timeoutMs }),
  };
  if (Object.keys(side).length === 0) return {};
  return settings.get('side') === 'upstream' ? { towardsServer: side } : { towardsClient: side };
}

/** The age at which it ends a connection, whatever that carries. */
function ageOf({ mechanisms }: Policy): Pick<Facts, 'ageMs'> {
  return { ageMs: allOf('age', mechanisms)[0]?.maxMs ?? null };
}

/** What it is left of a supervisor's patience; null = it waits for ever. */
function graceOf({ mechanisms }: Policy): Pick<Facts, 'graceMs'> {
  return { graceMs: allOf('drain', mechanisms)[0]?.deadlineMs ?? null };
}

const ofRole: Readonly<
  Record<Role, (policy: Policy, preset: Preset, settings: Settings) => Partial<Facts>>
> = {
  client: (policy, { tags }) => ({
    ...heartbeatOf(policy),
    ...(tags.includes('pool') ? { poolIdleMs: restMs(policy) } : {}),
  }),
  box: () => ({}),
  proxy: (policy, _preset, settings) => ({
    ...tunnelOf(policy),
    ...ageOf(policy),
    ...(settings.get('side') === 'downstream' ? {} : heartbeatOf(policy)),
    ...towardsOf(policy, settings),
  }),
  server: () => ({}),
  orchestrator: graceOf,
};

/** `socket.io(pingInterval=10s)`. */
function spelled(word: string, own: Settings): string {
  const settings = [...own].map(([name, text]) => `${name}=${text}`).join(',');
  return settings === '' ? word : `${word}(${settings})`;
}

/**
 * @param more facts that the policy does not say, such as the pool of a proxy
 * @param table options of the system that its policy does not have, such as what a reload leaves
 */
export function presetSystem(
  preset: Preset,
  role: Role,
  more: (policy: Policy) => Partial<Facts> = () => ({}),
  table: OptionTable = {},
): System {
  const { policy, aliases, options } = preset;
  return {
    name: policy.name,
    aliases,
    role,
    title: policy.title,
    options: [...options, ...described(table)],
    facts: (word, settings) => {
      const beside = factsOf(table, settings);
      if (!beside.ok) return beside;
      const own = new Map([...settings].filter(([option]) => !Object.hasOwn(table, option)));
      const found = policyOf(spelled(word, own));
      if (!found.ok) return found;
      const { value } = found;
      return {
        ok: true,
        value: {
          policy: value,
          ...ofRole[role](value, preset, own),
          ...more(value),
          ...beside.value,
        },
      };
    },
  };
}

/** What is effective on the links of a stack, as the rules ask for it: what passes a box, and how quiet a connection may be. */
import { longestQuietMs } from '../signs/quiet.ts';
import { kindOf } from '../mechanisms/index.ts';
import type { Mechanism, Policy } from '../policy/types.ts';
import type { Load } from '../scenario/types.ts';
import {
  answersPings,
  heardAt,
  optionOf,
  partyName,
  pingsOf,
  probesAt,
  reaches,
  settingFor,
  signalOf,
  speaksHttp2,
  wayOf,
  type Measure,
  type Placed,
  type Wanted,
} from '../stack/index.ts';
import type { PatchStep } from '../results/lint-schema.ts';
import { lost } from './ask.ts';
import { living } from './story.ts';
import type { Box, StackSubject } from './subject.ts';

/** Where a time of a hop is written: its option, or the hop. */
export function at({ hop }: Placed, measure: Measure): string {
  const option = optionOf(hop, measure);
  return option === undefined ? hop.called : `${hop.called}(${option})`;
}

/** What a message calls a hop. */
export function called({ hop }: Placed): string {
  const { called: name, word, role } = hop;
  const isGeneric = name === word && word === role;
  return isGeneric ? `the ${name}` : name;
}

/** The change that gives a time of a hop another value; undefined = the hop has no option for it. */
export function setting(
  { hop }: Placed,
  measure: Measure,
  ms: number,
  wanted?: Wanted,
): readonly PatchStep[] | undefined {
  const found = settingFor(hop, measure, ms, wanted);
  if (found === undefined) return undefined;
  return [{ op: 'add', path: `${hop.place}/options/${found.option}`, value: found.text }];
}

/** The first change that there is, as a field of a problem. */
export function firstOf(...cures: readonly (readonly PatchStep[] | undefined)[]): {
  readonly cure?: readonly PatchStep[];
} {
  const cure = cures.find((one) => one !== undefined);
  return cure === undefined ? {} : { cure };
}

/** How often a policy asks its peer of its own, beside what its kernel asks. */
export function asksEveryMs({ policy }: { readonly policy: Policy | null }): number | undefined {
  const asked = (policy?.mechanisms ?? []).flatMap((one) => {
    const question = one.lost === 'timer' ? null : kindOf(one).asks(one);
    return question === null || question.answeredBy === 'kernel' ? [] : [question.everyMs];
  });
  return asked.length === 0 ? undefined : Math.min(...asked);
}

/** Whether a proxy asks the client itself. */
export function pingsClient({ hop }: Placed): boolean {
  return pingsOf(hop).client !== undefined;
}

/** Whether what a mechanism of the server asks is seen at a hop. */
function isSeen(subject: StackSubject, mechanism: Mechanism, at: Placed): boolean {
  const { stack, server } = subject;
  const signal = signalOf(mechanism, speaksHttp2(stack));
  const hops = wayOf(stack).map(({ hop }) => hop);
  if (signal === null || !reaches(hops, signal, server.index, at.index)) return signal === null;
  // A proxy's patience is with data: probes that its kernel answers are none, and pings that it answers itself.
  return !(signal === 'kernel' && at.hop.role === 'proxy') && !answersPings(stack, at);
}

/** What of the served policy, and of the heartbeats of the client's side, is seen at a box. */
export function policyAtBox(subject: StackSubject, box: Box): Policy {
  const { stack, served } = subject;
  const { policy } = served;
  const mechanisms = policy.mechanisms.map((one) => (isSeen(subject, one, box) ? one : lost(one)));
  const beat = heardAt(stack, box.index);
  const { peerHeartbeat: heard, ...rest } = policy;
  const everyMs = beat?.everyMs ?? (speaksHttp2(stack) ? undefined : heard?.everyMs);
  const isWhole = mechanisms.every((one, index) => one === policy.mechanisms[index]);
  if (isWhole && everyMs === heard?.everyMs) return policy;
  const sign = heard ?? { sign: 'message', bytes: 8, sentBy: 'application' };
  return {
    ...rest,
    name: partyName(stack, box),
    mechanisms,
    ...(everyMs === undefined ? {} : { peerHeartbeat: { ...sign, everyMs } }),
  };
}

/** The longest time without a packet at a box, by all that both sides send; null = no limit. */
export function quietAtBox(
  subject: StackSubject,
  box: Box,
  load: Load = subject.load,
): number | null {
  const ownMs = quietMs({ rttMs: subject.rttMs, load }, policyAtBox(subject, box));
  if (box.hop.role === 'proxy') return ownMs;
  const least = Math.min(ownMs ?? Infinity, ...probesAt(subject.stack, box.index));
  return least === Infinity ? null : least;
}

/** The longest time for which a policy, its peer and the applications leave a connection quiet; null = no limit. */
export function quietMs(
  { rttMs, load }: Pick<StackSubject, 'rttMs' | 'load'>,
  policy: Policy,
): number | null {
  return longestQuietMs(policy, living({ rttMs }, 'quiet', { kind: 'none' }, load));
}

/**
 * How late what repeats comes now and then, ms: two round trips and what an event loop that has other work takes. Time
 * that a box leaves beyond the interval is no margin below it.
 */
export function latenessMs({ rttMs }: Pick<StackSubject, 'rttMs'>): number {
  return 2 * rttMs + 100;
}

/** The same policy and load with everything that repeats late by so much. */
export function late(policy: Policy, load: Load, lateMs: number): { policy: Policy; load: Load } {
  const mechanisms = policy.mechanisms.map((one) =>
    'intervalMs' in one && kindOf(one).carrier !== 'kernel'
      ? { ...one, intervalMs: one.intervalMs + lateMs }
      : one,
  );
  const { peerHeartbeat: beat, ...rest } = policy;
  const everyMs = beat === undefined ? 0 : beat.everyMs + lateMs;
  const periodic = load.kind === 'periodic' ? { ...load, everyMs: load.everyMs + lateMs } : load;
  return {
    policy: {
      ...rest,
      name: `${policy.name}.late`,
      mechanisms,
      ...(beat === undefined ? {} : { peerHeartbeat: { ...beat, everyMs } }),
    },
    load: periodic,
  };
}

/** A policy as a client sees it across the whole stack: what it sends of its own, without its kernel's probes. */
export function heardByClient(subject: StackSubject): Policy {
  const { client, served } = subject;
  const { peerHeartbeat: _own, ...rest } = served.policy;
  const isHeard = (one: Mechanism): boolean =>
    signalOf(one, false) !== 'kernel' && isSeen(subject, one, client);
  return { ...rest, mechanisms: rest.mechanisms.map((one) => (isHeard(one) ? one : lost(one))) };
}

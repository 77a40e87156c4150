/**
 * Families of policies with open numbers. A family is something that asks (a ping, a sweep, keepalive
 * or nothing) and what may stand beside it (a user timeout, a watchdog on the send path).
 *
 * T of a policy is the least T of its parts, so each patience is found by itself: the shortest that spares
 * everybody. Then B falls with the period of the asking, and so does nothing else but the cost: the longest
 * period that finds every ghost in time is the cheapest.
 */
import { definePolicy, type MechanismInput } from '../../model/policy/index.ts';
import type { MechanismKind, Policy } from '../../model/policy/types.ts';
import { durations } from './grid.ts';

/** No patience or period of a candidate is longer. */
export const LONGEST_MS = 4 * 3_600_000;

/** Nobody asks more often. */
export const SHORTEST_PERIOD_MS = 1_000;

/** All patiences that are looked at, ascending. */
export const patiences: readonly number[] = durations(100, LONGEST_MS);

/** Something that stands beside the asking and costs no packet. */
export interface Helper {
  readonly kind: MechanismKind;
  readonly field: string;
  readonly of: (patienceMs: number) => MechanismInput;
}

/** How often a watchdog looks at the socket. */
const LOOK_MS = 1_000;

const helpers: readonly Helper[] = [
  {
    kind: 'user-timeout',
    field: 'timeoutMs',
    of: (timeoutMs) => ({ kind: 'user-timeout', timeoutMs }),
  },
  {
    kind: 'send-stall',
    field: 'graceMs',
    of: (graceMs) => ({ kind: 'send-stall', progress: 'bytes-acked', graceMs, everyMs: LOOK_MS }),
  },
];

/** Something that asks, and judges by the answer. */
export interface Prober {
  readonly kind: 'ping' | 'sweep';
  /** The field that holds the patience. */
  readonly field: string;
  readonly of: (periodMs: number, patienceMs: number) => MechanismInput;
  /** The shortest period that goes with a patience. */
  readonly leastPeriodMs: (patienceMs: number) => number;
}

const ping: Prober = {
  kind: 'ping',
  field: 'replyTimeoutMs',
  of: (intervalMs, replyTimeoutMs) => ({
    kind: 'ping',
    intervalMs,
    // A patience as long as the interval would have several pings under way.
    after: replyTimeoutMs < intervalMs ? 'last-received' : 'last-reply',
    replyTimeoutMs,
    replyClock: 'enqueued',
    life: ['any-byte'],
  }),
  leastPeriodMs: () => SHORTEST_PERIOD_MS,
};

const sweep: Prober = {
  kind: 'sweep',
  field: 'intervalMs',
  of: (intervalMs) => ({
    kind: 'sweep',
    intervalMs,
    timer: 'shared',
    ping: true,
    life: ['any-byte'],
  }),
  leastPeriodMs: (patienceMs) => Math.max(SHORTEST_PERIOD_MS, patienceMs),
};

/** A family: its parts, without their numbers. */
export interface Family {
  /** e.g. `ping + user-timeout`. */
  readonly name: string;
  readonly asks: Prober | 'keepalive' | null;
  readonly helpers: readonly Helper[];
}

/** All subsets, the smaller first. */
function subsets(all: readonly Helper[]): readonly (readonly Helper[])[] {
  const sets: (readonly Helper[])[] = [[]];
  for (const helper of all) sets.push(...sets.map((set) => [...set, helper]));
  return sets.toSorted((a, b) => a.length - b.length);
}

/** Every family that the allowed kinds make up, those with fewer parts first. */
export function familiesOf(allow: readonly MechanismKind[]): readonly Family[] {
  const besides = subsets(helpers.filter(({ kind }) => allow.includes(kind)));
  const asking = ([ping, sweep, 'keepalive', null] as const).filter(
    (asks) => asks === null || allow.includes(asks === 'keepalive' ? asks : asks.kind),
  );
  return besides
    .flatMap((helping) => asking.map((asks) => familyOf(asks, helping)))
    .filter(({ name }) => name !== '');
}

function familyOf(asks: Family['asks'], helping: readonly Helper[]): Family {
  const kind = asks === null ? [] : [asks === 'keepalive' ? asks : asks.kind];
  const name = [...kind, ...helping.map((helper) => helper.kind)].join(' + ');
  return { name, asks, helpers: helping };
}

/** A candidate. */
export function candidate(mechanisms: readonly MechanismInput[]): Policy {
  return definePolicy({ name: 'tuned', mechanisms });
}

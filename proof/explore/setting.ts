/**
 * What an exploration is about: the times that matter in it, in whole µs, and the tick that divides
 * them all.
 *
 * Digital time is enough. Regions, path and load compare clocks with constants only, so the earliest
 * and the latest verdict over all real phases lie where every phase is a multiple of the constants'
 * greatest common divisor (Henzinger, Manna, Pnueli, "What good are digital clocks?", ICALP 1992).
 */
import { clocksMs, hasRegion } from '../../model/machines/reaper/index.ts';
import { SETTLE_MS } from '../../model/bounds/situation.ts';
import { policyPeriodMs } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';

/** The periodic load as the process meets it. */
export interface Writes {
  readonly everyUs: number;
  /** Whether the client writes too, half a period after the server. */
  readonly both: boolean;
  /** Whether the client's application acknowledges each message. */
  readonly acknowledged: boolean;
}

export interface Setting {
  readonly policy: Policy;
  /** One way, half of the round trip. */
  readonly wayUs: number;
  /** null = nobody writes, or nothing in the policy's process depends on it. */
  readonly writes: Writes | null;
  readonly tickUs: number;
  /** How many phases the shared sweep may have against the opening; 1 = there is none. */
  readonly sweepPhases: number;
  readonly writePhases: number;
  /** The oldest connection that meets the fault; finite where the policy ends every connection in time. */
  readonly oldestUs: number;
  /** After this long without an event every clock has run out and every answer has come. */
  readonly longestUs: number;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function us(ms: number): number {
  return Math.round(ms * 1000);
}

/** Whether a region's verdict depends on what the server writes, or on what the client does. */
function concernsRegions({ mechanisms }: Policy, both: boolean): boolean {
  return mechanisms.some(
    (mechanism) =>
      hasRegion(mechanism) &&
      (both || mechanism.kind === 'send-stall' || mechanism.kind === 'idle'),
  );
}

function writesOf(policy: Policy, { load }: Scenario): Writes | null {
  if (load.kind !== 'periodic') return null;
  const both = load.direction === 'both';
  if (!concernsRegions(policy, both)) return null;
  const acknowledged = policy.mechanisms.some(
    (mechanism) => mechanism.kind === 'send-stall' && mechanism.progress === 'application-ack',
  );
  return { everyUs: us(load.everyMs), both, acknowledged };
}

/** Times of a policy on a scenario; `whyNotB` and `whyNotT` say which scenarios they describe. */
export function settingOf(policy: Policy, scenario: Scenario): Setting {
  const wayUs = us(scenario.path.rttMs / 2);
  const writes = writesOf(policy, scenario);
  const regions = policy.mechanisms.filter(hasRegion);
  const clocksUs = regions.flatMap((mechanism) =>
    Object.values(clocksMs(mechanism, { startMs: 0, sharedOriginMs: 0 })).map(us),
  );
  const writesUs = writes === null ? [] : [writes.both ? writes.everyUs / 2 : writes.everyUs];
  const tickUs = [wayUs, ...clocksUs, ...writesUs].reduce(greatestCommonDivisor, 0) || 1000;
  const sharedTicks = regions.flatMap((mechanism) =>
    mechanism.kind === 'sweep' && mechanism.timer === 'shared'
      ? [us(mechanism.intervalMs) / tickUs]
      : [],
  );
  const leastCommonMultiple = (a: number, b: number): number =>
    (a / greatestCommonDivisor(a, b)) * b;
  return {
    policy,
    wayUs,
    writes,
    tickUs,
    sweepPhases: sharedTicks.reduce(leastCommonMultiple, 1),
    writePhases: writes === null ? 1 : writes.everyUs / tickUs,
    oldestUs: regions.some(({ kind }) => kind === 'idle' || kind === 'age')
      ? us(SETTLE_MS + 2 * policyPeriodMs(policy))
      : Infinity,
    longestUs: [4 * wayUs, ...clocksUs].reduce((sum, one) => sum + one, tickUs),
  };
}

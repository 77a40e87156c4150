/**
 * What an exploration is about: the times that matter in it, in whole µs, and the tick that divides
 * them all.
 *
 * Digital time is enough. Regions, path and load compare clocks with constants only, so the earliest
 * and the latest verdict over all real phases lie where every phase is a multiple of the constants'
 * greatest common divisor (Henzinger, Manna, Pnueli, "What good are digital clocks?", ICALP 1992).
 */
import { clocksMs, granularityOf, hasRegion } from '../../model/machines/reaper/index.ts';
import type { Mechanism, PeerHeartbeat, Policy } from '../../model/policy/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { Packet } from './packets.ts';
import type { PacketCode } from './packets.ts';

/** The periodic load as the process meets it. */
export interface Writes {
  readonly everyUs: number;
  readonly byServer: boolean;
  /** Where both write, the client does half a period after the server. */
  readonly byClient: boolean;
  /** Whether the client's application acknowledges each message. */
  readonly acknowledged: boolean;
}

/** Something that the peer sends of its own, again and again. */
export interface Beat {
  readonly everyUs: number;
  readonly packet: PacketCode;
  readonly sentBy: PeerHeartbeat['sentBy'];
}

export interface Setting {
  readonly policy: Policy;
  /** One way, half of the round trip. */
  readonly wayUs: number;
  /** null = nobody writes, or nothing in the policy's process depends on it. */
  readonly writes: Writes | null;
  readonly tickUs: number;
  readonly beats: readonly Beat[];
  /** So many pings of the peer at one instant are no different from more. */
  readonly pingsThatCount: number;
  /** What each mechanism sends as its ping. */
  readonly pings: readonly PacketCode[];
  /** Of each mechanism, the tick of the coarser timer that its clocks wait for; 0 = none. */
  readonly gridsUs: readonly number[];
  /** How many phases the process's timers may have against the opening; 1 = there are none. */
  readonly gridPhases: number;
  readonly writePhases: number;
  readonly beatPhases: readonly number[];
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
function concernsRegions({ mechanisms }: Policy, byClient: boolean): boolean {
  return mechanisms.some(
    (mechanism) =>
      hasRegion(mechanism) &&
      (byClient ||
        mechanism.kind === 'send-stall' ||
        mechanism.kind === 'idle' ||
        mechanism.kind === 'ping-strikes'),
  );
}

function writesOf(policy: Policy, { load }: Scenario): Writes | null {
  if (load.kind !== 'periodic') return null;
  const byClient = load.direction !== 'server';
  if (!concernsRegions(policy, byClient)) return null;
  const acknowledged = policy.mechanisms.some(
    (mechanism) => mechanism.kind === 'send-stall' && mechanism.progress === 'application-ack',
  );
  return {
    everyUs: us(load.everyMs),
    byServer: load.direction !== 'client',
    byClient,
    acknowledged,
  };
}

const BEATS = {
  ping: Packet.PeerPing,
  pong: Packet.UnsolicitedPong,
  message: Packet.Heartbeat,
} as const;

function beatsOf({ peerHeartbeat }: Policy, { client }: Scenario): readonly Beat[] {
  const beats: Beat[] = [];
  if (peerHeartbeat !== undefined) {
    const { everyMs, sign, sentBy } = peerHeartbeat;
    beats.push({ everyUs: us(everyMs), packet: BEATS[sign], sentBy });
  }
  const pingEveryMs = client?.pingEveryMs ?? null;
  if (pingEveryMs !== null) {
    beats.push({ everyUs: us(pingEveryMs), packet: Packet.PeerPing, sentBy: 'websocket' });
  }
  return beats;
}

function asksApplication(mechanism: Mechanism): boolean {
  return mechanism.kind === 'ping' && mechanism.answeredBy === 'application';
}

/** How many pings in a row end the connection at the latest: the first one is free. */
function pingsUntilEnd(mechanism: Mechanism): number {
  return mechanism.kind === 'ping-strikes' ? mechanism.maxStrikes + 2 : 0;
}

function gridUs(mechanism: Mechanism): number {
  return us((hasRegion(mechanism) ? granularityOf(mechanism)?.everyMs : undefined) ?? 0);
}

/** How often a timer of the whole process ticks on which the mechanism hangs, µs; 0 = on none. */
function sharedEveryUs(mechanism: Mechanism): number {
  if (mechanism.kind === 'sweep')
    return mechanism.timer === 'shared' ? us(mechanism.intervalMs) : 0;
  return granularityOf(mechanism)?.grid === 'process' ? gridUs(mechanism) : 0;
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}

/** Times of a policy on a scenario; `applies.ts` says which scenarios they describe. */
export function settingOf(policy: Policy, scenario: Scenario): Setting {
  const wayUs = us(scenario.path.rttMs / 2);
  const writes = writesOf(policy, scenario);
  const beats = beatsOf(policy, scenario);
  const { mechanisms } = policy;
  const regions = mechanisms.filter(hasRegion);
  const clocksUs = regions.flatMap((mechanism) =>
    Object.values(clocksMs(mechanism, { startMs: 0, sharedOriginMs: 0 })).map(us),
  );
  const rhythmsUs = [...beats.map(({ everyUs }) => everyUs), ...mechanisms.map(gridUs)];
  if (writes !== null) {
    rhythmsUs.push(writes.byServer && writes.byClient ? writes.everyUs / 2 : writes.everyUs);
  }
  const tickUs = [wayUs, ...clocksUs, ...rhythmsUs].reduce(greatestCommonDivisor, 0) || 1000;
  const sharedTicks = regions.map((mechanism) => sharedEveryUs(mechanism) / tickUs);
  return {
    policy,
    wayUs,
    writes,
    tickUs,
    beats,
    pingsThatCount: Math.max(1, ...regions.map(pingsUntilEnd)),
    pings: mechanisms.map((one) => (asksApplication(one) ? Packet.ApplicationPing : Packet.Ping)),
    gridsUs: mechanisms.map(gridUs),
    gridPhases: sharedTicks.filter((ticks) => ticks > 0).reduce(leastCommonMultiple, 1),
    writePhases: writes === null ? 1 : writes.everyUs / tickUs,
    beatPhases: beats.map(({ everyUs }) => everyUs / tickUs),
    longestUs: [4 * wayUs, ...clocksUs, ...rhythmsUs].reduce((sum, one) => sum + one, tickUs),
  };
}

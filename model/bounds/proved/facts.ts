/** What the rules of proof ask about a policy on a scenario: who sends what, and how much of it. */
import { clientMessagePeriodMs, serverLoad } from '../../scenario/load.ts';
import { ticks } from '../../mechanisms/in-force.ts';
import { INITIAL_CWND, LATEST_ACKNOWLEDGEMENT_MS, MSS } from '../../linux/constants.ts';
import { policyOn } from '../../scenario/degraded-policy.ts';
import type { LifeSign, Mechanism, Policy } from '../../policy/types.ts';
import { longestRttMs } from '../../scenario/path.ts';
import type { Load, Scenario } from '../../scenario/types.ts';
import { isLife, pingers, sourcesOf, type Pinger, type Source } from '../../signs/sources.ts';

/** Why a number is not proved; null = nothing speaks against it. */
export type Doubt = string | null;

/** A policy on a scenario, as the rules see it. */
export interface Facts {
  /** As it works on this server: what is broken is lost. */
  readonly policy: Policy;
  readonly scenario: Scenario;
  /** Mechanisms whose timer runs. */
  readonly acting: readonly Mechanism[];
  /** Of these, the ones whose verdict takes effect. */
  readonly judging: readonly Mechanism[];
  readonly pingers: readonly Pinger[];
  readonly sources: readonly Source[];
  /** What the server's application sends. */
  readonly load: Load;
  /** The client sends of its own: messages, heartbeats, pings. */
  readonly clientTalks: boolean;
}

export function factsOf(stated: Policy, scenario: Scenario): Facts {
  const policy = policyOn(stated, scenario.server.broken);
  const acting = policy.mechanisms.filter(ticks);
  const sources = sourcesOf(policy, scenario);
  return {
    policy,
    scenario,
    acting,
    judging: acting.filter(({ lost }) => lost === undefined),
    pingers: pingers(policy),
    sources,
    load: serverLoad(scenario),
    clientTalks:
      clientMessagePeriodMs(scenario) !== null || sources.some(({ kind }) => kind === 'heartbeat'),
  };
}

/** The first doubt there is. */
export function first(...doubts: readonly (Doubt | (() => Doubt))[]): Doubt {
  for (const doubt of doubts) {
    const found = typeof doubt === 'function' ? doubt() : doubt;
    if (found !== null) return found;
  }
  return null;
}

/** Something speaks against it where it is so. */
export function doubtIf(so: boolean, why: string): Doubt {
  return so ? why : null;
}

/** Whether each write is one segment or few, and acknowledged before the next one. */
export function isLight(load: Load, scenario: Scenario): boolean {
  if (load.kind !== 'periodic') return load.kind === 'idle';
  const rttMs = longestRttMs(scenario.path);
  return load.bytes <= MSS && load.everyMs > rttMs + LATEST_ACKNOWLEDGEMENT_MS;
}

/** Whether what the client writes at once goes out at once: it fits into the first congestion window. */
export function clientWritesFit({ policy, scenario }: Facts): boolean {
  const { load } = scenario;
  if ((policy.peerHeartbeat?.bytes ?? 0) > (INITIAL_CWND / 2) * MSS) return false;
  if (load.kind !== 'periodic' || load.direction === 'server') return true;
  const perRoundTrip = Math.max(1, Math.ceil(longestRttMs(scenario.path) / load.everyMs));
  return load.bytes * perRoundTrip <= (INITIAL_CWND / 2) * MSS;
}

/** Signs that only a peer can give. */
const RECEIVED: ReadonlySet<LifeSign> = new Set([
  'pong',
  'matching-pong',
  'ping',
  'message',
  'any-byte',
]);

/** Whether all that counts as life has come from the peer; where nothing is written, no buffer takes it either. */
export function isReceived(life: readonly LifeSign[], load: Load): boolean {
  return load.kind === 'idle'
    ? life.some((sign) => RECEIVED.has(sign))
    : life.every((sign) => RECEIVED.has(sign));
}

/** Whether the answer to a pinger's own ping is one of these signs. */
export function hearsOwnPong(pinger: Pinger, life: readonly LifeSign[]): boolean {
  return isLife({ kind: 'pong', pinger }, life);
}

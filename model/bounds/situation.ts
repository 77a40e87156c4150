/**
 * What a fault leaves of a connection, in the few numbers that every mechanism's closed form needs:
 * until when the peer still answered, what the policy and the load put on the wire, and since when
 * something is unacknowledged. Times are ms after the fault; the connection had settled before it.
 */
import type {
  KeepaliveMechanism,
  Mechanism,
  PingMechanism,
  Policy,
  SweepMechanism,
} from '../policy/types.ts';
import type { Fault, FaultScenario } from '../scenario/types.ts';
import { earliest, shift, type Span } from './ending.ts';
import {
  DELAYED_ACK_MS,
  kernelRules,
  withDelayedAnswers,
  type KernelRules,
} from './kernel-rules.ts';
import { firstRetransmission, type Flight } from './retransmission.ts';

/** A mechanism that pings, and whose timer runs. */
export type Pinger = SweepMechanism | PingMechanism;

/** A pong is acknowledged with the next data, or by a delayed ACK (TCP_DELACK_MAX). */
const ACKNOWLEDGEMENT_SLACK_MS = 200;

/** Something unacknowledged since some instant after the fault. */
export interface Unacked {
  readonly since: Span;
  readonly flight: Flight;
  /** What was sent, for the derivation. */
  readonly what: string;
}

/** User queue, send buffer and what is under way: so many windows stand before a ping at most. */
const QUEUED_WINDOWS = 3;

/** Handshake and first round trips: over after this, and the connection counts as settled. */
export const SETTLE_MS = 2_000;

/** What every closed form starts from. */
export interface Situation {
  readonly policy: Policy;
  readonly scenario: FaultScenario;
  readonly rules: KernelRules;
  /** A ping sent after −edgeMs is no longer answered by the peer's application. */
  readonly edgeMs: number;
  /** One sent before −farEdgeMs still was: further away where pings wait behind a full send path. */
  readonly farEdgeMs: number;
  /** The peer's kernel (or a proxy's) still acknowledges what arrives. */
  readonly kernelAnswers: boolean;
  /** TCP_USER_TIMEOUT in force, or null. */
  readonly userTimeoutMs: number | null;
  /** First bytes that are never acknowledged; null when nothing is ever sent again. */
  readonly unacked: Unacked | null;
}

/** Whether the mechanism's timer runs. */
export function ticks(mechanism: Mechanism): boolean {
  return mechanism.lost !== 'timer';
}

/** Whether the mechanism's timer runs and its verdict takes effect. */
export function judges(mechanism: Mechanism): boolean {
  return mechanism.lost === undefined;
}

/** The mechanisms of a policy that put pings on the wire. */
export function pingers(policy: Policy): readonly Pinger[] {
  return policy.mechanisms.filter(
    (m): m is Pinger => ticks(m) && ((m.kind === 'sweep' && m.ping) || m.kind === 'ping'),
  );
}

/** The keepalive a policy puts on its sockets; the last one wins, as with setsockopt. */
export function keepaliveOf(policy: Policy): KeepaliveMechanism | null {
  let found: KeepaliveMechanism | null = null;
  for (const mechanism of policy.mechanisms) {
    if (mechanism.kind === 'keepalive' && judges(mechanism)) found = mechanism;
  }
  return found;
}

/** The user timeout a policy puts on its sockets; the last one wins, as with setsockopt. */
export function userTimeoutOf(policy: Policy): number | null {
  let timeoutMs: number | null = null;
  for (const mechanism of policy.mechanisms) {
    if (mechanism.kind === 'user-timeout' && judges(mechanism)) timeoutMs = mechanism.timeoutMs;
  }
  // tcp(7): zero means the system default.
  return timeoutMs === 0 ? null : timeoutMs;
}

/** Time from one ping to the next while every one is answered. */
export function pingPeriodMs(pinger: Pinger, rttMs: number): number {
  return pinger.kind === 'ping' && pinger.after !== 'last-ping'
    ? pinger.intervalMs + rttMs
    : pinger.intervalMs;
}

/** The client's own messages, if the load has any: their period, ms. */
export function clientMessagePeriodMs(scenario: FaultScenario): number | null {
  const { load } = scenario;
  return load.kind === 'periodic' && load.direction === 'both' ? load.everyMs : null;
}

/**
 * Arrival of the peer's last message, null when it sends none: the last one sent before the fault
 * left up to one period before it, and travels half a round trip.
 */
export function lastMessage(situation: Situation): Span | null {
  const period = clientMessagePeriodMs(situation.scenario);
  if (period === null) return null;
  const flightMs = situation.rules.rttMs / 2;
  const { fault } = situation.scenario;
  if (fault.kind === 'vanish' && fault.direction === 'server-to-client') {
    // The client talks on, unheard itself, until its first retransmission timeout stops new messages.
    const flight: Flight = { start: 'lone', everyMs: period };
    const timeoutMs = firstRetransmission(situation.rules, flight).maxMs;
    return { minMs: 0, maxMs: period * (1 + Math.floor(timeoutMs / period)) };
  }
  return { minMs: flightMs - period, maxMs: flightMs };
}

/** Whether the client's messages come so often that the pinger never pings a living client. */
export function deferredByMessages({ scenario }: Situation, pinger: Pinger): boolean {
  const periodMs = clientMessagePeriodMs(scenario);
  return (
    pinger.kind === 'ping' &&
    pinger.after === 'last-received' &&
    periodMs !== null &&
    periodMs <= pinger.intervalMs
  );
}

/** When a pinger sends the first ping that no application answers. */
export function firstLostPing(situation: Situation, pinger: Pinger): Span {
  const { rttMs } = situation.rules;
  const message = lastMessage(situation);
  if (message !== null && deferredByMessages(situation, pinger)) {
    // Every message defers the ping; the last one starts the interval that ends in the lost ping.
    return shift(message, pinger.intervalMs);
  }
  const periodMs = pingPeriodMs(pinger, rttMs);
  const { fault } = situation.scenario;
  if (fault.kind === 'nat-expiry' && fault.idleMs < periodMs) {
    // The fault keeps its distance from the last packet: the pong, or what acknowledged it.
    const maxMs = periodMs - fault.idleMs;
    return { minMs: maxMs - rttMs - ACKNOWLEDGEMENT_SLACK_MS, maxMs };
  }
  return { minMs: -situation.farEdgeMs, maxMs: periodMs - situation.edgeMs };
}

/** Ping instants up to which a fault still lets the answer through, ms before the fault. */
function edgeOf(fault: Fault, rttMs: number): number {
  // Cut from server to client only: what left before the cut arrives, and so does its answer.
  if (fault.kind === 'vanish' && fault.direction === 'server-to-client') return 0;
  return rttMs / 2;
}

/** How long a ping may stand behind a saturated send path while the peer reads: a few windows. */
function queueDelayMs(scenario: FaultScenario, rules: KernelRules): number {
  if (scenario.load.kind !== 'saturated') return 0;
  const windowMs = rules.rttMs + DELAYED_ACK_MS + rules.tickMs;
  return QUEUED_WINDOWS * windowMs;
}

/** Whether somebody's kernel still acknowledges after the fault. */
function answersAfter(fault: Fault): boolean {
  return fault.kind === 'freeze' || fault.kind === 'tunnel-dead';
}

/** Since when the load itself has something unacknowledged; null when it sends nothing. */
export function loadUnacked(scenario: FaultScenario, edgeMs: number): Unacked | null {
  const { load } = scenario;
  const { rttMs } = scenario.path;
  switch (load.kind) {
    case 'idle':
      return null;
    case 'periodic':
      return load.everyMs > rttMs
        ? {
            since: { minMs: -edgeMs, maxMs: load.everyMs - edgeMs },
            flight: { start: 'lone', everyMs: load.everyMs },
            what: 'the first write after the fault',
          }
        : streamUnacked(edgeMs, rttMs);
    case 'saturated':
      return streamUnacked(edgeMs, rttMs);
  }
}

/** A sender that always has something in flight: the episode starts with the last acknowledgement. */
function streamUnacked(edgeMs: number, rttMs: number): Unacked {
  return {
    since: { minMs: -edgeMs, maxMs: rttMs - edgeMs },
    flight: { start: 'stream', everyMs: null },
    what: 'the last acknowledgement',
  };
}

/**
 * The first query on a pool entry behind a middlebox: the entry rests from when it has settled, the
 * middlebox counts from the handshake's last packet, a round trip after the opening.
 */
export function firstQuery(scenario: FaultScenario): Unacked | null {
  const { story, fault, path } = scenario;
  if (story.kind !== 'pool' || fault.kind !== 'nat-expiry') return null;
  const atMs = SETTLE_MS + story.idleMs - path.rttMs - fault.idleMs;
  return {
    since: { minMs: atMs, maxMs: atMs },
    flight: { start: 'lone', everyMs: null },
    what: 'the first query',
  };
}

/**
 * Two segments in flight are probed after two round trips instead of an RTO (tcp_schedule_loss_probe):
 * a ping close behind a write brings the whole episode forward by the difference.
 */
function earlier({ rules }: Situation, sinceMs: number | null): number | null {
  const sooner = Math.min(rules.ptoLone, rules.rto.max) - rules.ptoMany;
  return sinceMs === null ? null : sinceMs - Math.max(0, sooner) * rules.tickMs;
}

/** Since when something is unacknowledged for good: the load's write or the policy's ping, whichever is first. */
function unackedOf(situation: Situation): Unacked | null {
  let unacked = firstQuery(situation.scenario) ?? loadUnacked(situation.scenario, situation.edgeMs);
  for (const pinger of pingers(situation.policy)) {
    const lost = firstLostPing(situation, pinger);
    if (unacked === null) {
      unacked = { since: lost, flight: { start: 'lone', everyMs: null }, what: 'the lost ping' };
    } else {
      const since = earliest(unacked.since, lost);
      unacked = {
        ...unacked,
        since: { minMs: earlier(situation, since.minMs), maxMs: since.maxMs },
      };
    }
  }
  return unacked;
}

/**
 * Whether the thread that judges hangs in its own ping: a blocked send holds the lock for ever, the
 * ping waits for it, and every timer of that thread waits behind the ping.
 */
export function hangsInPing(situation: Situation): boolean {
  const { server, load } = situation.scenario;
  return (
    server.sendPath === 'locked' &&
    load.kind === 'saturated' &&
    pingers(situation.policy).length > 0
  );
}

/**
 * A pong makes the client's kernel take the connection for an interactive one, so that it delays its
 * next acknowledgement, once: the server then measures a round trip that is too long by that delay.
 * The load's other writes wash it out again, an eighth at a time.
 */
function withLateSamples(policy: Policy, scenario: FaultScenario, rules: KernelRules): KernelRules {
  const { load } = scenario;
  const pings = pingers(policy);
  if (load.kind !== 'periodic' || pings.length === 0) return rules;
  const period = Math.min(...pings.map((pinger) => pingPeriodMs(pinger, rules.rttMs)));
  const between = Math.max(1, Math.floor(period / load.everyMs));
  // Up to two late samples per ping; those of earlier pings have faded since.
  const fresh = 1 - (7 / 8) ** (2 * pings.length);
  const weight = Math.min(1, fresh / (1 - (7 / 8) ** between));
  return withDelayedAnswers(rules, Math.log(1 - weight) / Math.log(7 / 8));
}

/** What a fault leaves of a connection under a policy. */
export function situationOf(policy: Policy, scenario: FaultScenario): Situation {
  const rules = withLateSamples(policy, scenario, kernelRules(scenario));
  const kernelAnswers = answersAfter(scenario.fault);
  const edgeMs = edgeOf(scenario.fault, rules.rttMs);
  const bare: Situation = {
    policy,
    scenario,
    rules,
    edgeMs,
    farEdgeMs: edgeMs + queueDelayMs(scenario, rules),
    kernelAnswers,
    userTimeoutMs: userTimeoutOf(policy),
    unacked: null,
  };
  return kernelAnswers ? bare : { ...bare, unacked: unackedOf(bare) };
}

/**
 * T against an outage: both directions cut, then healed.
 *
 * It is not the patience. What was lost comes back only with TCP's next retransmission, and these
 * double: a ping sent into the outage is answered by the first retransmission after the heal, if that
 * one, and the answer's way back, still fall within the patience. So T is the instant of the last
 * retransmission that would come back in time, at the phase where it comes earliest.
 */
import type { Periodic } from '../../signs/queue.ts';
import { clientMessagePeriodMs, serverLoad } from '../../scenario/load.ts';
import { judges, keepaliveOf, userTimeoutOf } from '../../mechanisms/in-force.ts';
import { MSS } from '../../linux/constants.ts';
import type { Policy, SendStallMechanism } from '../../policy/types.ts';
import type { Scenario } from '../../scenario/types.ts';
import { fillMs, userRoomBytes } from '../kernel/buffers.ts';
import { limitTolerance, type Hindrance } from '../mechanisms/limit-tolerance.ts';
import { drainMs } from '../kernel/queue.ts';
import { keepaliveDeath, keepaliveProbing } from '../kernel/keepalive.ts';
import { kernelRules, type KernelRules } from '../kernel/kernel-rules.ts';
import { patiences, timelyAnswers, type Patience } from '../../signs/patience.ts';
import { answersLate, serverRules, withLateAnswers } from '../kernel/late-answers.ts';
import { bridgedBeforeDeathMs, bridgedOutageMs } from '../kernel/bridge.ts';
import type { Flight } from '../kernel/episode.ts';
import { pingPeriodMs } from '../../signs/rhythm.ts';
import { pingers, sourcesOf } from '../../signs/sources.ts';
import { streamsOf } from '../kernel/stream.ts';
import { aliasedTolerance, aliases, stallPatience } from '../mechanisms/send-stall.ts';
import type { ToleranceForm } from '../types.ts';

/** Phases of the next write after a ping that are looked at. */
const WRITE_PHASES = 12;

interface Setting {
  /** The client's host sleeps meanwhile: what it does of its own waits, too. */
  readonly asleep: boolean;
  readonly policy: Policy;
  readonly scenario: Scenario;
  readonly server: KernelRules;
  readonly client: KernelRules;
  /** How data of the load, or a ping, comes to be in flight when the outage begins. */
  readonly flights: readonly Flight[];
}

const LONE: readonly Flight[] = [{ start: 'lone', everyMs: null }];

/** How a load's data is in flight; empty = it sends nothing. */
function loadFlights(scenario: Scenario): readonly Flight[] {
  const { path, story } = scenario;
  const load = serverLoad(scenario);
  if (load.kind === 'idle') return story.kind === 'pool' ? LONE : [];
  if (load.kind === 'saturated') return [{ start: 'stream', everyMs: null }];
  if (load.everyMs <= path.rttMs) return streamsOf(kernelRules(scenario), load, WRITE_PHASES + 1);
  // A write that follows before the first timeout changes the schedule; a later one does not.
  const { everyMs } = load;
  const { rto, tickMs } = kernelRules(scenario);
  const horizonMs = Math.min(everyMs, 2 * rto.max * tickMs);
  const next = Array.from({ length: WRITE_PHASES }, (_, i) => (i * horizonMs) / WRITE_PHASES);
  return [...next, everyMs].map((nextMs) => ({ start: 'lone', everyMs, nextMs }));
}

function least(flights: readonly Flight[], bridged: (flight: Flight) => number): number {
  return Math.min(...flights.map(bridged));
}

/**
 * What the answer needs beyond one round trip, because other data has to be sent again before it: the
 * congestion window starts from one segment after a timeout and doubles every round trip.
 */
function queueMs({ scenario, flights }: Setting, patienceMs: number): number {
  const { path } = scenario;
  const load = serverLoad(scenario);
  if (flights.length === 0) return 0;
  if (load.kind !== 'periodic') return drainMs(scenario);
  const segments = (Math.ceil(patienceMs / load.everyMs) + 1) * Math.ceil(load.bytes / MSS);
  return (1 + Math.ceil(Math.log2(segments + 1))) * path.rttMs;
}

/**
 * A client that sends messages of its own may have one in flight, and the answer waits behind it. That
 * message's retransmissions began at another time; as they double, the last one before any deadline has
 * come at half of it, less what the first two timeouts take.
 */
function behindOwnMessage({ policy, scenario, client }: Setting, inTimeMs: number): number {
  const sent = sourcesOf(policy, scenario).filter(
    ({ kind }) => kind === 'heartbeat' || kind === 'pong',
  );
  const beats = sent.some(({ kind }) => kind === 'heartbeat');
  if (clientMessagePeriodMs(scenario) === null && !(beats && sent.length > 1)) {
    return Number.POSITIVE_INFINITY;
  }
  return (inTimeMs - client.rttMaxMs) / 2 - 2 * client.rto.max * client.tickMs;
}

/** The outage that an exchange survives which must be over `patienceMs` after it began. */
function answered(setting: Setting, patienceMs: number): number {
  const { server, client } = setting;
  const asked = setting.flights.length === 0 ? LONE : setting.flights;
  const inTimeMs = patienceMs - queueMs(setting, patienceMs);
  // Either the question is lost, or the answer; what was sent before it may be unacknowledged too.
  const question = least(asked, (flight) => bridgedOutageMs(server, flight, inTimeMs));
  const answer = bridgedOutageMs(client, { start: 'lone', everyMs: null }, inTimeMs);
  const before = setting.flights.length === 0 ? 0 : server.rttMs / 2;
  return Math.max(0, Math.min(question - before, answer, behindOwnMessage(setting, inTimeMs)));
}

function patienceTolerance(setting: Setting, patience: Patience): ToleranceForm {
  const timely = timelyAnswers(patience);
  const soonestMs = Math.min(...timely.map((answer) => answer.gapMs));
  const rttMs = setting.server.rttMaxMs;
  // From the question, or from the sign that the outage swallows, to the end of patience.
  const leftMs = patience.ms - soonestMs + rttMs;
  const asked = soonestMs === rttMs;
  // Who sleeps sends nothing late: its next sign has the whole of its time to go when it wakes.
  const wakesMs = setting.asleep ? Math.max(0, leftMs - rttMs) : Number.POSITIVE_INFINITY;
  return {
    maxMs: timely.length > 0 ? Math.min(answered(setting, leftMs), wakesMs) : 0,
    by: patience.by,
    formula: `last retransmission ρ with ρ + rttMs < ${patience.field}${asked ? '' : ' − time between signs of life + rttMs'}`,
    derivation:
      timely.length === 0
        ? 'Nothing that a healthy peer sends counts as life in time.'
        : asked
          ? `A ping or its pong lost in the outage comes back with the first retransmission after it; of the retransmissions, which double, the last one that still comes back within ${patience.ms} ms bounds the outage.`
          : `Signs of life come up to ${soonestMs} ms apart. The first one that the outage swallows comes back with the first retransmission after it, and has only what is left of ${patience.ms} ms.`,
  };
}

/** The outage after which the first byte lost, or whose acknowledgement was lost, still moves again in time. */
function movedAgainMs(server: KernelRules, flights: readonly Flight[], patienceMs: number): number {
  const bridgedMs = least(flights, (flight) => bridgedOutageMs(server, flight, patienceMs));
  return Math.max(0, bridgedMs - server.rttMs / 2);
}

/** Every write makes the queue longer, and that counts as progress until there is no room for another. */
function fullQueueTolerance(
  { scenario, flights, server }: Setting,
  load: Periodic,
  stall: SendStallMechanism,
): ToleranceForm {
  const fullMs = fillMs(scenario, load, userRoomBytes(scenario)).minMs;
  const patienceMs = fullMs + stallPatience(stall).minMs;
  return {
    maxMs: movedAgainMs(server, flights, patienceMs),
    by: 'send stall',
    formula:
      'last retransmission ρ with ρ + rttMs < time until the queue is full + graceMs, − rttMs / 2',
    derivation: `A longer queue counts as progress; after ${fullMs} ms it may be as long as it gets, and the grace begins. The first byte lost moves again with the first retransmission after the outage.`,
  };
}

function stallTolerance(setting: Setting, stall: SendStallMechanism): ToleranceForm | null {
  const { scenario, policy, server } = setting;
  const load = serverLoad(scenario);
  if (aliases(stall, scenario)) return aliasedTolerance();
  const sends = setting.flights.length > 0;
  if (stall.progress === 'queue' && load.kind === 'periodic' && load.everyMs < stall.graceMs) {
    return fullQueueTolerance(setting, load, stall);
  }
  const asks = pingers(policy).length > 0 || answersPings(setting);
  if (stall.progress === 'application-ack' ? !sends : !sends && !asks) {
    return null;
  }
  const grace = stallPatience(stall).minMs;
  const flights = sends ? setting.flights : LONE;
  const maxMs =
    stall.progress === 'application-ack'
      ? answered(setting, grace)
      : movedAgainMs(server, flights, grace);
  return {
    maxMs,
    by: 'send stall',
    formula: 'last retransmission ρ with ρ + rttMs < graceMs, − rttMs / 2',
    derivation:
      'The first byte lost, or whose acknowledgement was lost, moves again with the first retransmission after the outage; that one must be acknowledged within the grace.',
  };
}

/** Whether the server answers pings of the peer: its answers are in flight, too. */
function answersPings({ policy, scenario }: Setting): boolean {
  return sourcesOf(policy, scenario).some(
    (source) => source.kind === 'heartbeat' && source.sign === 'ping',
  );
}

/** What the kernel itself survives with something in flight. */
function inFlightTolerance(setting: Setting): ToleranceForm | null {
  const { policy, server, client } = setting;
  const pings = pingers(policy).length > 0 || answersPings(setting);
  if (setting.flights.length === 0 && !pings) return null;
  const userTimeoutMs = userTimeoutOf(policy);
  const flights = setting.flights.length === 0 ? LONE : setting.flights;
  const own = least(flights, (flight) => bridgedBeforeDeathMs(server, flight, userTimeoutMs));
  const maxMs = Math.max(0, own - server.rttMs / 2);
  const theirs = pings
    ? bridgedBeforeDeathMs(client, { start: 'lone', everyMs: null }, null)
    : maxMs;
  return {
    maxMs: Math.min(maxMs, theirs),
    by: userTimeoutMs === null ? 'tcp_retries2' : 'TCP_USER_TIMEOUT',
    formula: 'last retransmission before the death, − rttMs / 2',
    derivation:
      'The kernel judges only when it would retransmit; the last retransmission before that one bridges the outage, counted from the first byte whose acknowledgement was lost.',
  };
}

function keepaliveTolerance(setting: Setting): ToleranceForm | null {
  const { policy, server } = setting;
  const keepalive = keepaliveOf(policy);
  const load = serverLoad(setting.scenario);
  if (keepalive === null || load.kind === 'saturated') return null;
  const userTimeoutMs = userTimeoutOf(policy);
  const periods = pingers(policy).map((pinger) => pingPeriodMs(pinger, server.rttMs));
  const death = keepaliveDeath(keepalive, userTimeoutMs, server);
  if (load.kind === 'periodic') periods.push(load.everyMs);
  // A loop that stands still sends nothing either.
  const { broken } = setting.scenario.server;
  const stalledMs = broken?.kind === 'loop-stalled' ? broken.lengthMs : 0;
  // What is sent makes keepalive defer: it only judges where it is done before the next ping or write.
  if (periods.length > 0 && Math.min(...periods) + stalledMs <= keepalive.idleMs + death.minMs) {
    return null;
  }
  const probing = keepaliveProbing(keepalive, userTimeoutMs, server);
  return {
    maxMs: Math.max(0, probing.minMs - server.rttMs / 2),
    by: userTimeoutMs === null ? 'keepalive' : 'keepalive with TCP_USER_TIMEOUT',
    formula: '(probes − 1) · intervalMs − rttMs / 2',
    derivation:
      'At worst the answer to the first probe is the first thing lost; then the last probe before the end has to get through.',
  };
}

/** What each mechanism of a policy, and the kernel, survives of an outage. */
export function outageTolerances(
  policy: Policy,
  scenario: Scenario,
  asleep: boolean,
): readonly ToleranceForm[] {
  const flights = loadFlights(scenario);
  const client = kernelRules(scenario, 'client');
  const setting: Setting = {
    asleep,
    policy,
    scenario,
    server: serverRules(policy, scenario),
    // On a quiet connection a pong is acknowledged at once (tcp_event_data_recv, quick acks).
    client:
      flights.length === 0 && !answersLate(policy, scenario)
        ? client
        : withLateAnswers(client, policy, scenario),
    flights,
  };
  const stalls = policy.mechanisms.filter(
    (m): m is SendStallMechanism => m.kind === 'send-stall' && judges(m),
  );
  const hindrance: Hindrance = {
    blocksWriting: true,
    holdsArrivals: true,
    survived: (patienceMs) => answered(setting, patienceMs),
  };
  return [
    ...patiences(policy, scenario).map((patience) => patienceTolerance(setting, patience)),
    ...stalls.map((stall) => stallTolerance(setting, stall)),
    ...policy.mechanisms.map((one) => limitTolerance(one, policy, scenario, hindrance)),
    keepaliveTolerance(setting),
    inFlightTolerance(setting),
  ].filter((tolerance) => tolerance !== null);
}

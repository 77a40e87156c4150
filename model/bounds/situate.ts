/** From a policy and a scenario to the numbers that every closed form starts from. */
import { policyOn } from '../policy/broken.ts';
import { policyPeriodMs } from '../policy/period.ts';
import type { Policy } from '../policy/types.ts';
import type { Fault, FaultScenario } from '../scenario/types.ts';
import { earliest, type Span } from './ends/ending.ts';
import { staysHalfClosed } from './ends/half-closed.ts';
import { kernelRules, withDelayedAnswers, type KernelRules } from './kernel/kernel-rules.ts';
import { firstLostPing } from './life/pinging.ts';
import { queueDelayMs } from './kernel/queue.ts';
import type { Flight } from './kernel/episode.ts';
import { pingPeriodMs } from './life/rhythm.ts';
import { lastHeard } from './life/signs.ts';
import {
  kernelOutlives,
  serverLoad,
  userTimeoutOf,
  type Situation,
  type Unacked,
} from './situation.ts';
import { pingers, sourcesOf } from './life/sources.ts';
import { firstQuery, loadUnacked } from './kernel/unacked.ts';

const LONE: Flight = { start: 'lone', everyMs: null };

/** Ping instants up to which a fault still lets the answer through, ms before the fault. */
function edgeOf(fault: Fault, rttMs: number): number {
  // Cut from server to client only: what left before the cut arrives, and so does its answer.
  if (fault.kind === 'vanish' && fault.direction === 'server-to-client') return 0;
  // The server's own link down: what is on its way to it is lost as well.
  return fault.kind === 'link-down' ? rttMs : rttMs / 2;
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
  let unacked = firstQuery(situation.scenario) ?? loadUnacked(situation);
  for (const pinger of pingers(situation.policy)) {
    const lost = firstLostPing(situation, pinger);
    if (lost.minMs === null) continue;
    if (unacked === null) {
      unacked = { since: lost, flight: LONE, what: 'the lost ping' };
    } else {
      const since = earliest(unacked.since, lost);
      unacked = {
        ...unacked,
        since: { minMs: earlier(situation, since.minMs), maxMs: since.maxMs },
      };
    }
  }
  return withLostPong(situation, unacked);
}

/** A ping of the peer's own may arrive so late that the server's answer to it is lost. */
function withLostPong(situation: Situation, unacked: Unacked | null): Unacked | null {
  const { policy, scenario, edgeMs, lateMs } = situation;
  const pings = sourcesOf(policy, scenario).some(
    (source) => source.kind === 'heartbeat' && source.sign === 'ping',
  );
  if (!pings) return unacked;
  const heard = lastHeard(situation, ['ping']);
  const since: Span = { minMs: -edgeMs, maxMs: heard?.maxMs ?? lateMs };
  if (unacked !== null) {
    const { minMs } = earliest(unacked.since, since);
    return { ...unacked, since: { minMs: earlier(situation, minMs), maxMs: unacked.since.maxMs } };
  }
  return { since, flight: LONE, what: "the answer to the peer's last ping", sometimes: true };
}

/**
 * A pong makes the client's kernel take the connection for an interactive one, so that it delays its
 * next acknowledgement, once: the server then measures a round trip that is too long by that delay.
 * The load's other writes wash it out again, an eighth at a time. What else the client sends does the same.
 */
function withLateSamples(policy: Policy, scenario: FaultScenario, rules: KernelRules): KernelRules {
  const load = serverLoad(scenario);
  if (policy.peerHeartbeat !== undefined || (scenario.client?.pingEveryMs ?? null) !== null) {
    return withDelayedAnswers(rules, Infinity);
  }
  if (load.kind !== 'periodic') return rules;
  // Who sends messages of its own acknowledges with them, or late.
  if (load.direction === 'both') return withDelayedAnswers(rules, Infinity);
  const pings = pingers(policy);
  if (pings.length === 0) return rules;
  const period = Math.min(...pings.map((pinger) => pingPeriodMs(pinger, rules.rttMs)));
  const between = Math.max(1, Math.floor(period / load.everyMs));
  // Up to two late samples per ping; those of earlier pings have faded since.
  const fresh = 1 - (7 / 8) ** (2 * pings.length);
  const weight = Math.min(1, fresh / (1 - (7 / 8) ** between));
  return withDelayedAnswers(rules, Math.log(1 - weight) / Math.log(7 / 8));
}

/** What a fault leaves of a connection under a policy. */
export function situationOf(stated: Policy, scenario: FaultScenario): Situation {
  const policy = policyOn(stated, scenario.server.broken);
  const rules = withLateSamples(policy, scenario, kernelRules(scenario));
  const kernelAnswers = kernelOutlives(scenario.fault) || staysHalfClosed(scenario);
  const edgeMs = edgeOf(scenario.fault, rules.rttMs);
  const jitterMs = scenario.path.jitterMs ?? 0;
  const bare: Situation = {
    policy,
    scenario,
    periodMs: policyPeriodMs(stated),
    rules,
    edgeMs,
    farEdgeMs: edgeMs + (rules.noRoute ? 2 : 1) * jitterMs + queueDelayMs(scenario),
    lateMs: rules.noRoute ? 0 : rules.rttMaxMs / 2,
    kernelAnswers,
    userTimeoutMs: userTimeoutOf(policy),
    unacked: null,
  };
  return kernelAnswers ? bare : { ...bare, unacked: afterStall(scenario, unackedOf(bare)) };
}

/** A loop that stands still sends nothing meanwhile. */
function afterStall({ server }: FaultScenario, unacked: Unacked | null): Unacked | null {
  const { broken } = server;
  if (unacked === null || broken?.kind !== 'loop-stalled') return unacked;
  const { minMs, maxMs } = unacked.since;
  return {
    ...unacked,
    since: { minMs, maxMs: maxMs === null ? null : maxMs + broken.lengthMs },
  };
}

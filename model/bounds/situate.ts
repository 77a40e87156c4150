/** From a policy and a scenario to the numbers that every closed form starts from. */
import { queueDelayMs } from '../signs/queue.ts';
import { serverLoad } from '../scenario/load.ts';
import { userTimeoutOf } from '../mechanisms/in-force.ts';
import { addedMs } from '../scenario/path.ts';
import { INITIAL_CWND } from '../linux/constants.ts';
import { policyOn } from '../scenario/degraded-policy.ts';
import type { Policy } from '../policy/types.ts';
import type { Fault, FaultScenario } from '../scenario/types.ts';
import { earliest, type Span } from './ends/ending.ts';
import { staysHalfClosed } from './ends/half-closed.ts';
import { serverRules } from './kernel/late-answers.ts';
import { firstLostPing } from './life/pinging.ts';
import type { Flight } from './kernel/episode.ts';
import { lastHeard } from './life/signs.ts';
import { kernelOutlives, type Situation, type Unacked } from './situation.ts';
import { pingers, sourcesOf } from '../signs/sources.ts';
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
  const found = withLostPong(situation, unacked);
  return found === null ? null : { ...found, flight: besideOthers(situation, found.flight) };
}

/** More writes than this do not fit into the first congestion window beside the first one. */
const MOST_OTHER_WRITES = INITIAL_CWND - 1;

/** Writes of others, pings and answers to pings, that may come just when a timer is due and arm it anew. */
function besideOthers({ policy, scenario }: Situation, flight: Flight): Flight {
  const answers = sourcesOf(policy, scenario).filter(
    (source) => source.kind === 'heartbeat' && source.sign === 'ping',
  ).length;
  const writers = pingers(policy).length + answers;
  const alone = serverLoad(scenario).kind === 'idle' ? writers <= 1 : writers === 0;
  return alone ? flight : { ...flight, otherWrites: Math.min(2 * writers, MOST_OTHER_WRITES) };
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

/** What a fault leaves of a connection under a policy. */
export function situationOf(stated: Policy, scenario: FaultScenario): Situation {
  const policy = policyOn(stated, scenario.server.broken);
  const rules = serverRules(policy, scenario);
  const kernelAnswers = kernelOutlives(scenario.fault) || staysHalfClosed(scenario);
  const edgeMs = edgeOf(scenario.fault, rules.rttMs);
  const jitterMs = addedMs(scenario.path);
  const bare: Situation = {
    policy,
    scenario,
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

/**
 * Where the ideal world of the exploration is the scenario's world, and what goes wrong in it. Whatever
 * is decided by a kernel's timers, by how full a buffer is or by a box in between is not explored, and
 * the reason is said: an approximation would be no witness.
 */
import { assertNever } from '../../model/assert.ts';
import { boxSpeaks } from '../../model/bounds/ends/half-closed.ts';
import { isOfReaper } from '../../model/mechanisms/index.ts';
import type { Mechanism, Policy } from '../../model/policy/types.ts';
import type { Fault, Scenario, Silence } from '../../model/scenario/types.ts';
import { hearsSendPath, splitByThread } from '../../sim/server/mechanisms.ts';
import { hasRegion } from '../../model/machines/reaper/index.ts';
import type { Trouble } from './packets.ts';

/** What goes wrong; or why that cannot be explored. */
export type Explorable =
  { readonly trouble: Trouble; readonly atMost: boolean } | { readonly reason: string };

const FROZEN: Trouble = { holdsPongs: true, holdsOwn: true, stopsBeatsOf: 'all' };

/** The application stops; its library or network service answers on. */
const PAGE_FROZEN: Trouble = { holdsOwn: true, stopsBeatsOf: 'application' };

function because(reason: string): Explorable {
  return { reason };
}

function exactly(trouble: Trouble): Explorable {
  return { trouble, atMost: false };
}

function regionsOf({ mechanisms }: Policy): readonly Mechanism[] {
  return mechanisms.filter(hasRegion);
}

/** Whether a region hangs on when the send path is blocked and when it drains. */
function dependsOnSendPath(mechanism: Mechanism): boolean {
  return mechanism.kind === 'send-queue-limit' || hearsSendPath(mechanism);
}

/** Whether a connection's own draw moves its clocks against each other. */
function drawsMatter(policy: Policy): boolean {
  const regions = regionsOf(policy);
  return regions.some(
    (mechanism) =>
      (mechanism.kind === 'age' && (mechanism.jitterPercent ?? 0) > 0) ||
      (mechanism.kind === 'ping' && (mechanism.firstJitterMs ?? 0) > 0 && regions.length > 1),
  );
}

/** What is uneven about the path, or broken about the server. */
function uneven({ path, server }: Scenario): string | null {
  if ((path.lossPercent ?? 0) > 0)
    return 'which packets are lost, and when they are sent again, is chance';
  if ((path.jitterMs ?? 0) > 0) return 'how long each packet takes is chance';
  if (server.broken?.kind === 'loop-stalled') {
    return 'the process stands still for a time while something else happens';
  }
  return null;
}

/** What holds of the whole scenario, whatever goes wrong in it. */
function unfit(policy: Policy, scenario: Scenario): string | null {
  const { load, server, story } = scenario;
  if (!policy.mechanisms.some(isOfReaper)) return 'nothing of the policy runs in the process';
  const chance = uneven(scenario);
  if (chance !== null) return chance;
  if (drawsMatter(policy))
    return "a connection's own draw decides how its clocks stand to each other";
  if (story.kind === 'drain' || story.kind === 'pool') {
    return 'the story is about more than the life of one connection';
  }
  if (load.kind === 'saturated') return 'full buffers decide when a ping leaves';
  if (load.kind === 'idle' || load.direction === 'client') return null;
  if (server.sendPath === 'locked') return 'a full buffer decides when the lock is free';
  for (const mechanism of regionsOf(policy)) {
    if (mechanism.kind === 'ping' && mechanism.replyClock === 'written') {
      return 'a full buffer decides when a ping is taken';
    }
    if (mechanism.kind === 'pong-timer' && mechanism.replyClock === 'written') {
      return 'a full buffer decides when a ping is taken';
    }
    if (mechanism.kind === 'idle') return 'a full buffer decides when the writer stops';
    if (dependsOnSendPath(mechanism)) return 'a full buffer decides when the send path is blocked';
  }
  return null;
}

/** A queue's length is bytes in buffers, and what a kernel still has to acknowledge. */
function judgesByQueue(policy: Policy, { load, client }: Scenario): boolean {
  const answersPings =
    policy.peerHeartbeat?.sign === 'ping' || (client?.pingEveryMs ?? null) !== null;
  const pings =
    answersPings ||
    policy.mechanisms.some(
      (mechanism) =>
        hasRegion(mechanism) &&
        (mechanism.kind === 'ping' || (mechanism.kind === 'sweep' && mechanism.ping)),
    );
  return (
    (pings || load.kind !== 'idle') &&
    regionsOf(policy).some(
      (mechanism) => mechanism.kind === 'send-stall' && mechanism.progress === 'queue',
    )
  );
}

const BY_QUEUE = "kernel buffers decide the queue's length";

/** Whether the client sends without being asked. */
function clientTalks({ peerHeartbeat }: Policy, { load, client }: Scenario): boolean {
  const writes = load.kind === 'periodic' && load.direction !== 'server';
  return writes || peerHeartbeat !== undefined || (client?.pingEveryMs ?? null) !== null;
}

function faultTrouble(fault: Fault, policy: Policy, scenario: Scenario): Explorable {
  switch (fault.kind) {
    case 'vanish': {
      const { direction } = fault;
      if (direction === 'server-to-client' && clientTalks(policy, scenario)) {
        return because("the client's kernel decides for how long it talks on");
      }
      return exactly({
        losesToClient: direction !== 'client-to-server',
        losesToServer: direction !== 'server-to-client',
      });
    }
    case 'freeze':
    case 'tunnel-dead':
      return exactly(FROZEN);
    case 'nat-expiry':
      return because('a middlebox chooses the instant of the fault');
    case 'reboot':
    case 'crash':
    case 'close':
    case 'half-close':
      return because("the peer's kernel says that it is gone");
    case 'unreachable':
    case 'link-down':
      return because(
        'a kernel or a router reports errors, and what they change is its own business',
      );
    case 'handshake-abandoned':
    case 'close-unanswered':
      return because('a handshake has its own timer, and no mechanism of the policy judges it');
    case 'page-freeze':
      return pageFrozen(scenario);
    case 'network-change':
      return exactly({ losesToClient: true, losesToServer: true });
    case 'host-sleep':
      return because('the client comes back, and its kernel with it');
    default:
      return because('it does not know the fault');
  }
}

function pageFrozen({ load }: Scenario): Explorable {
  return load.kind === 'idle'
    ? exactly(PAGE_FROZEN)
    : because('data that the page does not take decides until when its network service answers');
}

function windowMayClose(policy: Policy, fault: Fault, { load }: Scenario): boolean {
  const frozen = fault.kind === 'freeze' || fault.kind === 'tunnel-dead';
  const looks = regionsOf(policy).some(
    (mechanism) => mechanism.kind === 'send-stall' && mechanism.progress !== 'application-ack',
  );
  return frozen && looks && load.kind !== 'idle';
}

/** What to explore for B. */
export function explorableFault(policy: Policy, scenario: Scenario): Explorable {
  if (scenario.kind === 'live') return because('the peer lives');
  const reason = unfit(policy, scenario);
  if (reason !== null) return because(reason);
  if (judgesByQueue(policy, scenario)) return because(BY_QUEUE);
  if (windowMayClose(policy, scenario.fault, scenario)) {
    return because('the receive window decides until when bytes are acknowledged');
  }
  return faultTrouble(scenario.fault, policy, scenario);
}

/** An outage: what the kernels make of it comes late, and how late is theirs to say. */
const LATE: Explorable = {
  trouble: { holdsPongs: true, holdsOwn: true, holdsBeats: true, holdsAcks: true },
  atMost: true,
};

function starved(policy: Policy): Explorable {
  const { inside, sending, outside } = splitByThread(policy);
  const runs = (indices: readonly number[]): boolean =>
    indices.some((index) => {
      const mechanism = policy.mechanisms[index];
      return mechanism !== undefined && hasRegion(mechanism);
    });
  if (!runs(outside.mechanisms)) return exactly({ holdsReading: true, holdsTimers: true });
  if (!runs([...inside.mechanisms, ...sending.mechanisms])) return exactly({ holdsReading: true });
  return because('the process and the watchdog beside it do not stand still together');
}

function silenceTrouble(silence: Silence, policy: Policy, scenario: Scenario): Explorable {
  switch (silence.kind) {
    case 'none':
      return exactly({});
    case 'outage':
      return LATE;
    case 'application-pause':
      return exactly(PAGE_FROZEN);
    case 'server-starved':
      return starved(policy);
    case 'trickle':
    case 'plateau':
    case 'slow-reader':
      return because('buffers and windows decide when a ping is read');
    case 'slow-uploader':
      return because('bytes of the message arrive all the time');
    case 'server-stall':
      return starved(policy);
    case 'process-pause':
      return exactly(FROZEN);
    case 'page-freeze':
      return pageFrozen(scenario);
    case 'timers-throttled':
      return hasTimers(policy, scenario)
        ? because("the instants at which the client's timers run decide when it sends")
        : exactly({});
    case 'host-sleep':
      return because("the client's kernel stands still as well");
    default:
      return assertNever(silence, 'silence');
  }
}

const SAYS_SO = 'the peer, its host or a box in between says that it is gone';

/** Whether a timer of the client's application sends something. */
function hasTimers({ peerHeartbeat }: Policy, { load }: Scenario): boolean {
  const writes = load.kind === 'periodic' && load.direction !== 'server';
  return writes || peerHeartbeat?.sentBy === 'application';
}

/** The silence that a fault would be if it ended. */
function twinTrouble(fault: Fault, scenario: Scenario): Explorable {
  const { load } = scenario;
  switch (fault.kind) {
    case 'vanish':
    case 'network-change':
      return LATE;
    case 'nat-expiry':
      return boxSpeaks(fault) ? because(SAYS_SO) : LATE;
    case 'page-freeze':
      return pageFrozen(scenario);
    default:
  }
  if (fault.kind !== 'freeze' && fault.kind !== 'tunnel-dead') {
    return because(SAYS_SO);
  }
  return load.kind === 'idle'
    ? exactly(FROZEN)
    : because('what was sent meanwhile decides when a ping is read');
}

/** What to explore for T. */
export function explorableSilence(policy: Policy, scenario: Scenario): Explorable {
  const reason = unfit(policy, scenario);
  if (reason !== null) return because(reason);
  if (judgesByQueue(policy, scenario)) return because(BY_QUEUE);
  return scenario.kind === 'live'
    ? silenceTrouble(scenario.silence, policy, scenario)
    : twinTrouble(scenario.fault, scenario);
}

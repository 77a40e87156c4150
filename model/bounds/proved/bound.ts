/** For which cells the closed form of B to the decision is a theorem, by what decides in the worst case. */
import type { Mechanism } from '../../policy/types.ts';
import type { Fault } from '../../scenario/types.ts';
import { kernelOutlives } from '../situation.ts';
import type { Form } from '../types.ts';
import { lockDoubt, pingersDoubt, surroundings } from './common.ts';
import {
  clientWritesFit,
  doubtIf,
  first,
  isLight,
  isReceived,
  type Doubt,
  type Facts,
} from './facts.ts';

function faultOf({ scenario }: Facts): Fault {
  return scenario.kind === 'fault' ? scenario.fault : { kind: 'vanish', direction: 'both' };
}

/** Nobody answers any more: neither the peer's kernel nor a box. */
function isSilent(fault: Fault): boolean {
  switch (fault.kind) {
    case 'vanish':
    case 'network-change':
    case 'host-sleep':
    case 'reboot':
    case 'unreachable':
    case 'link-down':
      return true;
    case 'nat-expiry':
      return fault.onExpiry === undefined || fault.onExpiry === 'drop';
    default:
      return false;
  }
}

/** A client that hears nothing goes on talking until its own timeouts. */
function talksUnheard({ clientTalks }: Facts, fault: Fault): boolean {
  return fault.kind === 'vanish' && fault.direction === 'server-to-client' && clientTalks;
}

/** Mechanisms that wait for what the peer sends. */
function waiting(facts: Facts): Doubt {
  const { acting, load, scenario } = facts;
  const fault = faultOf(facts);
  const lives = acting.flatMap((one) => ('life' in one ? [one.life] : []));
  return first(
    pingersDoubt(facts),
    lockDoubt(facts),
    doubtIf(
      !lives.every((life) => isReceived(life, load)),
      'life that is only a buffer taking bytes',
    ),
    doubtIf(!clientWritesFit(facts), 'what the client wrote before the fault may still arrive'),
    doubtIf(talksUnheard(facts, fault), 'a client that hears nothing goes on talking'),
    doubtIf(
      fault.kind === 'page-freeze' && load.kind !== 'idle',
      'a page that takes nothing is answered for until its buffer is full',
    ),
    doubtIf(
      fault.kind === 'handshake-abandoned' || scenario.story.kind === 'pool',
      'the connection is not in the state that the form speaks of',
    ),
  );
}

const STILL_SPEAKS = "the peer's kernel, or a box, may still say something";

/** Keepalive on a connection on which nobody sends. */
function quietKernel(facts: Facts): Doubt {
  const fault = faultOf(facts);
  // A kernel that is there answers every probe.
  if (kernelOutlives(fault)) return null;
  return first(
    doubtIf(!isSilent(fault), STILL_SPEAKS),
    doubtIf(
      facts.load.kind !== 'idle' || facts.scenario.story.kind === 'pool',
      'keepalive beside a load',
    ),
    doubtIf(facts.clientTalks, 'keepalive beside a client that talks'),
  );
}

/** Whether nothing of ours is ever in flight to a peer that does not acknowledge it. */
function nothingIsSent(facts: Facts): boolean {
  const { load, pingers, clientTalks, scenario } = facts;
  return (
    load.kind === 'idle' &&
    scenario.story.kind !== 'pool' &&
    !clientTalks &&
    (pingers.length === 0 || kernelOutlives(faultOf(facts)))
  );
}

/** Data in flight to a peer that is gone. */
function inFlight(facts: Facts): Doubt {
  const { load, scenario } = facts;
  return first(
    answeredQuery(facts),
    doubtIf(!isSilent(faultOf(facts)), STILL_SPEAKS),
    doubtIf(
      load.kind === 'periodic' && !isLight(load, scenario),
      'writes that overtake their acknowledgements',
    ),
    pingersDoubt(facts),
    lockDoubt(facts),
  );
}

/** A query of a pool that meets somebody: a kernel that resets it, or a host that wakes. */
function answeredQuery(facts: Facts): Doubt {
  const { kind } = faultOf(facts);
  const answers = kind === 'crash' || kind === 'half-close' || kind === 'host-sleep';
  return first(
    doubtIf(
      facts.scenario.story.kind === 'pool' && answers,
      'what the first query meets at the other end has no closed form',
    ),
    lockDoubt(facts),
  );
}

/** What one of the mechanisms would need to be proved, if it were what decides. */
function byMechanism(mechanism: Mechanism, facts: Facts): Doubt {
  switch (mechanism.kind) {
    case 'sweep':
    case 'ping':
    case 'pong-timer':
      return waiting(facts);
    case 'receive-deadline':
      return waiting(facts);
    case 'keepalive':
      return quietKernel(facts);
    case 'user-timeout':
      return nothingIsSent(facts) ? null : inFlight(facts);
    case 'idle':
      return first(
        lockDoubt(facts),
        pingersDoubt(facts),
        doubtIf(facts.load.kind !== 'idle', 'idleness under a load hangs on how buffers fill'),
        waiting(facts),
      );
    case 'age':
      return lockDoubt(facts);
    case 'drain':
      return null;
    case 'peer-closed':
      return doubtIf(
        !clientWritesFit(facts),
        'what the client wrote before the fault may still arrive',
      );
    case 'send-stall':
      if (nothingIsSent(facts)) return null;
      return first(
        doubtIf(mechanism.progress === 'queue', 'the length of a queue hangs on how buffers fill'),
        inFlight(facts),
      );
    case 'write-deadline':
    case 'send-queue-limit':
      return doubtIf(
        facts.load.kind !== 'idle',
        'a limit on the send path hangs on how buffers fill',
      );
    case 'handshake-deadline':
      return doubtIf(facts.load.kind !== 'idle', 'an opening under a load');
    case 'request-deadline':
    case 'borrow-check':
      return answeredQuery(facts);
    case 'ping-strikes':
    case 'close-handshake':
      return null;
    default:
      return 'no closed form speaks of it';
  }
}

/** The label under which an ending of a kind comes. */
const KIND_OF: Readonly<Record<string, readonly Mechanism['kind'][]>> = {
  sweep: ['sweep'],
  'ping reply timer': ['ping'],
  'pong timer': ['pong-timer'],
  'receive deadline': ['receive-deadline'],
  keepalive: ['keepalive'],
  'keepalive with TCP_USER_TIMEOUT': ['keepalive'],
  'send stall': ['send-stall'],
  'write deadline': ['write-deadline'],
  'send queue limit': ['send-queue-limit'],
  idle: ['idle'],
  age: ['age'],
  'drain deadline': ['drain'],
  'peer closed': ['peer-closed'],
  'handshake deadline': ['handshake-deadline'],
  'request deadline': ['request-deadline'],
  'borrow check': ['borrow-check'],
};

/** What decides is no mechanism of the policy. */
function byOther(by: string, facts: Facts): Doubt {
  switch (by) {
    case 'tcp_retries2':
    case 'TCP_USER_TIMEOUT':
      return inFlight(facts);
    case 'tcp_synack_retries':
      return null;
    case 'end of file':
    case 'closing handshake':
      return doubtIf(!clientWritesFit(facts), 'what the client wrote before its end comes first');
    case 'reset by the middlebox':
    case 'reset by the rebooted host':
      return first(
        pingersDoubt(facts),
        doubtIf(facts.clientTalks, 'a reset after a client that talks'),
      );
    case 'nothing':
    case 'zero-window probes':
    case 'the kernel':
      return first(...facts.judging.map((one) => () => byMechanism(one, facts)));
    default:
      return 'no rule speaks of what decides';
  }
}

/** What speaks against B to the decision. */
export function boundDoubt(facts: Facts, decided: Form): Doubt {
  // A server that says goodbye has decided.
  if (faultOf(facts).kind === 'close-unanswered') return null;
  const kinds = KIND_OF[decided.by];
  const deciding =
    kinds === undefined ? [] : facts.judging.filter(({ kind }) => kinds.includes(kind));
  return first(
    surroundings(facts),
    ...(kinds === undefined ? [() => byOther(decided.by, facts)] : []),
    ...deciding.map((one) => () => byMechanism(one, facts)),
  );
}

/**
 * What of a policy can work on this machine. A mechanism that cannot be switched on is not approximated:
 * it is run as *lost*, the policy language's own word for a mechanism that no longer acts, so that the
 * policy as it really runs can be handed to `bounds` and `verify` like any other.
 */
import type { LifeSign, Mechanism, Policy } from '../model/policy/types.ts';
import type { KernelBackend, KernelBackendName, Refusal } from './kernel/types.ts';

/** One mechanism of the policy on this server. */
export interface MechanismStatus {
  /** Index in `policy.mechanisms`. */
  readonly index: number;
  readonly kind: Mechanism['kind'];
  readonly state: 'on' | 'off';
  /** Why it is off, or what it depends on; undefined when there is nothing to say. */
  readonly reason: string | undefined;
  /** Connections it has ended. */
  readonly reaped: number;
  /** Connections on which the kernel refused it (a Unix-domain socket, say), and the last refusal in words. */
  readonly refused: number;
  readonly lastRefusal: string | undefined;
}

/** What runs, by what means, and what it has done so far. */
export interface ReaperStatus {
  /** False after `detach`. */
  readonly attached: boolean;
  readonly backend: KernelBackendName;
  readonly mechanisms: readonly MechanismStatus[];
  /** Pings handed to the send path. */
  readonly pings: number;
  /** Connections that the kernel itself ended with ETIMEDOUT: keepalive, user timeout or retransmissions. */
  readonly kernelTimeouts: number;
  /** Errors contained so far: of host callbacks and of the reaper itself. */
  readonly errors: number;
  /** The longest stall of the event loop that the reaper's timer has met, ms. */
  readonly longestStallMs: number;
}

/** Whether a mechanism decides by the state of the socket, which only the kernel knows. */
export function looksAtSocket(mechanism: Mechanism): boolean {
  if (mechanism.kind === 'send-stall') return mechanism.progress !== 'application-ack';
  return mechanism.kind === 'peer-closed';
}

/** Why `mechanism` cannot work with this backend; undefined when it can. */
function refusalOf(mechanism: Mechanism, kernel: KernelBackend): Refusal {
  switch (mechanism.kind) {
    case 'keepalive':
      return kernel.keepaliveRefusal({
        idleS: mechanism.idleMs / 1000,
        intervalS: mechanism.intervalMs / 1000,
        probes: mechanism.probes,
      });
    case 'user-timeout':
      return kernel.userTimeoutRefusal();
    case 'send-stall':
    case 'peer-closed':
      return looksAtSocket(mechanism) ? kernel.samplingRefusal() : undefined;
    case 'drain':
      return 'a shutdown is the business of whoever stops the server; nothing here waits or kills';
    case 'request-deadline':
    case 'borrow-check':
      return 'requests and their answers are known only to the client library that sends them';
    case 'handshake-deadline':
      return 'the opening handshake is over before a connection reaches the reaper';
    default:
      return undefined;
  }
}

/** Whether a mechanism acts here, and what there is to say about it. */
export function stateOf(
  mechanism: Mechanism,
  kernel: KernelBackend,
): Pick<MechanismStatus, 'state' | 'reason'> {
  const refusal = refusalOf(mechanism, kernel);
  if (refusal !== undefined) return { state: 'off', reason: refusal };
  if (mechanism.lost !== undefined) {
    return { state: 'off', reason: `the policy itself says that its ${mechanism.lost} is lost` };
  }
  if (mechanism.kind === 'send-stall' && mechanism.progress === 'application-ack') {
    return { state: 'on', reason: 'it sees what is reported through messageSent and acknowledged' };
  }
  return { state: 'on', reason: undefined };
}

/** The policy as it runs here: mechanisms that cannot work are lost, all others as they were. */
export function asItRuns(policy: Policy, kernel: KernelBackend): Policy {
  const mechanisms = policy.mechanisms.map((mechanism): Mechanism =>
    mechanism.kind === 'drain' || refusalOf(mechanism, kernel) === undefined
      ? mechanism
      : { ...mechanism, lost: 'timer' },
  );
  return { ...policy, mechanisms };
}

const LIFE_WORDS: Readonly<Record<LifeSign, string>> = {
  pong: 'pong',
  message: 'message',
  'any-byte': 'byte',
  'matching-pong': 'pong',
  ping: 'ping',
  'send-accepted': 'accepted message',
  drained: 'progress of the send queue',
};

function anyOf(life: readonly LifeSign[]): string {
  return life.map((sign) => LIFE_WORDS[sign]).join(' or ');
}

const PROGRESS_WORDS = {
  'bytes-acked': "no byte was acknowledged by the peer's kernel",
  queue: 'the send queue stayed as long as it was',
  'application-ack': 'no message was acknowledged by the application',
} as const;

/** A mechanism's verdict in words, for a log line. */
export function verdictReason(mechanism: Mechanism): string {
  switch (mechanism.kind) {
    case 'sweep':
      return `no ${anyOf(mechanism.life)} between two sweeps ${mechanism.intervalMs} ms apart`;
    case 'ping':
      return `no ${anyOf(mechanism.life)} within ${mechanism.replyTimeoutMs} ms of a ping`;
    case 'send-stall':
      return `${PROGRESS_WORDS[mechanism.progress]} for ${mechanism.graceMs} ms with data waiting`;
    case 'peer-closed':
      return 'the TCP state is no longer ESTABLISHED';
    case 'idle':
      return `no message for ${mechanism.timeoutMs} ms`;
    case 'age':
      return `open for ${mechanism.maxMs} ms`;
    case 'pong-timer':
      return `no ${anyOf(mechanism.life)} within ${mechanism.timeoutMs} ms of a ping`;
    case 'receive-deadline':
      return `no ${anyOf(mechanism.life)} for ${mechanism.timeoutMs} ms`;
    case 'write-deadline':
      return `the send path was blocked for ${mechanism.timeoutMs} ms`;
    case 'send-queue-limit':
      return 'user space holds more than the limit for one connection';
    case 'ping-strikes':
      return `pinged sooner than every ${mechanism.minIntervalMs} ms`;
    case 'handshake-deadline':
    case 'request-deadline':
    case 'borrow-check':
    case 'close-handshake':
    case 'keepalive':
    case 'user-timeout':
    case 'drain':
      return `${mechanism.kind} is not decided here`;
  }
}

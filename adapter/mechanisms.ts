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
  /** Connections that the kernel itself gave up (ETIMEDOUT): keepalive, user timeout or retransmissions. */
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

/** What a kind of connection can do, whatever the kernel can. */
export interface Transport {
  /** Why a mechanism cannot work on it; undefined when it can. */
  refusal(mechanism: Mechanism): Refusal;
  /** What a mechanism that works depends on, for the status. */
  remark(mechanism: Mechanism): string | undefined;
}

/** A transport with pings, messages and bytes. */
export const ABLE_TRANSPORT: Transport = { refusal: () => undefined, remark: () => undefined };

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
      return 'it begins when drain() of ghostbound/node stops the server';
    case 'sweep':
    case 'ping':
    case 'idle':
    case 'age':
      return undefined;
  }
}

/** Whether a mechanism acts here, and what there is to say about it. */
export function stateOf(
  mechanism: Mechanism,
  kernel: KernelBackend,
  transport: Transport,
): Pick<MechanismStatus, 'state' | 'reason'> {
  const refusal = transport.refusal(mechanism) ?? refusalOf(mechanism, kernel);
  if (refusal !== undefined) return { state: 'off', reason: refusal };
  if (mechanism.lost !== undefined) {
    return { state: 'off', reason: `the policy itself says that its ${mechanism.lost} is lost` };
  }
  if (mechanism.kind === 'send-stall' && mechanism.progress === 'application-ack') {
    return { state: 'on', reason: 'it sees what is reported through messageSent and acknowledged' };
  }
  return { state: 'on', reason: transport.remark(mechanism) };
}

/** The policy as it runs here: mechanisms that cannot work are lost, all others as they were. */
export function asItRuns(policy: Policy, kernel: KernelBackend, transport: Transport): Policy {
  const mechanisms = policy.mechanisms.map((mechanism): Mechanism => {
    const refusal = transport.refusal(mechanism) ?? refusalOf(mechanism, kernel);
    // Nobody can know today how the server will be stopped one day.
    if (mechanism.kind === 'drain' || refusal === undefined) return mechanism;
    return { ...mechanism, lost: 'timer' };
  });
  return { ...policy, mechanisms };
}

/** A drain once the shutdown with this deadline has begun; undefined before, and for other mechanisms. */
export function drainState(
  mechanism: Mechanism,
  deadlineMs: number | null | undefined,
): Pick<MechanismStatus, 'state' | 'reason'> | undefined {
  if (mechanism.kind !== 'drain' || deadlineMs === undefined) return undefined;
  const stated = mechanism.lost === undefined ? mechanism.deadlineMs : null;
  if (deadlineMs === stated) return { state: 'on', reason: undefined };
  const given = deadlineMs === null ? 'no deadline' : `${deadlineMs} ms`;
  return { state: 'on', reason: `drain() was given ${given} instead` };
}

/**
 * What a read fails with when the kernel has given up on a peer (`tcp_write_err`): ETIMEDOUT, or the soft error
 * that routers have reported meanwhile.
 */
export const KERNEL_REASONS: ReadonlyMap<string, string> = new Map(
  ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'].map((errno) => [
    errno,
    `the kernel gave up on the peer: ${errno}`,
  ]),
);

const LIFE_WORDS: Readonly<Record<LifeSign, string>> = {
  pong: 'pong',
  message: 'message',
  'any-byte': 'byte',
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
    case 'keepalive':
    case 'user-timeout':
    case 'drain':
      return `${mechanism.kind} is not decided here`;
  }
}

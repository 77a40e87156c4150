/**
 * What of a policy can work on this machine. A mechanism that cannot be switched on is not approximated:
 * it is run as *lost*, the policy language's own word for a mechanism that no longer acts, so that the
 * policy as it really runs can be handed to `bounds` and `verify` like any other.
 */
import { InputError, type Issue } from '../model/issue.ts';
import { kindOf } from '../model/mechanisms/index.ts';
import type { LifeSign, Mechanism, Policy, VerdictManner } from '../model/policy/types.ts';
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

/** Signs of life that only the send path itself could tell. */
const UNTOLD_SIGNS: ReadonlySet<LifeSign> = new Set(['send-accepted', 'drained']);

/** The signs by which a mechanism judges, or spares. */
export function signsOf(mechanism: Mechanism): readonly LifeSign[] {
  const life = 'life' in mechanism ? mechanism.life : [];
  return 'skipAfter' in mechanism ? [...life, ...(mechanism.skipAfter ?? [])] : life;
}

/** Why `mechanism` cannot work with this backend; undefined when it can. */
function refusalOf(mechanism: Mechanism, kernel: KernelBackend): Refusal {
  // One who does not see all that counts as life would reap the living.
  const untold = signsOf(mechanism).filter((sign) => UNTOLD_SIGNS.has(sign));
  if (untold.length > 0)
    return `Node tells nobody of what counts as life here: ${untold.join(', ')}`;
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
    case 'request-deadline':
    case 'borrow-check':
      return 'requests and their answers are known only to the client library that sends them';
    case 'handshake-deadline':
      return 'the opening handshake is over before a connection reaches the reaper';
    case 'write-deadline':
      return 'Node tells nobody when a send path that was blocked has become free';
    default:
      return undefined;
  }
}

/** Whether a mechanism pings, and so gives the peer occasion to show life. */
export function pings(mechanism: Mechanism): boolean {
  return mechanism.kind === 'ping' || (mechanism.kind === 'sweep' && mechanism.ping);
}

/**
 * Why each mechanism of the policy cannot work here; undefined for those that can. Where pings are off, so is whoever
 * judges by the answers to them: a quiet peer that nobody asks is not dead.
 */
export function refusalsOf(
  { mechanisms }: Policy,
  kernel: KernelBackend,
  transport: Transport,
): readonly Refusal[] {
  const own = mechanisms.map(
    (mechanism) => transport.refusal(mechanism) ?? refusalOf(mechanism, kernel),
  );
  const silenced = mechanisms.some(
    (mechanism, index) =>
      pings(mechanism) && mechanism.lost === undefined && own[index] !== undefined,
  );
  return mechanisms.map((mechanism, index) => {
    const countsOnPings = silenced && 'life' in mechanism && !pings(mechanism);
    return own[index] ?? (countsOnPings ? 'it counts on pings that are off' : undefined);
  });
}

/** Throws InputError where a mechanism of the policy is off here: what runs would not be what was promised. */
export function demandAll(
  { mechanisms }: Policy,
  refusals: readonly Refusal[],
  certified: boolean,
): void {
  const remedy = certified
    ? 'this is not what was verified: verify a policy without it, or set requireAll: false'
    : 'take it out of the policy, or set requireAll: false';
  const issues = mechanisms.flatMap((mechanism, index): Issue[] => {
    const reason = refusals[index];
    // A drain waits for the shutdown; that it is off until then is no loss.
    if (reason === undefined || mechanism.kind === 'drain') return [];
    return [
      {
        code: 'mechanism-off',
        path: `policy: mechanisms[${index}] (${mechanism.kind})`,
        expected: 'a mechanism that can be switched on here',
        received: `off: ${reason}`,
        hint: remedy,
      },
    ];
  });
  if (issues.length > 0) throw new InputError(issues);
}

/** Whether a mechanism acts here, and what there is to say about it. */
export function stateOf(
  mechanism: Mechanism,
  refusal: Refusal,
  transport: Transport,
): Pick<MechanismStatus, 'state' | 'reason'> {
  if (refusal !== undefined) return { state: 'off', reason: refusal };
  if (mechanism.lost !== undefined) {
    return { state: 'off', reason: `the policy itself says that its ${mechanism.lost} is lost` };
  }
  if (mechanism.kind === 'send-stall' && mechanism.progress === 'application-ack') {
    return { state: 'on', reason: 'it sees what is reported through messageSent and acknowledged' };
  }
  if (mechanism.kind === 'ping-strikes') {
    return { state: 'on', reason: 'a message of ours forgives where messageSent tells of it' };
  }
  return { state: 'on', reason: transport.remark(mechanism) };
}

/** The policy as it runs here: mechanisms that are refused are lost, all others as they were. */
export function asItRuns(policy: Policy, refusals: readonly Refusal[]): Policy {
  const mechanisms = policy.mechanisms.map((mechanism, index): Mechanism => {
    // Nobody can know today how the server will be stopped one day.
    if (mechanism.kind === 'drain' || refusals[index] === undefined) return mechanism;
    return { ...mechanism, lost: 'timer' };
  });
  return { ...policy, mechanisms };
}

/** The policy of a connection that is closing: what asks and waits for the peer's answers is over. */
export function whileClosing(policy: Policy): Policy {
  const mechanisms = policy.mechanisms.map((mechanism): Mechanism => {
    const { judgesClosing, looksAtClosing } = kindOf(mechanism);
    const goesOn = judgesClosing === true || looksAtClosing?.(mechanism) === true;
    return goesOn ? mechanism : { ...mechanism, lost: 'timer' };
  });
  return { ...policy, mechanisms };
}

/** How the verdict of a mechanism is carried out. */
export function mannerOf(mechanism: Mechanism): VerdictManner {
  return ('verdict' in mechanism ? mechanism.verdict : undefined) ?? 'destroy';
}

/** How long an orderly end may take, ms: null = for ever, undefined = the policy does not say, or it is lost here. */
export function closeLimitMs({ mechanisms }: Policy): number | null | undefined {
  const limit = mechanisms.find((mechanism) => mechanism.kind === 'close-handshake');
  return limit === undefined || limit.lost !== undefined ? undefined : limit.timeoutMs;
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

/**
 * What of a policy can work on this machine. A mechanism that cannot be switched on is not approximated:
 * it is run as *lost*, the policy language's own word for a mechanism that no longer acts, so that the
 * policy as it really runs can be handed to `bounds` and `verify` like any other.
 */
import { assert, assertNever } from '../../model/assert.ts';
import { InputError, type Issue } from '../../model/issue.ts';
import { firstOf, kindOf } from '../../model/mechanisms/index.ts';
import type { Need } from '../../model/mechanisms/kind.ts';
import type { LifeSign, Mechanism, Policy } from '../../model/policy/types.ts';
import type { KernelBackend, Refusal } from '../kernel/types.ts';

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
  /** False after `detach`, and once the server has closed and its last connection has gone. */
  readonly attached: boolean;
  /** `koffi`, `node`, `none`, or the name of one that was handed in. */
  readonly backend: string;
  readonly mechanisms: readonly MechanismStatus[];
  /** Pings handed to the send path. */
  readonly pings: number;
  /** Connections that the kernel itself gave up (ETIMEDOUT): keepalive, user timeout or retransmissions. */
  readonly kernelTimeouts: number;
  /** Errors contained so far: of host callbacks and of the reaper itself. */
  readonly errors: number;
  /** Clients that the server has and the reaper was never told of; of `ghostbound/ws` only. */
  readonly unwatched: number;
  /** A `drain` of the server has begun. */
  readonly draining: boolean;
  /** The longest stall of the event loop that the reaper's timer has met, ms. */
  readonly longestStallMs: number;
  /** What a certificate assumes of this machine and nobody can know here; empty for a policy. */
  readonly unchecked: readonly string[];
}

/** What a kind of connection can do, whatever the kernel can. */
export interface Transport {
  /** Why it cannot give a mechanism what it needs; undefined when it can, or when that is not the transport's business. */
  lacks(need: Need): Refusal;
  /** Why a mechanism cannot hear what it counts as life; undefined when it can. */
  deaf(mechanism: Mechanism): Refusal;
  /** How late it is known that bytes were read, where no event tells of it, ms. */
  bytesKnownWithinMs(policy: Policy): number;
  /** What a mechanism that works depends on, for the status. */
  remark(mechanism: Mechanism): string | undefined;
}

/** Signs of life that only the send path itself could tell: that it took a message at once. */
const UNTOLD_SIGNS: ReadonlySet<LifeSign> = new Set(['send-accepted']);

/** Why this process cannot give a mechanism what it needs; undefined when it can. */
function lacks(need: Need, mechanism: Mechanism, kernel: KernelBackend): Refusal {
  switch (need.what) {
    case 'keepalive': {
      const options = kindOf(mechanism).socketOptions?.(mechanism).keepalive;
      assert(options !== undefined, 'who needs keepalive says its options');
      return kernel.keepaliveRefusal(options);
    }
    case 'user-timeout':
      return kernel.userTimeoutRefusal();
    case 'socket-state':
      return kernel.samplingRefusal();
    case 'shutdown':
      return 'it begins when drain() of ghostbound/node stops the server';
    case 'requests':
      return 'requests and their answers are known only to the client library that sends them';
    case 'opening-handshake':
    case 'blocked-sends':
    case 'closing-handshake':
    case 'ping':
    case 'peer-pings':
    case 'own-messages':
    case 'acknowledgements':
      return undefined;
    default:
      return assertNever(need, 'need');
  }
}

/** Why `mechanism` cannot work on this transport with this backend; undefined when it can. */
function refusalOf(mechanism: Mechanism, kernel: KernelBackend, transport: Transport): Refusal {
  const kind = kindOf(mechanism);
  const needs = kind.needs(mechanism);
  const lacking = needs.map((need) => transport.lacks(need)).find((why) => why !== undefined);
  const why = lacking ?? transport.deaf(mechanism);
  if (why !== undefined) return why;
  // One who does not see all that counts as life would reap the living.
  const untold = kind.signs(mechanism).filter((sign) => UNTOLD_SIGNS.has(sign));
  if (untold.length > 0)
    return `Node tells nobody of what counts as life here: ${untold.join(', ')}`;
  return needs.map((need) => lacks(need, mechanism, kernel)).find((one) => one !== undefined);
}

/** Whether a mechanism needs this of whoever runs it. */
export function needsOne(mechanism: Mechanism, what: Need['what']): boolean {
  return kindOf(mechanism)
    .needs(mechanism)
    .some((need) => need.what === what);
}

/** Whether a mechanism pings, and so gives the peer occasion to show life. */
function pings(mechanism: Mechanism): boolean {
  return needsOne(mechanism, 'ping');
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
  const own = mechanisms.map((mechanism) => refusalOf(mechanism, kernel, transport));
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
    if (reason === undefined || needsOne(mechanism, 'shutdown')) return [];
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
  const needs = kindOf(mechanism).needs(mechanism);
  const reason = needs.map(({ what }) => DEPENDS[what]).find((one) => one !== undefined);
  return { state: 'on', reason: reason ?? transport.remark(mechanism) };
}

/** What a mechanism that works depends on, by what it needs. */
const DEPENDS: Readonly<Partial<Record<Need['what'], string>>> = {
  acknowledgements: 'it sees what is reported through messageSent and acknowledged',
  'own-messages': 'a message of ours forgives where messageSent tells of it',
};

/** The policy as it runs here: mechanisms that are refused are lost, all others as they were. */
export function asItRuns(policy: Policy, refusals: readonly Refusal[]): Policy {
  const mechanisms = policy.mechanisms.map((mechanism, index): Mechanism => {
    // Nobody can know today how the server will be stopped one day.
    if (needsOne(mechanism, 'shutdown') || refusals[index] === undefined) return mechanism;
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

/** How long an orderly end may take, ms: null = for ever, undefined = the policy does not say, or it is lost here. */
export function closeLimitMs({ mechanisms }: Policy): number | null | undefined {
  const limit = firstOf('close-handshake', mechanisms);
  return limit === undefined || limit.lost !== undefined ? undefined : limit.timeoutMs;
}

/** A drain once the shutdown with this deadline has begun; undefined before, and for other mechanisms. */
export function drainState(
  mechanism: Mechanism,
  deadlineMs: number | null | undefined,
): Pick<MechanismStatus, 'state' | 'reason'> | undefined {
  const stop = kindOf(mechanism)
    .needs(mechanism)
    .find((need) => need.what === 'shutdown');
  if (stop === undefined || deadlineMs === undefined) return undefined;
  const stated = mechanism.lost === undefined ? stop.deadlineMs : null;
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

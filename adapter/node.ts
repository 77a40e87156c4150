/**
 * `ghostbound/node`: a reaper policy on a production server of `node:net`, `node:http`, `node:https` or `node:tls`, and
 * its end at shutdown.
 *
 * The same compiled policy as everywhere. What is known of a connection is its bytes: there is no ping unless the
 * application has one. Upgraded sockets stay under watch, whoever speaks on them; a reaper of
 * `ghostbound/ws` on the same server minds its own business.
 */
import type { Server, Socket } from 'node:net';
import type { Certificate } from '../model/certificate/index.ts';
import type { LifeSign, Mechanism, Policy, PolicyInput } from '../model/policy/index.ts';
import { firstOf, kindOf } from '../model/mechanisms/index.ts';
import { LifeBit } from '../model/reaper/types.ts';
import { acceptedSockets, isNetServer, socketBelow } from './connections/accepted.ts';
import { attach, checkServer, policyOf, release, type HandedIn } from './reaper/attached.ts';
import { ByteChannel, type ByteChannelOptions } from './reaper/byte-channel.ts';
import { handleOf, type Handle } from './reaper/handle.ts';
import { followSessions, learnSession } from './connections/http2.ts';
import { hasOpening, limitOpenings } from './connections/opening.ts';
import { CLOSE_LIMIT_MS } from './reaper/close-limit.ts';
import { ReaperHost } from './reaper/host.ts';
import { Hosts } from './reaper/hosts.ts';
import { needsOne, type Transport } from './reaper/mechanisms.ts';
import {
  A_FUNCTION,
  A_WAIT_MS,
  checkOptions,
  REAPER_OPTIONS,
  type ReaperOptions,
} from './reaper/options.ts';

export type { KernelChoice } from './kernel/select.ts';
export type { MechanismStatus, ReaperStatus } from './reaper/mechanisms.ts';
export type { ReaperBound } from './reaper/bound.ts';
export type { ReapEvent, ReaperOptions } from './reaper/options.ts';
export type { ReaperWarning } from './reaper/warnings.ts';
export type { Certificate } from '../model/certificate/index.ts';
export type { MechanismInput, Policy, PolicyInput } from '../model/policy/index.ts';
export { InputError } from '../model/issue.ts';
export { drain } from './drain/drain.ts';
export type { DrainOptions, DrainProgress, DrainResult } from './drain/options.ts';

/** An instant at which something was read is known to a tenth of the policy's shortest time, and to 1 s at worst. */
const POLLS_PER_TIME = 10;
const SLOWEST_POLL_MS = 1000;
const FASTEST_POLL_MS = 10;

/** Options of `attachReaper`; each may be left out. */
export interface NodeReaperOptions extends ReaperOptions<Socket> {
  /**
   * Sends a ping of the application's own protocol, written when the promise that it may return is fulfilled.
   * Without it, mechanisms that need a ping are off. What the peer answers counts as `any-byte` and `message`; as
   * `pong` only what is told through the handle's `pong`.
   */
  readonly ping?: (socket: Socket) => unknown;
  /**
   * How long a connection that `idle` or `age` has ended may go on: to finish the response under way, and for the
   * peer to close its side. Then it is destroyed. 30 000 ms when missing; the policy's `close-handshake` comes first.
   */
  readonly closeTimeoutMs?: number;
}

/** A reaper at work on one server of `net` or `http`. */
export interface ReaperHandle extends Handle<Socket> {
  /** Tells that the peer has answered a ping of the option `ping`. */
  pong(socket: Socket): void;
}

/**
 * Runs a policy on the connections of a server: on every one that is open now and on every later one, until
 * `detach`. Upgraded connections stay under watch.
 *
 * @param server - a server of `net`, `http`, `https` or `tls`, listening or not.
 * @param policyOrCertificate - a policy, or a certificate of `ghostbound verify --out`, as for `ghostbound/ws`.
 * @param options - see {@link NodeReaperOptions}.
 * @returns the handle; read its `status` once at start and log what is off.
 * @throws InputError, with everything that is wrong, when an argument is not what it must be, when the
 *   server has a reaper already, when `kernel: 'koffi'` is demanded where it cannot be had, or when a mechanism
 *   is off and all are required (a certificate requires all). After that, nothing is ever thrown: see `onError`.
 * @remarks Life is read off the socket's byte counters: an instant of life is known to a tenth of the policy's
 *   shortest time (to 1 s at worst) and taken as late as it may have been, so a ghost may stand so much
 *   longer than its bound, and a living peer is never reaped sooner.
 *
 * @example
 * import { createServer } from 'node:http';
 * import { attachReaper } from 'ghostbound/node';
 *
 * const server = createServer((request, response) => response.end('hello'));
 * const policy = {
 *   name: 'api',
 *   mechanisms: [
 *     { kind: 'idle', timeoutMs: '2m' },
 *     { kind: 'ping', intervalMs: '25s', replyTimeoutMs: '10s' },
 *   ],
 * };
 * const reaper = attachReaper(server, policy);
 * reaper.status.mechanisms.map(({ kind, state }) => `${kind} is ${state}`) // => ['idle is on', 'ping is off']
 * reaper.detach();
 */
export function attachReaper(
  server: Server,
  policyOrCertificate: Policy | PolicyInput | Certificate,
  options: NodeReaperOptions = {},
): ReaperHandle {
  checkServer(server, isNetServer, 'server', 'a server of net, http, https or tls');
  checkOptions(options, { ...REAPER_OPTIONS, ping: A_FUNCTION, closeTimeoutMs: A_WAIT_MS });
  const { ping, closeTimeoutMs = CLOSE_LIMIT_MS } = options;
  const transport = transportOf(ping !== undefined, hasOpening(server));
  const hostOf = (handedIn: HandedIn, previous?: ReaperHost<Socket>): ReaperHost<Socket> => {
    const channelOptions = { ping, closeTimeoutMs, countsWrites: countsWrites(handedIn.policy) };
    const channelOf = channelsWith(channelOptions);
    return new ReaperHost<Socket>(handedIn, options, transport, channelOf, previous);
  };
  const main = hostOf(policyOf(policyOrCertificate));
  const hosts = new Hosts(main, options, (one) => hostOf(one, main));
  let polls = hosts.all.map(pollOf);
  attach(server, hosts);

  const watch = (socket: Socket): void => {
    // `connection` may also be emitted by hand, with a stream that counts no bytes.
    if (typeof socket.bytesRead !== 'number') return;
    hosts.main.contain(() => {
      hosts.watch(socket);
      for (const poll of polls) poll.begin();
    });
  };
  // From the TLS handshake on, the socket that the application knows takes the place of the one below it.
  const watchSecure = (socket: Socket): void => {
    const [host, below] = hosts.find(socketBelow(socket)) ?? [];
    if (below !== undefined) host?.forget(below);
    watch(socket);
  };
  server.prependListener('connection', watch);
  server.prependListener('secureConnection', watchSecure);
  const unfollow = [followSessions(server), hosts.follow(server)];
  let unlimit = limitOpeningsOf(server, main);
  for (const socket of acceptedSockets(server)) {
    learnSession(socket);
    watch(socket);
  }

  const setPolicy = (next: Policy | PolicyInput | Certificate): void => {
    const before = hosts.main;
    const after = hostOf(policyOf(next), before);
    if (!before.isAttached) return;
    for (const poll of polls) poll.end();
    unlimit();
    hosts.main = after;
    after.takesOver(before);
    unlimit = limitOpeningsOf(server, after);
    polls = hosts.all.map(pollOf);
    for (const poll of polls) poll.begin();
  };
  const detach = (): void => {
    server.off('connection', watch);
    server.off('secureConnection', watchSecure);
    for (const undo of unfollow) undo();
    unlimit();
    for (const poll of polls) poll.end();
    release(server);
  };
  const handle = handleOf(hosts, { watch, setPolicy, detach });
  return Object.assign(handle, {
    pong: (socket: Socket) => {
      const [host, watched] = hosts.find(socket) ?? [];
      if (host === undefined || watched === undefined) return;
      host.answered(watched);
      host.received(watched, LifeBit.Pong);
    },
  });
}

/** How connections are driven, and their host told when they have ended. */
function channelsWith(options: ByteChannelOptions): (host: ReaperHost<Socket>) => ByteChannel {
  return (host) =>
    new ByteChannel(options, (socket) => {
      const watched = host.of(socket);
      if (watched !== undefined) host.closed(watched);
    });
}

/** Carries out the policy's limit on openings, if it has one. */
function limitOpeningsOf(server: Server, host: ReaperHost<Socket>): () => void {
  const { mechanisms } = host.policy;
  const index = mechanisms.findIndex(({ kind }) => kind === 'handshake-deadline');
  const limit = firstOf('handshake-deadline', mechanisms);
  if (limit === undefined || limit.lost !== undefined) return () => undefined;
  return limitOpenings(server, limit.timeoutMs, (socket) => {
    host.contain(() => {
      host.openingOverdue(socket, index);
    });
  });
}

/**
 * Whether bytes that were written are to be taken for messages: only idleness asks for those, and not where the application
 * tells of its messages itself.
 */
function countsWrites({ mechanisms }: Policy): boolean {
  const tellsItself = mechanisms.some((mechanism) => needsOne(mechanism, 'acknowledgements'));
  return !tellsItself && firstOf('idle', mechanisms) !== undefined;
}

/** Signs of life that are seen without the application's help. */
const SEEN_LIFE: ReadonlySet<LifeSign> = new Set(['any-byte', 'message']);

function needsPong(mechanism: Mechanism): boolean {
  return 'life' in mechanism && !mechanism.life.some((sign) => SEEN_LIFE.has(sign));
}

/** What can be done with a stream of bytes, with or without a ping of the application. */
function transportOf(pings: boolean, opens: boolean): Transport {
  return {
    lacks({ what }) {
      if (what === 'opening-handshake' && !opens) {
        return 'a connection of this server is open as soon as it is accepted';
      }
      if (what === 'peer-pings') return 'among bytes nobody can tell a ping';
      if (what !== 'ping' || pings) return undefined;
      return 'it needs a ping, and only the application knows one; give it as the option ping';
    },
    deaf: (mechanism) =>
      !pings && needsPong(mechanism) ? 'among bytes nobody can tell a pong' : undefined,
    bytesKnownWithinMs: pollStepMs,
    remark: (mechanism) =>
      needsPong(mechanism) ? 'it sees the answers that are told through pong' : undefined,
  };
}

/** Signs of life that bytes may be, or that are told of. */
const HEARD = LifeBit.AnyByte | LifeBit.Message | LifeBit.Pong;

/** Times that run from an instant of life: that instant must be known before they have run out. */
function timesFromLife({ mechanisms }: Policy): number[] {
  return mechanisms.flatMap((mechanism) => {
    const kind = kindOf(mechanism);
    if (mechanism.lost === 'timer' || kind.region === undefined) return [];
    if ((kind.lifeMask(mechanism) & HEARD) === 0) return [];
    return Object.values(kind.clocksMs(mechanism, { startMs: 0, sharedOriginMs: 0, draw: 0 }));
  });
}

/** How often the byte counters are asked; 0 = nobody needs to know. */
function pollStepMs(policy: Policy): number {
  const shortestMs = Math.min(...timesFromLife(policy));
  if (shortestMs === Infinity) return 0;
  return Math.min(
    Math.max(Math.floor(shortestMs / POLLS_PER_TIME), FASTEST_POLL_MS),
    SLOWEST_POLL_MS,
  );
}

/** Asks the byte counters every so often, as long as there is a connection; never holds the process. */
function pollOf(host: ReaperHost<Socket>): { begin(): void; end(): void } {
  const everyMs = pollStepMs(host.policy);
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  const begin = (): void => {
    if (timer !== undefined || everyMs === 0 || host.connections === 0) return;
    timer = setInterval(() => {
      if (host.connections === 0) end();
      else host.poll();
    }, everyMs).unref();
  };
  return { begin, end };
}

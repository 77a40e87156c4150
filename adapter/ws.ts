/**
 * `ghostbound/ws`: a reaper policy on a production server of the package `ws`.
 *
 * The policy that was simulated and bounded is the one that runs: `attachReaper` compiles it to the same
 * machine and drives that with this server's sockets and clock. It adds listeners and a timer, and takes
 * them away again on `detach`; it wraps and replaces nothing.
 */
import type { IncomingMessage } from 'node:http';
import type { WebSocket, WebSocketServer } from 'ws';
import type { Certificate } from '../model/certificate/index.ts';
import { defaultWebSocketTimeouts } from '../model/machines/websocket/timeouts.ts';
import type { Policy, PolicyInput } from '../model/policy/index.ts';
import {
  attach,
  checkServer,
  policyOf,
  release,
  standardFor,
  type HandedIn,
} from './reaper/attached.ts';
import type { OwnOutage } from './reaper/gate.ts';
import { handleOf, type Handle } from './reaper/handle.ts';
import { ReaperHost } from './reaper/host.ts';
import { Hosts } from './reaper/hosts.ts';
import { needsOne, type Transport } from './reaper/mechanisms.ts';
import { Unwatched, unwatchedMessage } from './reaper/unwatched.ts';
import { WebSocketChannel } from './reaper/web-socket-channel.ts';
import { checkOptions, REAPER_OPTIONS, type ReaperOptions } from './reaper/options.ts';

export type { KernelChoice } from './kernel/select.ts';
export type { MechanismStatus, ReaperStatus } from './reaper/mechanisms.ts';
export type { ReaperBound } from './reaper/bound.ts';
export type { ReapEvent, ReaperOptions } from './reaper/options.ts';
export type { ReaperWarning } from './reaper/warnings.ts';
export type { Certificate } from '../model/certificate/index.ts';
export type { MechanismInput, Policy, PolicyInput } from '../model/policy/index.ts';
export { InputError } from '../model/issue.ts';

/** With the standard policy: half of the clients silent at once, and a minute. */
const OWN_OUTAGE: OwnOutage = { share: 0.5, holdMs: 60_000 };

/** A reaper at work on one `WebSocketServer`. */
export interface ReaperHandle extends Handle<WebSocket> {
  /** How many of the watched connections have ended with each close code (RFC 6455 §7.4); live. */
  readonly closeCodes: ReadonlyMap<number, number>;
}

/**
 * Runs a policy on a `ws` server: on every connection that is open now (as far as the server tracks its
 * clients) and on every later one, until `detach`.
 *
 * @param server - a `WebSocketServer` of the package `ws`, listening or not.
 * @param policyOrCertificate - a policy of `definePolicy`, `presets`, or its plain JSON; or a certificate
 *   of `ghostbound verify --out`, whose policy is run if nothing in it was changed since, and this
 *   release decides as the one that was verified. When missing, the standard policy: whatever the traffic, a dead peer stands
 *   60 s at most, and a silence of less than 40 s ends nobody.
 * @param options - see {@link ReaperOptions}.
 * @returns the handle; read its `status` once at start and log what is off.
 * @throws InputError, with everything that is wrong, when an argument is not what it must be, when the
 *   server has a reaper already, when `kernel: 'koffi'` is demanded where it cannot be had, or when a mechanism
 *   is off and all are required (a certificate requires all). After that, nothing is ever thrown: see `onError`.
 *
 * @example
 * import { WebSocketServer } from 'ws';
 * import { attachReaper } from 'ghostbound/ws';
 *
 * const server = new WebSocketServer({ noServer: true }); // or { port: 8080 }, or { server }
 * const policy = {
 *   name: 'chat',
 *   mechanisms: [{ kind: 'ping', intervalMs: '25s', replyTimeoutMs: '10s', life: ['any-byte'] }],
 * };
 * const reaper = attachReaper(server, policy, {
 *   onReap: ({ reason, silentMs }) => console.log(`reaped: ${reason}, silent for ${silentMs} ms`),
 * });
 * reaper.policy.mechanisms[0].replyTimeoutMs // => 10_000
 * reaper.status.mechanisms.map(({ kind, state }) => `${kind} is ${state}`) // => ['ping is on']
 * reaper.detach(); // when the server stops
 * server.close();
 */
export function attachReaper(
  server: WebSocketServer,
  policyOrCertificate?: Policy | PolicyInput | Certificate,
  options: ReaperOptions<WebSocket> = {},
): ReaperHandle {
  checkServer(server, isWebSocketServer, 'webSocketServer', 'a WebSocketServer of ws');
  checkOptions(options, REAPER_OPTIONS);
  const standard = policyOrCertificate === undefined ? standardFor(options) : undefined;
  const codes = new Map<number, number>();
  const hostOf = (
    handedIn: HandedIn,
    given: ReaperOptions<WebSocket>,
    previous?: ReaperHost<WebSocket>,
  ): ReaperHost<WebSocket> =>
    new ReaperHost<WebSocket>(
      handedIn,
      given,
      TRANSPORT,
      (driver) => new WebSocketChannel(driver, codes),
      previous,
    );
  const main = hostOf(
    standard ?? policyOf(policyOrCertificate),
    standard === undefined ? options : { ownOutage: OWN_OUTAGE, ...options },
  );
  if (standard?.warning !== undefined) main.warn(standard.warning);
  const hosts = new Hosts(main, options, (one) => hostOf(one, options, main));
  attach(server, hosts);
  const unwatched = new Unwatched(
    server,
    (socket) => hosts.knows(socket),
    (count) => {
      hosts.main.warn({ code: 'unwatched', message: unwatchedMessage(count) });
    },
  );
  main.unwatched = () => unwatched.count;
  const unfollow = hosts.follow(server);

  const watch = (socket: WebSocket, request?: IncomingMessage): void => {
    if (!hosts.knows(socket)) unwatched.announced();
    hosts.main.contain(() => {
      hosts.watch(socket, request);
    });
  };
  // First in line: a host's own listener that throws would keep later ones from seeing the connection.
  server.prependListener('connection', watch);
  // Absent with `clientTracking: false`, whatever the types say.
  for (const socket of (server.clients as Set<WebSocket> | undefined) ?? []) watch(socket);

  const setPolicy = (next: Policy | PolicyInput | Certificate): void => {
    const before = hosts.main;
    const after = hostOf(policyOf(next), options, before);
    if (!before.isAttached) return;
    hosts.main = after;
    after.takesOver(before);
  };
  const detach = (): void => {
    server.off('connection', watch);
    unfollow();
    unwatched.release();
    release(server);
  };
  const handle = handleOf(hosts, { watch, setPolicy, detach });
  return Object.assign(handle, { closeCodes: codes });
}

function isWebSocketServer(server: object): boolean {
  const { prependListener, handleUpgrade } = server as Partial<WebSocketServer>;
  return typeof prependListener === 'function' && typeof handleUpgrade === 'function';
}

const TRANSPORT: Transport = {
  lacks(need) {
    if (need.what === 'ping' && need.answeredBy === 'application') {
      return "it needs a ping that the peer's application answers, and ws pings its library";
    }
    if (need.what === 'opening-handshake') {
      return 'the opening handshake is over before ws tells of a connection; ghostbound/node on the same http server limits it';
    }
    if (need.what !== 'closing-handshake') return undefined;
    if (need.timeoutMs === null || need.timeoutMs > defaultWebSocketTimeouts.closeMs) {
      return 'ws itself ends a closing handshake after its closeTimeout, 30 s unless set';
    }
    return need.clock === 'written' ? 'ws does not tell when a Close frame is written' : undefined;
  },
  deaf: () => undefined,
  bytesKnownWithinMs: () => 0,
  remark: (mechanism) =>
    needsOne(mechanism, 'closing-handshake')
      ? 'of closings that this policy begins, of a FIN, and of others from the next look at them on'
      : undefined,
};

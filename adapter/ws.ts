/**
 * `ghostbound/ws`: a reaper policy on a production server of the package `ws`.
 *
 * The policy that was simulated and bounded is the one that runs: `attachReaper` compiles it to the same
 * machine and drives that with this server's sockets and clock. It adds listeners and a timer, and takes
 * them away again on `detach`; it wraps and replaces nothing.
 */
import type { Socket } from 'node:net';
import type { WebSocket, WebSocketServer } from 'ws';
import { checkCertificate, isCertificate, type Certificate } from '../model/certificate/index.ts';
import { InputError, type Issue } from '../model/issue.ts';
import { parsePolicy, type Policy, type PolicyInput } from '../model/policy/index.ts';
import { LifeBit } from '../model/reaper/types.ts';
import type { Channel } from './channel.ts';
import { ReaperHost, type Watched } from './host.ts';
import type { ReaperStatus } from './mechanisms.ts';
import { checkOptions, type ReaperOptions } from './options.ts';

export type { KernelChoice } from './kernel/select.ts';
export type { MechanismStatus, ReaperStatus } from './mechanisms.ts';
export type { ReapEvent, ReaperOptions } from './options.ts';
export type { Certificate } from '../model/certificate/index.ts';
export type { MechanismInput, Policy, PolicyInput } from '../model/policy/index.ts';
export { InputError } from '../model/issue.ts';

const OPEN = 1; // WebSocket.OPEN, RFC 6455 and the WHATWG WebSocket interface
const GOING_AWAY = 1001; // RFC 6455 §7.4.1
/** RFC 6455 §5.5: a control frame carries at most 125 bytes, two of them the close code. */
const CLOSE_REASON_LIMIT_BYTES = 123;

/** A reaper at work on one server. Everything but `detach` is also safe after `detach`. */
export interface ReaperHandle {
  /**
   * The policy as it runs on this machine: a mechanism that could not be switched on carries
   * `lost: 'timer'`, so that `bounds` and `verify` tell what is really promised here.
   */
  readonly policy: Policy;
  /** What is on, what is off and why, and counters. Made anew on each read. */
  readonly status: ReaperStatus;
  /** Connections under watch now. */
  readonly connections: number;
  /** Connections the policy has ended so far. */
  readonly reaped: number;
  /**
   * Watches a connection the server did not announce with its `connection` event (`noServer` mode
   * without the customary `emit`). Watching twice is harmless.
   */
  watch(socket: WebSocket): void;
  /** Tells a `send-stall` mechanism with `progress: 'application-ack'` that a message was sent. */
  messageSent(socket: WebSocket): void;
  /** Tells the same mechanism that the peer's application has acknowledged a message. */
  acknowledged(socket: WebSocket): void;
  /**
   * Takes away every listener and the timer; connections stay open, and socket options stay as they were
   * set. May be called again, and from within `onReap`.
   */
  detach(): void;
}

/** Servers that have a reaper: a second one would ping and judge everybody twice. */
const attachedServers = new WeakSet<WebSocketServer>();

/**
 * Runs a policy on a `ws` server: on every connection that is open now (as far as the server tracks its
 * clients) and on every later one, until `detach`.
 *
 * @param server - a `WebSocketServer` of the package `ws`, listening or not.
 * @param policyOrCertificate - a policy of `definePolicy`, `presets`, or its plain JSON; or a certificate
 *   of `ghostbound verify --out`, whose policy is run if nothing in it was changed since, and this
 *   release decides as the one that was verified.
 * @param options - see {@link ReaperOptions}.
 * @returns the handle; read its `status` once at start and log what is off.
 * @throws InputError, with everything that is wrong, when an argument is not what it must be, when the
 *   server has a reaper already, or when `kernel: 'koffi'` is demanded where it cannot be had. After
 *   that, nothing is ever thrown: see `onError`.
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
  policyOrCertificate: Policy | PolicyInput | Certificate,
  options: ReaperOptions<WebSocket> = {},
): ReaperHandle {
  checkServer(server);
  checkOptions(options);
  const host = new ReaperHost<WebSocket>(policyOf(policyOrCertificate), options);
  attachedServers.add(server);

  const watch = (socket: WebSocket): void => {
    host.contain(() => {
      host.watch(socket, new WebSocketChannel(socket), (watched) => listen(host, watched));
    });
  };
  // First in line: a host's own listener that throws would keep later ones from seeing the connection.
  server.prependListener('connection', watch);
  // Absent with `clientTracking: false`, whatever the types say.
  for (const socket of (server.clients as Set<WebSocket> | undefined) ?? []) watch(socket);

  return {
    policy: host.policy,
    get status() {
      return host.status;
    },
    get connections() {
      return host.connections;
    },
    get reaped() {
      return host.reaped;
    },
    watch,
    messageSent(socket) {
      const watched = host.find(socket);
      if (watched !== undefined) host.messageSent(watched);
    },
    acknowledged(socket) {
      const watched = host.find(socket);
      if (watched !== undefined) host.received(watched, LifeBit.ApplicationAck);
    },
    detach() {
      server.off('connection', watch);
      attachedServers.delete(server);
      host.detach();
    },
  };
}

/** The policy to run: what was handed in, or what a certificate vouches for. */
function policyOf(policyOrCertificate: unknown): Policy {
  if (isCertificate(policyOrCertificate)) {
    const checked = checkCertificate(policyOrCertificate, 'certificate');
    if (!checked.ok) throw new InputError(checked.issues);
    return checked.value.policy;
  }
  const parsed = parsePolicy(policyOrCertificate, 'policy');
  if (!parsed.ok) throw new InputError(parsed.issues);
  return parsed.value;
}

function checkServer(server: unknown): asserts server is WebSocketServer {
  const issue: Pick<Issue, 'code' | 'received'> | undefined = serverIssue(server);
  if (issue === undefined) return;
  throw new InputError([
    { ...issue, path: 'webSocketServer', expected: 'a WebSocketServer of ws without a reaper' },
  ]);
}

function serverIssue(server: unknown): Pick<Issue, 'code' | 'received'> | undefined {
  if (typeof server !== 'object' || server === null) {
    return { code: 'bad-server', received: server === null ? 'null' : typeof server };
  }
  const { prependListener, handleUpgrade } = server as Partial<WebSocketServer>;
  if (typeof prependListener !== 'function' || typeof handleUpgrade !== 'function') {
    return { code: 'bad-server', received: 'an object that is not one' };
  }
  if (attachedServers.has(server as WebSocketServer)) {
    return { code: 'already-attached', received: 'a server that has one; detach it first' };
  }
  return undefined;
}

/** The TCP (or TLS, or Unix-domain) socket below a WebSocket: `ws` keeps it in `_socket`. */
function socketBelow(socket: WebSocket): Socket | undefined {
  return (socket as { _socket?: Socket | null })._socket ?? undefined;
}

/** Feeds a connection's reaper from the events of the WebSocket and of the socket below it. */
function listen(host: ReaperHost<WebSocket>, watched: Watched<WebSocket>): () => void {
  const { socket } = watched;
  const raw = socketBelow(socket);
  const onMessage = (): void => {
    host.received(watched, LifeBit.Message);
  };
  const onPong = (): void => {
    host.received(watched, LifeBit.Pong);
  };
  const onData = (): void => {
    host.received(watched, LifeBit.AnyByte);
  };
  const onClose = (): void => {
    host.forget(watched);
  };
  const onRawError = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'ETIMEDOUT') host.kernelTimedOut();
  };
  socket.on('message', onMessage).on('pong', onPong).on('close', onClose);
  // `ws` has made the stream flow already, and one that the host has paused stays paused: a further
  // 'data' listener changes neither.
  raw?.on('data', onData).on('error', onRawError);
  return () => {
    socket.off('message', onMessage).off('pong', onPong).off('close', onClose);
    raw?.off('data', onData).off('error', onRawError);
  };
}

class WebSocketChannel implements Channel {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  isOpen(): boolean {
    return this.#socket.readyState === OPEN && this.rawSocket()?.destroyed === false;
  }

  ping(written: () => void): void {
    this.#socket.ping(undefined, undefined, (error?: Error | null) => {
      if (!error) written();
    });
  }

  destroy(): void {
    this.#socket.terminate();
  }

  close(reason: string): void {
    this.#socket.close(GOING_AWAY, reason.slice(0, CLOSE_REASON_LIMIT_BYTES));
  }

  bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  rawSocket(): Socket | undefined {
    return socketBelow(this.#socket);
  }
}

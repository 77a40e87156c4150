/**
 * `ghostbound/ws`: a reaper policy on a production server of the package `ws`.
 *
 * The policy that was simulated and bounded is the one that runs: `attachReaper` compiles it to the same
 * machine and drives that with this server's sockets and clock. It adds listeners and a timer, and takes
 * them away again on `detach`; it wraps and replaces nothing.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import type { Certificate } from '../model/certificate/index.ts';
import { defaultWebSocketTimeouts } from '../model/machines/websocket/machine.ts';
import { kindOf } from '../model/mechanisms/index.ts';
import type { Policy, PolicyInput } from '../model/policy/index.ts';
import { LifeBit } from '../model/reaper/types.ts';
import { resetSocket } from './connections/accepted.ts';
import { attach, checkServer, policyOf, release, standardFor } from './reaper/attached.ts';
import type { Channel } from './reaper/channel.ts';
import { CloseCodes } from './reaper/close-codes.ts';
import type { OwnOutage } from './reaper/gate.ts';
import { handleOf, type Handle } from './reaper/handle.ts';
import { ReaperHost } from './reaper/host.ts';
import type { Watched } from './reaper/watched.ts';
import { needsOne, type Transport } from './reaper/mechanisms.ts';
import { Unwatched, unwatchedMessage } from './reaper/unwatched.ts';
import { checkOptions, REAPER_OPTIONS, type ReaperOptions } from './reaper/options.ts';

export type { KernelChoice } from './kernel/select.ts';
export type { MechanismStatus, ReaperStatus } from './reaper/mechanisms.ts';
export type { ReaperBound } from './reaper/bound.ts';
export type { ReapEvent, ReaperOptions } from './reaper/options.ts';
export type { ReaperWarning } from './reaper/warnings.ts';
export type { Certificate } from '../model/certificate/index.ts';
export type { MechanismInput, Policy, PolicyInput } from '../model/policy/index.ts';
export { InputError } from '../model/issue.ts';

const OPEN = 1; // WebSocket.OPEN, RFC 6455 and the WHATWG WebSocket interface
/** An answer to a ping so many pings ago is none to this one. */
const NONCES_LIMIT = 16;
/** RFC 6455 §5.5: a control frame carries at most 125 bytes, two of them the close code. */
const CLOSE_REASON_LIMIT_BYTES = 123;

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
  const host = new ReaperHost<WebSocket>(
    standard ?? policyOf(policyOrCertificate),
    standard === undefined ? options : { ownOutage: OWN_OUTAGE, ...options },
    TRANSPORT,
  );
  if (standard?.warning !== undefined) host.warn(standard.warning);
  const matchesPongs = host.policy.mechanisms.some((mechanism) =>
    kindOf(mechanism).signs(mechanism).includes('matching-pong'),
  );
  const codes = new CloseCodes();
  attach(server, host);
  const unwatched = new Unwatched(
    server,
    (socket) => host.knows(socket),
    (count) => {
      host.warn({ code: 'unwatched', message: unwatchedMessage(count) });
    },
  );
  host.unwatched = () => unwatched.count;

  const watch = (socket: WebSocket, request?: IncomingMessage): void => {
    if (!host.knows(socket)) unwatched.announced();
    host.contain(() => {
      const channel = new WebSocketChannel(socket, matchesPongs);
      const begin = (watched: Watched<WebSocket>): (() => void) => {
        codes.follow(socket);
        return listen(host, watched, channel);
      };
      host.watch(socket, channel, begin, request);
    });
  };
  // First in line: a host's own listener that throws would keep later ones from seeing the connection.
  server.prependListener('connection', watch);
  // Absent with `clientTracking: false`, whatever the types say.
  for (const socket of (server.clients as Set<WebSocket> | undefined) ?? []) watch(socket);

  const handle = handleOf(host, watch, () => {
    server.off('connection', watch);
    unwatched.release();
    codes.release();
    release(server);
  });
  return Object.assign(handle, { closeCodes: codes.counts });
}

function isWebSocketServer(server: object): boolean {
  const { prependListener, handleUpgrade } = server as Partial<WebSocketServer>;
  return typeof prependListener === 'function' && typeof handleUpgrade === 'function';
}

/** The TCP (or TLS, or Unix-domain) socket below a WebSocket: `ws` keeps it in `_socket`. */
function socketBelow(socket: WebSocket): Socket | undefined {
  return (socket as { _socket?: Socket | null })._socket ?? undefined;
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

/** Feeds a connection's reaper from the events of the WebSocket and of the socket below it. */
function listen(
  host: ReaperHost<WebSocket>,
  watched: Watched<WebSocket>,
  channel: WebSocketChannel,
): () => void {
  const { socket } = watched;
  const raw = socketBelow(socket);
  const onMessage = (): void => {
    host.received(watched, LifeBit.Message);
  };
  const onPing = (): void => {
    host.received(watched, LifeBit.Ping);
  };
  const onPong = (payload: Buffer): void => {
    host.received(watched, channel.isAnswer(payload) ? LifeBit.Pong : LifeBit.UnsolicitedPong);
  };
  const onData = (): void => {
    host.received(watched, LifeBit.AnyByte);
  };
  const onClose = (): void => {
    host.forget(watched);
  };
  // The peer's FIN: `ws` waits for the send queue to empty, without a limit of its own.
  const onEnd = (): void => {
    host.closes(watched);
  };
  const onRawError = (error: NodeJS.ErrnoException): void => {
    host.failed(watched, error.code);
  };
  socket.on('message', onMessage).on('ping', onPing).on('pong', onPong).on('close', onClose);
  // `ws` has made the stream flow already, and one that the host has paused stays paused: a further
  // 'data' listener changes neither.
  raw?.on('data', onData).on('end', onEnd).on('error', onRawError);
  return () => {
    socket.off('message', onMessage).off('ping', onPing).off('pong', onPong).off('close', onClose);
    raw?.off('data', onData).off('end', onEnd).off('error', onRawError);
  };
}

class WebSocketChannel implements Channel {
  readonly #socket: WebSocket;
  /** Whether an answer must be told from a pong that nobody asked for: then each ping carries a nonce. */
  readonly #matchesPongs: boolean;
  /** Of the pings that no pong has answered yet, the oldest first. */
  readonly #nonces: string[] = [];

  constructor(socket: WebSocket, matchesPongs: boolean) {
    this.#socket = socket;
    this.#matchesPongs = matchesPongs;
  }

  isOpen(): boolean {
    return this.rawSocket()?.destroyed === false;
  }

  isClosing(): boolean {
    return this.#socket.readyState !== OPEN || this.rawSocket()?.writableEnded === true;
  }

  /**
   * `ws` inflates in the thread pool, one message at a time, and what came behind it waits in its receiver, pongs too.
   * The receiver is a Writable: its length falls to 0 when all that was read has been told.
   */
  isReading(): boolean {
    const { _receiver: receiver } = this.#socket as { _receiver?: Partial<Writable> | null };
    return (receiver?.writableLength ?? 0) > 0;
  }

  /** Whether a pong with this payload answers a ping of ours (RFC 6455 §5.5.3: it repeats the ping's payload). */
  isAnswer(payload: Buffer): boolean {
    if (!this.#matchesPongs) return true;
    const place = this.#nonces.indexOf(payload.toString('latin1'));
    // One pong may answer the latest of several pings: those before it are answered, too.
    this.#nonces.splice(0, place + 1);
    return place >= 0;
  }

  ping(written: () => void): void {
    this.#socket.ping(this.#nonce(), undefined, (error?: Error | null) => {
      if (!error) written();
    });
  }

  /** A peer that has not read the ping cannot guess it. */
  #nonce(): string | undefined {
    if (!this.#matchesPongs) return undefined;
    const nonce = randomUUID();
    this.#nonces.push(nonce);
    if (this.#nonces.length > NONCES_LIMIT) this.#nonces.shift();
    return nonce;
  }

  destroy(): void {
    this.#socket.terminate();
  }

  reset(): void {
    const raw = this.rawSocket();
    if (raw !== undefined) resetSocket(raw);
  }

  flush(): void {
    this.rawSocket()?.destroySoon();
  }

  close(code: number, reason: string, limitMs: number | null | undefined): void {
    const socket = this.#socket;
    socket.close(code, reason.slice(0, CLOSE_REASON_LIMIT_BYTES));
    if (limitMs === null || limitMs === undefined) return;
    const limit = setTimeout(() => {
      socket.terminate();
    }, limitMs).unref();
    socket.once('close', () => {
      clearTimeout(limit);
    });
  }

  bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  rawSocket(): Socket | undefined {
    return socketBelow(this.#socket);
  }

  /** Everything that is read is announced by an event. */
  readSinceAsked(): number {
    return 0;
  }

  /** What is sent is told through the handle's `messageSent`. */
  wroteSinceAsked(): boolean {
    return false;
  }
}

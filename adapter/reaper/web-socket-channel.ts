/**
 * The WebSockets of one server of `ws`, as the host drives them. Listeners are the same functions for all connections, which find theirs by the socket
 * that they are called on; and only what makes a difference to the policy is listened to.
 */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import { kindOf } from '../../model/mechanisms/index.ts';
import { LifeBit } from '../../model/reaper/types.ts';
import { resetSocket } from '../connections/accepted.ts';
import type { Channel } from './channel.ts';
import type { ReaperHost } from './host.ts';
import type { Watched } from './watched.ts';

const OPEN = 1; // WebSocket.OPEN, RFC 6455 and the WHATWG WebSocket interface
/** An answer to a ping so many pings ago is none to this one. */
const NONCES_LIMIT = 16;
/** RFC 6455 §5.5: a control frame carries at most 125 bytes, two of them the close code. */
const CLOSE_REASON_LIMIT_BYTES = 123;

/** The TCP (or TLS, or Unix-domain) socket below a WebSocket: `ws` keeps it in `_socket`. */
function socketBelow(socket: WebSocket): Socket | undefined {
  return (socket as { _socket?: Socket | null })._socket ?? undefined;
}

interface Listeners {
  readonly raw: Readonly<Record<'data' | 'end', (this: Socket) => void>>;
  readonly close: (this: WebSocket, code: number) => void;
  readonly pong: (this: WebSocket, payload: Buffer) => void;
  readonly message: ((this: WebSocket) => void) | undefined;
  readonly ping: ((this: WebSocket) => void) | undefined;
}

export class WebSocketChannel implements Channel<WebSocket> {
  readonly #listeners: Listeners;
  /** Whether an answer must be told from a pong that nobody asked for: then each ping carries a nonce. */
  readonly #matchesPongs: boolean;
  /** Of the pings that no pong has answered yet, the oldest first. */
  readonly #nonces = new WeakMap<WebSocket, string[]>();

  /** Ended by the reaper, their close codes still to come. */
  readonly #ending = new Set<WebSocket>();

  /** @param codes counts the close codes of connections that were watched */
  constructor(host: ReaperHost<WebSocket>, codes: Map<number, number>) {
    this.#matchesPongs = host.policy.mechanisms.some((mechanism) =>
      kindOf(mechanism).signs(mechanism).includes('matching-pong'),
    );
    this.#listeners = this.#listenersOf(host, codes);
  }

  #listenersOf(host: ReaperHost<WebSocket>, codes: Map<number, number>): Listeners {
    const { distinct } = host;
    const received = (watched: Watched<WebSocket> | undefined, lifeBits: number): void => {
      if (watched !== undefined) host.received(watched, lifeBits);
    };
    const hears = (bit: number): ((this: WebSocket) => void) =>
      function heard(this: WebSocket): void {
        received(host.find(this), bit);
      };
    const pong = (socket: WebSocket, payload: Buffer): void => {
      const watched = host.find(socket);
      if (watched === undefined) return;
      const isAnswer = this.#isAnswer(socket, payload);
      const bit = isAnswer ? LifeBit.Pong : LifeBit.UnsolicitedPong;
      if (isAnswer) host.answered(watched);
      if ((distinct & bit) !== 0) host.received(watched, bit);
    };
    const closed = (socket: WebSocket, code: number): void => {
      codes.set(code, (codes.get(code) ?? 0) + 1);
      this.#ending.delete(socket);
      const watched = host.find(socket);
      if (watched !== undefined) host.closed(watched);
    };
    return {
      raw: {
        data(this: Socket) {
          received(host.of(this), LifeBit.AnyByte);
        },
        // The peer's FIN: `ws` waits for the send queue to empty, without a limit of its own.
        end(this: Socket) {
          const watched = host.of(this);
          if (watched !== undefined) host.closes(watched);
        },
      },
      close(this: WebSocket, code: number) {
        closed(this, code);
      },
      pong(this: WebSocket, payload: Buffer) {
        pong(this, payload);
      },
      message: (distinct & LifeBit.Message) === 0 ? undefined : hears(LifeBit.Message),
      ping: (distinct & LifeBit.Ping) === 0 ? undefined : hears(LifeBit.Ping),
    };
  }

  rawSocket(socket: WebSocket): Socket | undefined {
    return socketBelow(socket);
  }

  isOpen(socket: WebSocket): boolean {
    return socketBelow(socket)?.destroyed === false;
  }

  isClosing(socket: WebSocket): boolean {
    return socket.readyState !== OPEN || socketBelow(socket)?.writableEnded === true;
  }

  /**
   * `ws` inflates in the thread pool, one message at a time, and what came behind it waits in its receiver, pongs too.
   * The receiver is a Writable: its length falls to 0 when all that was read has been told.
   */
  isReading(socket: WebSocket): boolean {
    const { _receiver: receiver } = socket as { _receiver?: Partial<Writable> | null };
    return (receiver?.writableLength ?? 0) > 0;
  }

  listen({ socket, raw }: Watched<WebSocket>): void {
    const { message, ping, pong, close } = this.#listeners;
    socket.on('close', close).on('pong', pong);
    if (message !== undefined) socket.on('message', message);
    if (ping !== undefined) socket.on('ping', ping);
    // `ws` has made the stream flow already, and one that the host has paused stays paused: a further
    // 'data' listener changes neither.
    raw.on('data', this.#listeners.raw.data).on('end', this.#listeners.raw.end);
  }

  unlisten({ socket, raw }: Watched<WebSocket>, ended: boolean): void {
    const { message, ping, pong, close } = this.#listeners;
    if (ended) this.#ending.add(socket);
    else socket.off('close', close);
    socket.off('pong', pong);
    if (message !== undefined) socket.off('message', message);
    if (ping !== undefined) socket.off('ping', ping);
    raw.off('data', this.#listeners.raw.data).off('end', this.#listeners.raw.end);
  }

  release(): void {
    for (const socket of this.#ending) socket.off('close', this.#listeners.close);
    this.#ending.clear();
  }

  /** Whether a pong with this payload answers a ping of ours (RFC 6455 §5.5.3: it repeats the ping's payload). */
  #isAnswer(socket: WebSocket, payload: Buffer): boolean {
    if (!this.#matchesPongs) return true;
    const nonces = this.#nonces.get(socket) ?? [];
    const place = nonces.indexOf(payload.toString('latin1'));
    // One pong may answer the latest of several pings: those before it are answered, too.
    nonces.splice(0, place + 1);
    return place >= 0;
  }

  ping({ socket }: Watched<WebSocket>, written: () => void): void {
    socket.ping(this.#nonce(socket), undefined, (error?: Error | null) => {
      if (!error) written();
    });
  }

  /** A peer that has not read the ping cannot guess it. */
  #nonce(socket: WebSocket): string | undefined {
    if (!this.#matchesPongs) return undefined;
    const nonce = randomUUID();
    const nonces = this.#nonces.get(socket) ?? [];
    this.#nonces.set(socket, nonces);
    nonces.push(nonce);
    if (nonces.length > NONCES_LIMIT) nonces.shift();
    return nonce;
  }

  destroy(socket: WebSocket): void {
    socket.terminate();
  }

  reset(socket: WebSocket): void {
    const raw = socketBelow(socket);
    if (raw !== undefined) resetSocket(raw);
  }

  flush(socket: WebSocket): void {
    socketBelow(socket)?.destroySoon();
  }

  close(socket: WebSocket, code: number, reason: string, limitMs: number | null | undefined): void {
    socket.close(code, reason.slice(0, CLOSE_REASON_LIMIT_BYTES));
    if (limitMs === null || limitMs === undefined) return;
    const limit = setTimeout(() => {
      socket.terminate();
    }, limitMs).unref();
    socket.once('close', () => {
      clearTimeout(limit);
    });
  }

  bufferedBytes(socket: WebSocket): number {
    return socket.bufferedAmount;
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

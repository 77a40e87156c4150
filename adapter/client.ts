/**
 * `ghostbound/client`: a WebSocket client that comes back. Its reconnect policy is run by the chart of
 * `docs/machines/reconnect.md`; in browsers, in Node from 22 on, and on Node 20 with the class of `ws`.
 *
 * One socket at a time: before another is opened, the one before was let go in one step, with nothing of it heard
 * any more and no timer left. What is sent meanwhile waits in a queue with a limit. The URL belongs to the
 * client and not to a socket, and is read at each attempt.
 */
import type { ReconnectPolicy } from '../model/machines/reconnect/backoff.ts';
import { askedByCode, askedByStatus } from './client/asked-wait.ts';
import { ReconnectDriver, type AskedWait, type ReconnectHost } from './client/driver.ts';
import { Emitter } from './client/emitter.ts';
import { sayUnheard } from './client/unheard.ts';
import { contain, isThenable } from './safety/contain.ts';
import { LifeWatch, lifeRules, type DeathCause, type LifeRules } from './client/heartbeat.ts';
import { listenForHints } from './client/hints.ts';
import {
  readSettings,
  type ClientOptions,
  type ReconnectPolicyInput,
  type Settings,
  type UrlSource,
} from './client/options.ts';
import { Outbox } from './client/outbox.ts';
import { dropSocket, hearSocket, OPEN, type Closing, type WebSocketLike } from './client/socket.ts';
import { CloseCode } from '../model/machines/websocket/close-code.ts';

export type { Clock } from './client/clock.ts';
export type {
  ClientOptions,
  Heartbeat,
  ReconnectPolicyInput,
  UrlSource,
} from './client/options.ts';
export { DEFAULT_RECONNECT_POLICY } from './client/options.ts';
export type { WebSocketConstructor, WebSocketLike } from './client/socket.ts';
export type { ReconnectPolicy } from '../model/machines/reconnect/backoff.ts';
export { InputError } from '../model/issue.ts';

/** Where a client is: `open` from the opening on, `waiting` for its next attempt. `stopped` is for ever. */
export type ClientState =
  'idle' | 'connecting' | 'open' | 'waiting' | 'gaveUp' | 'refused' | 'stopped';

/** Why there is no connection any more, or again none. */
export interface Loss {
  /**
   * `closed`: the socket ended, or never opened. `connect-timeout`: an attempt took too long. `no-reply`: a
   * heartbeat was not answered. `silent`: nothing came for `silenceMs`. `url`: the URL could not be had, or the
   * WebSocket class did not take it.
   */
  readonly cause: 'closed' | 'connect-timeout' | 'url' | DeathCause;
  /** Close code and reason where the socket told them (RFC 6455 §7.4). */
  readonly code: number | undefined;
  readonly reason: string | undefined;
  /** Whether it had been open. */
  readonly wasOpen: boolean;
}

/** What a client tells, by event. */
export interface ClientEvents {
  /**
   * Connected. What a listener sends now goes before what waits in the queue: the place for a greeting. `attempts`: retries
   * it took.
   */
  open: { readonly url: string; readonly attempts: number };
  /** A message, as the socket gives it. */
  message: unknown;
  /** The connection, or an attempt, is lost; what follows is `waiting`, `gaveUp` or `refused`. */
  lost: Loss;
  /** The next attempt, number `attempt` from 1, comes in `waitMs`. */
  waiting: { readonly attempt: number; readonly waitMs: number };
  /** The limit of attempts is reached. `connect()` and, in a browser, a network that comes back begin anew. */
  gaveUp: { readonly attempts: number };
  /** The server closed with one of `finalCodes`. `connect()` begins anew. */
  refused: { readonly code: number; readonly reason: string };
  /** `close()` was called. */
  stopped: undefined;
  /** What a URL function, a WebSocket constructor, `send` or a listener threw, or rejected with. */
  error: unknown;
}

/** A client that comes back. */
export interface ReconnectingClient {
  readonly state: ClientState;
  /** Messages that wait for a connection. */
  readonly queued: number;
  /** Their bytes. */
  readonly queuedBytes: number;
  /** The policy with all its defaults. */
  readonly policy: ReconnectPolicy;
  /**
   * Sends now, or keeps the message until there is a connection.
   *
   * @returns `sent`: the socket has taken it, which is no receipt. `queued`: it waits. `refused`: the queue is full, the
   *   client is stopped, or the socket does not take such a message (see the event `error`).
   */
  send(message: unknown): 'sent' | 'queued' | 'refused';
  /** Connects now instead of waiting; begins anew after giving up or a refusal. Harmless in any other state. */
  connect(): void;
  /** Ends it for good: the socket, every timer, every listener, and what waits in the queue. */
  close(code?: number, reason?: string): void;
  /** Calls `listener` at each such event until the function that it answers is called. */
  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (detail: ClientEvents[Name]) => unknown,
  ): () => void;
}

/**
 * Connects, and comes back after every loss as the policy says, until `close()`.
 *
 * @param url - where to; a function is called at each attempt, and may answer a promise.
 * @param policy - what is left out is as in {@link DEFAULT_RECONNECT_POLICY}, which never gives up. Durations are
 *   ms, or text such as `'30s'`.
 * @param options - see {@link ClientOptions}.
 * @returns the client; the first attempt begins once the present task is over, so that listeners can be added.
 * @throws InputError with everything that is wrong. After that nothing is thrown: see the event `error`.
 * @remarks In Node a client that waits or is connected holds the process; `close()` lets it go.
 *
 * @example
 * import { createClient } from 'ghostbound/client';
 * import { WebSocket } from 'ws';
 *
 * const policy = { baseMs: '1s', capMs: '30s', jitterMs: '1s', maxAttempts: null };
 * const client = createClient(() => 'ws://127.0.0.1:9', policy, { WebSocket });
 * client.on('message', (data) => console.log(data));
 * client.send('hello') // => 'queued'
 * client.policy.capMs // => 30_000
 * client.close();
 * client.state // => 'stopped'
 */
export function createClient(
  url: UrlSource,
  policy: ReconnectPolicyInput = {},
  options: ClientOptions = {},
): ReconnectingClient {
  const client = new Client(url, readSettings(url, policy, options));
  return {
    get state() {
      return client.state;
    },
    get queued() {
      return client.queued;
    },
    get queuedBytes() {
      return client.queuedBytes;
    },
    policy: client.settings.policy,
    send: (message) => client.send(message),
    connect: () => {
      client.connect();
    },
    close: (code, reason) => {
      client.close(code, reason);
    },
    on: (name, listener) => client.events.on(name, listener),
  };
}

/** Standard and private codes that an application may close with (WHATWG WebSocket, `close`). */
function mayCloseWith(code: number): boolean {
  return code === CloseCode.Normal || (code >= 3000 && code <= 4999);
}

class Client implements ReconnectHost {
  readonly settings: Settings;
  readonly events = new Emitter<ClientEvents>((event, error) => {
    this.#failed(event, error);
  });
  readonly #url: UrlSource;
  readonly #driver: ReconnectDriver;
  readonly #rules: LifeRules | undefined;
  readonly #queue: Outbox;
  readonly #unhint: () => void;
  /** Takes its listener off the signal. */
  readonly #deafen: () => void;
  #socket: WebSocketLike | undefined;
  #socketUrl = '';
  #life: LifeWatch | undefined;
  /** Counts sockets and attempts at one: an answer that belongs to an earlier one is too late. */
  #ticket = 0;
  #loss: Loss | undefined;
  #refusal: Closing = { code: CloseCode.NoStatus, reason: '' };
  #asked: AskedWait | undefined;
  /** Set by `close`. */
  #farewell: Closing | undefined;

  constructor(url: UrlSource, settings: Settings) {
    this.#url = url;
    this.settings = settings;
    this.#queue = new Outbox(settings.queueLimit, settings.queueLimitBytes);
    this.#rules = lifeRules(settings.heartbeat, settings.silenceMs);
    this.#driver = new ReconnectDriver(settings.policy, settings.clock, this);
    this.#unhint = settings.hints
      ? listenForHints((hopeful) => {
          this.#hinted(hopeful);
        })
      : () => undefined;
    queueMicrotask(() => {
      if (this.state === 'idle') this.connect();
    });
    const { signal } = settings;
    const aborted = (): void => {
      this.close();
    };
    signal?.addEventListener('abort', aborted, { once: true });
    this.#deafen = () => signal?.removeEventListener('abort', aborted);
    if (signal?.aborted === true) this.close();
  }

  get state(): ClientState {
    const { state } = this.#driver;
    return (state === 'stable' ? 'open' : state) as ClientState;
  }

  get queued(): number {
    return this.#queue.length;
  }

  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  send(message: unknown): 'sent' | 'queued' | 'refused' {
    if (this.#farewell !== undefined) return 'refused';
    // A socket that is closing has not told so yet: the message would be lost in it.
    if (this.state === 'open' && this.#socket?.readyState === OPEN) {
      return this.#give(this.#socket, message) ? 'sent' : 'refused';
    }
    return this.#queue.put(message) ? 'queued' : 'refused';
  }

  connect(): void {
    this.#driver.tell('CONNECT');
  }

  close(code: number = CloseCode.Normal, reason = ''): void {
    if (this.#farewell !== undefined) return;
    this.#farewell = { code: mayCloseWith(code) ? code : CloseCode.Normal, reason };
    this.#unhint();
    this.#deafen();
    this.#queue.clear();
    this.#driver.tell('STOP');
    this.events.emit('stopped', undefined);
    this.events.clear();
  }

  // What the machine asks for.

  openSocket(): void {
    const ticket = ++this.#ticket;
    const failed = (error: unknown): void => {
      if (ticket !== this.#ticket) return;
      this.events.emit('error', error);
      this.#lose({ cause: 'url', code: undefined, reason: undefined, wasOpen: false });
    };
    const make = (url: unknown): void => {
      if (ticket === this.#ticket) this.#make(String(url), ticket);
    };
    contain(() => {
      const url = typeof this.#url === 'function' ? this.#url() : this.#url;
      return isThenable(url) ? Promise.resolve(url).then(make) : make(url);
    }, failed);
  }

  dropSocket(): void {
    this.#ticket += 1;
    this.#life?.stop();
    this.#life = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    const loss = this.#loss;
    this.#loss = undefined;
    if (socket !== undefined) {
      this.#contain(() => {
        dropSocket(socket, this.#farewell);
      });
    }
    if (loss !== undefined) this.events.emit('lost', loss);
  }

  flushQueue(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#watchLife(socket);
    this.events.emit('open', { url: this.#socketUrl, attempts: this.#driver.attempts });
    while (this.#queue.length > 0 && socket === this.#socket && socket.readyState === OPEN) {
      this.#give(socket, this.#queue.take());
    }
  }

  #watchLife(socket: WebSocketLike): void {
    const { clock, heartbeat } = this.settings;
    if (this.#rules === undefined) return;
    const send = (message: unknown): void => {
      if (socket.readyState === OPEN) socket.send(message as never);
    };
    const beat = (): void => {
      this.#contain(() => {
        if (socket.readyState !== OPEN) return undefined;
        const message = heartbeat?.message();
        return isThenable(message) ? Promise.resolve(message).then(send) : send(message);
      });
    };
    this.#life = new LifeWatch(this.#rules, clock, beat, (cause) => {
      this.#lose({ cause, code: undefined, reason: undefined, wasOpen: true });
    });
  }

  reportGaveUp(attempts: number): void {
    this.events.emit('gaveUp', { attempts });
  }

  reportRefused(): void {
    this.events.emit('refused', this.#refusal);
  }

  waits(attempt: number, waitMs: number): void {
    this.events.emit('waiting', { attempt, waitMs });
  }

  timedOut(): void {
    const cause = 'connect-timeout';
    this.#loss = { cause, code: undefined, reason: undefined, wasOpen: false };
  }

  askedToWait(): AskedWait | undefined {
    const asked = this.#asked;
    this.#asked = undefined;
    return asked;
  }

  draw(): number {
    let drawn = Number.NaN;
    this.#contain(() => (drawn = this.settings.random()));
    return drawn >= 0 && drawn < 1 ? drawn : 0.5;
  }

  #make(url: string, ticket: number): void {
    const { WebSocket, protocols, socketOptions, binaryType, policy } = this.settings;
    const socket = new WebSocket(url, protocols(), socketOptions as never);
    this.#socket = socket;
    this.#socketUrl = url;
    if (binaryType !== undefined) socket.binaryType = binaryType;
    const current = (): boolean => ticket === this.#ticket;
    hearSocket(socket, {
      opened: () => {
        if (current()) this.#driver.tell('OPENED');
      },
      message: (data) => {
        if (!current()) return;
        this.#life?.heard();
        this.events.emit('message', data);
      },
      closed: (closing) => {
        if (current()) this.#ended(closing);
      },
      declined: (status, retryAfter) => {
        if (current()) this.#asked = askedByStatus(status, retryAfter, policy.capMs, Date.now());
      },
    });
  }

  #ended({ code, reason }: Closing): void {
    const wasOpen = this.state === 'open';
    this.#asked ??= askedByCode(code, this.settings.policy.capMs);
    const loss: Loss = { cause: 'closed', code, reason, wasOpen };
    if (!wasOpen || !this.settings.finalCodes.has(code)) {
      this.#lose(loss);
      return;
    }
    this.#loss = loss;
    this.#refusal = { code, reason };
    this.#driver.tell('REFUSED');
  }

  #lose(loss: Loss): void {
    this.#loss = loss;
    this.#driver.tell('LOST');
  }

  /** The network has changed: what waits need not wait, and what is open may lead nowhere. */
  #hinted(hopeful: boolean): void {
    const { state } = this;
    if (state === 'open') this.#life?.probe();
    else if (hopeful && (state === 'waiting' || state === 'gaveUp')) this.connect();
  }

  /** Whether the socket has taken it: some messages no socket takes, and they would wait in no queue either. */
  #give(socket: WebSocketLike, message: unknown): boolean {
    let taken = false;
    this.#contain(() => {
      socket.send(message as never);
      taken = true;
    });
    return taken;
  }

  #contain(work: () => unknown): void {
    contain(work, (error) => {
      this.events.emit('error', error);
    });
  }

  /** A listener failed: whoever listens for errors hears it; otherwise the console does. It ends no process. */
  #failed(event: keyof ClientEvents, error: unknown): void {
    if (event !== 'error' && this.events.has('error')) this.events.emit('error', error);
    else sayUnheard(error);
  }
}

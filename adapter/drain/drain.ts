/**
 * The end of a server, by a deadline. `server.close()` waits for every connection, and nothing in Node makes the last
 * ones go: keep-alive connections, sockets that never sent a byte, and upgraded sockets, which even
 * `closeAllConnections()` leaves open (nodejs/node#53536). One ghost among them, and the process waits until somebody kills it.
 *
 * So: stop accepting; end what is idle; let requests finish, the last response of each connection saying that it is the last,
 * HTTP/2 by GOAWAY; ask WebSockets to go with 1001; and at the deadline destroy whatever is left.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { WebSocket, WebSocketServer } from 'ws';
import { CloseCode } from '../../model/machines/websocket/close-code.ts';
import { acceptedSockets, socketBelow } from '../connections/accepted.ts';
import { nowUs, TIMEOUT_LIMIT_MS } from '../reaper/alarm.ts';
import { attachedTo, type Attached } from '../reaper/attached.ts';
import { contain, tellError } from '../safety/contain.ts';
import {
  readDrainArguments,
  type DrainArguments,
  type DrainOptions,
  type DrainResult,
} from './options.ts';
import {
  httpConnections,
  lastResponseOn,
  sayLastResponse,
  speaksHttp,
} from '../connections/http.ts';
import { followSessions, learnSession, sessionOn } from '../connections/http2.ts';

/** How often a drain looks for connections that have become idle. */
const LOOK_EVERY_MS = 50;
/** How long destroyed sockets may take to say so before the drain ends without them. */
const LAST_WORDS_MS = 1000;

const running = new WeakMap<Server, Drain>();

/**
 * Stops a server by a deadline: no new connection, idle ones closed, requests under way finished, WebSockets asked
 * to go, and every socket that is still open at the deadline destroyed, upgraded ones too.
 *
 * @param server - a server of `net`, `http`, `https` or `tls`, or a `WebSocketServer` of `ws` that has one.
 * @param options - see {@link DrainOptions}.
 * @returns when the server is closed: how its connections ended. Rejected with InputError when an argument is not
 *   what it must be, and for no other reason.
 * @remarks A second call answers the same promise; a deadline that it states earlier than the first one counts. While
 *   connections are left, the drain holds the process up to its deadline.
 *
 * @example
 * import { createServer } from 'node:http';
 * import { drain } from 'ghostbound/node';
 *
 * const server = createServer((request, response) => response.end('hello'));
 * const { closed, destroyed } = await drain(server, { deadlineMs: '15s' }); // in the handler of SIGTERM
 * closed + destroyed // => 0
 */
export function drain(
  server: Server | WebSocketServer,
  options: DrainOptions = {},
): Promise<DrainResult> {
  try {
    const read = readDrainArguments(server, options);
    let current = running.get(read.server);
    if (current === undefined) {
      current = new Drain(read);
      running.set(read.server, current);
    } else if (options.deadlineMs !== undefined) current.hasten(read.deadlineMs);
    return current.result;
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

class Drain {
  readonly result: Promise<DrainResult>;
  readonly #to: DrainArguments;
  readonly #startedUs = nowUs();
  /** TCP sockets that are still open; the value is the socket that the application knows. */
  readonly #open = new Map<Socket, Socket>();
  readonly #asked = new Set<Socket>();
  readonly #undo: (() => void)[] = [];
  #resolve: (result: DrainResult) => void = () => undefined;
  #deadlineMs: number | null = null;
  #deadline: NodeJS.Timeout | undefined;
  #closed = 0;
  #destroyed = 0;
  #reported = Infinity;
  #overdue = false;
  #serverClosed = false;

  constructor(to: DrainArguments) {
    this.#to = to;
    this.result = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    for (const reaper of this.#reapers()) reaper.drains(to.deadlineMs);
    this.#contain(() => {
      this.#begin();
    });
    this.#arm(to.deadlineMs);
  }

  /** Brings the deadline forward. */
  hasten(deadlineMs: number | null): void {
    if (deadlineMs === null) return;
    const elapsedMs = this.#elapsedMs();
    const endsAtMs = this.#deadlineMs ?? Infinity;
    if (elapsedMs + deadlineMs < endsAtMs) this.#arm(elapsedMs + deadlineMs);
  }

  #reapers(): Attached[] {
    const { server, webSocketServers } = this.#to;
    return [server, ...webSocketServers].flatMap((one) => attachedTo(one) ?? []);
  }

  #elapsedMs(): number {
    return Math.round((nowUs() - this.#startedUs) / 1000);
  }

  #contain(work: () => unknown): void {
    contain(work, (error) => {
      tellError(this.#to.onError, error);
    });
  }

  /**
   * The one timer here that holds the process. It lives only while connections do, and without it a process
   * whose sockets were all `unref`ed would end in the middle, with the drain's promise open.
   */
  #arm(deadlineMs: number | null): void {
    this.#deadlineMs = deadlineMs;
    clearTimeout(this.#deadline);
    // What no timer can wait for, four weeks and more, is as good as never.
    if (deadlineMs === null || deadlineMs > TIMEOUT_LIMIT_MS || this.#overdue) return;
    this.#deadline = setTimeout(
      () => {
        this.#expire();
      },
      Math.max(0, deadlineMs - this.#elapsedMs()),
    );
  }

  #listen(emitter: NodeJS.EventEmitter, event: string, listener: (...args: never[]) => void): void {
    const contained = (...args: never[]): void => {
      this.#contain(() => {
        listener(...args);
      });
    };
    emitter.prependListener(event, contained as () => void);
    this.#undo.push(() => emitter.off(event, contained as () => void));
  }

  #begin(): void {
    const { server, webSocketServers } = this.#to;
    this.#listen(server, 'close', () => {
      this.#serverClosed = true;
      this.#endIfDone();
    });
    // Accepted before, and announced only now.
    this.#listen(server, 'connection', (socket: Socket) => {
      this.#follow(socket);
    });
    this.#listen(server, 'secureConnection', (socket: Socket) => {
      this.#follow(socket);
    });
    this.#listen(server, 'request', (request: IncomingMessage, response: ServerResponse) => {
      if (request.httpVersionMajor === 1) sayLastResponse(request.socket, response);
    });
    for (const webSockets of webSocketServers) {
      this.#listen(webSockets, 'connection', (socket: WebSocket) => {
        this.#sendAway(socket);
      });
    }
    this.#undo.push(followSessions(server));
    this.#followAll();
    stopAccepting(server);
    for (const webSockets of webSocketServers) {
      for (const socket of clientsOf(webSockets)) {
        this.#contain(() => {
          this.#sendAway(socket);
        });
      }
    }
    sayLastResponses(httpConnections(server).all);
    const looking = setInterval(() => {
      this.#look();
    }, LOOK_EVERY_MS).unref();
    this.#undo.push(() => clearInterval(looking));
    // What has arrived is read before anybody is called idle.
    setImmediate(() => {
      this.#look();
    });
  }

  #followAll(): void {
    for (const socket of acceptedSockets(this.#to.server)) this.#follow(socket);
    // With TLS a reaper knows the socket that the application knows.
    for (const socket of this.#reapers().flatMap((reaper) => reaper.sockets())) {
      this.#follow(socket);
    }
  }

  #follow(socket: Socket): void {
    const below = socketBelow(socket);
    if (below.destroyed) return;
    const known = this.#open.has(below);
    if (!known || socket !== below) this.#open.set(below, socket);
    if (known) return;
    below.once('close', () => {
      this.#open.delete(below);
      this.#asked.delete(below);
      if (!this.#overdue) this.#closed += 1;
      this.#report();
      this.#endIfDone();
    });
  }

  #sendAway(webSocket: WebSocket): void {
    const { _socket: socket } = webSocket as unknown as { _socket?: Socket | null };
    if (socket) {
      this.#follow(socket);
      this.#asked.add(socketBelow(socket));
    }
    webSocket.close(CloseCode.GoingAway, 'the server is shutting down');
  }

  #look(): void {
    this.#contain(() => {
      const { server } = this.#to;
      const { all, idle } = httpConnections(server);
      for (const socket of idle) socket.destroy();
      sayLastResponses(all);
      const speaking = new Set(all.map(socketBelow));
      for (const [below, socket] of this.#open) {
        // On its way out, and told by its `close`.
        if (below.destroyed) continue;
        // A TLS handshake that never began.
        if (speaksHttp(server) && below.bytesRead === 0) below.destroy();
        else if (!speaking.has(below)) this.#askToGo(below, socket);
      }
      this.#report();
    });
  }

  #askToGo(below: Socket, socket: Socket): void {
    if (this.#asked.has(below)) return;
    this.#asked.add(below);
    this.#contain(() => {
      learnSession(socket);
      const session = sessionOn(socket);
      return session === undefined ? this.#to.goAway?.(socket) : session.close();
    });
  }

  #report(): void {
    const connections = this.#open.size;
    if (connections >= this.#reported) return;
    this.#reported = connections;
    this.#contain(() => this.#to.onProgress?.({ connections, ...this.#counts() }));
  }

  #counts(): DrainResult {
    return { closed: this.#closed, destroyed: this.#destroyed, elapsedMs: this.#elapsedMs() };
  }

  #expire(): void {
    this.#overdue = true;
    this.#contain(() => {
      this.#followAll(); // whoever came in ways that no event told of
    });
    this.#destroyed = this.#open.size;
    for (const below of this.#open.keys()) this.#contain(() => below.destroy());
    this.#deadline = setTimeout(() => {
      this.#end();
    }, LAST_WORDS_MS);
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#serverClosed && this.#open.size === 0) this.#end();
  }

  #end(): void {
    clearTimeout(this.#deadline);
    for (const undo of this.#undo.splice(0)) undo();
    running.delete(this.#to.server);
    this.#resolve(this.#counts());
  }
}

/** With `clientTracking: false` a server knows none, whatever the types say; a reaper on it does. */
function clientsOf(server: WebSocketServer): Iterable<WebSocket> {
  const tracked = server.clients as Set<WebSocket> | undefined;
  return tracked ?? (attachedTo(server)?.watchedConnections() as WebSocket[] | undefined) ?? [];
}

function sayLastResponses(sockets: readonly Socket[]): void {
  for (const socket of sockets) {
    const response = lastResponseOn(socket);
    if (response !== undefined) sayLastResponse(socket, response);
  }
}

/**
 * `server.close()` without what HTTP servers add to it since Node 19: it would destroy connections that have not yet
 * written all of a response to the kernel (see `httpConnections`).
 */
function stopAccepting(server: Server): void {
  const own = Object.getOwnPropertyDescriptor(server, 'closeIdleConnections');
  Object.defineProperty(server, 'closeIdleConnections', {
    value: () => undefined,
    configurable: true,
  });
  try {
    server.close();
  } finally {
    if (own === undefined) Reflect.deleteProperty(server, 'closeIdleConnections');
    else Object.defineProperty(server, 'closeIdleConnections', own);
  }
}

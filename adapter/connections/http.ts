/**
 * What an `http` or `https` server knows about its connections. Node keeps it to itself: which connection is between
 * two requests is known only to the list of parsers, and which response a socket is busy with only to the
 * socket. Both are read here and nowhere else; where a runtime has no such list, nothing is known, and nothing is
 * taken to be idle.
 */
import type { ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';

/** A parser of lib/_http_server.js; its socket is gone once it was freed. */
interface Parser {
  readonly socket: Socket | null | undefined;
}

/** `ConnectionsList` of src/node_http_parser.cc, in the server's property `Symbol(http.server.connections)`. */
interface ConnectionsList {
  all(): readonly Parser[];
  /** Those whose last request has been read to its end, and no byte of a next one. */
  idle(): readonly Parser[];
}

const LIST_SYMBOL = 'http.server.connections';

/** Connections of an HTTP server that still speak HTTP; upgraded ones are no longer among them. */
export interface HttpConnections {
  readonly all: readonly Socket[];
  /** Those that neither read a request nor owe a byte of a response. */
  readonly idle: readonly Socket[];
}

/** Whether `server` speaks HTTP at all. */
export function speaksHttp(server: Server): boolean {
  return listOf(server) !== undefined;
}

/** The connections that speak HTTP on `server` at this moment. */
export function httpConnections(server: Server): HttpConnections {
  const list = listOf(server);
  if (list === undefined) return { all: [], idle: [] };
  const all = socketsOf(list.all());
  // A connection that never sent a byte is not in Node's list of idle ones.
  const silent = all.filter(({ bytesRead }) => bytesRead === 0);
  // There is one more trap: to Node a connection is idle as soon as the response has been handed over, with
  // megabytes of it still unwritten (`closeIdleConnections`, and with it `close`, cuts such a response).
  const quiet = socketsOf(list.idle()).filter(
    (socket) => responseOn(socket) === undefined && socket.writableLength === 0,
  );
  return { all, idle: [...new Set([...silent, ...quiet])] };
}

/** The response that a connection is busy with, until its last byte was handed to the kernel. */
export function responseOn(socket: Socket): ServerResponse | undefined {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;
}

/**
 * The response that a connection is busy with, if nothing more is owed behind it: a client may send requests without waiting
 * for answers (RFC 9112 §9.3.2), and what follows a response that says `close` is never written.
 */
export function lastResponseOn(socket: Socket): ServerResponse | undefined {
  const response = responseOn(socket);
  const { parser } = socket as { parser?: { readonly incoming?: unknown } | null };
  const latest = parser?.incoming ?? response?.req;
  return latest === response?.req ? response : undefined;
}

/** What was said to be the last response of a connection, and what its header was before. */
const saidLast = new WeakMap<Socket, { response: ServerResponse; before: unknown }>();

/**
 * Tells the client that this response is the last one of its connection, where that can still be said. If another one was
 * said to be the last before, and its head is not written yet, that is taken back.
 */
export function sayLastResponse(socket: Socket, response: ServerResponse): void {
  const earlier = saidLast.get(socket);
  if (earlier?.response === response) return;
  if (earlier !== undefined && !earlier.response.headersSent) {
    if (earlier.before === undefined) earlier.response.removeHeader('Connection');
    else earlier.response.setHeader('Connection', earlier.before as string);
  }
  if (response.headersSent) return;
  saidLast.set(socket, { response, before: response.getHeader('Connection') });
  response.setHeader('Connection', 'close');
}

/** Calls `done` once nothing is owed on a connection, each response said to be the last as far as that is so. */
export function afterLastResponse(socket: Socket, done: () => void): void {
  const response = responseOn(socket);
  if (response === undefined) {
    done();
    return;
  }
  const last = lastResponseOn(socket);
  if (last !== undefined) sayLastResponse(socket, last);
  // Node hands the socket to the next response before this one tells that it is closed.
  response.once('close', () => {
    if (!socket.destroyed) afterLastResponse(socket, done);
  });
}

function listOf(server: Server): ConnectionsList | undefined {
  const symbol = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === LIST_SYMBOL,
  );
  if (symbol === undefined) return undefined;
  return (server as unknown as Record<symbol, ConnectionsList | undefined>)[symbol];
}

function socketsOf(parsers: readonly Parser[]): Socket[] {
  return parsers.flatMap(({ socket }) => (socket && !socket.destroyed ? [socket] : []));
}

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

/** Tells the client that this response is the last one of its connection, where that can still be said. */
export function sayLastResponse(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
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

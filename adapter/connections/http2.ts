/**
 * HTTP/2 on a socket: its session, known from the server's event `session` on or found on the socket, and its open streams. Which
 * socket a session speaks on, and how many streams are open, Node keeps under names of its own, which are read here and nowhere
 * else; where a runtime keeps them elsewhere, a connection counts as one of an unknown protocol.
 */
import type { ServerHttp2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';

/** The symbols of lib/internal/http2/core.js. */
const SOCKET = 'socket';
const STATE = 'state';

const sessions = new WeakMap<object, ServerHttp2Session>();

/** Learns of the sessions that begin on `server`, until the function answered is called. */
export function followSessions(server: Server): () => void {
  const began = (session: ServerHttp2Session): void => {
    const socket = bySymbol(session, SOCKET);
    if (typeof socket === 'object' && socket !== null) sessions.set(socket, session);
  };
  server.on('session', began);
  return () => server.off('session', began);
}

/** Learns of the session that a socket has already: Node keeps it on the socket that it has bound to it (`kBoundSession`). */
export function learnSession(socket: Socket): void {
  if (sessions.has(socket)) return;
  for (const key of Reflect.ownKeys(socket)) {
    const bound = (socket as unknown as Record<PropertyKey, unknown>)[key];
    if (!isSession(bound)) continue;
    sessions.set(socket, bound);
    return;
  }
}

function isSession(value: unknown): value is ServerHttp2Session {
  const { goaway, close } = (value ?? {}) as Partial<ServerHttp2Session>;
  return typeof goaway === 'function' && typeof close === 'function';
}

/** The session on this socket; undefined where it speaks no HTTP/2, or began unseen. */
export function sessionOn(socket: Socket): ServerHttp2Session | undefined {
  return sessions.get(socket);
}

/** How many streams are open in a session, and so how many answers may be owed. */
export function openStreams(session: ServerHttp2Session): number {
  const state = bySymbol(session, STATE) as { readonly streams?: Map<number, unknown> } | undefined;
  return state?.streams?.size ?? 0;
}

function bySymbol(holder: object, description: string): unknown {
  const symbol = Object.getOwnPropertySymbols(holder).find(
    (one) => one.description === description,
  );
  return symbol === undefined ? undefined : (holder as Record<symbol, unknown>)[symbol];
}

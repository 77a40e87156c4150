/**
 * The opening of a connection on a server of Node: from `accept` to the end of the TLS handshake, and over HTTP to the end of the first
 * request's header. A peer that sends a byte now and then holds a descriptor for as long as nobody counts.
 */
import type { Server, Socket } from 'node:net';
import { socketBelow } from './accepted.ts';

/**
 * Events of an HTTP server with a whole header; each comes with a request. All but the first change what Node itself does as soon as
 * somebody listens, so they are listened to where the application does.
 */
const HEADER_EVENTS = ['request', 'upgrade', 'connect', 'checkContinue', 'checkExpectation'];

type Listener = (...values: never[]) => void;

/** Whether a connection of this server is opened after it was accepted. */
export function hasOpening(server: Server): boolean {
  return speaksHttp(server) || speaksTls(server);
}

/** Also before it listens. */
function speaksHttp(server: Server): boolean {
  return typeof (server as { closeIdleConnections?: unknown }).closeIdleConnections === 'function';
}

function speaksTls(server: Server): boolean {
  return typeof (server as { setTicketKeys?: unknown }).setTicketKeys === 'function';
}

/**
 * Calls `overdue` with the TCP socket of each connection that is not open `limitMs` after it was accepted, until the function that it
 * answers is called.
 */
export function limitOpenings(
  server: Server,
  limitMs: number,
  overdue: (socket: Socket) => void,
): () => void {
  const pending = new Map<Socket, NodeJS.Timeout>();
  const opened = (socket: Socket): void => {
    const below = socketBelow(socket);
    clearTimeout(pending.get(below));
    pending.delete(below);
  };
  const onHeader = (request: { readonly socket: Socket }): void => {
    opened(request.socket);
  };
  const events = speaksHttp(server) ? HEADER_EVENTS : ['secureConnection'];
  const onOpened = (events[0] === 'request' ? onHeader : opened) as Listener;
  const followed = new Set<string>();
  const follow = (): void => {
    for (const event of events) {
      if (followed.has(event) || (event !== events[0] && server.listenerCount(event) === 0))
        continue;
      followed.add(event);
      server.prependListener(event, onOpened as (...values: unknown[]) => void);
    }
  };
  const onConnection = (socket: Socket): void => {
    follow();
    const timer = setTimeout(() => {
      pending.delete(socket);
      overdue(socket);
    }, limitMs).unref();
    pending.set(socket, timer);
    socket.once('close', () => {
      opened(socket);
    });
  };
  server.prependListener('connection', onConnection);
  return () => {
    server.off('connection', onConnection);
    for (const event of followed) server.off(event, onOpened as (...values: unknown[]) => void);
    for (const timer of pending.values()) clearTimeout(timer);
    pending.clear();
  };
}

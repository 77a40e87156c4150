/**
 * What the client needs of a WebSocket: the interface of the WHATWG standard, which browsers, Node from 22 on and the
 * package `ws` have in common; and the one way in which a socket is let go.
 */

/** A WebSocket as the client uses it. */
export interface WebSocketLike {
  readonly readyState: number;
  binaryType: string;
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  send(data: never): void;
  close(code?: number, reason?: string): void;
  /** `ws` has it: ends the connection now, without a closing handshake. */
  terminate?(): void;
  /** `ws` is an EventEmitter. */
  on?(event: string, listener: (...args: never[]) => void): unknown;
}

/** A class of WebSockets: the global one, or that of `ws`. */
export type WebSocketConstructor = new (
  url: string,
  protocols?: string | string[],
  options?: never,
) => WebSocketLike;

/** The part of a CloseEvent that is read. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** The part of an HTTP response that is read, where the class tells of it. */
interface Response {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
}

export const OPEN = 1; // WebSocket.OPEN
const CLOSED = 3; // WebSocket.CLOSED

/** Hears what a socket that is gone may still say. `ws` reports an aborted handshake that nobody hears as uncaught. */
const ignore = (): void => undefined;

/** The global class; undefined where there is none (Node 20). */
export function globalWebSocket(): WebSocketConstructor | undefined {
  return (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
}

/** What the client hears of a socket. */
export interface SocketListener {
  opened(): void;
  message(data: unknown): void;
  closed(closing: Closing): void;
  /** The server answered the handshake with another status; only `ws` tells. What follows is `closed`. */
  declined(status: number, retryAfter: string | undefined): void;
}

/** Hears a socket. The standard has a close event follow each error, and only that one says what happened. */
export function hearSocket(socket: WebSocketLike, listener: SocketListener): void {
  Object.assign(socket, {
    onopen: () => {
      listener.opened();
    },
    onmessage: ({ data }: { readonly data: unknown }) => {
      listener.message(data);
    },
    onerror: ignore,
    onclose: ({ code, reason }: Closing) => {
      listener.closed({ code, reason });
    },
  });
  // With a listener, `ws` leaves it to that to end the attempt.
  socket.on?.('unexpected-response', (_request: unknown, response: Response) => {
    const after = response.headers?.['retry-after'];
    listener.declined(response.statusCode ?? 0, typeof after === 'string' ? after : undefined);
    socket.terminate?.();
  });
}

/**
 * Lets go of a socket in one go: first nothing of it is heard any more, then it is closed. `farewell`: with a closing
 * handshake; without one it is taken to be dead already, and nobody waits for it where that can be avoided.
 */
export function dropSocket(socket: WebSocketLike, farewell: Closing | undefined): void {
  Object.assign(socket, { onopen: null, onmessage: null, onerror: ignore, onclose: null });
  if (socket.readyState === CLOSED) return;
  if (farewell !== undefined) socket.close(farewell.code, farewell.reason);
  else if (typeof socket.terminate === 'function') socket.terminate();
  else socket.close();
}

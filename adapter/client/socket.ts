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
}

/** A class of WebSockets: the global one, or that of `ws`. */
export type WebSocketConstructor = new (
  url: string,
  protocols?: string | string[],
) => WebSocketLike;

/** The part of a CloseEvent that is read. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

export const OPEN = 1; // WebSocket.OPEN
const CLOSED = 3; // WebSocket.CLOSED

/** Hears what a socket that is gone may still say. `ws` reports an aborted handshake that nobody hears as uncaught. */
const ignore = (): void => undefined;

/** The global class; undefined where there is none (Node 20). */
export function globalWebSocket(): WebSocketConstructor | undefined {
  return (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
}

/**
 * Lets go of a socket in one go: first nothing of it is heard any more, then it is closed. `farewell`: with a closing
 * handshake; without one it is taken to be dead already, and nobody waits for it where that can be avoided.
 */
export function dropSocket(socket: WebSocketLike, farewell: Closing | undefined): void {
  socket.onopen = null;
  socket.onmessage = null;
  socket.onclose = null;
  socket.onerror = ignore;
  if (socket.readyState === CLOSED) return;
  if (farewell !== undefined) socket.close(farewell.code, farewell.reason);
  else if (typeof socket.terminate === 'function') socket.terminate();
  else socket.close();
}

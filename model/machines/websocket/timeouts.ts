/** How long a WebSocket endpoint waits. */

/** Clocks of an endpoint, ms. RFC 6455 names none; the defaults are those of `ws` 8. */
export interface WebSocketTimeouts {
  /** Patience for the opening handshake. */
  readonly handshakeMs: number;
  /** Patience for the peer's Close frame and the end of the transport together, from our own Close frame. */
  readonly closeMs: number;
}

/** `ws` 8: `closeTimeout` of lib/websocket.js; 30 s too for a client's handshake, where `ws` waits for ever unless told. */
export const defaultWebSocketTimeouts: WebSocketTimeouts = { handshakeMs: 30_000, closeMs: 30_000 };

/**
 * One endpoint of a WebSocket connection, RFC 6455: opening handshake, open, closing begun by either side,
 * failing the connection, and what is left when the transport ends without a close handshake (1006).
 *
 * The two roles differ in one thing: once both Close frames have passed, the server closes the TCP
 * connection and the client waits for it (§7.1.1), so that TIME_WAIT stays with the server. Every wait
 * has a timer, and one timer covers the whole closing; only OPEN can last for ever, and keeping it
 * honest is the reaper's job.
 */
import { setup, stateIn } from 'xstate';
import { defaultWebSocketTimeouts, type WebSocketTimeouts } from './timeouts.ts';

export type WebSocketRole = 'server' | 'client';

export const webSocketEvents = [
  'HANDSHAKE_SUCCEEDED',
  'HANDSHAKE_FAILED',
  /** The application asks for a close handshake. */
  'CLOSE_REQUESTED',
  /** The application, or the reaper, ends it without a handshake. */
  'DESTROYED',
  'RCV_MESSAGE',
  'RCV_PING',
  'RCV_PONG',
  'RCV_CLOSE',
  /** A frame that §5, §7.4 or §8.1 forbids: _Fail the WebSocket Connection_, §7.1.7. */
  'PROTOCOL_VIOLATED',
  /** The transport ended: end of file, reset or timeout. */
  'TCP_CLOSED',
] as const;
export type WebSocketEventName = (typeof webSocketEvents)[number];

/** The clocks of an endpoint; their expiry is an event of the table like any other. */
export type WebSocketDelayName = 'handshakeTimeout' | 'closeTimeout';

const frames = ['RCV_MESSAGE', 'RCV_PING', 'RCV_PONG', 'RCV_CLOSE', 'PROTOCOL_VIOLATED'] as const;
const ends = ['CLOSE_REQUESTED', 'DESTROYED', 'TCP_CLOSED'] as const;

/**
 * What a state lets pass, by its full name, and the clause that lets it. Any other event without an edge is
 * impossible there: whoever drives the machine has a bug.
 */
export const webSocketIgnores: Readonly<Record<string, readonly WebSocketEventName[]>> = {
  // §5.5.1: a second Close frame is not sent.
  'CLOSING.awaitingClose': ['CLOSE_REQUESTED'],
  // §5.5.1: nothing that follows a Close frame counts.
  'CLOSING.handshakeDone': ['CLOSE_REQUESTED', ...frames],
  // §7.1.7: an endpoint that failed the connection goes on reading, and processes nothing.
  'CLOSING.failed': ['CLOSE_REQUESTED', ...frames],
  // What was under way when it ended.
  CLOSED_CLEANLY: ends,
  CLOSED_ABNORMALLY: ends,
};

interface Input {
  readonly role: WebSocketRole;
  readonly timeouts?: WebSocketTimeouts;
}

type WebSocketEvent = { [Name in WebSocketEventName]: { readonly type: Name } }[WebSocketEventName];

const asksHost = (): void => undefined;

const webSocket = setup({
  types: {
    context: {} as { readonly role: WebSocketRole; readonly timeouts: WebSocketTimeouts },
    events: {} as WebSocketEvent,
    input: {} as Input,
  },
  guards: {
    isServer: ({ context }) => context.role === 'server',
    closesExchanged: stateIn('#websocket.CLOSING.handshakeDone'),
  },
  delays: {
    handshakeTimeout: ({ context }) => context.timeouts.handshakeMs,
    closeTimeout: ({ context }) => context.timeouts.closeMs,
  },
  actions: {
    sendClose: asksHost,
    /** The Close frame that answers the peer's, §5.5.1. */
    echoClose: asksHost,
    sendPong: asksHost,
    deliverMessage: asksHost,
    /** Orderly: FIN after what is queued. */
    closeTcp: asksHost,
    /** At once, whatever is queued. */
    destroyTcp: asksHost,
    /** The transport has ended; only its descriptor is left to be closed. */
    releaseTcp: asksHost,
    reportOpen: asksHost,
    reportPong: asksHost,
    /** With the peer's code, or 1005 where its Close frame had none, §7.1.5. */
    reportClosed: asksHost,
    /** Code 1006: no Close frame came, §7.1.5. */
    reportAbnormal: asksHost,
    /** The peer, or the transport, did not end in time. */
    reportCloseTimeout: asksHost,
  },
});

const lost = {
  target: '#websocket.CLOSED_ABNORMALLY',
  actions: ['releaseTcp', 'reportAbnormal'],
} as const;
const destroyed = {
  target: '#websocket.CLOSED_ABNORMALLY',
  actions: ['destroyTcp', 'reportAbnormal'],
} as const;

/** The handshake was complete; only the transport did not end by itself. */
const cutShort = {
  target: '#websocket.CLOSED_CLEANLY',
  actions: ['destroyTcp', 'reportClosed'],
} as const;

const closeTimedOut = [
  {
    guard: 'closesExchanged',
    target: '#websocket.CLOSED_CLEANLY',
    actions: ['reportCloseTimeout', 'destroyTcp', 'reportClosed'],
  },
  {
    target: '#websocket.CLOSED_ABNORMALLY',
    actions: ['reportCloseTimeout', 'destroyTcp', 'reportAbnormal'],
  },
] as const;

/** Both Close frames have passed: the server closes first. */
const handshakeDone = (actions: readonly ('echoClose' | 'closeTcp')[]) =>
  [
    {
      guard: 'isServer',
      target: '#websocket.CLOSING.handshakeDone',
      actions: [...actions, 'closeTcp'],
    },
    { target: '#websocket.CLOSING.handshakeDone', actions: [...actions] },
  ] as const;

/** An endpoint as an xstate machine; the specification behind {@link webSocketTable}. */
export const webSocketMachine = webSocket.createMachine({
  id: 'websocket',
  context: ({ input }) => ({
    role: input.role,
    timeouts: input.timeouts ?? defaultWebSocketTimeouts,
  }),
  initial: 'CONNECTING',
  states: {
    CONNECTING: {
      on: {
        HANDSHAKE_SUCCEEDED: { target: 'OPEN', actions: 'reportOpen' },
        HANDSHAKE_FAILED: destroyed,
        CLOSE_REQUESTED: destroyed,
        DESTROYED: destroyed,
        TCP_CLOSED: lost,
      },
      after: { handshakeTimeout: destroyed },
    },
    OPEN: {
      on: {
        RCV_MESSAGE: { actions: 'deliverMessage' },
        RCV_PING: { actions: 'sendPong' },
        RCV_PONG: { actions: 'reportPong' },
        CLOSE_REQUESTED: { target: 'CLOSING.awaitingClose', actions: 'sendClose' },
        RCV_CLOSE: handshakeDone(['echoClose']),
        PROTOCOL_VIOLATED: { target: 'CLOSING.failed', actions: ['sendClose', 'closeTcp'] },
        DESTROYED: destroyed,
        TCP_CLOSED: lost,
      },
    },
    CLOSING: {
      initial: 'awaitingClose',
      after: { closeTimeout: closeTimedOut },
      states: {
        // §7.1.2: we began. What the peer still sends is still delivered, §5.5.1.
        awaitingClose: {
          on: {
            RCV_MESSAGE: { actions: 'deliverMessage' },
            RCV_PING: { actions: 'sendPong' },
            RCV_PONG: { actions: 'reportPong' },
            RCV_CLOSE: handshakeDone([]),
            PROTOCOL_VIOLATED: { target: 'failed', actions: 'closeTcp' },
            DESTROYED: destroyed,
            TCP_CLOSED: lost,
          },
        },
        // §7.1.1: nothing is read any more; the transport has to end.
        handshakeDone: {
          on: {
            TCP_CLOSED: {
              target: '#websocket.CLOSED_CLEANLY',
              actions: ['releaseTcp', 'reportClosed'],
            },
            DESTROYED: cutShort,
          },
        },
        // §7.1.7: no frame of the peer is processed any more.
        failed: {
          on: { DESTROYED: destroyed, TCP_CLOSED: lost },
        },
      },
    },
    /** Both Close frames passed. */
    CLOSED_CLEANLY: { type: 'final' },
    /** Code 1006. */
    CLOSED_ABNORMALLY: { type: 'final' },
  },
});

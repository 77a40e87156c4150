/**
 * The states that make scenarios worth running, and what each means. A scenario names the one it is there
 * for (`reaches`); results count the runs that came to it, and a scenario that never did fails: its rows
 * would say something about a story that was not told.
 *
 * A run that the policy ended before the state could come, or in which it kept the fault from happening,
 * does not count.
 */

/** What must have come about, by the name that `reaches` gives it. */
export const rareStates = {
  'nothing-in-flight': 'the peer is gone and TCP has nothing unacknowledged, so it says nothing',
  retransmitting: "the server's kernel sends again what nobody acknowledged",
  'zero-window': "the peer's receive window is closed",
  'send-buffer-full': 'user space holds what the kernel does not take',
  'acknowledged-by-nobody': 'bytes sent after the application was gone are acknowledged',
  'flow-forgotten': 'a middlebox has forgotten the flow',
  'query-into-nothing': 'a query leaves on a flow that a middlebox has forgotten',
  'query-asked': 'somebody takes the rested connection for a query',
  'reset-by-peer': 'a reset reaches the server',
  'end-of-file': "the peer's FIN reaches the server",
  'close-wait': 'the peer has shut its side, and the server has not',
  'fin-wait-1': 'an orphan sends again what nobody acknowledges, its FIN last',
  'fin-wait-2': "an orphan's FIN is acknowledged, and the peer's never comes",
  'close-unanswered': 'the server waits for the Close frame that answers its own',
  'syn-ack-again': 'the server repeats its SYN-ACK: nobody finishes the handshake',
  'upgrade-awaited': 'TCP is established and the upgrade is never asked for',
  'icmp-error': "an ICMP error reaches the server's kernel",
  'unsent-behind-dead-link': 'the kernel holds data that its own interface cannot send',
  'packet-lost': 'a packet is lost on the way',
  'data-before-ping': 'whatever is sent now stands behind data that the peer has not acknowledged',
  'message-unfinished': 'part of a message has arrived, and nothing can pass inside it',
  'unread-at-server': 'what has arrived waits unread in the server',
  'event-loop-stalled': "the server's event loop stands still",
  'timer-put-off': "a timer of the client's application is due and has to wait",
  'page-pipe-full': 'the library has read for a frozen application all that it can hold',
  'two-sessions': 'a client is back, and another session of its own stands',
  'seat-held': 'a ghost holds a seat that others wait for',
  'drain-blocked': 'the server is told to stop while a connection stands',
  'opening-wasted': 'a server finishes an opening for a client that has left',
  'opening-turned-away': 'a server has no room for an opening',
  'all-served-again': 'every client is served again after a restart',
  'given-up': 'a client has used up its attempts',
  'moved-again': 'a client loses the session that it came back to',
  endured: 'the connection is still open when its silence, or the whole watch, is over',
} as const;

/** Name of such a state. */
export type RareState = keyof typeof rareStates;

/** All of them, in the order of the table. */
export const rareStateNames = Object.keys(rareStates) as readonly RareState[];

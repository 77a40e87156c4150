/** Loads and texts that the named scenarios share. */

/** What "busy" means here: 1 KiB from the server every 500 ms. */
export const busy = {
  kind: 'periodic',
  bytes: 1_024,
  everyMs: '500ms',
  direction: 'server',
} as const;

/** A little of both directions: each side sends every 20 s and they take turns, a message every 10 s. */
export const chatter = {
  kind: 'periodic',
  bytes: 1_024,
  everyMs: '20s',
  direction: 'both',
} as const;

/** What "saturated" means here: messages of 64 KiB, as fast as the send path takes them. */
export const saturated = { kind: 'saturated', messageBytes: 65_536 } as const;

/** Where the single-seat server's stories come from. */
export const WEDGED_SOURCE =
  'A single-seat server whose library sends under its protocol lock, and the tests of its dead-client watchdog';

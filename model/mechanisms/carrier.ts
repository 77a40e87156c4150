/** Who carries a mechanism out, and so what it survives: a stuck process, a stopped reaper, a closing handshake. */

/** What carries a mechanism out beside the reaper. */
export type OutsideReaper =
  /** An option of the socket. */
  | 'kernel'
  /** Whoever stops the whole server. */
  | 'supervisor'
  /** A timer of the opening or the closing handshake, which belongs to the connection. */
  | 'handshake';

/** Where the reaper itself judges, in the process or beside it. */
export type InReaper =
  /** The reaper in the process's own loop, where the socket is read. */
  | 'loop'
  /** The write itself: a deadline in the runtime's poller, a timer of the proxy. */
  | 'write'
  /** A watchdog beside the process, on the send path or the TCP state. */
  | 'watchdog';

export type Carrier = OutsideReaper | InReaper;

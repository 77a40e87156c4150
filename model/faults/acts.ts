/**
 * What faults and silences do to the parts of a connection, as data.
 * The simulator carries each act out (sim/world/faults.ts); a fault is a list of them, so a new one needs no code there.
 */

/** One thing that is done to the path, a host or a process. */
export type Act =
  /** Packets vanish, per direction. */
  | { readonly act: 'cut'; readonly toClient: boolean; readonly toServer: boolean }
  /** They get through again. */
  | { readonly act: 'heal' }
  /** A router begins to answer with ICMP host unreachable. */
  | { readonly act: 'refuse' }
  /** A box has forgotten the flow. */
  | { readonly act: 'forget-flow' }
  /** The server's own interface goes down. */
  | { readonly act: 'server-link-down' }
  /** The client's old address is gone, and nothing of it is heard any more. */
  | { readonly act: 'lose-address' }
  /** The client's host loses power. */
  | { readonly act: 'power-off' }
  /** The client's host sleeps; wakes where it stopped. */
  | { readonly act: 'host-sleeps' }
  | { readonly act: 'host-wakes' }
  /** The server's host has slept for so long: its clock stood, so nothing there is overdue. */
  | { readonly act: 'judge-slept'; readonly lengthMs: number }
  /** The client's process stops for ever; its kernel answers. */
  | { readonly act: 'freeze-process' }
  /** It stops, and goes on. */
  | { readonly act: 'stop-process' }
  | { readonly act: 'resume-process' }
  /** The client's application stops; its library or network service answers pings. */
  | { readonly act: 'freeze-application' }
  /** The client's process dies, and its kernel closes the socket. */
  | { readonly act: 'crash-process' }
  /** Nobody is behind the proxy any more, which swallows so much. */
  | { readonly act: 'leave-proxy'; readonly bufferBytes: number }
  /** The client begins the closing handshake; shuts its sending side. */
  | { readonly act: 'client-closes' }
  | { readonly act: 'client-half-closes' }
  /** The server begins the closing handshake. */
  | { readonly act: 'server-closes' }
  /** The client's application sends nothing of its own. */
  | { readonly act: 'pause-application' }
  /** Timers of the client's application run only so often. */
  | { readonly act: 'throttle-timers'; readonly everyMs: number }
  /** The client reads so much so often; at a rate. */
  | { readonly act: 'read-paced'; readonly bytes: number; readonly everyMs: number }
  | { readonly act: 'read-at-rate'; readonly bytesPerSecond: number }
  /** The server writes as fast as the client reads, behind a queue of this length; as its load says. */
  | { readonly act: 'hold-queue'; readonly bytes: number }
  | { readonly act: 'release-queue' }
  /** The client sends one message at a rate. */
  | { readonly act: 'upload'; readonly bytes: number; readonly bytesPerSecond: number }
  /** The server's process does not run, and runs again. */
  | { readonly act: 'starve-server' }
  | { readonly act: 'feed-server' }
  /** The server's event loop stalls, and goes on. */
  | { readonly act: 'stall-server' }
  | { readonly act: 'resume-server' }
  /** Later the sleeping host wakes, the power is back, the client is back with another address, or its host is gone. */
  | {
      readonly act: 'later';
      readonly afterMs: number;
      readonly event: 'host-wakes' | 'power-on' | 'client-returns' | 'vanishes';
    };

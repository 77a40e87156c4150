/**
 * The policy object: everything a server does to find connections whose peer is gone, as plain,
 * versioned, closed JSON. A policy is a set of mechanisms; each works alone and can be lost alone.
 *
 * All durations are whole milliseconds here, from 1 ms to 365 days where no other range is given; files
 * and the command line may also write `30s`, `1.5m`.
 */

/** What a mechanism accepts as proof that the peer lives. */
export type LifeSign =
  /** A WebSocket pong frame (RFC 6455 §5.5.3). */
  | 'pong'
  /** A complete message of the application. */
  | 'message'
  /** Any byte the process read from the socket. */
  | 'any-byte';

/** What remains of a mechanism that is broken in production: nobody notices, so a policy can say it. */
export type Loss =
  /** Its timer has stopped: it neither probes nor judges. */
  | 'timer'
  /** It still probes, but its verdict never takes effect (a skipped connection, a swallowed error). */
  | 'verdict';

interface Losable {
  readonly lost?: Loss;
}

/** Alive-flag sweep: at each tick a connection with a false flag is reaped, else flag = false and ping. */
export interface SweepMechanism extends Losable {
  readonly kind: 'sweep';
  readonly intervalMs: number;
  /** One timer for all connections (the `ws` README), or one per connection from its accept. */
  readonly timer: 'shared' | 'per-connection';
  /** Whether the tick also sends a ping. */
  readonly ping: boolean;
  /** What sets the flag. */
  readonly life: readonly LifeSign[];
}

/** Ping with a reply timer per connection. */
export interface PingMechanism extends Losable {
  readonly kind: 'ping';
  /** Time to the next ping, measured as `after` says. */
  readonly intervalMs: number;
  readonly after: 'last-ping' | 'last-reply' | 'last-received';
  /** Patience for the answer; null = the ping is sent and nobody waits. */
  readonly replyTimeoutMs: number | null;
  /** When patience starts: when the ping is queued, or when the send path has taken it. */
  readonly replyClock: 'enqueued' | 'written';
  /** What counts as the answer. */
  readonly life: readonly LifeSign[];
}

/** SO_KEEPALIVE with its three TCP options (tcp(7)). Linux takes whole seconds. */
export interface KeepaliveMechanism extends Losable {
  readonly kind: 'keepalive';
  /** TCP_KEEPIDLE, 1 s … 32767 s. */
  readonly idleMs: number;
  /** TCP_KEEPINTVL, 1 s … 32767 s. */
  readonly intervalMs: number;
  /** TCP_KEEPCNT, 1 … 127. */
  readonly probes: number;
}

/** TCP_USER_TIMEOUT (tcp(7)). */
export interface UserTimeoutMechanism extends Losable {
  readonly kind: 'user-timeout';
  /** How long sent data may stay unacknowledged, 1 ms … 2^31 − 1 ms. */
  readonly timeoutMs: number;
}

/** A watchdog on the send path: a positive send queue and no progress for the grace is death. */
export interface SendStallMechanism extends Losable {
  readonly kind: 'send-stall';
  /**
   * What counts as progress: `bytes-acked` (`tcpi_bytes_acked` moved), `queue` (SIOCOUTQ changed),
   * or `application-ack` (the peer's application acknowledged a message).
   */
  readonly progress: 'bytes-acked' | 'queue' | 'application-ack';
  /** How long a positive send queue may stand without progress. */
  readonly graceMs: number;
  /** How often the socket is looked at. */
  readonly everyMs: number;
}

/** Reaps a socket whose TCP state is no longer ESTABLISHED, looked at every `everyMs`. */
export interface PeerClosedMechanism extends Losable {
  readonly kind: 'peer-closed';
  readonly everyMs: number;
}

/** Ends a connection in an orderly way after it carried no message for `timeoutMs`. */
export interface IdleMechanism extends Losable {
  readonly kind: 'idle';
  readonly timeoutMs: number;
}

/** Ends a connection in an orderly way at an age. */
export interface AgeMechanism extends Losable {
  readonly kind: 'age';
  readonly maxMs: number;
}

/** How long a shutdown waits for its connections before the supervisor kills the process. */
export interface DrainMechanism extends Losable {
  readonly kind: 'drain';
  /** From 0 ms; null = for ever. */
  readonly deadlineMs: number | null;
}

/** One way of finding or ending connections, told apart by `kind`. */
export type Mechanism =
  | SweepMechanism
  | PingMechanism
  | KeepaliveMechanism
  | UserTimeoutMechanism
  | SendStallMechanism
  | PeerClosedMechanism
  | IdleMechanism
  | AgeMechanism
  | DrainMechanism;

/** The word that tells mechanisms apart, e.g. `sweep`. */
export type MechanismKind = Mechanism['kind'];

/** One reaper policy. Made by {@link definePolicy} or {@link parsePolicy}; never by hand. */
export interface Policy {
  readonly schemaVersion: 1;
  /** 1 to 64 lower-case letters and digits, joined by hyphens or dots; unique among the built-in ones. */
  readonly name: string;
  /** One line for lists. */
  readonly title: string;
  /** What people believe it does. */
  readonly claim?: string;
  /** What it does. */
  readonly truth?: string;
  /** Where it is from: a repository at a version, a man page, a story. */
  readonly source?: string;
  /** At most 16; of `keepalive`, `user-timeout` and `drain` at most one each. None = kernel defaults. */
  readonly mechanisms: readonly Mechanism[];
}

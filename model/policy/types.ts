/**
 * The policy object: everything a server does to find connections whose peer is gone, as plain,
 * versioned, closed JSON. A policy is a set of mechanisms; each works alone and can be lost alone.
 *
 * All durations are whole milliseconds here, from 1 ms to 365 days where no other range is given; files
 * and the command line may also write `30s`, `1.5m`.
 */

/** What a mechanism accepts as proof that the peer lives. */
export type LifeSign =
  /** A pong (RFC 6455 §5.5.3, or the application's own answer to its own ping), asked for or not. */
  | 'pong'
  /** A pong that answers a ping of ours; one that nobody asked for is none. */
  | 'matching-pong'
  /** A ping from the peer (RFC 6455 §5.5.2). */
  | 'ping'
  /** A complete message of the application. */
  | 'message'
  /** Any byte the process read from the socket. */
  | 'any-byte'
  /** A message of ours was taken without backpressure. It proves a buffer, not a peer; some servers count it. */
  | 'send-accepted'
  /** What had to wait in user space has moved into the kernel. */
  | 'drained';

/** How a verdict is carried out. */
export type VerdictManner =
  /** close(2): a FIN, or a reset where data was left unread; what user space holds is dropped. */
  | 'destroy'
  /** SO_LINGER 0 and close(2): a reset, and the kernel forgets everything at once. */
  | 'reset'
  /** The closing handshake (RFC 6455 §7.1.2), for as long as `close-handshake` allows, then close(2). */
  | 'close'
  /** close(2) once user space has nothing left to write, however long that takes. */
  | 'flush';

/** A clock that is only looked at by a coarser timer: it runs out on a multiple of `everyMs`. */
export interface Granularity {
  readonly everyMs: number;
  /** `up`: at the first tick after the time has passed; `down`: at the last tick before. */
  readonly direction: 'up' | 'down';
  /** The ticks are those of one timer of the process, or of the connection's own, from its opening. */
  readonly grid: 'process' | 'connection';
}

interface Judging {
  /** `destroy` when missing. */
  readonly verdict?: VerdictManner;
}

interface Rounded {
  /** Missing = the clock has a timer of its own. */
  readonly granularity?: Granularity;
}

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
export interface SweepMechanism extends Losable, Judging {
  readonly kind: 'sweep';
  readonly intervalMs: number;
  /** One timer for all connections (the `ws` README), or one per connection from its accept. */
  readonly timer: 'shared' | 'per-connection';
  /** Whether the tick also sends a ping. */
  readonly ping: boolean;
  /** What sets the flag. */
  readonly life: readonly LifeSign[];
  /** How many ticks without a sign of life are forgiven before the one that reaps; 1 when missing. */
  readonly misses?: number;
  /** Where one of these came since the last tick, the tick neither judges, counts nor pings. */
  readonly skipAfter?: readonly LifeSign[];
  /**
   * It looks at connections that are closing, too: one whose peer leaves the closing handshake without an answer is destroyed
   * by the sweep, if nothing ends it sooner. Missing: a connection that is closing is left to the handshake's own limit.
   */
  readonly whileClosing?: boolean;
}

/** Ping with a reply timer per connection. */
export interface PingMechanism extends Losable, Judging, Rounded {
  readonly kind: 'ping';
  /** Time to the next ping, measured as `after` says. */
  readonly intervalMs: number;
  /** `last-received`: any byte puts the ping off; `last-life`: only what counts as life does. */
  readonly after: 'last-ping' | 'last-reply' | 'last-received' | 'last-life';
  /** Time to the first ping, where it differs. */
  readonly firstMs?: number;
  /** Up to so much is added to the first ping's time, drawn per connection. */
  readonly firstJitterMs?: number;
  /** Patience for the answer; null = the ping is sent and nobody waits. */
  readonly replyTimeoutMs: number | null;
  /** When patience starts: when the ping is queued, or when the send path has taken it. */
  readonly replyClock: 'enqueued' | 'written';
  /** What counts as the answer. */
  readonly life: readonly LifeSign[];
  /**
   * Who answers: the peer's WebSocket library or network service (`websocket`, when missing), or code of the
   * peer's application, which may be paused, throttled or frozen while its library is not.
   */
  readonly answeredBy?: 'websocket' | 'application';
}

/** Patience with the pings that the policy's other mechanisms send: no ping of its own. */
export interface PongTimerMechanism extends Losable, Judging {
  readonly kind: 'pong-timer';
  /** From the oldest unanswered ping of any mechanism. */
  readonly timeoutMs: number;
  /** When patience starts: when the ping is queued, or when the send path has taken it. */
  readonly replyClock: 'enqueued' | 'written';
  /** What counts as the answer. */
  readonly life: readonly LifeSign[];
}

/** A deadline that every sign of life puts off, from the opening on. */
export interface ReceiveDeadlineMechanism extends Losable, Judging, Rounded {
  readonly kind: 'receive-deadline';
  readonly timeoutMs: number;
  readonly life: readonly LifeSign[];
}

/** A limit on how long the send path may be blocked: user space holds something the kernel does not take. */
export interface WriteDeadlineMechanism extends Losable, Judging, Rounded {
  readonly kind: 'write-deadline';
  readonly timeoutMs: number;
  /** `deadline`: a timer judges; `next-send`: only the next attempt to send looks at the clock. */
  readonly judgedAt: 'deadline' | 'next-send';
}

/** A limit on what user space may hold for one connection, looked at every `everyMs`. */
export interface SendQueueLimitMechanism extends Losable, Judging {
  readonly kind: 'send-queue-limit';
  /** More than this reaps at once; null = no such limit. */
  readonly hardBytes: number | null;
  /** More than this for `softForMs` reaps; null = no such limit. */
  readonly softBytes: number | null;
  readonly softForMs: number;
  readonly everyMs: number;
}

/** Ends a peer that pings more often than it may. */
export interface PingStrikesMechanism extends Losable, Judging {
  readonly kind: 'ping-strikes';
  /** A ping sooner than this after the one before is a strike; a message of ours forgives all of them. */
  readonly minIntervalMs: number;
  /** One strike more ends the connection. */
  readonly maxStrikes: number;
}

/** A limit on how long a peer may take from connect to a finished opening handshake. */
export interface HandshakeDeadlineMechanism extends Losable, Judging, Rounded {
  readonly kind: 'handshake-deadline';
  readonly timeoutMs: number;
}

/** How long the answer to a request of ours is awaited (statement timeout, socket timeout). */
export interface RequestDeadlineMechanism extends Losable, Judging {
  readonly kind: 'request-deadline';
  readonly timeoutMs: number;
}

/** A pool tests an entry before it lends it: a request of its own, and patience for the answer. */
export interface BorrowCheckMechanism extends Losable, Judging {
  readonly kind: 'borrow-check';
  readonly timeoutMs: number;
  /** An entry used so recently is lent untested. */
  readonly freshMs: number;
}

/** How long the closing handshake may take, once this side has begun it; then the descriptor is closed. */
export interface CloseHandshakeMechanism extends Losable {
  readonly kind: 'close-handshake';
  /** null = for ever. */
  readonly timeoutMs: number | null;
  /** From when the Close frame is queued, or from when the send path has taken it. */
  readonly clock: 'enqueued' | 'written';
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
export interface SendStallMechanism extends Losable, Judging {
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
export interface PeerClosedMechanism extends Losable, Judging {
  readonly kind: 'peer-closed';
  readonly everyMs: number;
}

/** Ends a connection after it carried no message for `timeoutMs`. */
export interface IdleMechanism extends Losable, Rounded {
  readonly kind: 'idle';
  /** `close` when missing. However it is carried out, it is no verdict about the peer. */
  readonly verdict?: VerdictManner;
  readonly timeoutMs: number;
}

/** Ends a connection at an age. */
export interface AgeMechanism extends Losable {
  readonly kind: 'age';
  /** `close` when missing. However it is carried out, it is no verdict about the peer. */
  readonly verdict?: VerdictManner;
  readonly maxMs: number;
  /** The age of each connection is drawn from ±this share of it, %; 0 when missing. */
  readonly jitterPercent?: number;
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
  | PongTimerMechanism
  | ReceiveDeadlineMechanism
  | WriteDeadlineMechanism
  | SendQueueLimitMechanism
  | PingStrikesMechanism
  | HandshakeDeadlineMechanism
  | RequestDeadlineMechanism
  | BorrowCheckMechanism
  | CloseHandshakeMechanism
  | KeepaliveMechanism
  | UserTimeoutMechanism
  | SendStallMechanism
  | PeerClosedMechanism
  | IdleMechanism
  | AgeMechanism
  | DrainMechanism;

/** The word that tells mechanisms apart, e.g. `sweep`. */
export type MechanismKind = Mechanism['kind'];

/** What the other side of the protocol does of its own while it lives: the policy counts on it. */
export interface PeerHeartbeat {
  readonly everyMs: number;
  /** A ping or an unsolicited pong of the WebSocket, or a message of the application. */
  readonly sign: 'ping' | 'pong' | 'message';
  /** Length of the frame. */
  readonly bytes: number;
  /** Who sends it: the library or network service, or a timer of the application. */
  readonly sentBy: 'websocket' | 'application';
}

/** A rule of the linter that is switched off, and why. */
export interface RuleOff {
  readonly rule: string;
  readonly because: string;
}

/** What the linter is told about a policy or chain. */
export interface LintSettings {
  readonly off: readonly RuleOff[];
}

/** One reaper policy. Made by {@link definePolicy} or {@link parsePolicy}; never by hand. */
export interface Policy {
  readonly schemaVersion: 1;
  /**
   * 1 to 64 lower-case letters and digits, joined by hyphens or dots; unique among the built-in ones. Where options of
   * a built-in policy were set, they follow: `socket.io(pingInterval=10s)`.
   */
  readonly name: string;
  /** One line for lists. */
  readonly title: string;
  /** What people believe it does. */
  readonly claim?: string;
  /** What it does. */
  readonly truth?: string;
  /** Where it is from: a repository at a version, a man page, a story. */
  readonly source?: string;
  /** At most 16; of `keepalive`, `user-timeout`, `close-handshake` and `drain` at most one each. None = kernel defaults. */
  readonly mechanisms: readonly Mechanism[];
  /** Missing = the other side only answers. */
  readonly peerHeartbeat?: PeerHeartbeat;
  /** Rules of the linter that do not matter here. It changes nothing of what the policy does. */
  readonly lint?: LintSettings;
}

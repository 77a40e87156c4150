/**
 * A scenario: one story about one server and one client, as data. What happens to the peer, what
 * the server was sending, over which path, on which kernel. Names and values live in `scenarios/`.
 *
 * Durations are whole milliseconds, from 1 ms (0 where something may be immediate) to 365 days; lengths
 * are bytes up to 1 GiB.
 */

import type { JitterKind, RejectionReaction } from '../machines/reconnect/backoff.ts';
import type { RareState } from './coverage-goals.ts';

/** What the sides send while nothing is wrong. */
export type Load =
  | { readonly kind: 'idle' }
  /** `bytes` every `everyMs` from the server; `both`: the client does the same, half a period apart. */
  | {
      readonly kind: 'periodic';
      readonly bytes: number;
      readonly everyMs: number;
      readonly direction: 'server' | 'client' | 'both';
    }
  /** As fast as the send path takes it, in messages of `messageBytes`. */
  | { readonly kind: 'saturated'; readonly messageBytes: number };

/** What ends the peer. After it nobody lives at the other end, except after `close`. */
export type Fault =
  /** Packets vanish for ever: both ways, or only those sent by one side. */
  | {
      readonly kind: 'vanish';
      readonly direction: 'both' | 'server-to-client' | 'client-to-server';
    }
  /** The same, and a router says so: ICMP host unreachable for what the server sends. */
  | { readonly kind: 'unreachable' }
  /** The opening is never finished: the peer vanishes after its SYN, or is silent once TCP is established. */
  | { readonly kind: 'handshake-abandoned'; readonly after: 'syn' | 'established' }
  /** The client's process stops for ever; its kernel still answers. */
  | { readonly kind: 'freeze' }
  /** The client's application stops for ever; its library or network service still answers pings. */
  | { readonly kind: 'page-freeze' }
  /** The client's host sleeps for `lengthMs`, then wakes and finds what the server has left of the connection. */
  | { readonly kind: 'host-sleep'; readonly lengthMs: number }
  /** A proxy in between keeps its side up and swallows `proxyBufferBytes`; nobody is behind it. */
  | { readonly kind: 'tunnel-dead'; readonly proxyBufferBytes: number }
  /** A middlebox forgets the flow after `idleMs` without a packet. What it then does, `onExpiry` says. */
  | {
      readonly kind: 'nat-expiry';
      readonly idleMs: number;
      /**
       * `drop`: later packets vanish; `reset-next`: whoever sends next gets a reset; `reset-server`, `reset-client`: one
       * side gets a reset at once, the other nothing; `fin-both`: both get a FIN. `drop` when missing.
       */
      readonly onExpiry?: 'drop' | 'reset-next' | 'reset-server' | 'reset-client' | 'fin-both';
    }
  /** The client's network changes: its old address is gone, and after `reconnectMs` it is back as a new connection. */
  | { readonly kind: 'network-change'; readonly reconnectMs: number }
  /** The server's own interface goes down: its kernel cannot send (net/ipv4/ip_output.c, ENETDOWN or ENETUNREACH). */
  | { readonly kind: 'link-down' }
  /** The client's host loses power and is back after `downMs`, knowing nothing: it resets what it gets. */
  | { readonly kind: 'reboot'; readonly downMs: number }
  /** The client's process dies; its kernel closes the socket for it. */
  | { readonly kind: 'crash' }
  /** The client ends the connection by the closing handshake (RFC 6455 §7). */
  | { readonly kind: 'close' }
  /** The client shuts its sending side and goes away without more: the server stands in CLOSE_WAIT until it closes. */
  | { readonly kind: 'half-close' }
  /** The server begins the closing handshake, and the peer, whose kernel answers, never does. */
  | { readonly kind: 'close-unanswered' };

/** What a living peer goes through. Whoever is reaped during it is reaped by mistake. */
export type Silence =
  | { readonly kind: 'none' }
  /** Both directions cut for `lengthMs`, then healed. */
  | { readonly kind: 'outage'; readonly lengthMs: number }
  /** The client's application sends nothing of its own for `lengthMs`; it still reads. */
  | { readonly kind: 'application-pause'; readonly lengthMs: number }
  /** The client reads `bytes` every `everyMs` and nothing else for `lengthMs`. */
  | {
      readonly kind: 'trickle';
      readonly bytes: number;
      readonly everyMs: number;
      readonly lengthMs: number;
    }
  /** The client reads exactly as fast as the server writes, behind a queue of constant length. */
  | {
      readonly kind: 'plateau';
      readonly queueBytes: number;
      readonly bytesPerSecond: number;
      readonly lengthMs: number;
    }
  /** The server's own process does not run for `lengthMs`; what arrives waits unread. A watchdog outside it runs on. */
  | { readonly kind: 'server-starved'; readonly lengthMs: number }
  /** The server's event loop stalls for `lengthMs`: nothing runs in the process, the load neither. */
  | { readonly kind: 'server-stall'; readonly lengthMs: number }
  /** The client's process stops for `lengthMs` (a garbage collection, a debugger); its kernel answers. */
  | { readonly kind: 'process-pause'; readonly lengthMs: number }
  /** The client's application stops for `lengthMs`; its library or network service still answers pings. */
  | { readonly kind: 'page-freeze'; readonly lengthMs: number }
  /** Timers of the client's application run only once every `everyMs`, for `lengthMs`; what it is told, it answers. */
  | { readonly kind: 'timers-throttled'; readonly everyMs: number; readonly lengthMs: number }
  /** The client's host sleeps for `lengthMs` and wakes where it stopped. */
  | { readonly kind: 'host-sleep'; readonly lengthMs: number }
  /** The client drains a steady rate and answers each ping when it reaches it. */
  | { readonly kind: 'slow-reader'; readonly bytesPerSecond: number; readonly lengthMs: number }
  /** The client sends one message at a low rate; no pong can pass inside it. */
  | {
      readonly kind: 'slow-uploader';
      readonly messageBytes: number;
      readonly bytesPerSecond: number;
    };

/** The network between the two hosts. */
export interface Path {
  /** Round trip without queueing, 1 … 60 000 ms; half of it each way. */
  readonly rttMs: number;
  /** Up to so much is added to each packet's way, drawn; packets stay in order. 0 when missing. */
  readonly jitterMs?: number;
  /** Share of the packets that are lost, each way, drawn, %; 0 when missing. */
  readonly lossPercent?: number;
}

/** What is wrong with the server itself, unknown to it, while the peer goes or lives. */
export type ServerFault =
  | { readonly kind: 'none' }
  /** The timers of the reaper inside the process have died; what the kernel or a watchdog outside does goes on. */
  | { readonly kind: 'reaper-stopped' }
  /** The connection is missing from the reaper's list: it may be pinged, but never judged. */
  | { readonly kind: 'connection-missed' }
  /** The event loop stalls for `lengthMs` from the fault's instant. */
  | { readonly kind: 'loop-stalled'; readonly lengthMs: number };

/** The client's process, as far as no fault or silence speaks of it. */
export interface ClientSetting {
  /** It pings so often of its own; null = only what the policy's `peerHeartbeat` says. */
  readonly pingEveryMs: number | null;
}

/** The server's process. */
export interface ServerSetting {
  /**
   * `queued`: a send never blocks, what the kernel does not take waits in user space, up to
   * `userQueueBytes`. `locked`: a blocking send holds the connection's lock, and a ping waits for it.
   */
  readonly sendPath: 'queued' | 'locked';
  readonly userQueueBytes: number;
  /** How many sessions the server may hold; null = no limit. */
  readonly seats: number | null;
  /** Whether it closes its side when the peer has shut its own; true when missing. */
  readonly closesAtEof?: boolean;
  /** `none` when missing. */
  readonly broken?: ServerFault;
}

/** The kernels of both hosts. */
export interface KernelSetting {
  /** Ticks per second (CONFIG_HZ). */
  readonly hz: 100 | 250 | 1000;
  /** The Linux version whose rules apply. */
  readonly profile: '6.12' | '6.18';
  /** Values of `net.ipv4.*` that differ from the kernel's defaults, server side and client side. */
  readonly serverSysctls: Readonly<Record<string, number>>;
  readonly clientSysctls: Readonly<Record<string, number>>;
  /** Orphans of the server's other connections: they count against `net.ipv4.tcp_max_orphans` too. */
  readonly serverOrphans?: number;
}

/** What else happens around the connection. */
export type Story =
  /** One connection and nothing else. */
  | { readonly kind: 'connection' }
  /**
   * `ghosts` connections suffer the fault, then the server is told to stop (SIGTERM). On living peers it is they that it
   * waits for, and the time runs from the beginning of their silence, or from the opening where nothing is silent.
   */
  | { readonly kind: 'drain'; readonly ghosts: number; readonly sigtermAfterMs: number }
  /** A server with `connections` and a descriptor limit; a share of them turns into ghosts each hour. */
  | {
      readonly kind: 'descriptors';
      readonly connections: number;
      readonly descriptorLimit: number;
      readonly ghostSharePerHour: number;
    }
  /**
   * A pool entry rests for `idleMs`, then carries its first query, whose reply is awaited for ever. A fault comes while it
   * rests, a silence so that the query falls into it.
   */
  | { readonly kind: 'pool'; readonly idleMs: number; readonly queryBytes: number }
  /** Connections arrive and a share of them ends in the fault: how many ghosts stand after `hours`? */
  | {
      readonly kind: 'stock';
      readonly arrivalsPerHour: number;
      readonly ghostShare: number;
      readonly hours: number;
    }
  /** The server has fewer seats than `waiting` clients, and a ghost holds one: how long does the last wait? */
  | { readonly kind: 'waiting'; readonly waiting: number }
  /** The server restarts and every client comes back: how long until all are served? */
  | ({
      readonly kind: 'restart';
      readonly clients: number;
      readonly downMs: number;
      /**
       * Whether a client that gives an attempt up takes every listener off its socket first, or leaves them: then the
       * socket's end is a second loss, and starts a second loop of attempts beside the first.
       */
      readonly teardown: 'atomic' | 'leaky';
    } & Openings &
      Reconnecting)
  /** `servers` behind a balancer are told to stop and come back, one after the other. */
  | ({
      readonly kind: 'rolling-restart';
      /** Over all servers, evenly spread when it begins. */
      readonly clients: number;
      readonly servers: number;
      /** From the balancer's last new client for a server to the end of its last connection. */
      readonly drainMs: number;
      /** `spread`: its clients are asked to go one after the other, evenly; `deadline`: all are cut off at its end. */
      readonly drain: 'spread' | 'deadline';
      readonly downMs: number;
      /** From one server's being back to the next one's drain. */
      readonly pauseMs: number;
      readonly balancing: 'round-robin' | 'random' | 'least-connections';
    } & Openings &
      Reconnecting);

/** How one server takes openings: one after the other, in the order in which they came. */
export interface Openings {
  /** So many it finishes a second. */
  readonly acceptsPerSecond: number;
  /** How many may wait for their turn; without a limit when missing. */
  readonly queueLimit?: number;
  /** How many sessions one server holds at most; without a limit when missing. */
  readonly sessionLimit?: number;
  /**
   * What it does with an opening for which there is no room: says nothing (`drop`), resets it (`reset`), or answers that
   * it has none (`reject`: HTTP 503 or 429, close code 1013 or 1012). `drop` when missing.
   */
  readonly whenFull?: 'drop' | 'reset' | 'reject';
  /** What its rejection tells the client to wait (Retry-After); nothing when missing. */
  readonly retryAfterMs?: number;
}

/** How each client comes back. */
export interface Reconnecting {
  /** The first wait. */
  readonly baseMs: number;
  /** By how much each wait is longer than the one before. */
  readonly factor: number;
  /** The longest wait; jitter goes beyond it where its kind says so. */
  readonly maxMs: number;
  /** Where chance enters: see `JitterKind` of the reconnect machine. `inside-cap` when missing. */
  readonly jitter?: JitterKind;
  /** For `inside-cap` and `above-cap`: up to so much is added; 1 s when missing. */
  readonly jitterMs?: number;
  /** For `percent`: up to so much more or less. */
  readonly jitterPercent?: number;
  /** Retries of a client without success before it gives up; null = no limit. */
  readonly attempts: number | null;
  /** Patience for one attempt. */
  readonly attemptTimeoutMs: number;
  /** What it makes of a rejection; `retry` when missing: as of any other loss. */
  readonly whenRejected?: RejectionReaction;
}

interface ScenarioBase {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly title: string;
  /** What folklore says about it. */
  readonly claim?: string;
  /** What is true. */
  readonly truth?: string;
  readonly source?: string;
  readonly tags: readonly string[];
  readonly load: Load;
  readonly path: Path;
  readonly server: ServerSetting;
  /** Missing = a client that only does what the protocol asks of it. */
  readonly client?: ClientSetting;
  readonly kernel: KernelSetting;
  readonly story: Story;
  /** The state that makes it worth running: where no run comes to it, the story was not told. */
  readonly reaches?: RareState;
  /**
   * `harmless`: a living peer whose connection is ended in order (idle or age limit, a close by the application) loses
   * nothing, as an entry of a pool or a rotated connection. Missing: it is ended while alive, whatever ended it.
   */
  readonly orderlyEnd?: 'harmless';
  /** The run is watched this long after the fault, or in all for a live one; a bound beyond it extends it. */
  readonly watchMs: number;
}

/** The peer goes; the policy must notice. */
export interface FaultScenario extends ScenarioBase {
  readonly kind: 'fault';
  readonly fault: Fault;
}

/** The peer lives; the policy must leave it alone. */
export interface LiveScenario extends ScenarioBase {
  readonly kind: 'live';
  readonly silence: Silence;
  /** A living client may also leave by the closing handshake at the end. */
  readonly endsWith?: 'close';
}

/** Either kind of story, told apart by `kind`. Made by `defineScenario` or `parseScenario`; never by hand. */
export type Scenario = FaultScenario | LiveScenario;

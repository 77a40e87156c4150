/**
 * What a kind of mechanism says of itself: one object per kind, in a file of its own.
 * All that the rest of the house asks about a kind stands here, so a kind that forgets an answer does not compile.
 */
import type { Canonical, VariantWord } from '../schema/words.ts';
import type { InReaper, OutsideReaper } from './carrier.ts';
import type { Cycle } from './cycle.ts';
import type { ClockRange } from './granularity.ts';
import type { LifeSign } from './fields.ts';
import type { RegionConfig } from './region/chart.ts';
import type { Clocks, DelayKind, ReaperPhase } from './region/clocks.ts';

/** What a mechanism asks the peer again and again, and so gives it occasion to show life. */
export interface Question {
  readonly everyMs: number;
  /** Who answers: the kernel (a keepalive probe), the WebSocket library, or code of the application. */
  readonly answeredBy: 'kernel' | 'websocket' | 'application';
}

/** When a mechanism pings. */
export interface Pinging {
  /** Time from what the next ping is measured from to that ping, ms. */
  readonly pauseMs: ClockRange;
  /** The first ping's own time, ms; null where it is that of the others. */
  readonly firstMs: ClockRange | null;
  /** What puts the next ping off, its own pongs apart. */
  readonly putOffBy: readonly LifeSign[];
  /** A tick after such a sign is skipped: the ping is not put off, but left out. */
  readonly skips: boolean;
  /** Pings are so far apart whatever is answered. */
  readonly onGrid: boolean;
  /** Its pause begins with the answer to the ping before. */
  readonly fromAnswer: boolean;
  /** Without an answer there is no other ping. */
  readonly needsAnswer: boolean;
}

/** How long a mechanism waits for a sign of life before it judges. */
export interface Wait {
  /** The least that it takes, from its question or from the last sign. */
  readonly ms: number;
  /** The policy's field that says so. */
  readonly field: string;
  /** What ends a connection then. */
  readonly by: string;
  /** Whose pings its patience runs from: its own, those of every mechanism that pings, or none: it runs from the last sign. */
  readonly asks: 'itself' | 'all-pings' | 'nobody';
}

/** What a look at the socket is judged by. */
export type Sampled =
  /** tcpi_state. */
  | 'established'
  /** tcpi_bytes_acked. */
  | 'bytes-acked'
  /** SIOCOUTQ, and what user space holds. */
  | 'queue'
  /** What user space holds. */
  | 'user-queue';

/** What a mechanism needs of whoever runs it: of the kernel, of the transport, of the application. */
export type Need =
  /** SO_KEEPALIVE, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT. */
  | { readonly what: 'keepalive' }
  /** TCP_USER_TIMEOUT. */
  | { readonly what: 'user-timeout' }
  /** SIOCOUTQ and TCP_INFO. */
  | { readonly what: 'socket-state' }
  /** Word of the stop of the server, and a deadline for it; null = for ever. */
  | { readonly what: 'shutdown'; readonly deadlineMs: number | null }
  /** Word of each request and of its answer. */
  | { readonly what: 'requests' }
  /** A say before the opening handshake is over. */
  | { readonly what: 'opening-handshake' }
  /** A limit on the closing handshake. */
  | {
      readonly what: 'closing-handshake';
      readonly timeoutMs: number | null;
      readonly clock: 'enqueued' | 'written';
    }
  /** Word when a send path that was blocked has become free. */
  | { readonly what: 'blocked-sends' }
  /** A ping, and who must answer it. */
  | { readonly what: 'ping'; readonly answeredBy: 'websocket' | 'application' }
  /** The peer's pings, told from its bytes. */
  | { readonly what: 'peer-pings' }
  /** Word of each message of ours. */
  | { readonly what: 'own-messages' }
  /** Word of each message of ours, and of its acknowledgement by the peer's application. */
  | { readonly what: 'acknowledgements' };

/** Socket options as setsockopt(2) takes them; absent = leave alone. */
export interface KernelOptions {
  readonly keepalive?: {
    readonly idleS: number;
    readonly intervalS: number;
    readonly probes: number;
  };
  readonly userTimeoutMs?: number;
}

/** A shape of a region that is worth a picture. */
export interface Picture<M> {
  readonly title: string;
  readonly mechanism: M;
}

/** What every kind answers. */
interface Facts<M> {
  /** Whether it is a verdict about the peer; an orderly end (idle, age) is none, nor is the kernel's or a supervisor's. */
  readonly ends: 'the-dead' | 'in-order';
  /** A policy may have it once only: it is one setting of the socket, of the endpoint or of the server. */
  readonly onlyOnce?: true;
  /** Signs of life by which it judges, or spares. */
  signs(mechanism: M): readonly LifeSign[];
  /** What it asks the peer of its own; null = nothing. */
  asks(mechanism: M): Question | null;
  /** When it pings; null or absent = it sends no pings of the library or application. */
  pings?(mechanism: M): Pinging | null;
  /** Whether a connection on which nobody says anything is ended by it, although the peer lives. */
  endsTheQuiet(mechanism: M): boolean;
  /** How long it waits for a sign of life; null or absent = it does not. */
  waits?(mechanism: M): Wait | null;
  /** How long after a sign of life it may still strike, ms; 0 = its strike hangs on no sign of life. */
  patienceMs(mechanism: M): number;
  /** After so long in which nothing is heard of the peer it has done all that it will ever do, ms. */
  lastStrikeMs(mechanism: M): number;
  /** The same mechanism waiting for so long at least; itself where it waits for no sign of life. */
  waitingFor(mechanism: M, leastMs: number): M;
  /** What it does again and again by a timer of its own, while all is well. */
  cycles(mechanism: M): readonly Cycle[];
  /** When it begins, ms, where that is not with its first cycle. */
  beginsMs?(mechanism: M): number;
  /** What ended a connection, as the records of simulated lives say it. */
  brief(mechanism: M): string;
  /** Its verdict in a sentence, for the log of a server. */
  verdict(mechanism: M): string;
  /** What it needs of whoever runs it. */
  needs(mechanism: M): readonly Need[];
  /** Why it works on Linux alone; undefined where it works everywhere. */
  linuxOnly(mechanism: M): string | undefined;
  /** Whether others see it even when its timer is lost. */
  readonly showsWhenLost: boolean;
  /** The socket options it stands for. */
  socketOptions?(mechanism: M): KernelOptions;
  /** What its looks at the socket are judged by; undefined = it never looks. */
  samples?(mechanism: M): Sampled | undefined;
  /** The least that counts as progress of bytes acknowledged; one byte when missing. */
  leastProgressBytes?(mechanism: M): number;
  /** How often it looks, where looking is all that it does. */
  looksEveryMs?(mechanism: M): number;
  /** The clock whose length is drawn for each connection, and up to what is added to it, µs. */
  drawn?(mechanism: M): { readonly clock: DelayKind; readonly uptoUs: number } | undefined;
  /** Limits on what user space holds; null = no such limit. */
  limits?(mechanism: M): {
    readonly softBytes: number | null;
    readonly hardBytes: number | null;
  };
  /** Whether one timer of the process ticks for all connections. */
  sharesTimer?(mechanism: M): boolean;
  /** The time between two ticks is patience: a late tick pushes the next one back. */
  readonly lateTickDelaysNext?: true;
  /** Signs after which its next tick does nothing. */
  skipsAfter?(mechanism: M): readonly LifeSign[];
  /** Whether it also looks at connections that are closing. */
  looksAtClosing?(mechanism: M): boolean;
  /**
   * In production it also judges a connection that is closing: it asks the peer nothing. A simulated closing ends by the
   * limit of the closing handshake, so never sooner.
   */
  readonly judgesClosing?: true;
  /** It judges by whether the send path is blocked, and not only by signs. */
  readonly hearsBlockedSends?: true;
  /** Whether its patience runs from each message to the acknowledgement of the peer's application. */
  countsAcknowledgements?(mechanism: M): boolean;
}

/** A kind that the reaper judges by: it has a region of the reaper's machine. */
interface OfReaper<M> {
  readonly carrier: InReaper;
  /** Whether it does something that others see, though its verdict is lost. */
  readonly goesOnWithoutVerdict: boolean;
  /** Its region; `index` is its position in the policy. */
  region(mechanism: M, index: number): RegionConfig;
  /** How long its clocks run on one connection, ms. */
  clocksMs(mechanism: M, phase: ReaperPhase): Clocks;
  /** What it takes for a sign of life in RECEIVED, as a LifeBit mask; 0 where it does not tell bytes apart. */
  lifeMask(mechanism: M): number;
  /** The shapes of its region, for the pages. */
  readonly pictures: readonly Picture<M>[];
}

/** A kind that the kernel, the endpoint or a supervisor carries out. */
interface Elsewhere {
  readonly carrier: OutsideReaper;
  readonly region?: never;
}

/** What the kind of these mechanisms says of itself. */
export type KindOf<M> = Facts<M> & (OfReaper<M> | Elsewhere);

/** Everything particular to one kind of mechanism: its schema, and what it says of each that is read by it. */
export type MechanismKind<S extends VariantWord> = { readonly schema: S } & KindOf<Canonical<S>>;

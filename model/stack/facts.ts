/**
 * What a system does on a connection, under the times and words that the rest of the house asks for: its role, the policy by which
 * it judges its peers, and whatever of its own forgets, closes or kills after a time.
 */
import type { Issue, Result } from '../issue.ts';
import type { Policy } from '../policy/types.ts';
import type { Load, ProxySide, WithheldSign } from '../scenario/types.ts';

/** What a system is in a stack. Client, proxies and server are the parties: they hold ends of TCP connections. */
export const roles = ['client', 'box', 'proxy', 'server', 'orchestrator'] as const;
export type Role = (typeof roles)[number];

/** What a hop does with a connection whose idle time is over. */
export type Expiry = 'silent' | 'reset' | 'close';

/** Whose timers send a heartbeat: those of a web page, which a hidden tab runs once a minute, or of anything else. */
export type Timers = 'process' | 'page';

/** Requests that may go out twice: those that do no harm (RFC 9110 §9.2.2: GET, PUT, …), or all of them. */
export const resent = ['none', 'idempotent', 'every'] as const;
export type Resent = (typeof resent)[number];

/** All that may be said of a system. What is not stated is not judged. */
export interface Facts {
  /** By what it judges its peers; null = not stated. */
  readonly policy: Policy | null;
  /** How often it sends a ping or a heartbeat of its own. */
  readonly heartbeatMs?: number;
  /** Each message that it receives starts the interval of its heartbeat anew. */
  readonly heartbeatPutOffBy?: 'received';
  /** Signs of life that it never gives, though it lives and reads. */
  readonly neverSends?: readonly WithheldSign[];
  readonly timers?: Timers;
  /** How long it hears nothing before it gives its peer up, beside what its policy does. */
  readonly readTimeoutMs?: number;
  /** How long its pool keeps an idle connection for the next request; null = for ever; absent = no pool. */
  readonly poolIdleMs?: number | null;
  /** How long it keeps one, where its connections carry requests. */
  readonly requestPoolIdleMs?: number;
  /** Which requests it sends again by itself that were reset on a connection it had kept; none when missing. */
  readonly resends?: Resent;
  /** Time without traffic after which it forgets or ends a connection; null = never. */
  readonly idleMs?: number | null;
  readonly atExpiry?: Expiry;
  /** Age at which a proxy ends a connection, whatever it carries; null = never. */
  readonly ageMs?: number | null;
  /** How often a proxy is reloaded by the clock, and what its old worker leaves its connections; null = all the time they want. */
  readonly towardsClient?: ProxySide;
  readonly towardsServer?: ProxySide;
  readonly reloadEveryMs?: number;
  readonly reloadGraceMs?: number | null;
  /** The innermost protocol that a proxy ends, HTTP/2 when missing: its pings pass `tcp`. Of a client or server: whether its pings are HTTP/2's. */
  readonly speaks?: 'tcp' | 'http2';
  /** What a proxy does when one side has shut its sending side; both are closed when missing. */
  readonly halfClose?: 'closes-both' | 'passes';
  /** A pool that is a process: its connections to the server are its own, whatever becomes of a client. */
  readonly lends?: true;
  readonly platform?: 'linux' | 'other';
  readonly httpKeepAliveMs?: number;
  /** The least time between two pings that it forgives a client (gRPC's MinTime). */
  readonly minPingMs?: number;
  readonly writeWaitMs?: number;
  readonly closeTimeoutMs?: number;
  /** What its application sends while nothing is wrong. */
  readonly sends?: Load;
  /** The slowest that it reads, bytes per second. */
  readonly readsBytesPerSecond?: number;
  /** From the order to stop to SIGKILL; null = nobody kills. */
  readonly graceMs?: number | null;
  /** What a hook takes of the grace before SIGTERM. */
  readonly preStopMs?: number;
}

/** Settings as they are written: option → text. */
export type Settings = ReadonlyMap<string, string>;

/** A system that a stack can name. */
export interface System {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly role: Role;
  readonly title: string;
  /** Somebody else has set it for good: its options say what holds there, and nobody who reads this can change it. */
  readonly isForeign?: true;
  /** Its own options, in its own words. */
  readonly options: readonly SystemOption[];
  /** @param word the name or alias that was written */
  readonly facts: (word: string, own: Settings) => Result<Facts>;
}

/** An option as it is shown. */
export interface SystemOption {
  readonly name: string;
  readonly default: string;
  readonly description: string;
}

export function failed(...issues: readonly Issue[]): Result<never> {
  return { ok: false, issues };
}

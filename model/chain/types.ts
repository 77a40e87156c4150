/**
 * A chain of timeouts: everything between a client and the process that serves it which forgets, closes
 * or kills after a time of its own, in the order in which a packet from the client meets it.
 *
 * Each was set by somebody else, and most outages that look like a broken heartbeat are two of them that
 * do not fit together. What is not stated is not judged.
 */
import type { LintSettings, Policy } from '../policy/types.ts';
import type { Load } from '../scenario/types.ts';

/** What a hop does with a connection whose idle time is over. */
export type Expiry =
  /** Forgets it and tells nobody: what is sent afterwards vanishes. */
  | 'silent'
  /** Forgets it, and resets whoever sends the next packet. */
  | 'reset'
  /** Closes it towards both ends. */
  | 'close';

interface HopBase {
  /** What people call it, e.g. `nginx`. */
  readonly name?: string;
}

/** Who opens the connection: a browser, a phone, another service. */
export interface ClientHop extends HopBase {
  readonly kind: 'client';
  /** How often the client itself sends a ping or a heartbeat; absent = it sends none. */
  readonly heartbeatMs?: number;
  /** `page`: JavaScript timers of a web page, which a hidden tab runs once a minute. */
  readonly timers: 'process' | 'page';
  /** How long the client hears nothing before it gives the server up; absent = for ever. */
  readonly readTimeoutMs?: number;
  /** How long its pool keeps an idle connection for the next request; null = for ever; absent = no pool. */
  readonly poolIdleMs?: number | null;
}

/** A box that forwards packets and keeps a table of flows: NAT gateway, layer 4 balancer, firewall. */
export interface MiddleboxHop extends HopBase {
  readonly kind: 'middlebox';
  /** Time without a packet after which it forgets the flow; null = never. */
  readonly idleMs: number | null;
  readonly atExpiry: Expiry;
}

/** A box that ends TCP and opens a connection of its own: nginx, HAProxy, Envoy, a CDN, a layer 7 balancer. */
export interface ProxyHop extends HopBase {
  readonly kind: 'proxy';
  /** Time without a byte either way after which it ends the connection; null = never. */
  readonly idleMs: number | null;
  readonly atExpiry: Expiry;
  /** How long its pool keeps an idle connection to the next hop; null = for ever; absent = no pool. */
  readonly poolIdleMs?: number | null;
  /** How often it pings the next hop of its own; absent = it sends none. */
  readonly heartbeatMs?: number;
  /**
   * The innermost protocol that it ends itself: behind `http2` nobody sees the HTTP/2 pings of the other side, behind
   * `tcp` they pass. Absent = `http2` where pings are HTTP/2's.
   */
  readonly speaks?: 'tcp' | 'http2';
}

/** The process that serves, with its reaper policy. */
export interface ServerHop extends HopBase {
  readonly kind: 'server';
  /** A built-in policy by name or alias, with its options where some are set. */
  readonly preset?: string;
  /** A policy of one's own; without either, the server has none. */
  readonly policy?: Policy;
  /** Where it runs; absent = not said. */
  readonly platform?: 'linux' | 'other';
  /** How long it keeps an idle HTTP connection for the next request. */
  readonly httpKeepAliveMs?: number;
  /** The least time between two pings that it forgives a client (gRPC's MinTime). */
  readonly minPingMs?: number;
  /** How long a client may say nothing before the server drops it, beside what the policy does. */
  readonly readTimeoutMs?: number;
  /** How long one write may take before it fails. */
  readonly writeWaitMs?: number;
  /** How long it waits for the answer to its Close frame (RFC 6455 §7). */
  readonly closeTimeoutMs?: number;
}

/** What stops the server: Kubernetes, systemd. */
export interface OrchestratorHop extends HopBase {
  readonly kind: 'orchestrator';
  /** From the order to stop to SIGKILL. */
  readonly graceMs: number;
  /** What a hook takes of it before the process hears SIGTERM. */
  readonly preStopMs: number;
}

/** One link of a chain, told apart by `kind`. */
export type Hop = ClientHop | MiddleboxHop | ProxyHop | ServerHop | OrchestratorHop;

/** A chain of timeouts. Made by `defineChain` or `parseChain`; never by hand. */
export interface Chain {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly title: string;
  /** Round trip between client and server. */
  readonly rttMs: number;
  /** What the application sends; idle = anything from nothing to as much as it can. */
  readonly load: Load;
  /** The slowest reader that must be served, bytes per second. */
  readonly readerBytesPerSecond: number;
  /** From the client to the server: client, boxes, server, orchestrator. */
  readonly hops: readonly Hop[];
  /** Rules of the linter that do not matter here. */
  readonly lint?: LintSettings;
}

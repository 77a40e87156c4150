/**
 * The one story that all peers play, so that their times can be held against each other.
 *
 * A client connects and asks for the upgrade; the server sweeps every 30 s: who has not answered since the last sweep is ended, who
 * has is pinged. Both directions of the path are cut at an instant spread evenly over ten minutes. A life ends when the server's kernel has
 * forgotten the socket. The client has no watchdog: a policy is of one end.
 *
 * What the peers have of TCP is what the story needs: three-way handshake, acknowledgements that are delayed by 40 ms or ride on data, tail
 * loss probe, retransmissions that double, FIN, and an orphan that is given up (tcp_orphan_retries(8)). No congestion window, receive window, round-trip
 * estimate, timestamps, rounding of kernel timers, WebSocket state machine, digest or count of costs: all of that only Ghostbound has. So all of them decide at the
 * same microsecond, and Ghostbound's kernel, whose wheel rounds long timers up, forgets the socket some 3 % later.
 */

/** One way, µs. */
export const DELAY_US = 25_000;
export const SWEEP_US = 30_000_000;
export const DELAYED_ACK_US = 40_000;
/** Of a SYN (RFC 6298 §2.1). */
export const FIRST_TIMEOUT_US = 1_000_000;
/** Of data, at a round trip of 50 ms: that, and tcp_rto_min. */
export const TIMEOUT_US = 250_000;
/** TCP_RTO_MAX. */
export const LONGEST_TIMEOUT_US = 120_000_000;
/** Eight retransmissions of an orphan: (2^9 − 1) × tcp_rto_min after the first. */
export const ORPHAN_US = 102_200_000;
/** Fifteen of a socket that somebody still holds (tcp_retries2). */
export const GIVES_UP_US = 924_600_000;

/** Lengths on the wire, bytes. */
export const Bytes = { Request: 200, Response: 129, Ping: 2, Pong: 6 } as const;

const EARLIEST_CUT_US = 1_000_000;
const CUT_SPREAD_US = 599_000_000;

/** What is drawn of a life: the same in every language, without a generator to take turns with. */
export function drawn(life: number): { readonly cutUs: number; readonly sweepShare: number } {
  const cut = Math.imul(life, 0x9e3779b9) >>> 0;
  const sweep = Math.imul(life, 0x85ebca6b) >>> 0;
  return {
    cutUs: EARLIEST_CUT_US + Math.floor((cut / 2 ** 32) * CUT_SPREAD_US),
    sweepShare: sweep / 2 ** 32,
  };
}

/** The first sweep: a whole number of them, and the phase, before the cut. */
export function firstSweepUs(cutUs: number, sweepShare: number): number {
  const tickUs = cutUs - Math.floor(sweepShare * SWEEP_US);
  return tickUs - Math.floor(tickUs / SWEEP_US) * SWEEP_US;
}

/** What a life comes to, µs. */
export interface Life {
  decidedUs: number;
  /** When the server's kernel has forgotten the socket; NaN where there is no kernel. */
  releasedUs: number;
}

/** Plays one life. */
export type PlayLife = (cutUs: number, firstSweepUs: number) => Life;

/**
 * Kernel trace files: what a real Linux did, as recorded by the lab. Times are seconds; 0 is one second
 * after the connection was established, or the start where nothing could be established.
 */

import type { SocketOptionValues } from '../../model/linux/socket-options.ts';
import type { CongestionControl } from '../../sim/kernel/types.ts';

/** Which side of the connection. */
export type Side = 'server' | 'client';

/** TCP_INFO and SIOCOUTQ at one instant, as the recording program read them; null = it did not. */
export interface RecordedInfo {
  readonly state: number | null;
  readonly retransmits: number | null;
  readonly probes: number | null;
  readonly backoff: number | null;
  readonly rtoUs: number | null;
  readonly unacked: number | null;
  readonly rttUs: number | null;
  /** `tcpi_rttvar`: a quarter of what the timeout counts with, and without its floor. */
  readonly rttvarUs: number | null;
  readonly bytesAcked: number | null;
  readonly outq: number | null;
  readonly lastAckRecvMs: number | null;
}

/** One line of the log. */
export interface LogEntry {
  readonly t: number;
  readonly who: string;
  readonly event: string;
  readonly what: string | null;
  readonly args: readonly (string | number)[];
  readonly error: string | null;
  readonly state: string | null;
  readonly info: RecordedInfo | null;
}

/** One packet as its sender put it on the wire. */
export interface PacketEntry {
  readonly t: number;
  readonly from: Side;
  readonly dropped: boolean;
  /** Letters S F R P, and `.` for ACK. */
  readonly flags: string;
  readonly seq: number;
  readonly ack: number;
  readonly length: number;
  /** As sent: scaled, but in a SYN. */
  readonly window: number;
}

/** Options a side's socket was given. */
export interface RecordedSockopts {
  readonly keepalive: { idleS: number; intervalS: number; probes: number } | null;
  readonly userTimeoutMs: number;
  readonly nodelay: boolean;
}

/** One thing that was done to the connection: when, by whom, what. */
export interface RecordedAction {
  readonly t: number;
  readonly who: string;
  readonly what: string;
  readonly args: readonly (string | number)[];
}

/** A whole recording. */
export interface KernelTrace {
  readonly name: string;
  /** `uname -r`. */
  readonly kernel: string;
  readonly hz: 100 | 250 | 1000;
  /** Absolute jiffies at t = 0; null where the recorder did not know. */
  readonly jiffiesAtT0: number | null;
  readonly sockopts: Readonly<Record<Side, RecordedSockopts>>;
  readonly sysctls: Readonly<Record<Side, Readonly<Record<string, number>>>>;
  /** Recorded settings and actions of which the simulation knows nothing: they are left out. */
  readonly unknown: readonly string[];
  /** null where the recording does not say. */
  readonly congestionControl: Readonly<Record<Side, CongestionControl | null>>;
  readonly rttMs: number;
  readonly maxS: number;
  /** Seconds between two looks of the recorder at the socket. */
  readonly sampleS: number;
  readonly startDropped: boolean;
  /** The end is the socket's disappearance from the kernel. */
  readonly watchKernel: boolean;
  readonly watch: Side;
  readonly closeOnEof: Readonly<Record<Side, boolean>>;
  readonly log: readonly LogEntry[];
  readonly packets: readonly PacketEntry[];
}

/** From `isn` to `seq`; sequence numbers wrap at 32 bits. */
export function seqOffset(seq: number, isn: number): number {
  return (((seq - isn) % 2 ** 32) + 2 ** 32) % 2 ** 32;
}

/** What the recorder set, by the names of setsockopt(2). */
export function socketOptionsOf({
  keepalive,
  userTimeoutMs,
  nodelay,
}: RecordedSockopts): SocketOptionValues {
  return {
    ...(keepalive !== null && {
      TCP_KEEPIDLE: keepalive.idleS,
      TCP_KEEPINTVL: keepalive.intervalS,
      TCP_KEEPCNT: keepalive.probes,
      SO_KEEPALIVE: 1,
    }),
    TCP_USER_TIMEOUT: userTimeoutMs,
    TCP_NODELAY: nodelay ? 1 : 0,
  };
}

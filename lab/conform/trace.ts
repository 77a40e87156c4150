/** A recording as the replay and the judge read it: the file's fields under names that carry their units. */

import type { KernelProfile } from '../../model/linux/sysctls.ts';
import type { RecordedOptions } from '../../model/recording/options.ts';
import type { CongestionControl } from '../../sim/kernel/types.ts';

/** Which side of the connection. */
export type Side = 'server' | 'client';

export const sides: readonly Side[] = ['server', 'client'];

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
  readonly cwnd: number | null;
  readonly ssthresh: number | null;
  readonly outq: number | null;
  readonly lastAckRecvMs: number | null;
}

/** The receiving side at one instant; null = not read. */
export interface RecordedReceiver {
  /** SO_RCVBUF as the kernel holds it. */
  readonly bufferBytes: number | null;
  /** SIOCINQ. */
  readonly unreadBytes: number | null;
}

/** One line of the log. */
export interface LogEntry {
  readonly t: number;
  readonly who: string;
  readonly event: string;
  readonly what: string | null;
  readonly args: readonly unknown[];
  readonly error: string | null;
  readonly state: string | null;
  readonly info: RecordedInfo | null;
  readonly receiver: RecordedReceiver | null;
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

/** A whole recording. */
export interface KernelTrace {
  readonly name: string;
  readonly profile: KernelProfile;
  readonly hz: 100 | 250 | 1000;
  /** The recording says that no program and no timer was ever late. */
  readonly virtualTime: boolean;
  /** Absolute jiffies at t = 0; null where the recorder did not know. */
  readonly jiffiesAtT0: number | null;
  readonly options: Readonly<Record<Side, RecordedOptions>>;
  readonly sysctls: Readonly<Record<Side, Readonly<Record<string, number>>>>;
  /** Recorded settings and actions of which nothing is known here: they are left out. */
  readonly unknown: readonly string[];
  /** null where the recording does not say. */
  readonly congestionControl: Readonly<Record<Side, CongestionControl | null>>;
  readonly rttMs: number;
  /** One-way delay of what the side sends, ms. */
  readonly oneWayMs: Readonly<Record<Side, number>>;
  /** null where the recording does not say. */
  readonly mtu: number | null;
  readonly addressFamily: 4 | 6;
  readonly offload: boolean;
  readonly maxS: number;
  /** Seconds between two looks of the recorder at the socket. */
  readonly sampleS: number;
  /** Whose packets never arrived from the start on. */
  readonly startDropped: readonly Side[];
  /** The end is the socket's disappearance from the kernel. */
  readonly watchKernel: boolean;
  readonly watch: Side;
  readonly closeOnEof: Readonly<Record<Side, boolean>>;
  readonly log: readonly LogEntry[];
  readonly packets: readonly PacketEntry[];
  /** Whether anybody looked at the wire. */
  readonly hasPackets: boolean;
}

/** One value per side. */
export function bothSides<T>(make: (side: Side) => T): Record<Side, T> {
  return { server: make('server'), client: make('client') };
}

/** The other end. */
export function otherSide(side: Side): Side {
  return side === 'server' ? 'client' : 'server';
}

/**
 * The simulated kernel as the processes on top of it and the wire below it see it. The timing rules
 * live in the files beside this one; this page is the contract between rooms.
 *
 * The kernel moves byte counts, not bytes: who needs message boundaries keeps them by stream offset
 * (`bytesWritten`, `bytesRead` of the socket).
 */
import type { SocketOptionName, SocketOptionValues } from '../../model/linux/socket-options.ts';
import type { StateWalk } from '../clock/state-walk.ts';
import type { Scheduler } from '../clock/types.ts';
import type { IcmpReceiver } from '../network/icmp.ts';
import type { Segment } from '../network/segment.ts';

/** tcpi_state, include/net/tcp_states.h. */
export const TcpState = {
  Established: 1,
  SynSent: 2,
  SynRecv: 3,
  FinWait1: 4,
  FinWait2: 5,
  TimeWait: 6,
  Close: 7,
  CloseWait: 8,
  LastAck: 9,
  Listen: 10,
  Closing: 11,
} as const;
export type TcpStateCode = (typeof TcpState)[keyof typeof TcpState];

export type Errno =
  | 'ETIMEDOUT'
  | 'ECONNRESET'
  | 'ECONNREFUSED'
  | 'EPIPE'
  | 'EHOSTUNREACH'
  | 'ENETUNREACH'
  | 'ECONNABORTED';

/** TCP_INFO and SIOCOUTQ as a program reads them. Filled in place. */
export interface TcpInfo {
  state: number;
  retransmits: number;
  probes: number;
  backoff: number;
  rtoUs: number;
  unacked: number;
  lastAckRecvMs: number;
  lastDataRecvMs: number;
  rttUs: number;
  rttvarUs: number;
  bytesAcked: number;
  notsentBytes: number;
  caState: number;
  sacked: number;
  lost: number;
  retrans: number;
  cwnd: number;
  ssthresh: number;
  outqBytes: number;
  sndMss: number;
  rcvMss: number;
  advMss: number;
  bytesReceived: number;
  busyUs: number;
  windowLimitedUs: number;
  sendBufferLimitedUs: number;
  reordering: number;
  reorderingSeen: number;
  /** sk_rcvbuf, as SK_MEMINFO tells it. */
  receiveBufferBytes: number;
}

/** What the process that holds the descriptor is told. All calls come at the instant they happen. */
export interface SocketOwner {
  established(socket: TcpSocket): void;
  /** `socket.readableBytes` grew. */
  readable(socket: TcpSocket): void;
  /** A write that fell short may be tried again (EPOLLOUT). */
  writable(socket: TcpSocket): void;
  /** The peer's FIN arrived: end of file once everything is read. */
  peerFin(socket: TcpSocket): void;
  /** The connection died; the descriptor is still open until `close`. */
  failed(socket: TcpSocket, errno: Errno): void;
  /** The kernel forgot the socket: no memory, no timer, no tuple. Also after `close` (orphans, TIME_WAIT). */
  released(socket: TcpSocket): void;
}

/** Flags of send(2) that the kernel of a stream heeds. */
export const Msg = {
  /** MSG_MORE: what is left of a segment waits for the next write. */
  MoreFollows: 1,
  /** MSG_EOR: nothing that is written later goes into the same buffer. */
  EndOfRecord: 2,
} as const;

export interface TcpSocket {
  readonly state: TcpStateCode;
  /** Bytes the process can read now. */
  readonly readableBytes: number;
  /** Stream offsets: accepted from the process, acknowledged by the peer, handed to the process. */
  readonly bytesWritten: number;
  readonly bytesAcked: number;
  readonly bytesRead: number;
  readonly isOrphan: boolean;
  /** setsockopt(2), several at once. */
  setOptions(options: SocketOptionValues): void;
  /** getsockopt(2), as far as the kernel's own number is another than what was set; null = it is not kept. */
  option(name: SocketOptionName): number | null;
  connect(): void;
  listen(): void;
  /** Takes up to `bytes`, returns how many; fewer means: wait for `writable`. `flags` are those of {@link Msg}. */
  write(bytes: number, flags?: number): number;
  /** poll(2) for POLLOUT: room for a write? When there is none, `writable` follows once there is. */
  pollOut(): boolean;
  /** Takes up to `maxBytes` out of the receive buffer, returns how many. */
  read(maxBytes: number): number;
  /** close(2): FIN, or RST with unread data; the socket lives on as an orphan. */
  close(): void;
  /** shutdown(SHUT_WR). */
  shutdownWrite(): void;
  /** close with SO_LINGER {1, 0}: RST and gone. */
  abort(): void;
  info(into: TcpInfo): TcpInfo;
}

/**
 * Segmentation and receive offload (TSO, GRO) of both hosts:
 *
 * - `none`: each segment travels and is acknowledged alone, in a buffer of its driver.
 * - `device`: a burst (tcp_tso_autosize) is one packet, in a buffer of its driver: a virtual interface with TSO.
 * - `path`: the path passes the sender's buffers on whole (veth), and what leaves at one instant is one event here. The
 *   receiver counts the buffers that the sender's kernel would have made of it.
 */
export type Offload = 'none' | 'device' | 'path';

export interface KernelConfig {
  /** Ticks per second. */
  readonly hz: 100 | 250 | 1000;
  readonly profile: '6.12' | '6.18';
  /** Absolute jiffies at virtual time 0, with its fraction: the phase of every timer. */
  readonly jiffiesAtZero: number;
  /** `net.ipv4.*` values that differ from the defaults; unknown names are an error. */
  readonly sysctls: Readonly<Record<string, number>>;
  /** How segments travel; `path` unless said otherwise. */
  readonly offload?: Offload;
  /** Address family of the connection, 4 unless said otherwise: what a host without a route reports depends on it. */
  readonly addressFamily?: 4 | 6;
  /** MTU of the path, bytes; 1500 unless said otherwise. */
  readonly mtuBytes?: number;
  /** Whether windows are scaled (RFC 7323), which takes both ends; they are unless said otherwise. */
  readonly windowScaling?: boolean;
  /** Orphans of the machine's other connections, which count against `tcp_max_orphans` with this one's; none unless said. */
  readonly otherOrphans?: number;
  /** Congestion control of new sockets, as far as it decides timers; cubic unless said otherwise. */
  readonly congestionControl?: CongestionControl;
  /** For the replay of a recording: what the recorded machine did with its timers. */
  readonly recordedTimers?: RecordedTimers;
}

/** What of a machine's timers no rule decides, but a recording shows. */
export interface RecordedTimers {
  /** How late, in us, the machine ran the timers that were due at `dueUs`. */
  latenessUs(dueUs: number): number;
  /**
   * Which of two instants a timer was put to. At the border of two levels of the wheel: the finer bucket's, if another
   * timer of that CPU had run in the same tick and moved the wheel's clock on (__run_timers), else the coarser one's. Armed anew: where it
   * was, if that is for the same jiffy.
   */
  bucketUs(finerUs: number, coarserUs: number): number;
}

/**
 * `net.ipv4.tcp_congestion_control`. reno and cubic share one approximation (RFC 5681). What sets bbr apart for
 * a timer: no slow start threshold, so no thin-linear timeouts, and no restart after idleness.
 */
export type CongestionControl = 'reno' | 'cubic' | 'bbr';

/** Watches a kernel for traces. Absent in measured runs. */
export interface KernelObserver {
  /** A segment left the host; `why` is the rule that sent it (`data`, `rto`, `tlp`, `keepalive-probe`, `window-probe`, `ack`, `fin`, `reset`, …). */
  transmitted(segment: Segment, why: string): void;
  stateChanged(socket: TcpSocket, from: TcpStateCode, to: TcpStateCode, why: string): void;
}

/**
 * What on the own host drops a packet: the interface's queue (qdisc), which TCP takes for a shortage that passes
 * (a positive code, NET_XMIT_DROP), or a rule of netfilter's OUTPUT chain (a negative one, EPERM).
 */
export type LocalDrop = 'qdisc' | 'netfilter';

/** A sender as TCP_INFO and SIOCOUTQ of a recording show it. */
export interface SenderSnapshot {
  readonly bytesAcked: number;
  readonly outqBytes: number;
  /** Sent and not acknowledged; the segments are more than the bytes need where some of them are small. null = not known. */
  readonly inFlightBytes: number;
  readonly inFlightSegments: number | null;
  /** Since data were last sent, us. */
  readonly sinceSentUs: number;
  /** Offered by the peer with its last ACK. */
  readonly windowBytes: number;
  readonly rttUs: number;
  readonly rttvarUs: number;
  /** Not backed off. */
  readonly rtoUs: number;
  /** Congestion window and slow start threshold, segments; null = not known. */
  readonly cwnd: number | null;
  readonly ssthresh: number | null;
}

/** A receiver as its ACKs in a recording show it. */
export interface ReceiverSnapshot {
  readonly bytesReceived: number;
  readonly windowBytes: number;
  /** Since it last answered a probe, us (such answers are rate limited); null = never. */
  readonly sinceAnswerUs: number | null;
  /** What arrived as one, oldest first and the newest last, bytes: memory comes back buffer by buffer. Empty = not known. */
  readonly buffersBytes: readonly number[];
  /** sk_rcvbuf; null = not known. */
  readonly receiveBufferBytes: number | null;
  /** By how much more memory is in use than it takes to shut the window, bytes: so much is to be read before it opens. */
  readonly excessBytes: number;
}

/** One end's kernel, with the one TCP socket of a connection's end. */
export interface KernelHost extends IcmpReceiver {
  readonly scheduler: Scheduler;
  readonly socket: TcpSocket;
  readonly isServer: boolean;
  /** Width in jiffies of the widest bucket of the wheel that a timer has been put in: of the phase, only so much matters. */
  readonly widestBucketJ: number;
  /** A segment arrives from the wire. */
  receive(segment: Segment): void;
  /** The host's own interface: packets handed to a downed link fail locally. */
  setLinkUp(up: boolean): void;
  /** From now on the host itself drops all that it sends; null ends that. */
  setLocalDrop(by: LocalDrop | null): void;
  /** Replaces the state of a bulk transfer by a recorded one; timers start now. For replays of recordings. */
  adoptSender(snapshot: SenderSnapshot): void;
  /** The same for the other end. */
  adoptReceiver(snapshot: ReceiverSnapshot): void;
  /** Suspend: what arrives is lost, every timer and every clock stands. */
  sleep(): void;
  /** It wakes where it stopped. */
  wake(): void;
  /** Power loss: nothing is sent, every timer stops, every socket is forgotten without a word. */
  powerOff(): void;
  /** Up again with an empty connection table: answers what it does not know with RST. */
  powerOn(): void;
  /** Tells of an established socket with nothing under way, what an uneventful cycle can change. */
  walk(state: StateWalk): void;
  /** A new life for the same machine: only the phase of its timers is another, as in {@link KernelConfig.jiffiesAtZero}. */
  reset(jiffiesAtZero: number): void;
}

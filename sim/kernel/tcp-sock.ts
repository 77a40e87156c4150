/**
 * The socket's record: what struct tcp_sock and inet_connection_sock hold, as plain numbers. The rules that read and write
 * it are functions in the files beside this one; nothing here decides anything. It belongs to a machine (machine.ts); its
 * process uses it by system calls (socket-calls.ts).
 *
 * Units: a trailing J is jiffies (absolute or a duration), Us microseconds, Ms milliseconds;
 * sequence numbers are relative, the SYN being 0, and never wrap.
 */
import { Timer } from '../../model/linux/timers.ts';
import type { RttState } from '../../model/linux/estimator.ts';
import { OutOfOrderQueue } from './out-of-order.ts';
import { LengthQueue, ReceiveQueue, RetransmitQueue } from './queues.ts';
import type { Kernel } from './machine.ts';
import {
  TcpState,
  type Errno,
  type SocketOwner,
  type TcpSocket,
  type TcpStateCode,
} from './types.ts';

/** Congestion state (icsk_ca_state). */
export const Congestion = { Open: 0, Disorder: 1, Recovery: 3, Loss: 4 } as const;

/** What an acknowledgement that is being processed has brought (FLAG_* of tcp_input.c). */
export const AckFlag = {
  /** It takes something off the queue (FLAG_SND_UNA_ADVANCED). */
  Advanced: 1,
  /** It carries data, moves the window or acknowledges data (FLAG_NOT_DUP). */
  NotDuplicate: 2,
  /** It acknowledges out of order what was not acknowledged before (FLAG_DATA_SACKED). */
  Sacked: 4,
  /** What was sent once, and within the loss window, has arrived (FLAG_ORIG_SACK_ACKED). */
  OriginalArrived: 8,
  /** A retransmission counts as lost (FLAG_LOST_RETRANS). */
  LostRetransmission: 16,
  /** The reordering timer has the write timer (FLAG_SET_XMIT_TIMER taken back). */
  TimerArmed: 32,
  /** It reports a duplicate (FLAG_DSACKING_ACK), and that of a tail loss probe (FLAG_DSACK_TLP). */
  Duplicate: 64,
  ProbeDuplicate: 128,
} as const;

/** What keeps the socket in memory. */
export const SockKind = {
  /** Never used, or forgotten. */
  None: 0,
  /** A full socket. */
  Full: 1,
  /** A light time-wait socket: only states FIN_WAIT2 and TIME_WAIT. */
  TimeWait: 2,
} as const;

/** What the process has to be told, in the order in which it is: things happen to a connection in that order. */
export const News = {
  Established: 1,
  Readable: 2,
  PeerFin: 4,
  Writable: 8,
  Failed: 16,
  Released: 32,
} as const;

/** Absent stamp: 0 is a valid time here. */
export const NEVER = -1;

/** One end of the connection. */
export class Sock implements RttState {
  readonly kernel: Kernel;
  readonly owner: SocketOwner;
  /** The same socket as its process sees it. */
  handle!: TcpSocket;

  state: TcpStateCode = TcpState.Close;
  /** Row of the TCP machine's table: finer than `state`. */
  machine = 0;
  kind: number = SockKind.None;
  /** No process holds the descriptor (SOCK_DEAD). */
  orphan = false;
  /** Since when it counts against tcp_max_orphans. */
  orphanSinceJ = 0;
  /** sk_err_soft: reported instead of ETIMEDOUT. */
  softError: Errno | null = null;

  // Socket options.
  keepaliveOn = false;
  keepIdleJ = 0;
  keepIntervalJ = 0;
  keepProbes = 0;
  userTimeoutMs = 0;
  nodelay = false;
  /** TCP_CORK; and that what waits may leave once nevertheless (TCP_NAGLE_PUSH). */
  corked = false;
  pushesOnce = false;
  /** TCP_MAXSEG (rx_opt.user_mss) and TCP_NOTSENT_LOWAT; 0 = not set. */
  userMss = 0;
  notsentLowat = 0;
  sendBufferLocked = false;
  receiveBufferLocked = false;
  linger2J = 0;
  /** SO_LINGER {1, 0}: close(2) resets. */
  resetsOnClose = false;
  synCount = 0;
  /** rskq_defer_accept: TCP_DEFER_ACCEPT as a number of SYN-ACK timeouts. */
  deferAccept = 0;
  rtoMaxJ = 0;
  rtoMaxMs = 0;
  rtoMinUs = 0;
  thinLinear = false;

  /** Payload of a full segment (mss_cache), and the MSS option of both ends (mss_clamp); timestamps once both have them. */
  mss = 0;
  offeredMss = 0;
  timestamps = true;

  // Sending.
  sndUna = 0;
  sndNxt = 0;
  writeSeq = 0;
  sndWnd = 0;
  maxWindow = 0;
  sndWl1 = 0;
  /** End of the last small segment sent (Minshall's Nagle). */
  sndSml = 0;
  pushedSeq = 0;
  finQueued = false;
  finSent = false;
  readonly rtx = new RetransmitQueue();
  /** Payload of the buffers that are being sent (tcp_tso_autosize), and of those of the segment in hand. */
  burstBytes = 0;
  arrivingBytes = 0;
  /** Where records end that the process has marked (MSG_EOR), as sequence numbers: buffers are not joined across. */
  readonly recordEnds: number[] = [];
  /** Payload lengths of buffers never sent. */
  readonly unsent = new LengthQueue();
  /** sk_wmem_queued and sk_sndbuf. */
  sendMemory = 0;
  sendBuffer = 0;
  /** SOCK_NOSPACE: the process waits for room. */
  wantsSpace = false;
  bytesWritten = 0;
  lastSendJ = 0;

  /** reordering and reord_seen: by how many segments one has been overtaken at most, and how often that was seen. */
  reordering = 0;
  reorderingSeen = 0;
  /** highest_sack: end of the last segment that is selectively acknowledged, while there is one. */
  highestSacked = 0;

  /** chrono_type, chrono_start, chrono_stat: what keeps the sender, since when, and how long each has. */
  chrono = 0;
  chronoSinceJ = 0;
  readonly chronoJ = [0, 0, 0, 0];

  // Counts of segments.
  packetsOut = 0;
  sackedOut = 0;
  lostOut = 0;
  retransOut = 0;

  // The write timer.
  writeSlot = -1;
  pending: number = Timer.None;
  writeExpiryJ = NEVER;
  retransmits = 0;
  /** total_rto: timeouts since the connection began. */
  timeouts = 0;
  backoff = 0;
  rtoJ = 0;
  probesOut = 0;
  /** icsk_probes_tstamp: the user timeout's clock behind a closed window. */
  probesStampJ = NEVER;
  /** retrans_stamp: first retransmission of the episode. */
  retransStampMs = NEVER;

  /** Whether this end sent the first SYN. */
  activeOpen = false;

  /** The handshake's last ACK has come, but TCP_DEFER_ACCEPT waits for data (inet_rsk(req)->acked). */
  requestAcked = false;

  // Round trips.
  /** When the SYN-ACK was sent; NEVER once it has been repeated, for then it measures nothing. */
  synAckSentUs = NaN;
  srtt8 = 0;
  mdev4 = NaN;
  rttvar4 = NaN;
  mdevMax4 = NaN;
  rttSeq = 0;
  minRttUs = Infinity;
  /** How many samples there were, and how many of them changed what the estimator says. */
  rttSamples = 0;
  rttChanges = 0;

  // Congestion control and loss detection.
  congestion: number = Congestion.Open;
  cwnd = 0;
  ssthresh = 0;
  /** Before the loss that is being repaired. */
  priorCwnd = 0;
  /** prior_ssthresh: what an undo goes back to; 0 = nothing. */
  priorThreshold = 0;
  /** undo_marker: what was unacknowledged when a response to a loss began that may still be taken back; NEVER = there is none. */
  undoMarker = NEVER;
  /** undo_retrans: retransmissions since then that no duplicate has answered; -1 = none yet. */
  undoRetrans = 0;
  /** total_retrans, and dsack_dups: segments ever sent again, and duplicates that the peer has reported. */
  totalRetrans = 0;
  duplicatesSeen = 0;
  /** F-RTO is under way (tp->frto). */
  frto = false;
  /** Since a rate reduction began, segments delivered and sent. */
  prrDelivered = 0;
  prrOut = 0;
  /** Segments ever counted as lost (tp->lost). */
  lost = 0;
  /** The congestion state that bbr saw last (bbr->prev_ca_state), and whether it keeps what is in flight constant. */
  lastCongestion: number = Congestion.Open;
  conserving = false;
  /** Segments that have reached the peer, the SYN among them. */
  delivered = 0;
  /** Fraction of a segment gained in congestion avoidance. */
  cwndCount = 0;
  maxPacketsOut = 0;
  maxPacketsSeq = 0;
  cwndLimited = false;
  /** snd_cwnd_stamp, snd_cwnd_used: since when, and how much of it, a sender that does not fill its window has used. */
  cwndStampJ = 0;
  cwndUsed = 0;
  highSeq = 0;
  /** AckFlag of the acknowledgement in hand, and the timestamp it echoes (rcv_tsecr). */
  ackFlags = 0;
  echoMs = NEVER;
  tlpHighSeq = 0;
  /** The tail loss probe sent something again, not new data (tlp_retrans). */
  tlpRepeats = false;
  rackSentUs = NaN;
  rackRttUs = NaN;
  rackEndSeq = 0;
  rackAdvanced = false;

  // Receiving.
  rcvNxt = 0;
  copiedSeq = 0;
  rcvWup = 0;
  rcvWnd = 0;
  rcvSsthresh = 0;
  windowClamp = 0;
  receiveBuffer = 0;
  /** Payload per 256 bytes of buffer memory. */
  scalingRatio = 128;
  windowScale = 0;
  /** Size of a segment of the peer, as seen (icsk_ack.rcv_mss). */
  rcvMss = 0;
  /** Size of the last segment, where that may be the peer's real one (icsk_ack.last_seg_size). */
  lastSegmentSize = 0;
  readonly receiveQueue = new ReceiveQueue();
  readonly outOfOrder = new OutOfOrderQueue();
  /** duplicate_sack: what came twice, until the next segment tells it; NEVER = nothing. */
  duplicateStart = NEVER;
  duplicateEnd = NEVER;
  peerFinSeq = NEVER;
  peerFinSeen = false;
  bytesRead = 0;
  /** sk_forward_alloc: memory at hand for what comes next. */
  forwardBytes = 0;
  /** pred_flags: a segment in order, with nothing special about it, takes the fast path. */
  foreseen = false;
  /** DRS: bytes read per round trip, the measurement in progress. */
  drsSpace = 0;
  drsSeq = 0;
  drsStartUs = NaN;
  /** rcv_rtt_est: the round trip as the receiver sees it, times eight; the window that is being timed; the echo that was measured last. */
  rcvRtt8 = 0;
  rcvRttSeq = 0;
  rcvRttStampUs = NEVER;
  rcvRttEchoMs = NEVER;
  /** How often that has come again, and no round trip was made of it. */
  echoesAgain = 0;
  /** tcp_mstamp: when the last packet came or left. */
  stampUs = 0;

  // Acknowledging.
  ackScheduled = false;
  ackTimerPending = false;
  ackNow = false;
  /** There was no memory for what came: the next segment says that the window is shut (ICSK_ACK_NOMEM). */
  noMemory = false;
  ackPushed = 0;
  quickAcks = 0;
  atoJ = 0;
  pingpong = 0;
  delackSlot = -1;
  delackTimeoutJ = NEVER;
  lastDataRecvJ = 0;
  lastAckRecvJ = 0;
  /** Timestamp of the peer to echo. */
  tsRecent = NEVER;
  lastInvalidAckJ = NEVER;

  /** Width in jiffies of the bucket that each of the three timers is in, in the order of their slots. */
  readonly bucketsJ = [1, 1, 1];

  // Keepalive, FIN_WAIT2 and time-wait share a timer: never two of them at once.
  keepSlot = -1;
  keepExpiryJ = NEVER;
  delackExpiryJ = NEVER;

  /** News for the process, handed over when the kernel is left; and the error of the one that it failed. */
  news = 0;
  failedBy: Errno | null = null;

  constructor(kernel: Kernel, owner: SocketOwner) {
    this.kernel = kernel;
    this.owner = owner;
  }
}

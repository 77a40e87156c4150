/**
 * The values a new socket and a new connection begin with.
 *
 * Source: net/ipv4/tcp.c tcp_init_sock; net/ipv4/tcp_output.c tcp_connect_init; net/ipv4/tcp_cong.c; tcp_minisocks.c.
 */
import { Timer } from '../../model/linux/timers.ts';
import { INFINITE_SSTHRESH, INITIAL_CWND, INITIAL_RTO_MS } from '../../model/linux/constants.ts';
import { offeredMss, payloadMss } from '../../model/linux/segment-size.ts';
import { Congestion, NEVER, type Sock } from './tcp-sock.ts';

/** Options of a fresh socket: the initial values of model/linux/socket-options.ts. */
export function initOptions(sk: Sock): void {
  const { kernel } = sk;
  const { sysctls } = kernel;
  sk.keepaliveOn = false;
  sk.keepIdleJ = kernel.ms(sysctls.tcp_keepalive_time * 1000);
  sk.keepIntervalJ = kernel.ms(sysctls.tcp_keepalive_intvl * 1000);
  sk.keepProbes = sysctls.tcp_keepalive_probes;
  sk.userTimeoutMs = 0;
  sk.nodelay = false;
  sk.corked = false;
  sk.pushesOnce = false;
  sk.userMss = 0;
  sk.notsentLowat = 0;
  sk.sendBufferLocked = false;
  sk.receiveBufferLocked = false;
  sk.linger2J = 0;
  sk.resetsOnClose = false;
  sk.synCount = 0;
  sk.deferAccept = 0;
  sk.rtoMaxMs = sysctls.tcp_rto_max_ms;
  sk.rtoMaxJ = kernel.ms(sk.rtoMaxMs);
  sk.rtoMinUs = sysctls.tcp_rto_min_us;
  sk.thinLinear = false;
  sk.sendBuffer = sysctls['tcp_wmem.1'];
  sk.receiveBuffer = sysctls['tcp_rmem.1'];
}

/** Both ends have timestamps, or neither uses them: every segment carries the option, or none does. */
export function setTimestamps(sk: Sock, on: boolean): void {
  sk.timestamps = on;
  sk.mss = payloadMss(sk.offeredMss, on);
  sk.rtx.mss = sk.mss;
}

/** A connection's variables before its SYN; options stay. */
export function initConnection(sk: Sock): void {
  const { kernel } = sk;
  const most = offeredMss(kernel.mtuBytes, kernel.addressFamily);
  sk.offeredMss = sk.userMss === 0 ? most : Math.min(most, sk.userMss);
  setTimestamps(sk, kernel.sysctls.tcp_timestamps !== 0);
  initSending(sk);
  initTiming(sk);
  initReceiving(sk);
  sk.orphan = false;
  sk.softError = null;
  sk.news = 0;
  sk.failedBy = null;
}

function initSending(sk: Sock): void {
  sk.sndUna = 0;
  sk.sndNxt = 0;
  sk.writeSeq = 0;
  sk.sndWnd = 0;
  sk.maxWindow = 0;
  sk.sndWl1 = 0;
  sk.sndSml = 0;
  sk.pushedSeq = 0;
  sk.finQueued = false;
  sk.finSent = false;
  sk.burstBytes = 0;
  sk.arrivingBytes = 0;
  sk.rtx.clear();
  sk.recordEnds.length = 0;
  sk.unsent.clear();
  sk.sendMemory = 0;
  if (!sk.sendBufferLocked) sk.sendBuffer = sk.kernel.sysctls['tcp_wmem.1'];
  if (!sk.receiveBufferLocked) sk.receiveBuffer = sk.kernel.sysctls['tcp_rmem.1'];
  sk.wantsSpace = false;
  sk.bytesWritten = 0;
  sk.chrono = 0;
  sk.chronoSinceJ = 0;
  sk.chronoJ.fill(0);
  sk.reordering = sk.kernel.sysctls.tcp_reordering;
  sk.reorderingSeen = 0;
  sk.highestSacked = 0;
  sk.packetsOut = 0;
  sk.sackedOut = 0;
  sk.lostOut = 0;
  sk.retransOut = 0;
  initCongestion(sk);
}

/** tcp_init_cwnd and what goes with it: also when the handshake, lossy or not, is over. */
export function initCongestion(sk: Sock): void {
  sk.congestion = Congestion.Open;
  sk.cwnd = INITIAL_CWND;
  sk.ssthresh = INFINITE_SSTHRESH;
  sk.cwndCount = 0;
  sk.priorCwnd = INITIAL_CWND;
  sk.priorThreshold = 0;
  sk.undoMarker = NEVER;
  sk.undoRetrans = 0;
  sk.totalRetrans = 0;
  sk.duplicatesSeen = 0;
  sk.frto = false;
  sk.prrDelivered = 0;
  sk.prrOut = 0;
  sk.lost = 0;
  sk.lastCongestion = Congestion.Open;
  sk.conserving = false;
  sk.cwndStampJ = sk.kernel.jiffies();
  sk.cwndUsed = 0;
  sk.ackFlags = 0;
  sk.echoMs = NEVER;
  sk.delivered = 1;
  sk.maxPacketsOut = 0;
  sk.maxPacketsSeq = 0;
  sk.cwndLimited = false;
  sk.highSeq = 0;
  sk.tlpHighSeq = NEVER;
  sk.tlpRepeats = false;
  sk.rackSentUs = NEVER;
  sk.rackEndSeq = 0;
  sk.rackAdvanced = false;
}

function initTiming(sk: Sock): void {
  const nowJ = sk.kernel.jiffies();
  sk.pending = Timer.None;
  sk.writeExpiryJ = NEVER;
  sk.delackExpiryJ = NEVER;
  sk.keepExpiryJ = NEVER;
  sk.retransmits = 0;
  sk.timeouts = 0;
  sk.backoff = 0;
  sk.rtoJ = Math.min(sk.kernel.ms(INITIAL_RTO_MS), sk.rtoMaxJ);
  sk.probesOut = 0;
  sk.probesStampJ = NEVER;
  sk.retransStampMs = NEVER;
  sk.srtt8 = 0;
  sk.mdev4 = sk.kernel.phase.tickUs * sk.rtoJ;
  sk.rttvar4 = 0;
  sk.mdevMax4 = 0;
  sk.rttSeq = 0;
  sk.minRttUs = Infinity;
  sk.rttSamples = 0;
  sk.rttChanges = 0;
  sk.rackRttUs = 0;
  sk.lastSendJ = nowJ;
  sk.lastDataRecvJ = nowJ;
  sk.lastAckRecvJ = nowJ;
}

/** TCP_MSS_DEFAULT: what the peer's segments are taken for until one has arrived. */
const ASSUMED_MSS = 536;

function initReceiving(sk: Sock): void {
  sk.rcvNxt = 0;
  sk.copiedSeq = 0;
  sk.rcvWup = 0;
  sk.rcvWnd = 0;
  sk.rcvMss = ASSUMED_MSS;
  sk.lastSegmentSize = 0;
  sk.receiveQueue.clear();
  sk.outOfOrder.clear();
  sk.duplicateStart = NEVER;
  sk.peerFinSeq = NEVER;
  sk.peerFinSeen = false;
  sk.bytesRead = 0;
  sk.forwardBytes = 0;
  sk.foreseen = false;
  sk.rcvRtt8 = 0;
  sk.rcvRttSeq = 0;
  sk.rcvRttStampUs = NEVER;
  sk.rcvRttEchoMs = NEVER;
  sk.echoesAgain = 0;
  sk.stampUs = sk.kernel.nowUs;
  sk.ackScheduled = false;
  sk.ackTimerPending = false;
  sk.ackNow = false;
  sk.noMemory = false;
  sk.ackPushed = 0;
  sk.quickAcks = 0;
  sk.atoJ = 0;
  sk.pingpong = 0;
  sk.tsRecent = NEVER;
  sk.lastInvalidAckJ = NEVER;
}

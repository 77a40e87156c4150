/**
 * Socket options and the values a new socket begins with.
 * Source: net/ipv4/tcp.c tcp_init_sock, do_tcp_setsockopt, tcp_sock_set_keepidle_locked; tcp_timer.c tcp_set_keepalive.
 */
import { Timer } from '../../model/linux/timers.ts';
import { InputError, type Issue } from '../../model/issue.ts';
import {
  FIN_TIMEOUT_MAX_MS,
  INFINITE_SSTHRESH,
  INITIAL_CWND,
  INITIAL_RTO_MS,
  RTO_MAX_MS,
} from '../../model/linux/constants.ts';
import { silentJ } from '../../model/linux/keepalive-timer.ts';
import { Congestion, NEVER, type Sock } from './tcp-sock.ts';
import { armKeepaliveTimer, stopKeepaliveTimer } from './timers.ts';
import { TcpState, type SocketOptions } from './types.ts';

/** Options of a fresh socket: the sysctls'. */
export function initOptions(sk: Sock): void {
  const { kernel } = sk;
  const { sysctls } = kernel;
  sk.keepaliveOn = false;
  sk.keepIdleJ = kernel.ms(sysctls.tcp_keepalive_time * 1000);
  sk.keepIntervalJ = kernel.ms(sysctls.tcp_keepalive_intvl * 1000);
  sk.keepProbes = sysctls.tcp_keepalive_probes;
  sk.userTimeoutMs = 0;
  sk.nodelay = true;
  sk.sendBufferLocked = false;
  sk.receiveBufferLocked = false;
  sk.linger2J = 0;
  sk.synCount = 0;
  sk.deferAccept = 0;
  sk.rtoMaxMs = sysctls.tcp_rto_max_ms;
  sk.rtoMaxJ = kernel.ms(sk.rtoMaxMs);
  sk.rtoMinUs = sysctls.tcp_rto_min_us;
  sk.thinLinear = false;
  sk.sendBuffer = sysctls['tcp_wmem.1'];
  sk.receiveBuffer = sysctls['tcp_rmem.1'];
}

/** A connection's variables before its SYN; options stay. */
export function initConnection(sk: Sock): void {
  initSending(sk);
  initTiming(sk);
  initReceiving(sk);
  sk.orphan = false;
  sk.softError = null;
  sk.newsEstablished = false;
  sk.newsReadable = false;
  sk.newsPeerFin = false;
  sk.newsWritable = false;
  sk.newsFailed = null;
  sk.newsReleased = false;
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
  sk.rtx.clear();
  sk.unsent.clear();
  sk.sendMemory = 0;
  if (!sk.sendBufferLocked) sk.sendBuffer = sk.kernel.sysctls['tcp_wmem.1'];
  if (!sk.receiveBufferLocked) sk.receiveBuffer = sk.kernel.sysctls['tcp_rmem.1'];
  sk.wantsSpace = false;
  sk.bytesWritten = 0;
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
  sk.delivered = 1;
  sk.maxPacketsOut = 0;
  sk.maxPacketsSeq = 0;
  sk.cwndLimited = false;
  sk.highSeq = 0;
  sk.tlpHighSeq = NEVER;
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
  sk.outOfOrder.length = 0;
  sk.peerFinSeq = NEVER;
  sk.peerFinSeen = false;
  sk.bytesRead = 0;
  sk.ackScheduled = false;
  sk.ackTimerPending = false;
  sk.ackNow = false;
  sk.ackPushed = 0;
  sk.quickAcks = 0;
  sk.atoJ = 0;
  sk.pingpong = 0;
  sk.tsRecent = NEVER;
  sk.lastInvalidAckJ = NEVER;
}

interface Limit {
  readonly name: string;
  readonly value: number | undefined;
  readonly min: number;
  readonly max: number;
}

/** Linux's own limits; EINVAL beyond them. */
function limitsOf(options: SocketOptions): Limit[] {
  const keepalive = options.keepalive ?? undefined;
  const int = 2 ** 31 - 1;
  return [
    { name: 'keepalive.idleS', value: keepalive?.idleS, min: 1, max: 32_767 },
    { name: 'keepalive.intervalS', value: keepalive?.intervalS, min: 1, max: 32_767 },
    { name: 'keepalive.probes', value: keepalive?.probes, min: 1, max: 127 },
    { name: 'userTimeoutMs', value: options.userTimeoutMs, min: 0, max: int },
    { name: 'sendBufferBytes', value: options.sendBufferBytes, min: 1, max: int },
    { name: 'receiveBufferBytes', value: options.receiveBufferBytes, min: 1, max: int },
    { name: 'synCount', value: options.synCount, min: 0, max: 127 },
    { name: 'deferAcceptS', value: options.deferAcceptS, min: 0, max: int },
    { name: 'rtoMaxMs', value: options.rtoMaxMs || undefined, min: 1000, max: 120_000 },
    { name: 'rtoMinUs', value: options.rtoMinUs || undefined, min: 1, max: int },
  ];
}

/** Throws the issues of values that setsockopt(2) would refuse. */
function check(options: SocketOptions): void {
  const issues: Issue[] = [];
  for (const { name, value, min, max } of limitsOf(options)) {
    if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) continue;
    const expected = `an integer from ${min} to ${max}`;
    issues.push({ code: 'out-of-range', path: name, expected, received: String(value) });
  }
  if (issues.length > 0) throw new InputError(issues);
}

/** secs_to_retrans: how many SYN-ACK timeouts of 1, 2, 4 … 120 s it takes to cover that time. */
function secondsToTimeouts(seconds: number): number {
  let timeouts = 0;
  let timeoutS = INITIAL_RTO_MS / 1000;
  for (let coveredS = 0; coveredS < seconds && timeouts < 255; timeouts += 1) {
    coveredS += timeoutS;
    timeoutS = Math.min(timeoutS * 2, RTO_MAX_MS / 1000);
  }
  return timeouts;
}

/** setsockopt(2), several at once. Nothing pending is re-armed but the keepalive timer. */
export function setOptions(sk: Sock, options: SocketOptions): void {
  check(options);
  const { kernel } = sk;
  if (options.keepalive !== undefined) setKeepalive(sk, options.keepalive);
  if (options.userTimeoutMs !== undefined) sk.userTimeoutMs = options.userTimeoutMs;
  if (options.nodelay !== undefined) sk.nodelay = options.nodelay;
  if (options.synCount !== undefined) sk.synCount = options.synCount;
  if (options.deferAcceptS !== undefined) {
    sk.deferAccept = secondsToTimeouts(options.deferAcceptS);
  }
  if (options.thinLinearTimeouts !== undefined) sk.thinLinear = options.thinLinearTimeouts;
  if (options.sendBufferBytes !== undefined) {
    sk.sendBuffer = options.sendBufferBytes;
    sk.sendBufferLocked = true;
  }
  if (options.receiveBufferBytes !== undefined) {
    sk.receiveBuffer = options.receiveBufferBytes;
    sk.receiveBufferLocked = true;
  }
  if (options.linger2S !== undefined) {
    const ms = Math.min(options.linger2S * 1000, FIN_TIMEOUT_MAX_MS);
    sk.linger2J = ms < 0 ? -1 : kernel.ms(ms);
  }
  if (options.rtoMaxMs !== undefined) {
    sk.rtoMaxMs = options.rtoMaxMs || kernel.sysctls.tcp_rto_max_ms;
    sk.rtoMaxJ = kernel.ms(sk.rtoMaxMs);
  }
  if (options.rtoMinUs !== undefined) {
    sk.rtoMinUs = options.rtoMinUs || kernel.sysctls.tcp_rto_min_us;
  }
}

/** SO_KEEPALIVE with TCP_KEEPINTVL, TCP_KEEPCNT and TCP_KEEPIDLE, set in this order. */
function setKeepalive(sk: Sock, keepalive: SocketOptions['keepalive']): void {
  const running = sk.state !== TcpState.Close && sk.state !== TcpState.Listen;
  if (keepalive === null || keepalive === undefined) {
    sk.keepaliveOn = false;
    if (running && sk.state !== TcpState.TimeWait && !sk.orphan) stopKeepaliveTimer(sk);
    return;
  }
  const { kernel } = sk;
  sk.keepIntervalJ = kernel.ms(keepalive.intervalS * 1000);
  sk.keepProbes = keepalive.probes;
  sk.keepIdleJ = kernel.ms(keepalive.idleS * 1000);
  const wasOn = sk.keepaliveOn;
  sk.keepaliveOn = true;
  if (!running || sk.state === TcpState.TimeWait || sk.orphan) return;
  if (!wasOn) armKeepaliveTimer(sk, sk.keepIdleJ);
  else armKeepaliveTimer(sk, Math.max(0, sk.keepIdleJ - silentJ(sk, sk.kernel.jiffies())));
}

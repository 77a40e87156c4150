/** TCP_INFO and SIOCOUTQ: what a program can read of a socket. Source: net/ipv4/tcp.c tcp_get_info, tcp_ioctl. */
import { jiffiesToUs } from '../../model/linux/jiffies.ts';
import { Chrono, chronoJ } from './chrono.ts';
import { SockKind, type Sock } from './tcp-sock.ts';
import { TcpState, type TcpInfo } from './types.ts';

/** TCP_INFINITE_SSTHRESH. */
const INFINITE_SSTHRESH = 0x7f_ff_ff_ff;

/** An empty TCP_INFO to be filled. */
export function blankInfo(): TcpInfo {
  return {
    state: TcpState.Close,
    retransmits: 0,
    probes: 0,
    backoff: 0,
    rtoUs: 0,
    unacked: 0,
    lastAckRecvMs: 0,
    lastDataRecvMs: 0,
    rttUs: 0,
    rttvarUs: 0,
    bytesAcked: 0,
    notsentBytes: 0,
    caState: 0,
    sacked: 0,
    lost: 0,
    retrans: 0,
    cwnd: 0,
    ssthresh: 0,
    outqBytes: 0,
    sndMss: 0,
    rcvMss: 0,
    advMss: 0,
    bytesReceived: 0,
    busyUs: 0,
    windowLimitedUs: 0,
    sendBufferLimitedUs: 0,
    reordering: 0,
    reorderingSeen: 0,
    receiveBufferBytes: 0,
  };
}

/** Bytes the peer has acknowledged; the active opener's count includes its SYN. */
export function bytesAcked(sk: Sock): number {
  const fin = sk.finSent && sk.sndUna === sk.writeSeq ? 1 : 0;
  return Math.max(0, sk.sndUna - 1 - fin);
}

/** tcp_get_info: fills `into` and returns it. */
export function fillInfo(sk: Sock, into: TcpInfo): TcpInfo {
  const { kernel } = sk;
  const nowJ = kernel.jiffies();
  const { tickUs } = kernel.phase;
  // A descriptor whose connection is in TIME_WAIT reads CLOSE: a time-wait sock has taken its place.
  into.state = sk.kind === SockKind.TimeWait ? TcpState.Close : sk.state;
  into.retransmits = sk.retransmits;
  into.probes = sk.probesOut;
  into.backoff = sk.backoff;
  into.rtoUs = jiffiesToUs(sk.rtoJ, kernel.phase.hz);
  into.unacked = sk.packetsOut;
  into.lastAckRecvMs = Math.floor(((nowJ - sk.lastAckRecvJ) * tickUs) / 1000);
  into.lastDataRecvMs = Math.floor(((nowJ - sk.lastDataRecvJ) * tickUs) / 1000);
  into.rttUs = Math.floor(sk.srtt8 / 8);
  into.rttvarUs = Math.floor(sk.mdev4 / 4);
  into.bytesAcked = Math.max(0, sk.sndUna - (sk.activeOpen ? 0 : 1));
  into.caState = sk.congestion;
  into.sacked = sk.sackedOut;
  into.lost = sk.lostOut;
  into.retrans = sk.retransOut;
  into.cwnd = sk.cwnd;
  into.ssthresh = Math.min(sk.ssthresh, INFINITE_SSTHRESH);
  into.notsentBytes = Math.max(0, sk.writeSeq - sk.sndNxt);
  const synState = sk.state === TcpState.SynSent || sk.state === TcpState.SynRecv;
  into.outqBytes = synState ? 0 : Math.max(0, sk.writeSeq - Math.max(sk.sndUna, 1));
  into.sndMss = sk.mss;
  into.rcvMss = sk.rcvMss;
  into.advMss = sk.offeredMss;
  into.bytesReceived = Math.max(0, sk.rcvNxt - 1 - (sk.peerFinSeen ? 1 : 0));
  into.windowLimitedUs = chronoJ(sk, Chrono.ReceiveWindow) * tickUs;
  into.sendBufferLimitedUs = chronoJ(sk, Chrono.SendBuffer) * tickUs;
  into.busyUs = chronoJ(sk, Chrono.Busy) * tickUs + into.windowLimitedUs + into.sendBufferLimitedUs;
  into.reordering = sk.reordering;
  into.reorderingSeen = sk.reorderingSeen;
  into.receiveBufferBytes = sk.receiveBuffer;
  return into;
}

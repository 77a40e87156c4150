// The process at one end of a recorded connection: what a plan says it does, and what it sees.
import {
  close,
  errnoName,
  getOption,
  ioctl,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  recv,
  send,
  setOption,
  shutdown,
} from './calls.mjs';

// include/uapi/asm-generic/socket.h, include/uapi/linux/tcp.h, include/uapi/linux/sockios.h
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const SO_LINGER = 13;
const SO_MEMINFO = 55;
const IPPROTO_TCP = 6;
const TCP_INFO = 11;
const TCP_CONGESTION = 13;
const TCP_REPAIR = 19;
const SIOCOUTQ = 0x5411;
const FIONREAD = 0x541b;
const MSG_NOSIGNAL = 0x4000;
const SHUT_WR = 1;
const TCP_INFO_BYTES = 256;
const SK_MEMINFO_VARS = 9;

/** A long write is handed to the kernel in pieces of this size, one per wake-up. */
const PIECE = Buffer.alloc(65_536);
const READ = Buffer.alloc(8 << 20);

function number(fd, request) {
  const value = Buffer.alloc(4);
  ioctl(fd, request, value);
  return value.readInt32LE();
}

/** struct tcp_info, as a recording names its fields. */
function tcpInfo(fd) {
  const bytes = getOption(fd, IPPROTO_TCP, TCP_INFO, TCP_INFO_BYTES);
  const u32 = (at) => bytes.readUInt32LE(at);
  return {
    state: bytes[0],
    ca_state: bytes[1],
    retransmits: bytes[2],
    probes: bytes[3],
    backoff: bytes[4],
    rto_us: u32(8),
    unacked: u32(24),
    sacked: u32(28),
    lost: u32(32),
    retrans: u32(36),
    last_ack_recv_ms: u32(56),
    last_data_recv_ms: u32(52),
    rtt_us: u32(68),
    rttvar_us: u32(72),
    cwnd: u32(80),
    ssthresh: u32(76),
    bytes_acked: Number(bytes.readBigUInt64LE(120)),
    outq: number(fd, SIOCOUTQ),
  };
}

function receiver(fd) {
  const info = getOption(fd, IPPROTO_TCP, TCP_INFO, TCP_INFO_BYTES);
  const memory = getOption(fd, SOL_SOCKET, SO_MEMINFO, 4 * SK_MEMINFO_VARS);
  return {
    rcv_mss: info.readUInt32LE(20),
    rcv_ssthresh: info.readUInt32LE(64),
    rcv_rtt_us: info.readUInt32LE(92),
    rcv_space: info.readUInt32LE(96),
    rmem: memory.readUInt32LE(0),
    rcvbuf: memory.readUInt32LE(4),
    inq: number(fd, FIONREAD),
  };
}

/** Sets options as an order lists them: level, number, value; congestion control is a name. */
export function setOptions(fd, options, congestion) {
  if (congestion !== null) {
    setOption(fd, IPPROTO_TCP, TCP_CONGESTION, Buffer.from(`${congestion}\0`));
  }
  for (const [level, name, value] of options) {
    const isLinger = level === SOL_SOCKET && name === SO_LINGER;
    setOption(fd, level, name, isLinger ? Buffer.from([1, 0, 0, 0, value, 0, 0, 0]) : value);
  }
}

/** The kernel forgets a connection without a packet, as after a loss of power. */
function forget(fd) {
  setOption(fd, IPPROTO_TCP, TCP_REPAIR, 1);
  close(fd);
}

export class End {
  /** Its socket; null before and after. */
  fd = null;
  /** Its process, or its kernel, has no more to do with the connection. */
  ended = false;
  #log;
  #timeline;
  #closesOnEof;
  #connecting = false;
  #established;
  #owed = 0;
  #written = 0;
  #frozen = false;
  #trickle = null;
  #sawEof = false;
  #muted = false;

  constructor({ log, timeline, closesOnEof, established }) {
    this.#log = log;
    this.#timeline = timeline;
    this.#closesOnEof = closesOnEof;
    this.#established = established;
  }

  /** Holds a socket that is connected, or connecting. */
  hold(fd, connecting) {
    this.fd = fd;
    this.#connecting = connecting;
    if (!connecting) this.#opened();
  }

  #opened() {
    this.#log('established', { info: tcpInfo(this.fd) });
    this.#established();
  }

  /** What it waits for; null when for nothing. */
  get events() {
    if (this.fd === null || this.#muted) return null;
    const reads = !this.#connecting && !this.#frozen && this.#trickle === null && !this.#sawEof;
    return (reads ? POLLIN : 0) | (this.#connecting || this.#owed > 0 ? POLLOUT : 0);
  }

  /** What has happened to its socket. */
  happened(events) {
    if (events === 0 || this.fd === null) return;
    const error = events & (POLLERR | POLLHUP) ? this.#error() : 0;
    if (error !== 0) {
      this.#failed(errnoName(error), this.#connecting ? 'connect_failed' : 'error');
    } else if (this.#connecting) {
      this.#connecting = false;
      this.#opened();
    } else {
      if (events & POLLIN) this.#drain();
      if (events & POLLOUT && this.fd !== null) this.#writePiece();
      // Both directions are shut, and there is nothing more to hear.
      if (events & POLLHUP && !(events & POLLIN)) this.#muted = true;
    }
  }

  #error() {
    return getOption(this.fd, SOL_SOCKET, SO_ERROR, 4).readInt32LE();
  }

  #failed(errno, event = 'error') {
    this.#log(event, { error: errno });
    this.#muted = true;
    this.#owed = 0;
    this.ended = true;
  }

  /** Reads what there is, or so many bytes; how many they were. */
  #read(most) {
    const { result, errno } = recv(this.fd, READ, most, 0);
    if (result === 0) this.#eof();
    else if (errno !== undefined && errno !== 'EAGAIN') this.#failed(errno);
    return result ?? 0;
  }

  #drain() {
    while (this.fd !== null && !this.ended && this.#read(READ.length) > 0);
  }

  #eof() {
    if (this.#sawEof) return;
    this.#sawEof = true;
    this.#log('eof', {});
    if (this.#closesOnEof) this.#close();
  }

  #writePiece() {
    const { result = 0, errno } = send(
      this.fd,
      PIECE,
      Math.min(PIECE.length, this.#owed),
      MSG_NOSIGNAL,
    );
    this.#owed -= result;
    this.#written += result;
    if (errno !== undefined && errno !== 'EAGAIN') this.#failed(errno);
  }

  #close() {
    close(this.fd);
    this.fd = null;
    this.#log('closed', {});
  }

  /** Looks at its socket. */
  sample() {
    if (this.fd === null || this.#muted) return;
    this.#log('sample', { info: tcpInfo(this.fd), written: this.#written });
  }

  /** Looks at what it has received. */
  sampleReceiver() {
    if (this.fd === null || this.#muted) return;
    this.#log('peer', { peer: receiver(this.fd) });
  }

  /** Lets go of its socket at once: what a kernel still holds for one recording is memory that the next one lacks. */
  release() {
    if (this.fd !== null) forget(this.fd);
    this.fd = null;
  }

  /** Does what a plan says it does. */
  act(what, args) {
    if (this.fd === null) return;
    const [first, second] = args;
    if (what === 'write') this.#owed += first;
    else if (what === 'pattern') this.#beat(first, second);
    else if (what === 'trickle') {
      this.#trickle = { bytes: first, everyNs: second * 1e9 };
      this.#timeline.after(this.#trickle.everyNs, () => this.#sip(this.#trickle));
    } else if (what === 'freeze') this.#frozen = true;
    else if (what === 'thaw') {
      this.#frozen = false;
      this.#trickle = null;
    } else if (what === 'set') setOptions(this.fd, first, null);
    else if (what === 'shutdown') shutdown(this.fd, SHUT_WR);
    else if (what === 'close') this.#close();
    else if (what === 'abort') {
      this.release();
    }
  }

  #beat(everyS, bytes) {
    if (this.fd === null || this.ended) return;
    this.#log('wrote', { args: [bytes] });
    this.#owed += bytes;
    this.#timeline.after(everyS * 1e9, () => this.#beat(everyS, bytes));
  }

  #sip(trickle) {
    if (this.fd === null || this.ended || this.#trickle !== trickle) return;
    const bytes = this.#read(trickle.bytes);
    if (bytes > 0) this.#log('read', { args: [bytes] });
    this.#timeline.after(trickle.everyNs, () => this.#sip(trickle));
  }
}

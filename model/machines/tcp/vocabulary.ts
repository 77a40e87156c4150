/**
 * The words of the TCP machine. States are those of RFC 9293 §3.3.2; a suffix says what Linux tells
 * apart within one of them. Events are what the application does, what the other end's segments
 * mean once the sequence numbers have been checked, and what the timers conclude.
 */

/**
 * States. `owned`: a process still holds the descriptor (after shutdown(SHUT_WR)); `orphan`: nobody does
 * (after close), the kernel finishes alone; `light`: only an inet_timewait_sock is left. `passive`:
 * the listener's side of the handshake, which falls back to LISTEN (a request sock in Linux).
 */
export const tcpStates = [
  'CLOSED',
  'LISTEN',
  'SYN_SENT',
  'SYN_RECEIVED.passive',
  'SYN_RECEIVED.active',
  'ESTABLISHED',
  'FIN_WAIT_1.owned',
  'FIN_WAIT_1.orphan',
  'FIN_WAIT_2.owned',
  'FIN_WAIT_2.orphan',
  'FIN_WAIT_2.light',
  'CLOSE_WAIT',
  'CLOSING.owned',
  'CLOSING.orphan',
  'LAST_ACK.owned',
  'LAST_ACK.orphan',
  'TIME_WAIT',
] as const;
export type TcpStateName = (typeof tcpStates)[number];

/** What the process does, RFC 9293 §3.9.1 and tcp(7). */
const applicationEvents = [
  /** Active OPEN. */
  'CONNECT',
  /** Passive OPEN. */
  'LISTEN',
  /** close(2) with everything read: the descriptor is gone. */
  'CLOSE',
  /** close(2) with received data unread: `__tcp_close` resets (RFC 2525 §2.17). */
  'CLOSE_WITH_UNREAD_DATA',
  /** shutdown(SHUT_WR): the descriptor stays. */
  'SHUTDOWN_WR',
  /** ABORT; in Linux close(2) with SO_LINGER {1, 0}. */
  'ABORT',
] as const;

/** What an acceptable segment brings, RFC 9293 §3.10.7. */
const networkEvents = [
  'RCV_SYN',
  'RCV_SYN_ACK',
  /** The ACK of our SYN that ends the handshake. */
  'RCV_ACK_OF_SYN',
  'RCV_FIN',
  'RCV_ACK_OF_FIN',
  /** One segment that carries both, Figure 5 note 2. */
  'RCV_FIN_AND_ACK_OF_FIN',
  'RCV_RST',
  /** Data for a socket that nobody will read any more (`tcp_rcv_state_process`). */
  'RCV_DATA_AFTER_CLOSE',
  /** An ICMP error in the handshake (`tcp_v4_err`, `tcp_req_err`); later states only note it as a soft error. */
  'RCV_ICMP_ERROR',
] as const;

/** What the timers conclude. */
const timerEvents = [
  /** `tcp_write_timeout`: tcp_retries2, tcp_orphan_retries, tcp_syn_retries; SYN-ACK retries of a listener. */
  'RETRANSMISSION_TIMED_OUT',
  /** `tcp_keepalive_timer`: as many probes unanswered as allowed, or the user timeout in its place. */
  'KEEPALIVE_TIMED_OUT',
  /** `tcp_probe_timer`: probes of a closed window. */
  'ZERO_WINDOW_PROBES_EXHAUSTED',
  /** TCP_USER_TIMEOUT in a write timer, RFC 5482. */
  'USER_TIMED_OUT',
  /** `tcp_out_of_resources`: too many orphans, or no memory for them. */
  'ORPHAN_LIMIT_REACHED',
  /** The same for one whose own time was up as well, and that has been silent for a minute: no reset. */
  'ORPHAN_DROPPED',
  /** FIN_WAIT_2 shrinks to a time-wait sock at once: tcp_fin_timeout of 60 s or less (`tcp_time_wait`). */
  'FIN_WAIT2_SHRUNK',
  /** TCP_LINGER2 below zero: no FIN_WAIT_2 for orphans at all. */
  'FIN_WAIT2_REFUSED',
  /** The keepalive timer of a full orphan, or the time-wait timer of a light one, ran out in FIN_WAIT_2. */
  'FIN_WAIT2_TIMED_OUT',
  /** 2 MSL; in Linux TCP_TIMEWAIT_LEN, 60 s. */
  'TIME_WAIT_EXPIRED',
] as const;

/** All events of the machine, in the order of the table's columns. */
export const tcpEvents = [...applicationEvents, ...networkEvents, ...timerEvents] as const;
export type TcpEventName = (typeof tcpEvents)[number];

/** Effects of a step, to be carried out in order. */
export const tcpActions = [
  'sendSyn',
  'sendSynAck',
  'sendAck',
  'sendFin',
  'sendRst',
  'startRetransmissionTimer',
  'stopRetransmissionTimer',
  'startFinWait2Timer',
  'startTimeWaitTimer',
  'stopAllTimers',
  /** The waiting connect or accept succeeds. */
  'reportEstablished',
  /** End of file for the reader. */
  'reportPeerFin',
  /** ECONNREFUSED while connecting, ECONNRESET later; EPIPE in CLOSE_WAIT (`tcp_reset`). */
  'reportReset',
  /** The pending soft error, else ETIMEDOUT (`tcp_write_err`). */
  'reportTimeout',
  /** The error that ICMP named. */
  'reportUnreachable',
] as const;
export type TcpActionName = (typeof tcpActions)[number];

/**
 * tcpi_state of each state, include/net/tcp_states.h. A program that still holds the descriptor of a
 * connection in TIME_WAIT reads 7 (CLOSE): the kernel has put a time-wait sock in its place.
 */
export const tcpiStateCode: Readonly<Record<TcpStateName, number>> = {
  CLOSED: 7,
  LISTEN: 10,
  SYN_SENT: 2,
  'SYN_RECEIVED.passive': 3,
  'SYN_RECEIVED.active': 3,
  ESTABLISHED: 1,
  'FIN_WAIT_1.owned': 4,
  'FIN_WAIT_1.orphan': 4,
  'FIN_WAIT_2.owned': 5,
  'FIN_WAIT_2.orphan': 5,
  'FIN_WAIT_2.light': 5,
  CLOSE_WAIT: 8,
  'CLOSING.owned': 11,
  'CLOSING.orphan': 11,
  'LAST_ACK.owned': 9,
  'LAST_ACK.orphan': 9,
  TIME_WAIT: 6,
};

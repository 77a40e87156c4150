/**
 * All timers of one TCP connection in Linux, in one enumeration: what each is for, where it is written down, which kernel
 * function runs it, when it is armed, what happens when it goes off. The rule of each is in the file beside this one that
 * bears its name; `sim/kernel` applies the rules to a socket.
 *
 * A socket has three timers on the wheel. `write` (icsk_retransmit_timer) means one thing at a time (icsk_pending):
 * arming it for another replaces what it meant. `delayed-ack` (icsk_delack_timer) means one thing. `keepalive` (sk_timer,
 * and tw_timer once the socket has shrunk) means what the state makes of it when it goes off.
 */

/** The kernel timer that a timer of the protocol sits on. */
export type TimerSlot = 'write' | 'delayed-ack' | 'keepalive';

export const Timer = {
  /** Nothing: the kernel's timer may still go off, without effect. */
  None: 0,
  /** ICSK_TIME_RETRANS. */
  Retransmit: 1,
  /** ICSK_TIME_LOSS_PROBE. */
  TailLossProbe: 2,
  /** ICSK_TIME_PROBE0. */
  WindowProbe: 3,
  /** ICSK_TIME_REO_TIMEOUT. */
  Reordering: 4,
  SynAck: 5,
  DelayedAck: 6,
  Keepalive: 7,
  FinWait2: 8,
  TimeWait: 9,
} as const;
export type TimerName = Exclude<keyof typeof Timer, 'None'>;

/** What is to be known about a timer. */
export interface TimerEntry {
  readonly slot: TimerSlot;
  /** Where the protocol asks for it. */
  readonly standard: string;
  /** The function that runs when it goes off, and its file. */
  readonly kernel: string;
  readonly armed: string;
  readonly expires: string;
  /** The pure rule. */
  readonly rule: string;
}

export const timers: Readonly<Record<TimerName, TimerEntry>> = {
  Retransmit: {
    slot: 'write',
    standard: 'RFC 6298 §5; RFC 9293 §3.8.1; RFC 1122 §4.2.3.5',
    kernel: 'tcp_timer.c tcp_retransmit_timer',
    armed: 'for RTO with the first segment in flight, again with each ACK of new data',
    expires:
      'the oldest segment is sent again and RTO doubles; or the connection is given up: tcp_retries2, tcp_orphan_retries and TCP_USER_TIMEOUT are times since the first retransmission; tcp_syn_retries is a count and a time',
    rule: 'retransmit-timer.ts',
  },
  TailLossProbe: {
    slot: 'write',
    standard: 'RFC 8985 §7',
    kernel: 'tcp_output.c tcp_send_loss_probe',
    armed:
      'in place of the retransmission timer after each transmission of new data and each ACK, where SACK is on and nothing counts as lost: two round trips and some slack, never later than RTO',
    expires:
      'new data or the last segment is sent once, uncounted; the retransmission timer starts over',
    rule: 'tail-probe-timer.ts',
  },
  Reordering: {
    slot: 'write',
    standard: 'RFC 8985 §6.3 (RACK)',
    kernel: 'tcp_recovery.c tcp_rack_reo_timeout',
    armed:
      'when a later segment has arrived and an earlier one may still: until its round trip and the reordering window are over',
    expires: 'what has not arrived counts as lost and is sent again',
    rule: 'reordering-timer.ts',
  },
  WindowProbe: {
    slot: 'write',
    standard: 'RFC 9293 §3.8.6.1; RFC 1122 §4.2.2.17',
    kernel: 'tcp_timer.c tcp_probe_timer',
    armed:
      'when data waits, nothing is in flight and the window is shut or the own host let nothing out: for RTO, doubled after each probe',
    expires:
      'the window is probed; or the connection is given up: after tcp_retries2 unanswered probes (tcp_orphan_retries for an orphan), or TCP_USER_TIMEOUT after the first expiry',
    rule: 'window-probe-timer.ts',
  },
  SynAck: {
    slot: 'write',
    standard: 'RFC 9293 §3.10.7.4; RFC 6298 §5.7',
    kernel: 'inet_connection_sock.c reqsk_timer_handler',
    armed: 'for 1 s with the SYN-ACK (rsk_timer of the request sock), doubled each time',
    expires:
      'the SYN-ACK is sent again; after tcp_synack_retries the request is dropped without a word',
    rule: 'syn-ack-timer.ts',
  },
  DelayedAck: {
    slot: 'delayed-ack',
    standard: 'RFC 5681 §4.2; RFC 1122 §4.2.3.2',
    kernel: 'tcp_timer.c tcp_delack_timer_handler',
    armed: 'when data has come and need not be acknowledged at once: for 40 to 200 ms',
    expires: 'the ACK that is owed is sent, and the next delay is longer',
    rule: 'delayed-ack-timer.ts',
  },
  Keepalive: {
    slot: 'keepalive',
    standard: 'RFC 9293 §3.8.4; RFC 1122 §4.2.3.6',
    kernel: 'tcp_timer.c tcp_keepalive_timer',
    armed:
      'with SO_KEEPALIVE, or with the handshake where it was set before: for TCP_KEEPIDLE; traffic never touches it',
    expires:
      'it looks back at when the peer was last heard: it waits on, probes, or after TCP_KEEPCNT probes, or TCP_USER_TIMEOUT, resets the connection',
    rule: 'keepalive-timer.ts',
  },
  FinWait2: {
    slot: 'keepalive',
    standard: 'none: RFC 9293 §3.6 waits for ever',
    kernel: 'tcp_timer.c tcp_keepalive_timer; tcp_minisocks.c tcp_time_wait',
    armed:
      'when the FIN of an orphan is acknowledged: tcp_fin_timeout; beyond 60 s the part beyond it, twice',
    expires: 'the full socket shrinks to a light one, and the light one is forgotten',
    rule: 'close-timers.ts',
  },
  TimeWait: {
    slot: 'keepalive',
    standard: 'RFC 9293 §3.6.1 (2 MSL); RFC 1337',
    kernel: 'inet_timewait_sock.c tw_timer_handler',
    armed: 'when both FINs are acknowledged, and again by a FIN that is repeated: 60 s',
    expires: 'the socket is forgotten',
    rule: 'close-timers.ts',
  },
};

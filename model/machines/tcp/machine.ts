/**
 * One end of a TCP connection: the state machine of RFC 9293 §3.3.2 with the distinctions that decide in
 * Linux how long a dead connection stays in memory: is there still a process (`owned`), is the
 * kernel alone with it (`orphan`), or is only a time-wait sock left (`light`).
 *
 * The machine says what follows what. When a timer concludes something, and which segment is
 * acceptable, is the business of the kernel model that drives it: those are events here. Tags name the timer
 * that must be running in a state; a state without one can legally last for ever.
 */
import { setup } from 'xstate';
import type { TcpActionName, TcpEventName } from './vocabulary.ts';
import { tcpActions } from './vocabulary.ts';

type TcpEvent = { [Name in TcpEventName]: { readonly type: Name } }[TcpEventName];

/** What must be running: the write timer, the keepalive or time-wait timer in FIN_WAIT_2, the time-wait timer. */
export type TcpTimerTag = 'retransmission timer' | 'fin-wait-2 timer' | 'time-wait timer';

/** The host carries effects out; the machine only names them. */
const named = Object.fromEntries(tcpActions.map((name) => [name, () => undefined])) as Record<
  TcpActionName,
  () => undefined
>;

const tcp = setup({
  types: { events: {} as TcpEvent, tags: {} as TcpTimerTag },
  actions: named,
});

/** ABORT, RFC 9293 §3.10.5, and `__tcp_close` with unread data: RST and gone. */
const resets = {
  target: '#tcp.CLOSED',
  actions: ['stopAllTimers', 'sendRst'],
} as const;
/** `tcp_reset` */
const wasReset = { target: '#tcp.CLOSED', actions: ['stopAllTimers', 'reportReset'] } as const;
/** `tcp_write_err`: dies without a word to the peer. */
const timedOut = { target: '#tcp.CLOSED', actions: ['stopAllTimers', 'reportTimeout'] } as const;
/** `tcp_keepalive_timer`: the one death that says goodbye. */
const keepaliveTimedOut = {
  target: '#tcp.CLOSED',
  actions: ['stopAllTimers', 'sendRst', 'reportTimeout'],
} as const;
const vanishes = { target: '#tcp.CLOSED', actions: 'stopAllTimers' } as const;

/** What can end any connection that a process holds, from ESTABLISHED on. */
const ownedEndings = {
  ABORT: resets,
  CLOSE_WITH_UNREAD_DATA: resets,
  RCV_RST: wasReset,
  RETRANSMISSION_TIMED_OUT: timedOut,
  ZERO_WINDOW_PROBES_EXHAUSTED: timedOut,
  USER_TIMED_OUT: timedOut,
  KEEPALIVE_TIMED_OUT: keepaliveTimedOut,
} as const;

/** The same without a process: nobody is told. Data for it is answered with RST. */
const orphanEndings = {
  RCV_RST: vanishes,
  RETRANSMISSION_TIMED_OUT: vanishes,
  ZERO_WINDOW_PROBES_EXHAUSTED: vanishes,
  USER_TIMED_OUT: vanishes,
  KEEPALIVE_TIMED_OUT: resets,
  ORPHAN_LIMIT_REACHED: resets,
  ORPHAN_DROPPED: vanishes,
  RCV_DATA_AFTER_CLOSE: resets,
} as const;

/** The FIN is on its way or queued: it is retransmitted, or the window probed, until it is acknowledged. */
const finSent = ['sendFin', 'startRetransmissionTimer'] as const;
/** `tcp_time_wait(sk, TCP_TIME_WAIT, 0)` */
const entersTimeWait = {
  target: '#tcp.TIME_WAIT',
  actions: ['stopAllTimers', 'startTimeWaitTimer'],
} as const;
const acksFinAndEntersTimeWait = {
  target: '#tcp.TIME_WAIT',
  actions: ['sendAck', 'stopAllTimers', 'startTimeWaitTimer'],
} as const;
/** The same while a process still reads: `tcp_fin` gives it the end of file. */
const reportsFinAndEntersTimeWait = {
  target: '#tcp.TIME_WAIT',
  actions: ['sendAck', 'reportPeerFin', 'stopAllTimers', 'startTimeWaitTimer'],
} as const;

const opening = {
  CLOSED: {
    on: {
      CONNECT: { target: 'SYN_SENT', actions: ['sendSyn', 'startRetransmissionTimer'] },
      LISTEN: 'LISTEN',
    },
  },
  LISTEN: {
    on: {
      CLOSE: 'CLOSED',
      ABORT: 'CLOSED',
      // Figure 5: a listener that sends becomes an active opener. tcp(7): connect(2) on it.
      CONNECT: { target: 'SYN_SENT', actions: ['sendSyn', 'startRetransmissionTimer'] },
      RCV_SYN: {
        target: 'SYN_RECEIVED.passive',
        actions: ['sendSynAck', 'startRetransmissionTimer'],
      },
    },
  },
  SYN_SENT: {
    tags: 'retransmission timer',
    on: {
      CLOSE: vanishes,
      ABORT: vanishes,
      RCV_SYN_ACK: {
        target: 'ESTABLISHED',
        actions: ['stopRetransmissionTimer', 'sendAck', 'reportEstablished'],
      },
      // Simultaneous open, RFC 9293 §3.5 Figure 7.
      RCV_SYN: {
        target: 'SYN_RECEIVED.active',
        actions: ['sendSynAck', 'startRetransmissionTimer'],
      },
      RCV_RST: wasReset,
      RCV_ICMP_ERROR: { target: 'CLOSED', actions: ['stopAllTimers', 'reportUnreachable'] },
      RETRANSMISSION_TIMED_OUT: timedOut,
      USER_TIMED_OUT: timedOut,
    },
  },
  SYN_RECEIVED: {
    tags: 'retransmission timer',
    initial: 'passive',
    on: {
      RCV_ACK_OF_SYN: {
        target: 'ESTABLISHED',
        actions: ['stopRetransmissionTimer', 'reportEstablished'],
      },
      // RFC 9293 §3.10.7.4, eighth: a FIN in SYN-RECEIVED. Its ACK ends the handshake in passing.
      RCV_FIN: {
        target: 'CLOSE_WAIT',
        actions: ['stopRetransmissionTimer', 'reportEstablished', 'sendAck', 'reportPeerFin'],
      },
      CLOSE: { target: 'FIN_WAIT_1.orphan', actions: finSent },
      SHUTDOWN_WR: { target: 'FIN_WAIT_1.owned', actions: finSent },
      ABORT: resets,
    },
    states: {
      passive: {
        on: {
          // Figure 5 note 1; the listener of Linux outlives its request socks.
          RCV_RST: { target: '#tcp.LISTEN', actions: 'stopRetransmissionTimer' },
          // tcp_req_err: an unreachable peer, or a packet that lived too long.
          RCV_ICMP_ERROR: { target: '#tcp.LISTEN', actions: 'stopRetransmissionTimer' },
          RETRANSMISSION_TIMED_OUT: { target: '#tcp.LISTEN', actions: 'stopRetransmissionTimer' },
        },
      },
      active: {
        on: {
          RCV_RST: wasReset,
          RETRANSMISSION_TIMED_OUT: timedOut,
          USER_TIMED_OUT: timedOut,
        },
      },
    },
  },
} as const;

const closingActively = {
  FIN_WAIT_1: {
    tags: 'retransmission timer',
    initial: 'owned',
    states: {
      owned: {
        on: {
          ...ownedEndings,
          CLOSE: 'orphan',
          RCV_FIN_AND_ACK_OF_FIN: reportsFinAndEntersTimeWait,
          RCV_ACK_OF_FIN: {
            target: '#tcp.FIN_WAIT_2.owned',
            actions: 'stopRetransmissionTimer',
          },
          RCV_FIN: { target: '#tcp.CLOSING.owned', actions: ['sendAck', 'reportPeerFin'] },
        },
      },
      orphan: {
        on: {
          ...orphanEndings,
          RCV_FIN_AND_ACK_OF_FIN: acksFinAndEntersTimeWait,
          RCV_ACK_OF_FIN: {
            target: '#tcp.FIN_WAIT_2.orphan',
            actions: ['stopRetransmissionTimer', 'startFinWait2Timer'],
          },
          RCV_FIN: { target: '#tcp.CLOSING.orphan', actions: 'sendAck' },
        },
      },
    },
  },
  FIN_WAIT_2: {
    initial: 'owned',
    states: {
      // No timer: a peer that never closes its side keeps this for ever, unless keepalive finds it.
      owned: {
        on: {
          ABORT: resets,
          CLOSE_WITH_UNREAD_DATA: resets,
          RCV_RST: wasReset,
          KEEPALIVE_TIMED_OUT: keepaliveTimedOut,
          RCV_FIN: reportsFinAndEntersTimeWait,
          CLOSE: { target: 'orphan', actions: 'startFinWait2Timer' },
        },
      },
      orphan: {
        tags: 'fin-wait-2 timer',
        on: {
          RCV_FIN: acksFinAndEntersTimeWait,
          RCV_RST: vanishes,
          RCV_DATA_AFTER_CLOSE: resets,
          ORPHAN_LIMIT_REACHED: resets,
          FIN_WAIT2_SHRUNK: { target: 'light', actions: 'startFinWait2Timer' },
          FIN_WAIT2_REFUSED: resets,
          // tcp_fin_timeout above 60 s: the keepalive timer had the first part, the time-wait sock has the rest.
          FIN_WAIT2_TIMED_OUT: { target: 'light', actions: 'startFinWait2Timer' },
        },
      },
      light: {
        tags: 'fin-wait-2 timer',
        on: {
          RCV_FIN: acksFinAndEntersTimeWait,
          RCV_RST: vanishes,
          RCV_DATA_AFTER_CLOSE: resets,
          FIN_WAIT2_TIMED_OUT: vanishes,
        },
      },
    },
  },
  CLOSING: {
    tags: 'retransmission timer',
    initial: 'owned',
    on: { RCV_ACK_OF_FIN: entersTimeWait },
    states: {
      owned: { on: { ...ownedEndings, CLOSE: 'orphan' } },
      orphan: { on: orphanEndings },
    },
  },
  TIME_WAIT: {
    tags: 'time-wait timer',
    on: {
      TIME_WAIT_EXPIRED: vanishes,
      // RFC 9293 §3.10.7.4: a retransmitted FIN is acknowledged and starts the 2 MSL again.
      RCV_FIN: { target: 'TIME_WAIT', actions: ['sendAck', 'startTimeWaitTimer'] },
      // net.ipv4.tcp_rfc1337 = 0
      RCV_RST: vanishes,
    },
  },
} as const;

const closingPassively = {
  // No timer: an application that does not close keeps this for ever.
  CLOSE_WAIT: {
    on: {
      ...ownedEndings,
      CLOSE: { target: 'LAST_ACK.orphan', actions: finSent },
      SHUTDOWN_WR: { target: 'LAST_ACK.owned', actions: finSent },
    },
  },
  LAST_ACK: {
    tags: 'retransmission timer',
    initial: 'owned',
    on: { RCV_ACK_OF_FIN: vanishes },
    states: {
      owned: { on: { ...ownedEndings, CLOSE: 'orphan' } },
      orphan: { on: orphanEndings },
    },
  },
} as const;

/** One TCP endpoint as an xstate machine; the specification behind {@link tcpTable}. */
export const tcpMachine = tcp.createMachine({
  id: 'tcp',
  initial: 'CLOSED',
  states: {
    ...opening,
    ESTABLISHED: {
      on: {
        ...ownedEndings,
        CLOSE: { target: 'FIN_WAIT_1.orphan', actions: finSent },
        SHUTDOWN_WR: { target: 'FIN_WAIT_1.owned', actions: finSent },
        RCV_FIN: { target: 'CLOSE_WAIT', actions: ['sendAck', 'reportPeerFin'] },
      },
    },
    ...closingActively,
    ...closingPassively,
  },
});

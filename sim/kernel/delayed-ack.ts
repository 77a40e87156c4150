/**
 * Delayed and quick acknowledgements (RFC 5681 §4.2, RFC 1122 §4.2.3.2): a receiver acknowledges at once while it is getting
 * to know its peer, else after the delay of model/linux/delayed-ack-timer.ts.
 * Source: net/ipv4/tcp_input.c tcp_event_data_recv, __tcp_ack_snd_check; tcp_output.c
 * tcp_send_delayed_ack; tcp_timer.c tcp_delack_timer_handler.
 */
import { MAX_QUICK_ACKS } from '../../model/linux/constants.ts';
import {
  atoAfterDataJ,
  atoAfterExpiryJ,
  delayedAckJ,
  isLongGap,
  isNearlyDue,
} from '../../model/linux/delayed-ack-timer.ts';
import {
  growWindow,
  measureByWindow,
  measureSegmentSize,
  openWindow,
  selectableWindow,
} from './receive-window.ts';
import type { Sock } from './tcp-sock.ts';
import { armDelayedAck } from './timers.ts';
import { sendAck } from './transmit.ts';
import { TcpState } from './types.ts';

/** tcp_enter_quickack_mode. */
export function enterQuickAckMode(sk: Sock): void {
  increaseQuickAcks(sk, MAX_QUICK_ACKS);
  sk.pingpong = 0;
  sk.atoJ = sk.kernel.delayedAckMinJ;
}

function increaseQuickAcks(sk: Sock, limit: number): void {
  const perWindow = Math.floor(sk.rcvWnd / (2 * sk.rcvMss)) || 2;
  sk.quickAcks = Math.max(sk.quickAcks, Math.min(perWindow, limit));
}

/** tcp_event_data_recv: payload has been queued. */
export function noteDataReceived(sk: Sock, bytes: number, pushed: boolean): void {
  const nowJ = sk.kernel.jiffies();
  const minJ = sk.kernel.delayedAckMinJ;
  sk.ackScheduled = true;
  measureSegmentSize(sk, bytes, pushed);
  measureByWindow(sk);
  if (sk.atoJ === 0) {
    increaseQuickAcks(sk, MAX_QUICK_ACKS);
    sk.atoJ = minJ;
  } else {
    const gapJ = nowJ - sk.lastDataRecvJ;
    if (isLongGap(sk, gapJ, minJ)) increaseQuickAcks(sk, MAX_QUICK_ACKS);
    else sk.atoJ = atoAfterDataJ(sk, gapJ, sk.kernel);
  }
  sk.lastDataRecvJ = nowJ;
  if (bytes >= 128) growWindow(sk, bytes);
}

/** tcp_ack_snd_check: acknowledge now, or start the delay. */
export function acknowledgeIfDue(sk: Sock): void {
  if (!sk.ackScheduled) return;
  const unread = sk.rcvNxt - sk.copiedSeq;
  const fullFrame =
    sk.rcvNxt - sk.rcvWup > sk.rcvMss && (unread < 1 || selectableWindow(sk) >= sk.rcvWnd);
  const quick = sk.quickAcks > 0 && sk.pingpong < 1;
  if (fullFrame || quick || sk.ackNow || sk.outOfOrder.length > 0) sendAck(sk);
  else delayAck(sk);
}

/** tcp_send_delayed_ack. */
function delayAck(sk: Sock): void {
  const { kernel } = sk;
  const atoJ = delayedAckJ(sk, kernel, kernel.phase.hz);
  const nowJ = kernel.jiffies();
  let timeoutJ = nowJ + atoJ;
  if (sk.ackTimerPending) {
    if (isNearlyDue(sk.delackTimeoutJ, atoJ, nowJ)) {
      sendAck(sk);
      return;
    }
    timeoutJ = Math.min(timeoutJ, sk.delackTimeoutJ);
  }
  sk.ackTimerPending = true;
  sk.delackTimeoutJ = timeoutJ;
  armDelayedAck(sk, timeoutJ - nowJ);
}

/** tcp_delack_timer_handler. */
export function onDelayedAckTimer(sk: Sock): void {
  if (sk.state === TcpState.Close || sk.state === TcpState.Listen || !sk.ackTimerPending) return;
  const nowJ = sk.kernel.jiffies();
  if (sk.delackTimeoutJ > nowJ) {
    armDelayedAck(sk, sk.delackTimeoutJ - nowJ);
    return;
  }
  sk.ackTimerPending = false;
  if (!sk.ackScheduled) return;
  sk.atoJ = atoAfterExpiryJ(sk, sk.kernel);
  if (sk.pingpong >= 1) sk.pingpong = 0;
  sendAck(sk);
}

/** tcp_cleanup_rbuf: the process has read; say so when that opens the window, or an ACK is owed. */
export function acknowledgeRead(sk: Sock, bytes: number): void {
  if (bytes === 0 || sk.state === TcpState.Close) return;
  let now = false;
  if (sk.ackScheduled) {
    const pushed = sk.ackPushed === 2 || (sk.ackPushed === 1 && sk.pingpong < 1);
    now = sk.rcvNxt - sk.rcvWup > sk.rcvMss || (pushed && sk.receiveQueue.memory === 0);
  }
  if (!now && !sk.peerFinSeen) {
    const current = openWindow(sk);
    if (2 * current <= sk.windowClamp) {
      const next = selectableWindow(sk);
      now = next > 0 && next >= 2 * current;
    }
  }
  if (now) sendAck(sk);
}

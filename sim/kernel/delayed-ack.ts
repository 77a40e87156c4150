/**
 * When a receiver acknowledges: at once while it is getting to know its peer (quick acks), else
 * after the delayed-ACK timeout, which grows each time it expires unused.
 * Source: net/ipv4/tcp_input.c tcp_event_data_recv, __tcp_ack_snd_check; tcp_output.c
 * tcp_send_delayed_ack; tcp_timer.c tcp_delack_timer_handler.
 */
import { MAX_QUICK_ACKS } from '../../model/linux/constants.ts';
import { growWindow, measureSegmentSize, openWindow, selectableWindow } from './receive-window.ts';
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
  const halfMinJ = Math.floor(minJ / 2);
  sk.ackScheduled = true;
  measureSegmentSize(sk, bytes, pushed);
  if (sk.atoJ === 0) {
    increaseQuickAcks(sk, MAX_QUICK_ACKS);
    sk.atoJ = minJ;
  } else {
    const gapJ = nowJ - sk.lastDataRecvJ;
    if (gapJ <= halfMinJ) {
      sk.atoJ = Math.floor(sk.atoJ / 2) + halfMinJ;
    } else if (gapJ < sk.atoJ) {
      sk.atoJ = Math.min(Math.floor(sk.atoJ / 2) + gapJ, sk.rtoJ);
    } else if (gapJ > sk.rtoJ) {
      // Too long a gap: the sender may have restarted its slow start.
      increaseQuickAcks(sk, MAX_QUICK_ACKS);
    }
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
  let atoJ = sk.atoJ;
  if (atoJ > kernel.delayedAckMinJ) {
    let maxJ = Math.floor(kernel.phase.hz / 2);
    if (sk.pingpong >= 1 || sk.ackPushed > 0) maxJ = kernel.delayedAckMaxJ;
    if (sk.srtt8 > 0) {
      const roundTripJ = Math.max(kernel.us(Math.floor(sk.srtt8 / 8)), kernel.delayedAckMinJ);
      maxJ = Math.min(maxJ, roundTripJ);
    }
    atoJ = Math.min(atoJ, maxJ);
  }
  const belowRtoMinJ = Math.max(kernel.us(sk.rtoMinUs), 2) - 1;
  atoJ = Math.min(atoJ, kernel.delayedAckMaxJ, belowRtoMinJ);
  const nowJ = kernel.jiffies();
  let timeoutJ = nowJ + atoJ;
  if (sk.ackTimerPending) {
    if (sk.delackTimeoutJ <= nowJ + Math.floor(atoJ / 4)) {
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
  if (sk.pingpong < 1) {
    // The delay was in vain: next time wait longer.
    sk.atoJ = Math.min(sk.atoJ * 2, sk.rtoJ);
  } else {
    sk.pingpong = 0;
    sk.atoJ = sk.kernel.delayedAckMinJ;
  }
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

/**
 * Closing a socket: close(2), shutdown(2), and close with SO_LINGER {1, 0} (RFC 9293 §3.6).
 *
 * close with received data unread resets the connection at once. Otherwise a FIN follows what is
 * still to be sent, and the socket lives on as an orphan, under the kernel's rules alone.
 * Source: net/ipv4/tcp.c __tcp_close, tcp_shutdown, tcp_disconnect.
 */
import { finish, forget } from './done.ts';
import { resetBeyondLimit } from './orphan-limit.ts';
import { queueFin } from './send-buffer.ts';
import { SockKind, type Sock } from './tcp-sock.ts';
import { step } from './state.ts';
import { clearWriteTimer } from './timers.ts';
import { orphanInFinWait2 } from './fin-wait2.ts';
import { sendReset } from './transmit.ts';
import { TcpState } from './types.ts';
import { takes } from '../../model/rare-paths.ts';

/** sock_orphan. */
function makeOrphan(sk: Sock): void {
  sk.orphan = true;
  sk.orphanSinceJ = sk.kernel.jiffies();
}

/** close(2). */
export function close(sk: Sock): void {
  if (sk.kind === SockKind.None || sk.orphan) return;
  if (sk.resetsOnClose) {
    abort(sk);
    return;
  }
  makeOrphan(sk);
  const unread = sk.receiveQueue.bytes > 0;
  switch (sk.state) {
    case TcpState.Close:
      forget(sk);
      return;
    case TcpState.SynRecv:
      takes('syn-received-closed');
      // The listener goes, and with it the request that nobody has accepted.
      clearWriteTimer(sk);
      step(sk, 'RETRANSMISSION_TIMED_OUT');
      finish(sk, 'CLOSE');
      return;
    case TcpState.Listen:
    case TcpState.SynSent:
      finish(sk, 'CLOSE');
      return;
    case TcpState.TimeWait:
      return;
    default:
      break;
  }
  if (unread && !isClosing(sk)) {
    takes('reset-for-unread-data');
    sendReset(sk, 'reset');
    finish(sk, 'CLOSE_WITH_UNREAD_DATA');
    return;
  }
  closeGracefully(sk);
}

/** LAST_ACK and CLOSING have said everything: unread data changes nothing there. */
function isClosing(sk: Sock): boolean {
  return sk.state === TcpState.LastAck || sk.state === TcpState.Closing;
}

function closeGracefully(sk: Sock): void {
  const { state } = sk;
  step(sk, 'CLOSE');
  sk.receiveQueue.clear();
  if (state === TcpState.Established || state === TcpState.CloseWait) queueFin(sk);
  else if (state === TcpState.FinWait2) orphanInFinWait2(sk, false);
  // A light sock is no orphan any more.
  if (sk.kind === SockKind.Full) resetBeyondLimit(sk);
}

/** shutdown(SHUT_WR): the FIN, while the process keeps the descriptor. */
export function shutdownWrite(sk: Sock): void {
  if (sk.state !== TcpState.Established && sk.state !== TcpState.CloseWait) return;
  step(sk, 'SHUTDOWN_WR');
  queueFin(sk);
}

/** close with SO_LINGER {1, 0}: RST where the peer knows of the connection, and gone. */
export function abort(sk: Sock): void {
  if (sk.kind === SockKind.None || sk.orphan) return;
  makeOrphan(sk);
  switch (sk.state) {
    case TcpState.Close:
      forget(sk);
      return;
    case TcpState.SynRecv:
      clearWriteTimer(sk);
      step(sk, 'RETRANSMISSION_TIMED_OUT');
      finish(sk, 'ABORT');
      return;
    case TcpState.Listen:
    case TcpState.SynSent:
      finish(sk, 'ABORT');
      return;
    case TcpState.TimeWait:
      return;
    default:
      sendReset(sk, 'reset');
      finish(sk, 'ABORT');
  }
}

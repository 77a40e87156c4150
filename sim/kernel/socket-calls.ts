/**
 * System calls on a socket: connect(2), listen(2), write(2), read(2), poll(2), setsockopt(2), shutdown(2), close(2),
 * getsockopt(TCP_INFO). What the process that holds the descriptor sees of the record in tcp-sock.ts.
 */
import { assert } from '../../model/assert.ts';
import type { SocketOptionName, SocketOptionValues } from '../../model/linux/socket-options.ts';
import { abort, close, shutdownWrite } from './close.ts';
import { acknowledgeRead } from './delayed-ack.ts';
import { connect } from './handshake.ts';
import { enter, leave } from './wakeups.ts';
import { initConnection } from './init.ts';
import { optionOf, setOptions } from './socket-options.ts';
import { adjustReceiveSpace, giveBack } from './receive-window.ts';
import { pollOut, write } from './send-buffer.ts';
import { SockKind, type Sock } from './tcp-sock.ts';
import { step } from './state.ts';
import { bytesAcked, fillInfo } from './tcp-info.ts';
import { TcpState, type TcpInfo, type TcpSocket, type TcpStateCode } from './types.ts';

export class SocketHandle implements TcpSocket {
  private readonly sk: Sock;

  constructor(sk: Sock) {
    this.sk = sk;
  }

  get state(): TcpStateCode {
    return this.sk.state;
  }
  get readableBytes(): number {
    return this.sk.receiveQueue.bytes;
  }
  get bytesWritten(): number {
    return this.sk.bytesWritten;
  }
  get bytesAcked(): number {
    return bytesAcked(this.sk);
  }
  get bytesRead(): number {
    return this.sk.bytesRead;
  }
  get isOrphan(): boolean {
    return this.sk.orphan && this.sk.kind !== SockKind.None;
  }

  setOptions(options: SocketOptionValues): void {
    const { sk } = this;
    enter(sk.kernel);
    setOptions(sk, options);
    leave(sk);
  }

  option(name: SocketOptionName): number | null {
    return optionOf(this.sk, name);
  }

  connect(): void {
    const { sk } = this;
    assert(sk.state === TcpState.Close, 'connect on a socket in use');
    enter(sk.kernel);
    connect(sk);
    leave(sk);
  }

  listen(): void {
    const { sk } = this;
    assert(sk.state === TcpState.Close, 'listen on a socket in use');
    initConnection(sk);
    sk.kind = SockKind.Full;
    step(sk, 'LISTEN');
  }

  write(bytes: number, flags = 0): number {
    const { sk } = this;
    enter(sk.kernel);
    const accepted = write(sk, bytes, flags);
    leave(sk);
    return accepted;
  }

  pollOut(): boolean {
    return pollOut(this.sk);
  }

  read(maxBytes: number): number {
    const { sk } = this;
    const wanted = Math.min(maxBytes, sk.receiveQueue.bytes);
    if (wanted === 0) return 0;
    enter(sk.kernel);
    let taken = 0;
    // Buffer by buffer (tcp_recvmsg_locked).
    while (taken < wanted) {
      const { memory } = sk.receiveQueue;
      const copied = sk.receiveQueue.take(wanted - taken);
      taken += copied;
      sk.copiedSeq += copied;
      adjustReceiveSpace(sk);
      giveBack(sk, memory - sk.receiveQueue.memory);
    }
    sk.bytesRead += taken;
    if (sk.kind === SockKind.Full) acknowledgeRead(sk, taken);
    leave(sk);
    return taken;
  }

  close(): void {
    const { sk } = this;
    enter(sk.kernel);
    close(sk);
    leave(sk);
  }

  shutdownWrite(): void {
    const { sk } = this;
    enter(sk.kernel);
    shutdownWrite(sk);
    leave(sk);
  }

  abort(): void {
    const { sk } = this;
    enter(sk.kernel);
    abort(sk);
    leave(sk);
  }

  info(into: TcpInfo): TcpInfo {
    return fillInfo(this.sk, into);
  }
}

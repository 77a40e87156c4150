/**
 * One end of a connection as the network and the world see it: a machine (machine.ts) with its one socket (tcp-sock.ts).
 * Segments and ICMP errors in, timers to their rules, power and link; the process has the socket itself (socket-calls.ts).
 *
 * The process is told what happened only when the kernel is left (`leave`), as a woken process runs
 * after the interrupt that woke it. So a callback may call back into the socket at will.
 */
import { assert } from '../../model/assert.ts';
import { Timer } from '../../model/linux/timers.ts';
import { Suspension } from '../clock/suspend.ts';
import type { StateWalk } from '../clock/state-walk.ts';
import type { Scheduler } from '../clock/types.ts';
import { adoptReceiver, adoptSender } from './snapshot.ts';
import { onDelayedAckTimer } from './delayed-ack.ts';
import {
  isSynchronized,
  onSynAckTimeout,
  receiveInListen,
  receiveInSynReceived,
  receiveInSynSent,
} from './handshake.ts';
import { onIcmp } from './icmp.ts';
import { onKeepaliveTimeout } from './keepalive.ts';
import { Kernel } from './machine.ts';
import { LateTimers } from './late-timers.ts';
import { onReorderingTimeout } from './reordering-timeout.ts';
import { initConnection, initOptions } from './init.ts';
import { receiveSegment } from './receive.ts';
import { onRetransmitTimeout } from './retransmit-timeout.ts';
import { SockKind, NEVER, Sock } from './tcp-sock.ts';
import { SocketHandle } from './socket-calls.ts';
import { resetState } from './state.ts';
import { sendTailLossProbe } from './tail-loss-probe.ts';
import { onFinWait2Timeout, receiveInLightFinWait2 } from './fin-wait2.ts';
import { onTimeWaitTimeout, receiveInTimeWait } from './time-wait.ts';
import { walkSock } from './walk.ts';
import { armWriteTimer, stopAllTimers } from './timers.ts';
import { answerWithReset } from './transmit.ts';
import { enter, leave } from './wakeups.ts';
import {
  TcpState,
  type KernelConfig,
  type KernelHost,
  type KernelObserver,
  type LocalDrop,
  type ReceiverSnapshot,
  type SenderSnapshot,
  type SocketOwner,
  type TcpSocket,
} from './types.ts';
import type { IcmpKind } from '../network/icmp.ts';
import type { Segment } from '../network/segment.ts';
import { onProbeTimeout } from './zero-window.ts';

class Host implements KernelHost {
  readonly scheduler: Scheduler;
  readonly isServer: boolean;
  readonly socket: TcpSocket;
  private readonly kernel: Kernel;
  private readonly sk: Sock;
  private readonly late = new LateTimers();
  private readonly suspended: Suspension;

  constructor(kernel: Kernel, owner: SocketOwner) {
    this.kernel = kernel;
    this.scheduler = kernel.scheduler;
    this.isServer = kernel.isServer;
    const sk = new Sock(kernel, owner);
    this.sk = sk;
    this.socket = new SocketHandle(sk);
    sk.handle = this.socket;
    sk.writeSlot = kernel.scheduler.slot(() => this.timer(sk.writeSlot, onWriteTimer));
    sk.delackSlot = kernel.scheduler.slot(() => this.timer(sk.delackSlot, onDelayedAckTimer));
    sk.keepSlot = kernel.scheduler.slot(() => this.timer(sk.keepSlot, onKeepaliveTimer));
    const slots = [sk.writeSlot, sk.delackSlot, sk.keepSlot];
    this.suspended = new Suspension(kernel.scheduler, slots);
    this.begin();
  }

  /** A fresh, closed socket. */
  private begin(): void {
    resetState(this.sk);
    this.late.clear();
    this.sk.kind = SockKind.None;
    initOptions(this.sk);
    initConnection(this.sk);
    stopAllTimers(this.sk);
  }

  private timer(slot: number, handler: (sk: Sock) => void): void {
    const { kernel, sk } = this;
    const bucketJ = this.late.bucketOf(kernel, slot);
    if (bucketJ === NEVER) return;
    kernel.widestRunJ = Math.max(kernel.widestRunJ, sk.bucketsJ[slot - sk.writeSlot] as number);
    enter(kernel);
    kernel.wheelClockJ = bucketJ + 1;
    handler(sk);
    kernel.wheelClockJ = NEVER;
    leave(sk);
  }

  get widestBucketJ(): number {
    return this.kernel.widestBucketJ;
  }

  receive(segment: Segment): void {
    const { kernel, sk } = this;
    assert(segment.fromServer !== kernel.isServer, 'a host received its own segment');
    if (!this.hears()) return;
    enter(kernel);
    dispatch(sk, segment);
    leave(sk);
  }

  receiveIcmp(kind: IcmpKind, quotedSeq: number): void {
    const { kernel, sk } = this;
    if (!this.hears()) return;
    enter(kernel);
    onIcmp(sk, kind, quotedSeq);
    leave(sk);
  }

  /** Whether packets reach the machine. */
  private hears(): boolean {
    return this.kernel.poweredOn && this.kernel.linkUp && !this.suspended.isActive;
  }

  setLinkUp(up: boolean): void {
    this.kernel.linkUp = up;
  }

  setLocalDrop(by: LocalDrop | null): void {
    this.kernel.localDrop = by;
  }

  adoptSender(snapshot: SenderSnapshot): void {
    const { kernel, sk } = this;
    if (!isSynchronized(sk)) return;
    enter(kernel);
    adoptSender(sk, snapshot);
    leave(sk);
  }

  adoptReceiver(snapshot: ReceiverSnapshot): void {
    if (isSynchronized(this.sk)) adoptReceiver(this.sk, snapshot);
  }

  sleep(): void {
    this.suspended.begin();
  }

  wake(): void {
    this.kernel.sleptUs += this.suspended.endShifted();
  }

  walk(state: StateWalk): void {
    walkSock(this.sk, state);
  }

  powerOff(): void {
    this.kernel.poweredOn = false;
    this.begin();
  }

  powerOn(): void {
    this.kernel.poweredOn = true;
    this.kernel.linkUp = true;
    this.kernel.localDrop = null;
  }

  reset(jiffiesAtZero: number): void {
    this.suspended.reset();
    this.kernel.reset(jiffiesAtZero);
    this.begin();
  }
}

/** Which rules a segment falls under (tcp_v4_rcv, tcp_v4_do_rcv). */
function dispatch(sk: Sock, segment: Segment): void {
  if (sk.kind === SockKind.None) answerWithReset(sk.kernel, segment);
  else if (sk.kind === SockKind.TimeWait) receiveInLightSock(sk, segment);
  else if (isSynchronized(sk)) receiveSegment(sk, segment);
  else if (sk.state === TcpState.SynSent) receiveInSynSent(sk, segment);
  else if (sk.state === TcpState.Listen) receiveInListen(sk, segment);
  else if (sk.state === TcpState.SynRecv) receiveInSynReceived(sk, segment);
  else answerWithReset(sk.kernel, segment);
}

function receiveInLightSock(sk: Sock, segment: Segment): void {
  if (sk.state === TcpState.FinWait2) receiveInLightFinWait2(sk, segment);
  else receiveInTimeWait(sk, segment);
}

/** tcp_write_timer_handler: one timer, one meaning. */
function onWriteTimer(sk: Sock): void {
  if (sk.state === TcpState.Close || sk.state === TcpState.Listen) return;
  if (sk.pending === Timer.None) return;
  const nowJ = sk.kernel.jiffies();
  if (sk.writeExpiryJ > nowJ) {
    armWriteTimer(sk, sk.pending, sk.writeExpiryJ - nowJ);
    return;
  }
  switch (sk.pending) {
    case Timer.Reordering:
      onReorderingTimeout(sk);
      return;
    case Timer.TailLossProbe:
      sendTailLossProbe(sk);
      return;
    case Timer.Retransmit:
      sk.pending = Timer.None;
      onRetransmitTimeout(sk);
      return;
    case Timer.SynAck:
      sk.pending = Timer.None;
      onSynAckTimeout(sk);
      return;
    case Timer.WindowProbe:
      sk.pending = Timer.None;
      onProbeTimeout(sk);
      return;
    default:
      assert(false, `timer ${sk.pending} is none of the write timer's`);
  }
}

/** tcp_keepalive_timer and tw_timer_handler: the state says what the timer is for. */
function onKeepaliveTimer(sk: Sock): void {
  switch (keepaliveTimerOf(sk)) {
    case Timer.TimeWait:
      onTimeWaitTimeout(sk);
      return;
    case Timer.FinWait2:
      onFinWait2Timeout(sk);
      return;
    case Timer.Keepalive:
      onKeepaliveTimeout(sk);
  }
}

function keepaliveTimerOf(
  sk: Sock,
): typeof Timer.TimeWait | typeof Timer.FinWait2 | typeof Timer.Keepalive {
  if (sk.kind === SockKind.TimeWait) return Timer.TimeWait;
  return sk.state === TcpState.FinWait2 && sk.orphan ? Timer.FinWait2 : Timer.Keepalive;
}

/**
 * Builds a machine with one socket. Call while building a world: it takes three scheduler slots.
 *
 * @param owner the process that holds the socket; `connect` and `listen` begin a life
 * @param transmit takes what leaves the machine; the segment is reused, so copy it
 * @throws InputError for unknown or impossible sysctls
 */
export function createKernelHost(
  scheduler: Scheduler,
  isServer: boolean,
  owner: SocketOwner,
  transmit: (segment: Segment) => void,
  config: KernelConfig,
  observer?: KernelObserver,
): KernelHost {
  return new Host(new Kernel(scheduler, isServer, transmit, config, observer), owner);
}

/**
 * The socket's three timers on the wheel: write, delayed ACK, keepalive.
 *
 * Re-arming to the same expiry leaves a timer in the bucket it already has (__mod_timer); so does
 * forgetting its meaning: the wheel entry stays and fires without effect, as in the kernel. Here
 * such an entry is muted: its bucket still counts, and nobody is called for nothing.
 * Source: include/net/inet_connection_sock.h inet_csk_reset_xmit_timer, inet_csk_clear_xmit_timer.
 */
import { Timer } from '../../model/linux/timers.ts';
import type { Sock } from './tcp-sock.ts';

function modTimer(sk: Sock, slot: number, previousExpiryJ: number, delayJ: number): number {
  const { kernel } = sk;
  const { scheduler } = kernel;
  const expiryJ = kernel.jiffies() + delayJ;
  if (previousExpiryJ === expiryJ && scheduler.isPending(slot)) {
    scheduler.unmute(slot);
    if (kernel.recordedTimers !== null) asRecorded(sk, slot, delayJ);
  } else {
    scheduler.arm(slot, kernel.fireUs(delayJ));
    sk.bucketsJ[slot - sk.writeSlot] = kernel.bucketJ;
  }
  return expiryJ;
}

/** Whether two expiries are the same jiffy hangs on less than a recording says: where its packets show that they were not, they are not. */
function asRecorded({ kernel }: Sock, slot: number, delayJ: number): void {
  const { scheduler } = kernel;
  const staysUs = scheduler.dueUs(slot);
  const movesUs = kernel.fireUs(delayJ);
  if (movesUs < staysUs && kernel.recordedTimers?.bucketUs(movesUs, staysUs) === movesUs) {
    scheduler.arm(slot, movesUs);
  }
}

/** Arms the write timer for `what`; whatever it meant before is replaced. */
export function armWriteTimer(sk: Sock, what: number, delayJ: number): void {
  sk.pending = what;
  sk.writeExpiryJ = modTimer(sk, sk.writeSlot, sk.writeExpiryJ, Math.min(delayJ, sk.rtoMaxJ));
}

/** Takes the meaning off the write timer. */
export function clearWriteTimer(sk: Sock): void {
  sk.pending = Timer.None;
  sk.kernel.scheduler.mute(sk.writeSlot);
}

/** Arms the delayed-ACK timer. */
export function armDelayedAck(sk: Sock, delayJ: number): void {
  sk.delackExpiryJ = modTimer(sk, sk.delackSlot, sk.delackExpiryJ, delayJ);
}

/** Takes the meaning off the delayed-ACK timer. */
export function clearDelayedAck(sk: Sock): void {
  sk.ackTimerPending = false;
  sk.kernel.scheduler.mute(sk.delackSlot);
}

/** Arms the keepalive timer, which also serves FIN_WAIT2 and time-wait sockets. */
export function armKeepaliveTimer(sk: Sock, delayJ: number): void {
  sk.keepExpiryJ = modTimer(sk, sk.keepSlot, sk.keepExpiryJ, delayJ);
}

/** Stops the keepalive timer (sk_stop_timer). */
export function stopKeepaliveTimer(sk: Sock): void {
  sk.kernel.scheduler.disarm(sk.keepSlot);
}

/** Stops everything (tcp_clear_xmit_timers, when the socket dies). */
export function stopAllTimers(sk: Sock): void {
  const { scheduler } = sk.kernel;
  sk.pending = Timer.None;
  sk.ackTimerPending = false;
  scheduler.disarm(sk.writeSlot);
  scheduler.disarm(sk.delackSlot);
  scheduler.disarm(sk.keepSlot);
}

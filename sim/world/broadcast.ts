/**
 * How long a broadcast stands still in one round. The loop comes to the clients that take nothing one after the other, and its send to each blocks until
 * somebody ends the connection, or the client takes it. A deadline on the write begins with the write: there the times add up. Everybody else
 * judges on a clock of the connection's own, which ran all the while: there the loop waits for the last of them.
 */
import type { ConnectionRecord } from '../process/connection-record.ts';

export class Broadcast {
  #beganAtUs = Infinity;
  #standsUs = 0;

  reset(): void {
    this.#beganAtUs = Infinity;
    this.#standsUs = 0;
  }

  /** The loop comes to one of the clients that suffer; instants are counted from the fault or the silence that they share. */
  add({ blockedAtUs, blockedUs, closedAtUs, by }: ConnectionRecord, eventAtUs: number): void {
    const isBlocked = blockedAtUs !== Infinity;
    const heldUs = Math.max(blockedUs, isBlocked ? closedAtUs - blockedAtUs : 0);
    if (heldUs === 0) return;
    if (by === 'write-deadline' && isBlocked) {
      this.#standsUs += heldUs;
      return;
    }
    // The first that blocks stops the loop; the others would have been found meanwhile.
    const fromUs = isBlocked ? blockedAtUs - eventAtUs : 0;
    this.#beganAtUs = Math.min(this.#beganAtUs, fromUs);
    this.#standsUs = Math.max(this.#standsUs, fromUs + heldUs - this.#beganAtUs);
  }

  get standsUs(): number {
    return this.#standsUs;
  }
}

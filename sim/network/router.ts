/**
 * A router behind which the client has gone, and which says so: for what the server sends it returns ICMP
 * host unreachable, a round trip after the segment was sent, and not more often than Linux does.
 *
 * Source: net/ipv4/icmp.c icmpv4_xrlim_allow, inetpeer.c inet_peer_xrlim_allow (a bucket of
 * XRLIM_BURST_FACTOR tokens, one more every net.ipv4.icmp_ratelimit).
 */
import { assert } from '../../model/assert.ts';
import { ICMP_RATE_LIMIT_MS } from '../../model/linux/constants.ts';
import type { Scheduler } from '../clock/types.ts';
import type { IcmpReceiver } from './icmp.ts';

const RATE_LIMIT_US = 1000 * ICMP_RATE_LIMIT_MS;
/** XRLIM_BURST_FACTOR. */
const BURST = 6;
/** More messages than this cannot be under way: a burst, and one a second of the longest round trip. */
const CAPACITY = 128;

export class UnreachableRouter {
  readonly #scheduler: Scheduler;
  readonly #host: IcmpReceiver;
  readonly #roundTripUs: number;
  readonly #onArrival: () => void;
  readonly #slot: number;
  readonly #dueUs = new Float64Array(CAPACITY);
  readonly #quotedSeq = new Float64Array(CAPACITY);
  #head = 0;
  #length = 0;
  #tokensUs = NaN;
  #lastUs = NaN;

  /** @param onArrival called when a message reaches the server's kernel */
  constructor(
    scheduler: Scheduler,
    host: IcmpReceiver,
    roundTripUs: number,
    onArrival: () => void,
  ) {
    this.#scheduler = scheduler;
    this.#host = host;
    this.#roundTripUs = roundTripUs;
    this.#onArrival = onArrival;
    this.#slot = scheduler.slot(() => this.#arrive());
  }

  reset(): void {
    this.#head = 0;
    this.#length = 0;
    this.#tokensUs = BURST * RATE_LIMIT_US;
    this.#lastUs = this.#scheduler.nowUs;
  }

  /** A segment of the server cannot be delivered. */
  refuse(seq: number): void {
    const { nowUs } = this.#scheduler;
    const grown = this.#tokensUs + nowUs - this.#lastUs;
    this.#tokensUs = Math.min(grown, BURST * RATE_LIMIT_US);
    this.#lastUs = nowUs;
    if (this.#tokensUs < RATE_LIMIT_US) return;
    this.#tokensUs -= RATE_LIMIT_US;
    assert(this.#length < CAPACITY, 'a router says little');
    const at = (this.#head + this.#length) % CAPACITY;
    this.#dueUs[at] = nowUs + this.#roundTripUs;
    this.#quotedSeq[at] = seq;
    this.#length += 1;
    if (this.#length === 1) this.#arm();
  }

  #arm(): void {
    this.#scheduler.arm(this.#slot, this.#dueUs[this.#head] as number);
  }

  #arrive(): void {
    const quotedSeq = this.#quotedSeq[this.#head] as number;
    this.#head = (this.#head + 1) % CAPACITY;
    this.#length -= 1;
    if (this.#length > 0) this.#arm();
    this.#onArrival();
    this.#host.receiveIcmp('host-unreachable', quotedSeq);
  }
}

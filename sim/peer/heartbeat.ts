/**
 * One thing that the client sends of its own, again and again, while it lives: a ping or a pong of its library,
 * a message of its application. Its first comes at a phase that is drawn per connection, the others follow
 * like those of setInterval: a timer that was held up goes off once when it may, and the next is an interval
 * later. Where timers run only every so often (a background tab), each waits for the next such instant.
 */
import type { PeerHeartbeat, Policy } from '../../model/policy/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import type { Scheduler } from '../clock/types.ts';
import { CLIENT_PING_BYTES } from '../world/frames.ts';

/** What is sent, and whether the policy counts on it, so that it is part of the policy's cost. */
export interface Beat extends PeerHeartbeat {
  readonly counted: boolean;
}

/** What the client of a scenario sends, with what the policy counts on. */
export function beatsOf({ peerHeartbeat }: Policy, { client }: Scenario): readonly Beat[] {
  const beats: Beat[] = [];
  if (peerHeartbeat !== undefined) beats.push({ ...peerHeartbeat, counted: true });
  if (client !== undefined && client.pingEveryMs !== null) {
    beats.push({
      everyMs: client.pingEveryMs,
      sign: 'ping',
      bytes: CLIENT_PING_BYTES,
      sentBy: 'websocket',
      counted: false,
    });
  }
  return beats;
}

export class Heartbeat {
  readonly beat: Beat;
  readonly #scheduler: Scheduler;
  readonly #send: (beat: Beat) => void;
  readonly #slot: number;
  readonly #everyUs: number;
  /** When the next one is due, Infinity while it does not run. */
  #dueUs = Infinity;
  #held = false;
  /** Timers go off only at multiples of this after `#throttledSinceUs`; 0 = at once. */
  #throttleUs = 0;
  #throttledSinceUs = NaN;

  constructor(scheduler: Scheduler, beat: Beat, send: (beat: Beat) => void) {
    this.beat = beat;
    this.#scheduler = scheduler;
    this.#send = send;
    this.#everyUs = beat.everyMs * 1000;
    this.#slot = scheduler.slot(() => this.#goOff());
  }

  reset(): void {
    this.#dueUs = Infinity;
    this.#held = false;
    this.#throttleUs = 0;
  }

  /** @param share how much of its interval passes before the first one, in [0, 1) */
  start(share: number): void {
    this.#dueIn(Math.ceil(share * this.#everyUs));
  }

  stop(): void {
    this.#dueUs = Infinity;
    this.#scheduler.disarm(this.#slot);
  }

  /** Whoever sends it does not run. */
  hold(): void {
    this.#held = true;
    this.#scheduler.disarm(this.#slot);
  }

  /** It runs again, and its timers are as they were set. */
  release(): void {
    const { nowUs } = this.#scheduler;
    this.#held = false;
    this.#throttleUs = 0;
    if (this.#dueUs <= nowUs) this.#goOff();
    else this.#arm();
  }

  /** From now on its timers go off only every `everyUs`. */
  throttle(everyUs: number): void {
    this.#throttleUs = everyUs;
    this.#throttledSinceUs = this.#scheduler.nowUs;
    this.#arm();
  }

  #dueIn(us: number): void {
    this.#dueUs = this.#scheduler.nowUs + us;
    this.#arm();
  }

  #arm(): void {
    if (this.#held) return;
    this.#scheduler.arm(this.#slot, this.#goesOffAtUs());
  }

  #goesOffAtUs(): number {
    const dueUs = this.#dueUs;
    if (this.#throttleUs === 0 || dueUs === Infinity) return dueUs;
    const sinceUs = this.#throttledSinceUs;
    return sinceUs + Math.ceil((dueUs - sinceUs) / this.#throttleUs) * this.#throttleUs;
  }

  #goOff(): void {
    this.#dueIn(this.#everyUs);
    this.#send(this.beat);
  }
}

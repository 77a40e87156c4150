/**
 * Runs the compiled reconnect machine on real timers. Each event is carried out to its end before the next begins,
 * so that an effect that fails at once (a URL that cannot be made) is one more event and no step within a step.
 */
import { assert } from '../../model/assert.ts';
import { NO_EDGE, type Table } from '../../model/statechart/table.ts';
import {
  attemptsOf,
  backoffMs,
  reconnectTable,
  type ReconnectPolicy,
} from '../../model/machines/reconnect/index.ts';
import { TIMEOUT_LIMIT_MS, type Clock } from './clock.ts';

export type ReconnectEvent = 'CONNECT' | 'OPENED' | 'LOST' | 'REFUSED' | 'STOP';
type Delay = 'backoff' | 'connectTimeout' | 'stableTime';

/** What the machine asks for. */
export interface ReconnectHost {
  openSocket(): void;
  dropSocket(): void;
  flushQueue(): void;
  reportGaveUp(attempts: number): void;
  reportRefused(): void;
  /** The wait before retry `attempt` (from 1) has begun. */
  waits(attempt: number, waitMs: number): void;
  /** The timer of an attempt ran out; the machine is told next. */
  timedOut(): void;
  /** A uniform draw from [0, 1). */
  draw(): number;
  /** What the server asked of those who come back, since it was asked last; undefined where it asked nothing. */
  askedToWait(): AskedWait | undefined;
}

/** A wait from `leastMs` to `leastMs + spreadMs`. */
export interface AskedWait {
  readonly leastMs: number;
  readonly spreadMs: number;
}

export class ReconnectDriver {
  readonly #policy: ReconnectPolicy;
  readonly #table: Table;
  readonly #host: ReconnectHost;
  readonly #clock: Clock;
  readonly #timers = new Map<Delay, unknown>();
  readonly #waiting: (ReconnectEvent | Delay)[] = [];
  #state: number;
  #busy = false;

  constructor(policy: ReconnectPolicy, clock: Clock, host: ReconnectHost) {
    this.#policy = policy;
    this.#table = reconnectTable(policy);
    this.#state = this.#table.initial;
    this.#host = host;
    this.#clock = clock;
  }

  /** The state's name without its count of attempts. */
  get state(): string {
    return this.#stateName().split(' ', 1)[0] ?? '';
  }

  /** Retries since the last connection that lasted. */
  get attempts(): number {
    return attemptsOf(this.#stateName());
  }

  tell(event: ReconnectEvent | Delay): void {
    this.#waiting.push(event);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        this.#step(next);
      }
    } finally {
      this.#busy = false;
    }
  }

  #stateName(): string {
    return this.#table.states[this.#state] ?? '';
  }

  #step(event: ReconnectEvent | Delay): void {
    const { events, eventIndex, next, effectList, effectLists, final } = this.#table;
    const cell = this.#state * events.length + (eventIndex[event] ?? Number.NaN);
    const to = next[cell] ?? NO_EDGE;
    if (to === NO_EDGE) return;
    this.#state = to;
    // A final state cancels no timer by itself: there is no state left to be in.
    if (final[to] === 1) for (const delay of this.#timers.keys()) this.#cancel(delay);
    for (const effect of effectLists[effectList[cell] ?? 0] ?? []) {
      if (effect.kind === 'arm') this.#arm(effect.delay as Delay);
      else if (effect.kind === 'cancel') this.#cancel(effect.delay as Delay);
      else this.#act(effect.name);
    }
  }

  #act(action: string): void {
    switch (action) {
      case 'openSocket':
      case 'dropSocket':
      case 'flushQueue':
      case 'reportRefused':
        this.#host[action]();
        return;
      case 'reportGaveUp':
        this.#host.reportGaveUp(this.attempts);
        return;
      case 'countAttempt':
      case 'forgetAttempts':
        return; // the count is in the state
      default:
        assert(false, `the reconnect machine asks for ${action}`);
    }
  }

  #arm(delay: Delay): void {
    this.#cancel(delay);
    const run = (): void => {
      this.#timers.delete(delay);
      if (delay === 'connectTimeout') this.#host.timedOut();
      this.tell(delay);
    };
    this.#timers.set(delay, this.#clock.setTimeout(run, this.#waitMs(delay)));
  }

  #waitMs(delay: Delay): number {
    if (delay === 'connectTimeout') return this.#policy.connectTimeoutMs;
    if (delay === 'stableTime') return this.#policy.stableMs;
    const chance = this.#host.draw();
    const asked = this.#host.askedToWait();
    const askedMs = asked === undefined ? 0 : asked.leastMs + chance * asked.spreadMs;
    const ownMs = backoffMs(this.#policy, this.attempts, chance);
    const waitMs = Math.min(Math.max(ownMs, askedMs), TIMEOUT_LIMIT_MS);
    this.#host.waits(this.attempts + 1, waitMs);
    return waitMs;
  }

  #cancel(delay: Delay): void {
    this.#clock.clearTimeout(this.#timers.get(delay));
    this.#timers.delete(delay);
  }
}

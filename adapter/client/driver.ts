/**
 * Runs the reconnecting client's chart on real timers: it is flat, and every transition leaves its state. Each event is carried out to
 * its end before the next begins, so that an effect that fails at once (a URL that cannot be made) is one more event and no
 * step within a step.
 */
import { backoffMs, type ReconnectPolicy } from '../../model/machines/reconnect/backoff.ts';
import {
  reconnectChart,
  reconnectMeaning,
  type ReconnectAction,
  type ReconnectEventName,
} from '../../model/machines/reconnect/chart.ts';
import type { State, Transition, Transitions } from '../../model/statechart/chart.ts';
import { TIMEOUT_LIMIT_MS, type Clock } from './clock.ts';

type Delay = 'backoff' | 'connectTimeout' | 'stableTime';
type StateName = keyof typeof reconnectChart.states;

const states: Readonly<Record<StateName, State>> = reconnectChart.states;

/** What the chart asks for. */
export interface ReconnectHost {
  openSocket(): void;
  dropSocket(): void;
  flushQueue(): void;
  reportGaveUp(attempts: number): void;
  reportRefused(): void;
  /** The wait before retry `attempt` (from 1) has begun. */
  waits(attempt: number, waitMs: number): void;
  /** The timer of an attempt ran out; the chart is told next. */
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
  readonly #meaning: ReturnType<typeof reconnectMeaning>;
  readonly #host: ReconnectHost;
  readonly #clock: Clock;
  readonly #waiting: (ReconnectEventName | Delay)[] = [];
  #state: StateName = reconnectChart.initial;
  #count: { readonly attempt: number };
  /** Of the one clock that a state may have. */
  #timer: unknown;
  #busy = false;

  constructor(policy: ReconnectPolicy, clock: Clock, host: ReconnectHost) {
    this.#policy = policy;
    this.#meaning = reconnectMeaning(policy);
    this.#count = this.#meaning.context;
    this.#host = host;
    this.#clock = clock;
  }

  get state(): StateName {
    return this.#state;
  }

  /** Retries since the last connection that lasted. */
  get attempts(): number {
    return this.#count.attempt;
  }

  tell(event: ReconnectEventName | Delay): void {
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

  #step(event: ReconnectEventName | Delay): void {
    const { on, after } = states[this.#state];
    const { hasAttemptsLeft } = this.#meaning.guards;
    const made = transitions(on?.[event] ?? after?.[event]).find(
      ({ guard }) => guard === undefined || hasAttemptsLeft(event, undefined, this.#count),
    );
    if (made === undefined) return;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#state = made.target as StateName;
    for (const { type } of [made.actions ?? []].flat()) this.#act(type as ReconnectAction);
    for (const delay of Object.keys(states[this.#state].after ?? {})) this.#arm(delay as Delay);
  }

  #act(action: ReconnectAction): void {
    if (action === 'countAttempt' || action === 'forgetAttempts') {
      this.#count = this.#meaning.assigns[action](this.#count);
    } else if (action === 'reportGaveUp') this.#host.reportGaveUp(this.attempts);
    else this.#host[action]();
  }

  #arm(delay: Delay): void {
    const run = (): void => {
      if (delay === 'connectTimeout') this.#host.timedOut();
      this.tell(delay);
    };
    this.#timer = this.#clock.setTimeout(run, this.#waitMs(delay));
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
}

function transitions(written: Transitions | undefined): readonly Transition[] {
  if (typeof written === 'string') return [{ target: written }];
  return [written ?? []].flat();
}

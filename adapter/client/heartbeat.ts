/**
 * Whether the server still lives, as a client can tell: a browser shows no pings, so the application sends a message
 * of its own and the server answers it, or the server sends something every so often by itself. What servers run as a `ping` whose answer
 * is any message, put off by messages, and an `idle` limit; small enough for a page here, and a test holds both to the same instants.
 */
import { TIMEOUT_LIMIT_MS, type Clock } from './clock.ts';
import type { Heartbeat } from './options.ts';

/** What was wrong with a server that is taken to be dead. */
export type DeathCause = 'no-reply' | 'silent';

/** Later than this, a timer was held up: by a stall, a hidden tab or a suspended machine. */
const LATE_MS = 50;

/** The rules of all connections of one client; Infinity where there is none. */
export interface LifeRules {
  /** After so long without a message a heartbeat is sent, ms. */
  readonly intervalMs: number;
  /** Patience for the answer to the oldest heartbeat without one, ms. */
  readonly replyTimeoutMs: number;
  /** Patience with a server that says nothing, ms. */
  readonly silenceMs: number;
}

/** Rules of a client; undefined when it has none. */
export function lifeRules(
  heartbeat: Heartbeat | undefined,
  silenceMs: number | undefined,
): LifeRules | undefined {
  if (heartbeat === undefined && silenceMs === undefined) return undefined;
  const { intervalMs = Infinity, replyTimeoutMs = Infinity } = heartbeat ?? {};
  return { intervalMs, replyTimeoutMs, silenceMs: silenceMs ?? Infinity };
}

/** The watch over one connection, from its opening to `stop`. */
export class LifeWatch {
  readonly #rules: LifeRules;
  readonly #clock: Clock;
  readonly #beat: () => void;
  readonly #dead: (cause: DeathCause) => void;
  #timer: unknown;
  #timerDueMs = Infinity;
  #beatDueMs = 0;
  #silentMs = 0;
  /** When the oldest heartbeat must have been answered, and one out of turn. */
  #replyDueMs = Infinity;
  #probeDueMs = Infinity;
  #stopped = false;

  /** `beat` sends a heartbeat and throws nothing; `dead` is told at most once. */
  constructor(rules: LifeRules, clock: Clock, beat: () => void, dead: (cause: DeathCause) => void) {
    this.#rules = rules;
    this.#clock = clock;
    this.#beat = beat;
    this.#dead = dead;
    this.heard();
  }

  /** A message came. */
  heard(): void {
    const nowMs = this.#clock.now();
    this.#probeDueMs = Infinity;
    this.#replyDueMs = Infinity;
    this.#beatDueMs = nowMs + this.#rules.intervalMs;
    this.#silentMs = nowMs + this.#rules.silenceMs;
    this.#arm();
  }

  /** Asks now, out of turn: the network has changed, and an old connection may lead nowhere. */
  probe(): void {
    const { replyTimeoutMs } = this.#rules;
    if (replyTimeoutMs === Infinity || this.#stopped || this.#probeDueMs < Infinity) return;
    this.#probeDueMs = this.#clock.now() + replyTimeoutMs;
    this.#beat();
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#clock.clearTimeout(this.#timer);
  }

  #arm(): void {
    const dueMs = Math.min(this.#beatDueMs, this.#silentMs, this.#replyDueMs, this.#probeDueMs);
    // A deadline that moved later is found not due when the timer comes.
    if (this.#stopped || dueMs >= this.#timerDueMs) return;
    this.#clock.clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    const waitMs = Math.max(0, Math.ceil(dueMs - this.#clock.now()));
    this.#timer = this.#clock.setTimeout(
      () => {
        this.#expired();
      },
      Math.min(waitMs, TIMEOUT_LIMIT_MS),
    );
  }

  #expired(): void {
    const lateMs = this.#clock.now() - this.#timerDueMs;
    this.#timerDueMs = Infinity;
    if (lateMs < LATE_MS) {
      this.#judge();
      return;
    }
    // What had arrived while nothing ran here is still waiting to be told: it goes first.
    this.#timer = this.#clock.setTimeout(() => {
      this.#judge();
    }, 0);
  }

  #judge(): void {
    if (this.#stopped) return;
    const nowMs = this.#clock.now();
    const unansweredMs = Math.min(this.#replyDueMs, this.#probeDueMs);
    const isBeat = this.#beatDueMs < unansweredMs && this.#beatDueMs <= this.#silentMs;
    if (isBeat && this.#beatDueMs <= nowMs) {
      this.#beatDueMs = nowMs + this.#rules.intervalMs;
      this.#replyDueMs = Math.min(this.#replyDueMs, nowMs + this.#rules.replyTimeoutMs);
      this.#beat();
      // A message that cannot be made may have ended it.
      if (this.#stopped) return;
    }
    if (Math.min(unansweredMs, this.#silentMs) > nowMs) this.#arm();
    else this.#dead(unansweredMs <= this.#silentMs ? 'no-reply' : 'silent');
  }
}

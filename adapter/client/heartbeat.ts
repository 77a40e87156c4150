/**
 * Whether the server still lives, as a client can tell: a browser shows no pings, so the application sends a message
 * of its own and the server answers it, or the server sends something every so often by itself. Decided by
 * the same compiled reaper that servers run: a `ping` whose answer is any message, and an `idle` limit.
 */
import { definePolicy } from '../../model/policy/parse.ts';
import type { MechanismInput } from '../../model/policy/types.ts';
import { compileReaper, LifeBit, ReaperEffect } from '../../model/reaper/index.ts';
import type { CompiledReaper, ReaperInstance } from '../../model/reaper/index.ts';
import { TIMEOUT_LIMIT_MS, type Clock } from './clock.ts';
import type { Heartbeat } from './options.ts';

/** What was wrong with a server that is taken to be dead. */
export type DeathCause = 'no-reply' | 'silent';

/** Later than this, a timer was held up: by a stall, a hidden tab or a suspended machine. */
const LATE_MS = 50;

/** The rules of all connections of one client. */
export interface LifeRules {
  readonly reaper: CompiledReaper;
  /** Patience for the answer to a heartbeat, ms; undefined = there are no heartbeats. */
  readonly replyTimeoutMs: number | undefined;
}

/** Rules of a client; undefined when it has none. */
export function lifeRules(
  heartbeat: Heartbeat | undefined,
  silenceMs: number | undefined,
): LifeRules | undefined {
  const mechanisms: MechanismInput[] = [];
  if (heartbeat !== undefined) {
    const { intervalMs, replyTimeoutMs } = heartbeat;
    const life = ['message'] as const;
    mechanisms.push({ kind: 'ping', intervalMs, replyTimeoutMs, after: 'last-received', life });
  }
  if (silenceMs !== undefined) mechanisms.push({ kind: 'idle', timeoutMs: silenceMs });
  if (mechanisms.length === 0) return undefined;
  const reaper = compileReaper(definePolicy({ name: 'client', mechanisms }));
  return { reaper, replyTimeoutMs: heartbeat?.replyTimeoutMs };
}

/** The watch over one connection, from its opening to `stop`. */
export class LifeWatch {
  readonly #rules: LifeRules;
  readonly #clock: Clock;
  readonly #beat: () => void;
  readonly #dead: (cause: DeathCause) => void;
  readonly #instance: ReaperInstance;
  #timer: unknown;
  #timerDueUs = Infinity;
  /** When an answer out of turn must have come, µs. */
  #probeDueUs = Infinity;
  #stopped = false;

  /** `beat` sends a heartbeat and throws nothing; `dead` is told at most once. */
  constructor(rules: LifeRules, clock: Clock, beat: () => void, dead: (cause: DeathCause) => void) {
    this.#rules = rules;
    this.#clock = clock;
    this.#beat = beat;
    this.#dead = dead;
    this.#instance = rules.reaper.instance();
    this.#instance.start(this.#nowUs(), this.#nowUs());
    this.#arm();
  }

  /** A message came. */
  heard(): void {
    this.#probeDueUs = Infinity;
    this.#instance.received(LifeBit.Message | LifeBit.AnyByte, this.#nowUs());
    this.#carryOut();
  }

  /** Asks now, out of turn: the network has changed, and an old connection may lead nowhere. */
  probe(): void {
    const { replyTimeoutMs } = this.#rules;
    if (replyTimeoutMs === undefined || this.#stopped || this.#probeDueUs < Infinity) return;
    this.#probeDueUs = this.#nowUs() + replyTimeoutMs * 1000;
    this.#beat();
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#instance.stop();
    this.#clock.clearTimeout(this.#timer);
  }

  #nowUs(): number {
    return Math.floor(this.#clock.now() * 1000);
  }

  #arm(): void {
    const dueUs = Math.min(this.#instance.deadlineUs, this.#probeDueUs);
    // A deadline that moved later is found not due when the timer comes.
    if (this.#stopped || dueUs >= this.#timerDueUs) return;
    this.#clock.clearTimeout(this.#timer);
    this.#timerDueUs = dueUs;
    const waitMs = Math.max(0, Math.ceil((dueUs - this.#nowUs()) / 1000));
    this.#timer = this.#clock.setTimeout(
      () => {
        this.#expired();
      },
      Math.min(waitMs, TIMEOUT_LIMIT_MS),
    );
  }

  #expired(): void {
    const lateMs = this.#clock.now() - this.#timerDueUs / 1000;
    this.#timerDueUs = Infinity;
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
    const nowUs = this.#nowUs();
    if (this.#probeDueUs <= nowUs) {
      this.#dead('no-reply');
      return;
    }
    this.#instance.advance(nowUs);
    this.#carryOut();
  }

  #carryOut(): void {
    const { effects, effectCount } = this.#instance;
    for (const effect of effects.slice(0, effectCount)) {
      if (this.#stopped) return;
      if (effect === ReaperEffect.Ping) {
        this.#beat();
        this.#instance.pingWritten(this.#nowUs());
      } else this.#dead(effect === ReaperEffect.Reap ? 'no-reply' : 'silent');
    }
    this.#arm();
  }
}

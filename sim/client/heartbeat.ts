/**
 * A periodic heartbeat of the client: a ping or a pong of its library, or a message of its application. Its first comes at a phase that is drawn per connection, the others follow
 * like those of setInterval: a timer that was held up goes off once when it may, and the next is an interval
 * later.
 */
import { untilNextTick } from '../../model/mechanisms/region/clocks.ts';
import type { PeerHeartbeat, Policy } from '../../model/policy/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { Unit, type StateWalk } from '../clock/state-walk.ts';
import type { Scheduler } from '../clock/types.ts';
import { CLIENT_PING_BYTES } from '../websocket/frames.ts';
import type { ApplicationTimers } from './application-timers.ts';

/** What is sent, and whether the policy counts on it, so that it is part of the policy's cost. */
export interface Beat extends PeerHeartbeat {
  readonly counted: boolean;
}

/** What the client of a scenario sends, with what the policy counts on. */
export function beatsOf({ peerHeartbeat }: Policy, { client }: Scenario): readonly Beat[] {
  const beats: Beat[] = [];
  const isGiven = client?.neverSends?.includes('heartbeat') !== true;
  if (peerHeartbeat !== undefined && isGiven) beats.push({ ...peerHeartbeat, counted: true });
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
  /** Those of the application, where it is the application that sends it. */
  readonly #timers: ApplicationTimers | null;

  constructor(
    scheduler: Scheduler,
    beat: Beat,
    timers: ApplicationTimers,
    send: (beat: Beat) => void,
  ) {
    this.beat = beat;
    this.#timers = beat.sentBy === 'application' ? timers : null;
    this.#scheduler = scheduler;
    this.#send = send;
    this.#everyUs = beat.everyMs * 1000;
    this.#slot = scheduler.slot(() => this.#goOff());
  }

  reset(): void {
    this.#dueUs = Infinity;
    this.#held = false;
  }

  /**
   * One of its beats comes a share of its interval, [0, 1), before `phasesFromUs`, and so do all others, whole intervals
   * away; the first within an interval from now.
   */
  start(phasesFromUs: number, share: number): void {
    const { nowUs } = this.#scheduler;
    const beatUs = phasesFromUs - Math.floor(share * this.#everyUs);
    this.#dueIn(untilNextTick(nowUs, beatUs, this.#everyUs));
  }

  /** Something was received: where that puts it off, the next comes a whole interval from now. */
  received(): void {
    if (this.beat.putOffBy === 'received' && this.#dueUs !== Infinity) this.#dueIn(this.#everyUs);
  }

  walk(state: StateWalk): void {
    this.#dueUs = state.moves(Unit.Us, this.#dueUs);
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
    if (this.#dueUs <= nowUs) this.#goOff();
    else this.#arm();
  }

  /** Its clock stood for so long. */
  postpone(us: number): void {
    this.#dueUs += us;
  }

  /** When its timers go off has changed. */
  retime(): void {
    this.#arm();
  }

  #dueIn(us: number): void {
    this.#dueUs = this.#scheduler.nowUs + us;
    this.#arm();
  }

  #arm(): void {
    if (this.#held) return;
    const dueUs = this.#dueUs;
    this.#scheduler.arm(this.#slot, this.#timers?.runsAtUs(dueUs) ?? dueUs);
  }

  #goOff(): void {
    this.#dueIn(this.#everyUs);
    this.#send(this.beat);
  }
}

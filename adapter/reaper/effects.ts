/** What a reaper asks for, done: pings, looks at sockets, verdicts; and what looks at send paths tell it. */
import {
  ReaperEffect,
  type ReaperEffectCode,
  type ReaperInstance,
  type SocketSample,
} from '../../model/reaper/types.ts';
import type { Looks } from '../kernel/looks.ts';
import { contain } from '../safety/contain.ts';
import type { Hooks } from '../safety/hooks.ts';
import { nowUs } from './alarm.ts';
import type { Channel } from './channel.ts';
import type { Plan } from './plan.ts';
import { hasMovedOn } from './send-path.ts';
import type { Watched } from './watched.ts';

/** Whoever drives the reapers. */
export interface Driver<S> {
  drive(watched: Watched<S>, step: (instance: ReaperInstance) => void): void;
  /** The connection is found to be gone. */
  closed(watched: Watched<S>): void;
  /** The verdict. */
  end(watched: Watched<S>, orderly: boolean, mechanismIndex: number): void;
}

export class Effects<S> {
  /** Pings handed to the send path. */
  pings = 0;
  readonly #plan: Plan;
  readonly #channel: Channel<S>;
  readonly #looks: Looks;
  readonly #hooks: Hooks;
  readonly #driver: Driver<S>;
  /** What the latest look has found. */
  readonly #sample: SocketSample = {
    queueBytes: 0,
    userQueueBytes: 0,
    bytesAcked: 0,
    established: true,
  };

  constructor(plan: Plan, channel: Channel<S>, looks: Looks, hooks: Hooks, driver: Driver<S>) {
    this.#plan = plan;
    this.#channel = channel;
    this.#looks = looks;
    this.#hooks = hooks;
    this.#driver = driver;
  }

  /** Carries out what a call to a connection's reaper has left. */
  carryOut(watched: Watched<S>): void {
    const { effectCount, effects, effectMechanism } = watched.instance;
    if (effectCount === 0) return;
    const first = effects[0] as ReaperEffectCode;
    if (effectCount === 1) {
      this.#carryOutOne(watched, first, effectMechanism[0] ?? 0);
      return;
    }
    // Copied, because answering a look leaves new effects in the same arrays.
    const codes = Array.from(effects.subarray(0, effectCount));
    const mechanisms = Array.from(effectMechanism.subarray(0, effectCount));
    for (let i = 0; i < codes.length && watched.watching; i++) {
      this.#carryOutOne(watched, codes[i] as ReaperEffectCode, mechanisms[i] ?? 0);
    }
  }

  #carryOutOne(watched: Watched<S>, effect: ReaperEffectCode, mechanismIndex: number): void {
    if (!this.#channel.isOpen(watched.socket)) this.#driver.closed(watched);
    else if (effect === ReaperEffect.Ping) this.#ping(watched);
    else if (effect === ReaperEffect.Sample) this.#look(watched);
    else this.#driver.end(watched, effect === ReaperEffect.Close, mechanismIndex);
  }

  #ping(watched: Watched<S>): void {
    this.pings += 1;
    if (watched.pingedUs === 0) watched.pingedUs = nowUs();
    const asked = (): void => {
      this.#driver.drive(watched, (instance) => {
        instance.pingWritten(nowUs());
      });
    };
    // A ping that failed has asked in vain: patience begins all the same, or a ghost would stand for ever.
    const failed = (error: unknown): void => {
      this.#plan.tallies.refused('ping', `the ping failed: ${String(error)}`);
      this.#hooks.report(error);
      asked();
    };
    contain(() => {
      this.#channel.ping(watched, asked, failed);
    }, failed);
  }

  #look(watched: Watched<S>): void {
    const { instance, queueBytes, bytesAcked } = watched;
    const sample = this.#sample;
    sample.userQueueBytes = this.#channel.bufferedBytes(watched.socket);
    const isSeen = this.#looks.look(watched.raw, sample);
    watched.keep(sample);
    if (!isSeen && watched.readable) {
      this.#plan.tallies.refused('socket-state', 'the state of this socket cannot be read');
      watched.readable = false;
    }
    watched.sendPath?.found(isSeen && sample.queueBytes === 0);
    const hasMoved = isSeen && hasMovedOn({ queueBytes, bytesAcked }, sample);
    instance.sampled(sample, nowUs());
    this.carryOut(watched);
    if (hasMoved && watched.sendPath !== undefined) {
      this.#driver.drive(watched, () => {
        instance.sendDrained(false, nowUs());
      });
    }
  }

  /** What has become of a send path since the last pass. */
  lookAtPath(watched: Watched<S>): void {
    const { sendPath } = watched;
    if (sendPath?.isIdle === true) return;
    const change = sendPath?.look();
    if (change === 'free' || change === 'free-and-blocked' || change === 'moved') {
      this.#driver.drive(watched, (instance) => {
        instance.sendDrained(change !== 'moved', nowUs());
      });
    }
    if (change === 'blocked' || change === 'free-and-blocked') {
      this.#driver.drive(watched, (instance) => {
        instance.sendBlocked(nowUs());
      });
    }
    if (sendPath?.wasWrittenTo() === true) {
      this.#driver.drive(watched, (instance) => {
        instance.rouse(nowUs());
      });
    }
  }
}

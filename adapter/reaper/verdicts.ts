/** Carries verdicts out: ends the connection in the manner that its mechanism states, counts it, and tells whoever wants to know. */
import { assert } from '../../model/assert.ts';
import { CloseCode } from '../../model/machines/websocket/close-code.ts';
import { kindOf, mannerOf } from '../../model/mechanisms/index.ts';
import type { Hooks } from '../safety/hooks.ts';
import type { Channel } from './channel.ts';
import type { Plan } from './plan.ts';
import type { Told } from './told.ts';
import type { Watched } from './watched.ts';

const CLOSING_TOO_LONG = 'its closing took longer than it may';

export class Verdicts<S> {
  readonly #plan: Plan;
  readonly #channel: Channel<S>;
  readonly #hooks: Hooks;
  readonly #told: Told<S>;
  readonly #forget: (watched: Watched<S>) => void;

  constructor(
    plan: Plan,
    channel: Channel<S>,
    hooks: Hooks,
    told: Told<S>,
    forget: (watched: Watched<S>) => void,
  ) {
    this.#plan = plan;
    this.#channel = channel;
    this.#hooks = hooks;
    this.#told = told;
    this.#forget = forget;
  }

  /** Whether a mechanism takes silence for death: then others may be silent for the same reason. */
  isOfSilence(mechanismIndex: number): boolean {
    const mechanism = this.#plan.policy.mechanisms[mechanismIndex];
    assert(mechanism !== undefined, 'a verdict names its mechanism');
    const kind = kindOf(mechanism);
    return kind.ends === 'the-dead' && kind.signs(mechanism).length > 0;
  }

  /** `orderly`: of the mechanisms `idle` and `age`. */
  end(watched: Watched<S>, orderly: boolean, mechanismIndex: number): void {
    const mechanism = this.#plan.policy.mechanisms[mechanismIndex];
    assert(mechanism !== undefined, 'a verdict names its mechanism');
    const stated = mannerOf(mechanism);
    // A closing that is under way is not begun anew.
    const manner = stated === 'close' && watched.isClosing ? 'destroy' : stated;
    const verdict = manner === 'close' || manner === 'flush' ? 'closing' : 'destroyed';
    const reason = kindOf(mechanism).verdict(mechanism);
    const event = this.#told.eventOf(watched, verdict, mechanismIndex, reason);
    this.#forget(watched);
    this.#plan.tallies.ended(mechanismIndex);
    const { socket } = watched;
    this.#hooks.run(() => {
      const code = orderly ? CloseCode.GoingAway : CloseCode.InternalError;
      if (manner === 'close') this.#channel.close(socket, code, reason, this.#plan.closeLimitMs);
      else this.#channel[manner](socket);
    });
    this.#told.announce(event);
  }

  /** A closing has taken longer than it may. */
  endClosing(watched: Watched<S>): void {
    const index = this.#plan.policy.mechanisms.findIndex(({ kind }) => kind === 'close-handshake');
    const stated = index < 0 ? undefined : index;
    const event = this.#told.eventOf(watched, 'destroyed', stated, CLOSING_TOO_LONG);
    this.#forget(watched);
    if (stated !== undefined) this.#plan.tallies.ended(stated);
    this.#hooks.run(() => {
      this.#channel.destroy(watched.socket);
    });
    this.#told.announce({ ...event, mechanism: 'close-handshake' });
  }
}

/** The healthy states, and whether one after a silence is one of them: then all that follows it follows without any silence. */
import type { SilentPeer } from './hush.ts';
import type { Product } from './product.ts';
import { Field, Flight, Hushed, PeerFlight, Phase, type State, Still } from './state.ts';
import type { Zone } from '../zone.ts';

export class WholeStates {
  readonly #product: Product;
  readonly #zones = new Map<string, Zone[]>();

  /** @param peer says what makes no difference after a silence */
  constructor(product: Product, healthy: readonly State[], peer: SilentPeer) {
    this.#product = product;
    for (const state of healthy) {
      const bare = state.copy();
      peer.strip(bare);
      const key = bare.key();
      const zones = this.#zones.get(key) ?? [];
      zones.push(bare.zone);
      this.#zones.set(key, zones);
    }
  }

  /** Whether all is as it could be without any silence. */
  contains(state: State, peer: SilentPeer): boolean {
    const { cell } = this.#product;
    const { vars } = cell;
    if (cell.field(state, Hushed.Phase) !== Phase.Over) return false;
    const { parts, kernel } = cell.setting;
    const isLeftToKernels = parts.length === 0 && kernel.keepalive === null;
    if (isLeftToKernels && cell.field(state, Hushed.GivesUp) === 0) return true;
    if (cell.field(state, Field.Still) !== Still.Runs) return false;
    if (cell.field(state, Field.Flight) !== Flight.Quiet) return false;
    if (cell.field(state, Hushed.PeerFlight) !== PeerFlight.None) return false;
    if (state.zone.has(vars.again)) return false;
    const whole = state.copy();
    cell.put(whole, Hushed.Phase, Phase.Before);
    peer.strip(whole);
    whole.zone.drop(vars.fault);
    whole.zone.drop(vars.ended);
    whole.zone.drop(vars.stamp);
    if (!whole.zone.has(vars.ack)) whole.zone.drop(vars.oldest);
    const zones = this.#zones.get(whole.key());
    return zones?.some((zone) => whole.zone.within(zone)) ?? false;
  }
}

/**
 * The life of a healthy connection: every state it can be in, over all phases, as zones that contain them.
 */
import { msToJiffies } from '../linux/jiffies.ts';
import { wheelWindow } from '../linux/wheel-window.ts';
import { Rule } from '../reaper/region.ts';
import { ANSWERS_UNDER_WAY } from './cell.ts';
import type { Product } from './product.ts';
import type { Beat } from './setting.ts';
import { explore, Reached } from './search.ts';
import { State } from './state.ts';
import { NOW, type Zone } from '../zone.ts';

export class Healthy {
  readonly #product: Product;
  /** Every state that can be reached, as zones that contain them. */
  states: readonly State[] = [];
  /** Steps that it took. */
  work = 0;
  /** Zones of one discrete state were joined. */
  isJoined = false;
  /** Each side's part of the load begins within so long. */
  #loadUs = Infinity;

  constructor(product: Product) {
    this.#product = product;
  }

  /**
   * Lives until there is nothing new.
   *
   * @param visit sees every step; false = what follows it is not explored
   * @param loadUs each side's part of the load begins within so long of the opening
   * @param keptApart zones of one discrete state that are kept apart before they are joined
   */
  live(
    mostWork: number,
    visit: (next: State, fired: number) => boolean,
    loadUs: number = Infinity,
    keptApart?: number,
  ): void {
    const product = this.#product;
    product.cell.aftermath = null;
    this.#loadUs = loadUs;
    const reached = new Reached(keptApart);
    this.work = explore(product, product.opening(loadUs), reached, {
      mostWork,
      prepare: (state) => this.forget(state),
      widen: (joined, before) => this.#widen(joined, before),
      visit,
    });
    this.states = reached.states();
    this.isJoined = reached.isJoined;
  }

  /** A state at any instant before its next event, which the variable `at` remembers; null where there is none. */
  later(state: State, at: number): State | null {
    const later = new State(state.control.slice(), state.zone.copy());
    later.zone.set(at, NOW, 0, Infinity);
    for (const v of later.zone.variables()) {
      if (!this.#product.isAwaited(later, v)) continue;
      if (!later.zone.limit(at, v, 0)) return null;
    }
    later.zone.arriveAt(at);
    return later;
  }

  /** Ages that no rule tells apart are forgotten. */
  forget(state: State): void {
    const { kernel } = this.#product.cell.setting;
    const { vars } = this.#product.cell;
    const { keepalive, tickUs } = kernel;
    if (keepalive !== null) {
      const userTimeoutJ = msToJiffies(kernel.userTimeoutMs, kernel.hz);
      const most = (Math.max(keepalive.idleJ, userTimeoutJ) + 2) * tickUs;
      state.zone.forgetBeyond(vars.heard, most);
    }
  }

  /** How far ahead a timer, and how long ago a remembered instant, can lie at most. */
  #widen(joined: Zone, before: Zone): void {
    joined.widen(before, (i, j) => this.#ahead(i) + this.#ago(j));
    // What grows older and older without a limit: no other instant may hold it back.
    for (const v of joined.variables()) {
      if (joined.most(NOW, v) === Infinity) joined.everEarlier(v);
    }
  }

  #ago(v: number): number {
    const { awaited } = this.#product.cell;
    return v === NOW || awaited[v] === 1 ? 0 : Infinity;
  }

  #ahead(v: number): number {
    const { vars, partOf, awaited } = this.#product.cell;
    const { parts, rttUs, toServerUs, ackDelayUs, kernel, writes, beats, full, behind, query } =
      this.#product.cell.setting;
    const part = partOf[v] as number;
    if (part >= 0) {
      const region = parts[part]?.region;
      if (region === undefined) return Infinity;
      const clock = v - (vars.clocks[part] as number);
      const runsUs = (region.clockUs[clock] ?? 0) + region.jitterUs;
      if (region.rules[clock] === Rule.Tick) return region.intervalUs;
      return region.rules[clock] === Rule.Rounded ? runsUs + region.intervalUs : runsUs;
    }
    if (v === NOW || awaited[v] === 0) return 0;
    if (v >= vars.pongs && v < vars.pongs + ANSWERS_UNDER_WAY)
      return rttUs + (full?.behindUs ?? behind?.takesUs ?? 0);
    if (v === vars.taken) return full?.behindUs ?? 0;
    if (v === vars.ack) return rttUs + ackDelayUs;
    if (v === vars.reply) return rttUs;
    if (v === vars.query && query !== null) return query.restUs + query.settleUs;
    if (v === vars.load) return Math.max(this.#loadUs, writes?.everyUs ?? 0);
    if (v >= vars.beats && v < vars.pongs) {
      const { everyUs, name } = beats[v - vars.beats] as Beat;
      const begins = name === 'the client’s next message' ? this.#loadUs : everyUs;
      return Math.max(everyUs, toServerUs + begins);
    }
    if (v === vars.keepalive && kernel.keepalive !== null) {
      const longestJ = Math.max(kernel.keepalive.idleJ, kernel.keepalive.intervalJ);
      return wheelWindow(longestJ, longestJ, 0, kernel.tickUs).hiUs;
    }
    return Infinity;
  }
}

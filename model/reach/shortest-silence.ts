/**
 * The shortest silence that ends the connection: one exploration, of silences that are no shorter than what is known to be survived. The states are
 * taken in the order of the least length that leads to them, so the first end that is taken is T.
 */
import { Cheapest, type Priced } from './cheapest.ts';
import type { Healthy } from './healthy.ts';
import { NOT_FOLLOWED, type SilentPeer } from './hush.ts';
import { NotModelled } from './not-modelled.ts';
import type { Product } from './product.ts';
import { OUT_OF_STEPS } from './search.ts';
import { Hushed, Phase, type State } from './state.ts';
import { NOW, type Zone } from '../zone.ts';

/** How finely an exploration tells states apart. */
export interface Grain {
  /** Zones that are kept apart in one discrete state before they are joined, and once half of the steps are done. */
  readonly apart: number;
  readonly apartInHurry: number;
  /** While the silence lasts, too, only states of about one length are joined; else all, once half of the steps are done. */
  readonly bandsSilences: boolean;
  /** Silences of about one length: nearer to each other than this share, or than so many µs. */
  readonly near: number;
  readonly nearUs: number;
  /** Retransmission timeouts that are followed one by one, of the server and of the peer; more are followed in groups. */
  readonly timeouts: number;
  readonly peerTimeouts: number;
  /** Steps that it may cost. */
  readonly mostWork: number;
}

/** What an exploration has found. */
export interface Found {
  /** Every shorter silence is survived, µs. */
  readonly us: number;
  /** The end that such a silence leads to; null where there is none, or the exploration was given up. */
  readonly end: Priced | null;
  /** Why it was given up; null = it was not. */
  readonly givenUp: string | null;
  /** States were joined: the end may be none, and longer silences survived as well. */
  readonly joined: boolean;
  readonly work: number;
}

/** While the silence lasts so many times as many zones are kept apart. */
const APART_IN_SILENCE = 4;

/** States in which a silence may begin, for each step that the answer may cost. */
const STARTS_PER_STEP = 2;

/** All that explorations of one cell share. */
export interface Ground {
  readonly product: Product;
  readonly healthy: Healthy;
  /** Healthy states in which the silence may begin. */
  readonly starts: readonly State[];
  /** Whether all is as it could be without any silence. */
  readonly isWhole: (state: State, peer: SilentPeer) => boolean;
  /** How long ago a silence was over is followed so long, µs. */
  readonly rememberUs: number;
  /** Whether an end is one of a living peer that loses something by it. */
  readonly counts: (end: string) => boolean;
}

interface Seen {
  readonly zone: Zone;
  readonly priceUs: number;
}

export class ShortestSilence {
  readonly #ground: Ground;
  readonly #peer: SilentPeer;
  readonly #grain: Grain;
  readonly #enoughUs: number;
  readonly #onlyWhether: boolean;
  readonly #seen: Seen[][] = [];
  readonly #keys = new Map<string, number>();
  readonly #waiting = new Cheapest();
  #work = 0;
  #joined = false;

  /**
   * @param enoughUs longer silences are not looked at
   * @param onlyWhether whether any shorter one ends it is all that is asked: not how short it is
   */
  constructor(
    ground: Ground,
    peer: SilentPeer,
    grain: Grain,
    enoughUs: number,
    onlyWhether = false,
  ) {
    this.#onlyWhether = onlyWhether;
    this.#ground = ground;
    this.#peer = peer;
    this.#grain = grain;
    this.#enoughUs = enoughUs;
    ground.product.cell.hush = peer;
  }

  run(): Found {
    const { product, healthy, starts: states } = this.#ground;
    const { fault } = product.cell.vars;
    let starts = 0;
    for (const state of states) {
      const later = healthy.later(state, fault);
      if (later === null) continue;
      for (const one of this.#peer.begin(later)) {
        starts += 1;
        // Kept at once, each with its zone: without a limit, gigabytes.
        if (starts > STARTS_PER_STEP * this.#grain.mostWork) {
          return this.#givenUp(`a silence that can begin in more than ${starts - 1} ways`, 0);
        }
        this.#push(one, null, NOW);
      }
    }
    return this.#cheapestEnd();
  }

  #cheapestEnd(): Found {
    const { product } = this.#ground;
    const { mostWork } = this.#grain;
    const out: { next: State; fired: number }[] = [];
    for (let node = this.#waiting.pop(); node !== undefined; node = this.#waiting.pop()) {
      const { state, priceUs } = node;
      if (priceUs >= this.#enoughUs) return this.#found(priceUs, null);
      if (state.end !== null) {
        if (!state.end.startsWith(NOT_FOLLOWED)) return this.#found(priceUs, node);
        return this.#givenUp(state.end.slice(NOT_FOLLOWED.length), priceUs);
      }
      if (this.#isSuperseded(node)) continue;
      try {
        product.successors(state, out);
      } catch (error) {
        if (!(error instanceof NotModelled)) throw error;
        return this.#givenUp(error.message, priceUs);
      }
      for (const { next, fired } of out) {
        this.#work += 1;
        if (this.#work > mostWork) return this.#givenUp(OUT_OF_STEPS, priceUs);
        this.#push(next, node, fired);
      }
    }
    return this.#found(Infinity, null);
  }

  #push(state: State, parent: Priced | null, fired: number): void {
    const { healthy, counts } = this.#ground;
    const { zone } = state;
    if (!this.#isNoLonger(state)) return;
    const priceUs = this.#priceOf(state, parent, fired);
    if (this.#onlyWhether && priceUs >= this.#enoughUs) return;
    if (state.end !== null) {
      if (counts(state.end)) this.#waiting.push({ state, key: -1, parent, fired, priceUs });
      return;
    }
    healthy.forget(state);
    this.#peer.reduce(state);
    if (this.#ground.isWhole(state, this.#peer)) return;
    this.#forgetSilence(state);
    const key = this.#keyOf(state);
    const seen = (this.#seen[key] ??= []);
    this.#work += seen.length >> 4;
    const except = this.#exceptOf(state);
    for (const one of seen) {
      if (this.#isNoDearer(one, priceUs) && zone.within(one.zone, except)) return;
    }
    this.#joinNear(seen, state, priceUs);
    seen.push({ zone, priceUs });
    this.#waiting.push({ state, key, parent, fired, priceUs });
  }

  /**
   * How long ago the silence began has no upper limit: a longer one leads wherever a shorter one leads. Where one length is asked about, it has that; false = it is longer.
   */
  #isNoLonger({ zone }: State): boolean {
    const { fault, over } = this.#ground.product.cell.vars;
    if (!zone.has(fault)) return true;
    if (this.#onlyWhether && this.#enoughUs !== Infinity && zone.has(over)) {
      return zone.limit(over, fault, this.#enoughUs);
    }
    zone.everEarlier(fault);
    return true;
  }

  /** States after silences of about one length are joined where they are many; what is cheaper is on its way already. */
  #joinNear(seen: readonly Seen[], state: State, priceUs: number): void {
    const { zone } = state;
    const { apart, apartInHurry, bandsSilences, mostWork, ...about } = this.#grain;
    const isOver = this.#ground.product.cell.field(state, Hushed.Phase) === Phase.Over;
    const hurries = this.#work > mostWork / 2;
    const most = hurries ? apartInHurry : apart;
    const banded = isOver || bandsSilences;
    if (!banded && !hurries) return;
    const nearUs = banded ? priceUs * (1 - about.near) - about.nearUs : -Infinity;
    const farUs = banded ? priceUs / (1 - about.near) + about.nearUs : Infinity;
    const isNear = (one: Seen): boolean => one.priceUs >= nearUs && one.priceUs <= farUs;
    let near = 0;
    for (const one of seen) if (isNear(one)) near += 1;
    if (near < (isOver || !banded ? most : APART_IN_SILENCE * most)) return;
    this.#joined = true;
    for (const one of seen) if (isNear(one)) zone.join(one.zone);
  }

  #keyOf(state: State): number {
    const text = state.key();
    let key = this.#keys.get(text);
    if (key === undefined) {
      key = this.#keys.size;
      this.#keys.set(text, key);
    }
    return key;
  }

  /** Whether one that contains it, and costs no more, was reached after it. */
  #isSuperseded({ key, state, priceUs }: Priced): boolean {
    const { zone } = state;
    const except = this.#exceptOf(state);
    for (const one of this.#seen[key] ?? []) {
      if (one.zone === zone || !this.#isNoDearer(one, priceUs)) continue;
      if (!zone.within(one.zone, except)) continue;
      const isCheaper = !this.#onlyWhether && one.priceUs < priceUs;
      if (isCheaper || !one.zone.within(zone, except)) return true;
    }
    return false;
  }

  /**
   * Of states that contain each other only those that cost no more count, as the price is asked for. Where all silences below one length are the same, so are all
   * prices below it: what follows the larger state costs no more than its own price and that of what follows the smaller one.
   */
  #isNoDearer(one: Seen, priceUs: number): boolean {
    return this.#onlyWhether || one.priceUs <= priceUs;
  }

  /** The instant of the silence's beginning says nothing any more, where nothing hangs on that of its end; -1 where it does. */
  #exceptOf(state: State): number {
    const { cell } = this.#ground.product;
    const isOver = cell.field(state, Hushed.Phase) === Phase.Over;
    return isOver && !this.#peer.remembersEnd ? cell.vars.fault : -1;
  }

  #priceOf({ zone }: State, parent: Priced | null, fired: number): number {
    const { fault, over, ended } = this.#ground.product.cell.vars;
    const least = parent?.priceUs ?? 0;
    const isOver = fired === over;
    const end = isOver ? NOW : zone.has(over) ? over : ended;
    return zone.has(fault) && (isOver || zone.has(end))
      ? Math.max(least, zone.least(end, fault))
      : least;
  }

  /** Long after the silence, only how long it was at least. */
  #forgetSilence({ zone }: State): void {
    const { fault, ended } = this.#ground.product.cell.vars;
    if (!zone.has(fault) || !zone.has(ended)) return;
    if (zone.least(NOW, ended) <= this.#ground.rememberUs) return;
    zone.drop(fault);
    zone.drop(ended);
  }

  #found(us: number, end: Priced | null): Found {
    return { us, end, givenUp: null, joined: this.#joined, work: this.#work };
  }

  #givenUp(why: string, us: number): Found {
    return { us, end: null, givenUp: why, joined: this.#joined, work: this.#work };
  }
}

/** How a fault strikes a connection: what is still heard, what is lost, and what is told of it. */
import { firstOf } from '../mechanisms/index.ts';
import type { FaultScenario } from '../scenario/types.ts';
import { isPage, type Strike } from './aftermath.ts';
import { fillTimesUs } from './buffers.ts';
import { ANSWERS_UNDER_WAY, silencedBy } from './cell.ts';
import type { Product } from './product.ts';
import type { Setting } from './setting.ts';
import { closingOf, type Closing } from './shut-window.ts';
import { Field, Flow, Silent, type State, Still } from './state.ts';
import { NOW } from '../zone.ts';
import type { HeardOfWrites } from './heard.ts';

const US_PER_MS = 1_000;

export class Striking {
  readonly #product: Product;
  readonly #setting: Setting;
  readonly #scenario: FaultScenario;
  readonly #strike: Strike;
  readonly #heardOfWrites: HeardOfWrites;
  /** How long a load without limit goes on behind a kernel that answers; null where there is none. */
  readonly #closing: Closing | null;
  readonly #isPage: boolean;

  constructor(product: Product, scenario: FaultScenario, strike: Strike, heard: HeardOfWrites) {
    this.#product = product;
    this.#setting = product.cell.setting;
    this.#scenario = scenario;
    this.#strike = strike;
    this.#heardOfWrites = heard;
    const { acknowledges } = strike.aftermath;
    const { full } = this.#setting;
    this.#isPage = isPage(strike);
    // Where the server itself ends it, nothing that follows is a ghost's.
    const goesOn = full !== null && acknowledges && strike.toldAfterUs === null;
    this.#closing = goesOn
      ? closingOf(this.#setting, scenario, this.#isPage, strike.swallowsBytes)
      : null;
  }

  /** The fault strikes now: what is still heard, what is lost, and what the other side says of it. */
  at(state: State, out: State[]): void {
    const product = this.#product;
    const { vars } = product.cell;
    const { zone } = state;
    const strike = this.#strike;
    product.cell.put(state, Field.Struck, 1);
    zone.set(vars.fault, NOW, 0, 0);
    zone.drop(vars.idleFlow);
    // Both sides' part of the load has begun by then.
    if (!this.#loadHasBegun(state) || !product.requests.mayStrike(state)) return;
    const { broken } = this.#scenario.server;
    if (broken?.kind === 'loop-stalled') {
      product.cell.put(state, Field.Still, Still.Stands);
      const stallUs = broken.lengthMs * US_PER_MS;
      zone.set(vars.goesOn, NOW, stallUs, stallUs);
    }
    const killedUs = this.#killedUs();
    if (killedUs !== null) zone.set(vars.killed, NOW, killedUs, killedUs);
    const { toldAfterUs, halfClosedAfterUs } = strike;
    if (halfClosedAfterUs !== null) {
      zone.set(vars.endOfFile, NOW, halfClosedAfterUs, halfClosedAfterUs);
    }
    if (toldAfterUs !== null) zone.set(vars.reset, NOW, toldAfterUs, toldAfterUs);
    const closing = this.#closing;
    if (closing !== null && this.#isPage) {
      zone.set(vars.pageFull, NOW, 0, closing.readUs);
    } else if (strike.pageFillsUs !== null) {
      zone.set(vars.pageFull, NOW, strike.pageFillsUs.lo, strike.pageFillsUs.hi);
    }
    this.#fill(state);
    product.cell.put(state, Field.Silent, strike.silences);
    // What had left the other side before it, still arrives; what had not, does not.
    let states = [state];
    const { flow } = product;
    if (!strike.answersArrive || flow !== null) {
      const lastUs = strike.answersArrive ? this.#setting.rttUs : this.#arrivesWithinUs();
      const sources = this.#sources(state);
      for (const { v, by } of sources) {
        if ((strike.silences & by) === 0) continue;
        states = states.flatMap((one) => this.#orLost(one, v, lastUs));
      }
    }
    for (const one of states) {
      const all =
        flow === null ? this.#unacknowledged(one) : flow.struck(one, strike, this.#closing);
      for (const done of all) out.push(done);
    }
  }

  /** What the server writes from now on fills its send path. */
  #fill({ zone }: State): void {
    const { messages, accepted, blocked: blocks } = this.#heardOfWrites;
    if (this.#setting.writes === null || !(messages || accepted || blocks)) return;
    const { pageFillsUs, aftermath, swallowsBytes } = this.#strike;
    const absorbs = aftermath.acknowledges ? swallowsBytes : null;
    // Behind the kernel that is followed there is more room, in the proxies: how much is not followed.
    const most = this.#setting.through === null ? 0 : Infinity;
    const { blocked, full } = fillTimesUs(
      this.#setting,
      this.#scenario,
      absorbs,
      aftermath.refusal !== 'interface',
    );
    const { vars } = this.#product.cell;
    const page = pageFillsUs ?? { lo: 0, hi: 0 };
    zone.set(vars.blocked, NOW, page.lo + blocked.lo, page.hi + blocked.hi + most);
    if (messages) zone.set(vars.full, NOW, page.lo + full.lo, page.hi + full.hi + most);
  }

  #loadHasBegun(state: State): boolean {
    const { vars } = this.#product.cell;
    const { writes, beats } = this.#setting;
    const { zone } = state;
    if (this.#product.flow?.stage(state) === Flow.NotBegun) return false;
    if (writes !== null && !zone.limit(vars.load, vars.fault, writes.everyUs)) return false;
    return beats.every(({ everyUs }, index) => zone.limit(vars.beats + index, vars.fault, everyUs));
  }

  /** SIGKILL of a server that drains. */
  #killedUs(): number | null {
    const { story } = this.#scenario;
    if (story.kind !== 'drain') return null;
    const drain = firstOf('drain', this.#setting.policy.mechanisms);
    if (drain === undefined || drain.deadlineMs === null || drain.lost !== undefined) return null;
    return (story.sigtermAfterMs + drain.deadlineMs) * US_PER_MS;
  }

  #sources(state: State): { v: number; by: number }[] {
    const { vars } = this.#product.cell;
    const { beats } = this.#setting;
    const sources: { v: number; by: number }[] = [];
    beats.forEach((beat, index) => {
      sources.push({ v: vars.beats + index, by: silencedBy(beat) });
    });
    const forApplication = this.#product.cell.field(state, Field.ForApplication);
    for (let slot = 0; slot < ANSWERS_UNDER_WAY; slot += 1) {
      const isFor = (forApplication & (1 << slot)) !== 0;
      sources.push({ v: vars.pongs + slot, by: isFor ? Silent.Application : Silent.Answers });
    }
    return sources.filter(({ v }) => state.zone.has(v));
  }

  /** What had left the other side arrives so soon; below 0: an interface that is down takes nothing in. */
  #arrivesWithinUs(toServerUs = this.#setting.toServerUs): number {
    return this.#strike.aftermath.refusal === 'interface' ? -1 : toServerUs;
  }

  /** The state in which what is to arrive at v comes before all that the fault has lost, and the one in which it never will. */
  #orLost(state: State, v: number, lastUs: number): State[] {
    const { vars } = this.#product.cell;
    const states: State[] = [];
    const lost = state.copy();
    if (state.zone.limit(v, vars.fault, lastUs)) states.push(state);
    if (lost.zone.limit(vars.fault, v, -lastUs - 1)) {
      lost.zone.drop(v);
      states.push(lost);
    }
    return states;
  }

  /** What becomes of segments that are under way at the fault. */
  #unacknowledged(state: State): State[] {
    const product = this.#product;
    const { vars } = product.cell;
    if (!state.zone.has(vars.ack) || this.#strike.aftermath.acknowledges) return [state];
    if (this.#strike.answersArrive) return [state];
    const states: State[] = [];
    const lost = state.copy();
    const withinUs = this.#arrivesWithinUs(this.#setting.ackToServerUs);
    if (state.zone.limit(vars.ack, vars.fault, withinUs)) states.push(state);
    if (lost.zone.limit(vars.fault, vars.ack, -withinUs - 1)) {
      lost.zone.drop(vars.ack);
      const { zone } = lost;
      const age = zone.most(NOW, vars.oldest);
      if (product.cell.field(lost, Field.Several) === 1) {
        // Some may have been acknowledged: how old the oldest of the others is, is only known within limits.
        zone.set(vars.oldest, NOW, -age, 0);
      }
      for (const flight of product.flights(lost, vars.oldest)) {
        if (!product.cell.followsFlight || flight.zone.limit(NOW, vars.write, 0))
          states.push(flight);
      }
    }
    return states;
  }
}

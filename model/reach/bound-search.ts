/**
 * From every healthy state, at every instant, the fault strikes; the longest path to an end is B.
 */
import { givesUpAfterMs } from '../linux/retransmit-timer.ts';
import { Column } from '../reaper/program.ts';
import type { FaultScenario } from '../scenario/types.ts';
import { Ages } from './ages.ts';
import { strikeOf, type Strike } from './aftermath.ts';
import { explain } from './explain.ts';
import { Healthy } from './healthy.ts';
import { Idle } from './idle.ts';
import { heardOfWrites, type HeardOfWrites } from './heard.ts';
import { NotModelled } from './not-modelled.ts';
import {
  endless,
  nothing,
  reaches,
  unlessUnknown,
  type Longest,
  type Reached,
  type Step,
} from './longest.ts';
import { Product } from './product.ts';
import { CutOff } from './search.ts';
import { endsNothing } from './acting.ts';
import type { Setting } from './setting.ts';
import { Field, Flight, Flow, type State } from './state.ts';
import { startOf } from './start.ts';
import { Striking } from './striking.ts';
import { endOfStack } from './through.ts';
import { Release } from './release.ts';
import { unsent } from './refusal.ts';
import { somethingUnfollowed } from './unfollowed.ts';
import type { Later, ProvedBound, ReachBound } from './types.ts';
import { NOW } from '../zone.ts';

/** Steps after the fault until which no states are joined. */
const APART_WORK = 4_000;

/** Zones of one discrete healthy state that are kept apart. */
const HEALTHY_APART = 36;

/** From then on: so many steps after the fault, states that are followed one by one; where there are more, those of one discrete state are joined. */
const MOST_AT_ONCE = 64;

/** Zones of one discrete state that are followed one by one even then. */
const APART_AT_ONCE = 3;

const US_PER_MS = 1_000;

/** What is asked of a cell. */
export interface Asked {
  readonly scenario: FaultScenario;
  readonly mostWork: number;
  readonly asksStart: boolean;
  /** A ghost that lives longer ends the search, ms. */
  readonly longestMs: number;
  /** Any bound that is no longer will do; else the least is wanted. */
  readonly settles: boolean;
}

/** A ghost lives longer than was asked. */
export class Older extends Error {}

export class BoundSearch {
  readonly #mostWork: number;
  /** Ghosts that live longer end the search, µs. */
  readonly #longestUs: number;
  readonly #settles: boolean;
  readonly #asksStart: boolean;
  readonly #setting: Setting;
  readonly #strike: Strike;
  readonly #product: Product;
  readonly #healthy: Healthy;
  readonly #striking: Striking;
  readonly #heardOfWrites: HeardOfWrites;
  readonly #release: Release;
  /** Clocks of mechanisms that ping and end nothing, where no other one hears of it. */
  readonly #onlyPinging: readonly number[];
  /** Who can do nothing any more, once a load without limit stands. */
  readonly #idle: Idle;
  /** Discrete states by number. */
  readonly #keys = new Map<string, number>();
  #work = 0;
  /** The most that was held against the steps that it may cost. */
  spent = 0;
  /** States were joined that are not the same. */
  isJoined = false;
  /** The policy's own traffic keeps the fault from happening. */
  #prevented = false;

  constructor(setting: Setting, asked: Asked) {
    const { scenario, mostWork, longestMs, settles, asksStart } = asked;
    this.#mostWork = mostWork;
    this.#longestUs = longestMs * US_PER_MS;
    this.#settles = settles;
    this.#asksStart = asksStart;
    this.#setting = setting;
    this.#strike = strikeOf(scenario, setting);
    const { fault } = scenario;
    const idleFlowUs = fault.kind === 'nat-expiry' ? fault.idleMs * US_PER_MS : null;
    const { full, rttUs } = setting;
    if (full !== null && idleFlowUs !== null && idleFlowUs <= rttUs + full.ackDelayUs) {
      throw new NotModelled('a flow that is forgotten between two acknowledgements');
    }
    if (full !== null && this.#strike.aftermath.refusal !== null) {
      throw new NotModelled('a full send path without a route');
    }
    if (full !== null && this.#strike.halfClosedAfterUs !== null) {
      throw new NotModelled('a full send path to a peer that has closed its side');
    }
    this.#product = new Product(setting, idleFlowUs);
    this.#heardOfWrites = heardOfWrites(setting);
    this.#release = new Release(this.#product.cell, scenario, this.#strike);
    this.#onlyPinging = onlyPinging(this.#product);
    this.#healthy = new Healthy(this.#product);
    this.#idle = new Idle(this.#product.cell);
    this.#striking = new Striking(this.#product, scenario, this.#strike, this.#heardOfWrites);
  }

  run(): ReachBound {
    const { toldAfterUs, aftermath, retransmits } = this.#strike;
    if (toldAfterUs === 0) return this.#byServer();
    const resets = aftermath.resets !== null;
    // Without its retransmissions the kernel never gives up: lives are as long as the process lets them be, or longer.
    const idle = resets ? null : this.#withoutKernel();
    if (this.#prevented) return { ...this.#proved(nothing()), prevented: true };
    if (idle !== null) {
      const isEnough = this.#settles && idle.us <= this.#longestUs;
      if (!retransmits || isEnough || idle.us <= this.#kernelSoonestUs()) {
        return this.#answer(idle, retransmits || idle.us !== Infinity);
      }
    }
    try {
      const followed = this.#attempt(true);
      if (this.#prevented) return { ...this.#proved(nothing()), prevented: true };
      return this.#answer(followed, true);
    } catch (error) {
      if (!(error instanceof NotModelled)) throw error;
      const coarse = idle ?? this.#attempt(false);
      if (coarse.us === Infinity) throw error;
      return this.#answer(coarse, true);
    }
  }

  /** How long ghosts live by the process alone; null where some live longer than was asked, unless the kernel ends them. */
  #withoutKernel(): Longest | null {
    try {
      return this.#attempt(false);
    } catch (error) {
      const kernelMay = this.#strike.retransmits && this.#longestUs >= this.#kernelSoonestUs();
      if (error instanceof Older && kernelMay) return null;
      throw error;
    }
  }

  /** Before this the kernel has not given up what is in flight. */
  #kernelSoonestUs(): number {
    const { kernel } = this.#setting;
    const { userTimeoutMs, retries2, rtoMaxMs } = kernel;
    const limitUs = (givesUpAfterMs(userTimeoutMs, retries2, rtoMaxMs) - 1) * US_PER_MS;
    if (this.#strike.aftermath.refusal !== 'interface') return limitUs;
    return Math.min(limitUs, unsent(kernel, retries2).end.lo);
  }

  #attempt(followsFlight: boolean): Longest {
    this.#product.cell.followsFlight = followsFlight;
    const struck = this.#struckStates();
    this.#prevented = struck.length === 0;
    return this.#longest(struck);
  }

  #answer(longest: Longest, kernelFollowed: boolean): ReachBound {
    if (longest.us !== Infinity && longest.us <= this.#strike.lastsUs) {
      return this.#proved(longest);
    }
    // What is not followed may end it, so nothing is known.
    const isEndless = longest.us === Infinity;
    if (somethingUnfollowed(this.#setting, this.#strike, kernelFollowed, isEndless)) {
      return { kind: 'not-proved', because: 'the kernel’s own end is not followed here' };
    }
    return this.#proved(endless(null));
  }

  #proved({ us, by, node, closed, released }: Longest): ProvedBound {
    return {
      kind: 'proved',
      decidedMs: us / US_PER_MS,
      by,
      prevented: false,
      closed: this.#later(closed),
      released: this.#later(released),
      path: node === null ? [] : explain(this.#product, node, us),
      work: this.#work,
      start: this.#asksStart && node !== null ? startOf(this.#product, node, us) : null,
    };
  }

  /** An instant after the decision. A limit on the queue, which is left out, may have its own way of ending a connection. */
  #later({ us, by, because }: Reached): Later {
    const { limitsQueue, writes, full } = this.#setting;
    if (limitsQueue && (writes !== null || full !== null))
      because = 'how a limit on the queue ends it is not followed';
    return because === null
      ? { kind: 'proved', ms: us / US_PER_MS, by }
      : { kind: 'not-proved', because };
  }

  /** The server itself begins the closing handshake, and with that it has decided. */
  #byServer(): ProvedBound {
    const longest = nothing();
    this.#product.cell.followsFlight = false;
    for (const state of this.#struckStates()) {
      state.end = 'the server itself';
      state.manner = 'close';
      this.#ends(longest, state, null, NOW);
    }
    return this.#proved(longest);
  }

  /** A ghost ends in this state: how late its three instants come. */
  #ends(longest: Longest, state: State, parent: Step | null, fired: number): void {
    const { by, laterUs } = endOfStack(state, this.#setting);
    const us = state.zone.most(NOW, this.#product.cell.vars.fault) + laterUs;
    if (us > longest.us || longest.node === null) {
      longest.us = us;
      longest.by = by;
      longest.node = { state, key: -1, parent, fired, depth: 0, mark: null };
    }
    const { closed, released } = longest;
    const closesAfterUs = unlessUnknown(closed, () => this.#release.closesAfterUs(state));
    if (closesAfterUs === null) {
      released.because ??= closed.because;
      return;
    }
    reaches(closed, us + closesAfterUs, by);
    const forgottenUs =
      closesAfterUs === Infinity
        ? 0
        : unlessUnknown(released, () => this.#release.forgottenAfterUs(state, closesAfterUs));
    if (forgottenUs !== null) reaches(released, us + closesAfterUs + forgottenUs, by);
  }

  /** The longest life of any ghost: step by step, all that is reached in so many steps together. */
  #longest(struck: readonly State[]): Longest {
    const product = this.#product;
    const { vars } = product.cell;
    const ages = new Ages();
    const longest = nothing();
    // Without the kernel's timers nothing hangs on when the flight began.
    const remembered = product.cell.followsFlight ? -1 : vars.oldest;
    const apartUntil = this.#work + APART_WORK;
    let layer = struck.map((state) => this.#node(state, null, NOW));
    const out: { next: State; fired: number }[] = [];
    while (layer.length > 0) {
      const following: Step[] = [];
      for (const node of this.#work < apartUntil ? apart(layer).flat() : this.#gathered(layer)) {
        const ageUs = node.state.zone.most(NOW, vars.fault);
        if (ages.hasFollowed(node.key, node.state.zone, ageUs)) continue;
        product.successors(node.state, out);
        if (out.length === 0) return endless(node);
        for (const { next, fired } of out) {
          this.#work += 1;
          this.spent = Math.max(this.spent, this.#work + ages.work);
          if (this.spent > this.#mostWork) {
            throw new CutOff();
          }
          if (next.zone.most(NOW, vars.fault) > this.#longestUs) throw new Older('one is older');
          if (next.end === null) {
            const follower = this.#node(next, node, fired);
            // While a load without limit moves, anything may come again at once; how long it moves is limited.
            const moves = product.flow?.stage(next) === Flow.Moves;
            if (!moves && goesRound(follower, vars.fault, remembered)) return endless(node);
            following.push(follower);
          } else {
            this.#ends(longest, next, node, fired);
          }
        }
      }
      layer = following;
    }
    return longest;
  }

  /** Where there are many, those of one discrete state joined into one that contains them all. */
  #gathered(layer: readonly Step[]): Step[] {
    return apart(layer).flatMap((same) => {
      const [first] = same;
      const isFew = layer.length <= MOST_AT_ONCE || same.length <= APART_AT_ONCE;
      if (first === undefined || isFew) return same;
      this.isJoined = true;
      const state = first.state.copy();
      for (const other of same) state.zone.join(other.state.zone);
      return [{ ...first, state }];
    });
  }

  /** A state, ready to be compared. */
  #node(state: State, parent: Step | null, fired: number): Step {
    this.#healthy.forget(state);
    this.#reduce(state);
    const text = state.key();
    let key = this.#keys.get(text);
    if (key === undefined) {
      key = this.#keys.size;
      this.#keys.set(text, key);
    }
    const depth = parent === null ? 0 : parent.depth + 1;
    const isMark = parent !== null && (parent.depth & (parent.depth - 1)) === 0;
    return { state, key, parent, fired, depth, mark: isMark ? parent : (parent?.mark ?? null) };
  }

  /** Timers that can change nothing any more go. */
  #reduce(state: State): void {
    const product = this.#product;
    const { vars } = product.cell;
    const { zone } = state;
    const blocked = product.cell.field(state, Field.Blocked) === 1;
    const heard = this.#heardOfWrites;
    const listened = heard.messages || (!blocked && heard.accepted) || heard.queue;
    if (!zone.has(vars.load) || !heard.messages) zone.drop(vars.full);
    if (product.flow?.stage(state) === Flow.Stands) this.#idle.reduce(state);
    const { acknowledges, oneWay } = this.#strike.aftermath;
    // Every probe is answered, or the peer's kernel may be heard: keepalive has nothing to say any more.
    if (acknowledges || oneWay !== null) this.#forgetKeepalive(state);
    if (acknowledges) {
      if (!listened && !heard.acknowledgements) zone.drop(vars.load);
      return;
    }
    const flight = product.cell.field(state, Field.Flight);
    if (flight === Flight.Quiet || zone.has(vars.ack)) return;
    // What is under way will never be acknowledged: keepalive has nothing to say any more.
    this.#forgetKeepalive(state);
    product.cell.put(state, Field.Several, 0);
    const settled =
      !product.cell.followsFlight || flight === Flight.Retransmitting || flight === Flight.Unsent;
    if (settled && !listened) zone.drop(vars.load);
    // Who only pings adds nothing to what is retransmitted, unless somebody looks at the queue, or a ping waits for the lock.
    const holdsUp = heard.queue || this.#setting.full?.locked === true;
    if (
      settled &&
      !holdsUp &&
      (product.cell.followsFlight || this.#strike.aftermath.resets === null)
    ) {
      for (const v of this.#onlyPinging) zone.drop(v);
    }
  }

  #forgetKeepalive(state: State): void {
    const { cell } = this.#product;
    const { keepalive, heard, probeAnswer } = cell.vars;
    for (const v of [keepalive, heard, probeAnswer]) state.zone.drop(v);
    cell.put(state, Field.KeepaliveWidth, 0);
    cell.put(state, Field.ProbesOut, 0);
  }

  /** Every state in which the fault can leave the connection, at its instant. */
  #struckStates(): State[] {
    const product = this.#product;
    const { vars, idleFlowUs } = product.cell;
    const forgotten: State[] = [];
    const visit = (next: State, fired: number): boolean => {
      if (idleFlowUs === null) return fired !== vars.query;
      if (fired !== vars.idleFlow) return true;
      if (next.end === null) forgotten.push(next);
      return false;
    };
    this.#healthy.live(this.#mostWork, visit, Infinity, HEALTHY_APART);
    this.isJoined ||= this.#healthy.isJoined;
    this.#work += this.#healthy.work;
    this.spent = Math.max(this.spent, this.#work);
    product.cell.aftermath = this.#strike.aftermath;
    const struck: State[] = [];
    const at =
      idleFlowUs === null
        ? this.#healthy.states.flatMap((state) => this.#healthy.later(state, vars.fault) ?? [])
        : forgotten;
    for (const state of at) this.#striking.at(state, struck);
    return struck;
  }
}

function onlyPinging({ cell: { setting, vars } }: Product): number[] {
  const { parts } = setting;
  const isHeard = parts.some(
    ({ region: { program, samples } }) =>
      program.hears[Column.PingSent] === 1 ||
      program.hears[Column.PingWritten] === 1 ||
      // A ping that waits behind what is retransmitted makes the queue longer.
      samples === 'queue',
  );
  if (isHeard) return [];
  return parts.flatMap(({ region: { program } }, part) => {
    const first = vars.clocks[part] as number;
    return endsNothing(program) ? program.clocks.map((_, clock) => first + clock) : [];
  });
}

/** The zones of each discrete state that no other one contains. */
function apart(layer: readonly Step[]): Step[][] {
  const byKey = new Map<number, Step[]>();
  for (const node of layer) {
    const { zone } = node.state;
    const same = byKey.get(node.key) ?? [];
    if (same.some((other) => zone.within(other.state.zone))) continue;
    byKey.set(node.key, [...same.filter((other) => !other.state.zone.within(zone)), node]);
  }
  return [...byKey.values()];
}

/**
 * Whether all that an earlier step of its own path could be comes back, but for how long ago the fault was, and what is only remembered: then each of
 * these has one before it, and lives of every length can be told. What it was joined with has no part in it. One earlier step is compared, whose
 * distance doubles, so that any round is met (Brent 1980).
 */
function goesRound(
  { state: { zone }, key, mark }: Step,
  fault: number,
  remembered: number,
): boolean {
  return mark !== null && mark.key === key && mark.state.zone.within(zone, fault, remembered);
}

/**
 * T by reachability: a silence begins in every healthy state, at every instant before its next event, and ends at any time; T is the least length of a
 * silence after which an end of the living connection can be reached.
 *
 * The length is a price that grows while the silence lasts (minimal-cost reachability: Larsen et al., "As Cheap as Possible", CAV 2001).
 * States are taken in the order of the least length that leads to them, so the first end that is taken is T, and what is
 * longer is never looked at. A connection that is as it could be without any silence is left alone.
 */
import type { Policy } from '../policy/types.ts';
import { orderlyEndIsHarmless } from '../scenario/orderly-end.ts';
import type { Scenario } from '../scenario/types.ts';
import { explain } from './explain.ts';
import { Healthy } from './healthy.ts';
import { heardOfWrites } from './heard.ts';
import { NOT_FOLLOWED, SilentPeer } from './hush.ts';
import { NotModelled } from './not-modelled.ts';
import { Product } from './product.ts';
import { CutOff, type Node } from './search.ts';
import { settingOf, type Setting } from './setting.ts';
import { quietOf, type Quiet } from './silence.ts';
import { Field, Flight, Hushed, PeerFlight, Phase, type State, Still } from './state.ts';
import type { ReachTolerance } from './types.ts';
import { NOW, type Zone } from './zone.ts';

/** Steps that one question may cost. */
const MOST_WORK = 20_000;

const US_PER_MS = 1_000;

/** After so many of the longest clocks, how long ago the silence was over is no longer followed. */
const ROUNDS_REMEMBERED = 4;

/**
 * T of a policy on a scenario: every shorter silence of its kind is survived, whatever the phase. A fault is taken for the silence
 * that it would be if it ended.
 *
 * @param mostWork steps that the answer may cost; one more, and nothing is proved
 * @example
 * reachTolerance(presets['sweep-and-pong-timer'], scenarios['live-outage-9s']).ms // => about 8_100: the last retransmission before 10 s
 */
export function reachTolerance(
  policy: Policy,
  scenario: Scenario,
  mostWork: number = MOST_WORK,
): ReachTolerance {
  try {
    refuse(policy, scenario);
    const stated = settingOf(policy, scenario);
    const quiet = quietOf(scenario, stated);
    const setting = isHeeded(stated, quiet) ? stated : { ...stated, writes: null };
    return new ToleranceSearch(setting, scenario, quiet, mostWork).run();
  } catch (error) {
    if (error instanceof NotModelled || error instanceof CutOff) {
      return { kind: 'not-proved', because: error.message, atLeastMs: 0 };
    }
    throw error;
  }
}

/** What the exploration of T does not speak of, beside what none does. */
function refuse({ mechanisms }: Policy, scenario: Scenario): void {
  const { path, server, story, kind } = scenario;
  if ((path.jitterMs ?? 0) > 0) throw new NotModelled('jitter on the path');
  if ((path.lossPercent ?? 0) > 0) throw new NotModelled('loss on the path');
  if (server.broken?.kind === 'loop-stalled') throw new NotModelled('an event loop that stalls');
  if (kind === 'live' && story.kind !== 'connection') {
    throw new NotModelled('a story of more than one connection');
  }
  for (const mechanism of mechanisms) {
    if (mechanism.kind !== 'handshake-deadline') continue;
    const leastMs = mechanism.timeoutMs - (mechanism.granularity?.everyMs ?? 0);
    if (leastMs <= 3 * path.rttMs) throw new NotModelled('an opening as long as its deadline');
  }
}

/** Whether it makes a difference that the server writes: to the reaper, or to what is in flight. */
function isHeeded(setting: Setting, quiet: Quiet | null): boolean {
  const fills = quiet !== null && (quiet.cut || quiet.roomBytes !== Infinity);
  return fills || setting.answersMessages || Object.values(heardOfWrites(setting)).includes(true);
}

/** A state that was reached; the least length of the silence that leads to it, µs. */
interface Priced extends Node {
  readonly priceUs: number;
}

/** Whoever is cheapest comes first: a binary heap. */
class Cheapest {
  readonly #heap: Priced[] = [];

  push(node: Priced): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(node);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above] as Priced;
      if (other.priceUs <= node.priceUs) break;
      heap[place] = other;
      place = above;
    }
    heap[place] = node;
  }

  pop(): Priced | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      const right = heap[below + 1];
      if (right !== undefined && right.priceUs < (heap[below] as Priced).priceUs) below += 1;
      const other = heap[below] as Priced;
      if (other.priceUs >= last.priceUs) break;
      heap[place] = other;
      place = below;
    }
    heap[place] = last;
    return first;
  }
}

class ToleranceSearch {
  readonly #setting: Setting;
  readonly #scenario: Scenario;
  readonly #product: Product;
  readonly #healthy: Healthy;
  readonly #peer: SilentPeer | null;
  readonly #mostWork: number;
  readonly #rememberUs: number;
  readonly #seen: { zone: Zone; priceUs: number }[][] = [];
  readonly #keys = new Map<string, number>();
  readonly #whole = new Map<string, Zone[]>();
  readonly #waiting = new Cheapest();
  #work = 0;

  constructor(setting: Setting, scenario: Scenario, quiet: Quiet | null, mostWork: number) {
    this.#setting = setting;
    this.#scenario = scenario;
    this.#mostWork = mostWork;
    this.#product = new Product(setting, null, true);
    this.#healthy = new Healthy(this.#product);
    this.#peer = quiet === null ? null : new SilentPeer(this.#product, scenario, quiet);
    this.#product.cell.hush = this.#peer;
    this.#rememberUs = ROUNDS_REMEMBERED * longestClockUs(setting);
    this.#writesHeard =
      setting.answersMessages || Object.values(heardOfWrites(setting)).includes(true);
    this.#acknowledges = quiet !== null && !quiet.cut;
  }

  readonly #acknowledges: boolean;
  readonly #writesHeard: boolean;

  run(): ReachTolerance {
    // Joined early, the healthy states are few, and more than there are: if none of them ends, the better.
    const ended = this.#liveHealthy(1) === null ? null : this.#liveHealthy();
    if (ended !== null) return this.#proved(0, ended, null);
    const peer = this.#peer;
    if (peer === null) return this.#proved(Infinity, 'nothing', null);
    this.#product.cell.aftermath = { acknowledges: this.#acknowledges, resets: null, said: 'gone' };
    const { fault } = this.#product.cell.vars;
    for (const state of this.#healthy.states) {
      const later = this.#healthy.later(state, fault);
      if (later === null) continue;
      for (const one of peer.begin(later)) this.#push(one, null, NOW);
    }
    return this.#cheapestEnd();
  }

  /** A connection that lives without any silence: what ends it; null where nothing does. */
  #liveHealthy(keptApart?: number): string | null {
    let ended: string | null = null;
    this.#whole.clear();
    this.#healthy.live(
      this.#mostWork,
      (next) => {
        if (next.end !== null && this.#counts(next.end)) ended ??= next.end;
        return ended === null;
      },
      this.#loadBeginsUs(),
      keptApart,
    );
    this.#work += this.#healthy.work;
    for (const state of this.#healthy.states) {
      const key = state.key();
      const zones = this.#whole.get(key) ?? [];
      zones.push(state.zone);
      this.#whole.set(key, zones);
    }
    return ended;
  }

  /** Each side's part of the load begins within its own period, the client's up to half of one later. */
  #loadBeginsUs(): number {
    const { load } = this.#scenario;
    return load.kind === 'periodic' ? load.everyMs * 1.5 * US_PER_MS : Infinity;
  }

  /** Whether an end is one of a living peer that loses something by it. */
  #counts(end: string): boolean {
    if (end !== 'idle' && end !== 'age') return true;
    const { mechanisms } = this.#setting.policy;
    const inOrder = mechanisms.every(
      (one) => one.kind !== end || (one.verdict ?? 'close') === 'close',
    );
    return !(this.#scenario.kind === 'live' && inOrder && orderlyEndIsHarmless(this.#scenario));
  }

  #cheapestEnd(): ReachTolerance {
    const product = this.#product;
    const out: { next: State; fired: number }[] = [];
    for (let node = this.#waiting.pop(); node !== undefined; node = this.#waiting.pop()) {
      const { state, priceUs } = node;
      if (state.end !== null) {
        if (!state.end.startsWith(NOT_FOLLOWED)) return this.#proved(priceUs, state.end, node);
        return this.#notProved(state.end.slice(NOT_FOLLOWED.length), priceUs);
      }
      if (this.#isSuperseded(node)) continue;
      try {
        product.successors(state, out);
      } catch (error) {
        if (!(error instanceof NotModelled)) throw error;
        return this.#notProved(error.message, priceUs);
      }
      for (const { next, fired } of out) {
        this.#work += 1;
        if (this.#work > this.#mostWork) {
          return this.#notProved(`more than ${this.#mostWork} steps`, priceUs);
        }
        this.#push(next, node, fired);
      }
    }
    return this.#proved(Infinity, 'nothing', null);
  }

  #push(state: State, parent: Priced | null, fired: number): void {
    const { vars } = this.#product.cell;
    const { zone } = state;
    if (zone.has(vars.fault)) zone.everEarlier(vars.fault);
    const priceUs = this.#priceOf(state, parent);
    if (state.end !== null) {
      if (this.#counts(state.end)) this.#waiting.push({ state, key: -1, parent, fired, priceUs });
      return;
    }
    this.#healthy.forget(state);
    this.#reduce(state);
    if (this.#isWhole(state)) return;
    this.#forgetSilence(state);
    const key = this.#keyOf(state);
    const zones = (this.#seen[key] ??= []);
    this.#work += zones.length >> 4;
    for (const one of zones) if (one.priceUs <= priceUs && zone.within(one.zone)) return;
    zones.push({ zone, priceUs });
    this.#waiting.push({ state, key, parent, fired, priceUs });
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
    for (const one of this.#seen[key] ?? []) {
      if (one.zone === zone) continue;
      if (one.priceUs <= priceUs && zone.within(one.zone) && !one.zone.within(zone)) return true;
    }
    return false;
  }

  #priceOf({ zone }: State, parent: Priced | null): number {
    const { fault, over, ended } = this.#product.cell.vars;
    const least = parent?.priceUs ?? 0;
    if (!zone.has(fault)) return least;
    return Math.max(least, zone.least(zone.has(over) ? over : ended, fault));
  }

  /** Timers that can change nothing any more go: what is written behind something lost waits with it. */
  #reduce(state: State): void {
    const { cell } = this.#product;
    if (this.#acknowledges || this.#writesHeard) return;
    if (cell.field(state, Hushed.Phase) !== Phase.Lasts) return;
    if (cell.field(state, Field.Flight) === Flight.Retransmitting) state.zone.drop(cell.vars.load);
  }

  /** Whether all is as it could be without any silence. */
  #isWhole(state: State): boolean {
    const { cell } = this.#product;
    const { vars } = cell;
    if (cell.field(state, Hushed.Phase) !== Phase.Over) return false;
    if (cell.field(state, Field.Still) !== Still.Runs) return false;
    if (cell.field(state, Field.Flight) !== Flight.Quiet) return false;
    if (cell.field(state, Hushed.PeerFlight) !== PeerFlight.None) return false;
    if (state.zone.has(vars.again)) return false;
    const whole = state.copy();
    cell.put(whole, Hushed.Phase, Phase.Before);
    whole.zone.drop(vars.fault);
    whole.zone.drop(vars.ended);
    whole.zone.drop(vars.stamp);
    if (!whole.zone.has(vars.ack)) whole.zone.drop(vars.oldest);
    const zones = this.#whole.get(whole.key());
    return zones?.some((zone) => whole.zone.within(zone)) ?? false;
  }

  /** Long after the silence, only how long it was at least. */
  #forgetSilence({ zone }: State): void {
    const { fault, ended } = this.#product.cell.vars;
    if (!zone.has(fault) || !zone.has(ended)) return;
    if (zone.least(NOW, ended) <= this.#rememberUs) return;
    zone.drop(fault);
    zone.drop(ended);
  }

  #notProved(because: string, priceUs: number): ReachTolerance {
    return { kind: 'not-proved', because, atLeastMs: priceUs / US_PER_MS };
  }

  #proved(us: number, by: string, node: Priced | null): ReachTolerance {
    return {
      kind: 'proved',
      ms: us / US_PER_MS,
      by,
      path: node === null ? [] : this.#story(node),
      work: this.#work,
    };
  }

  /** The shortest silence that ends the connection, from its beginning to the end. */
  #story(node: Priced): ReturnType<typeof explain> {
    const { fault, over, ended } = this.#product.cell.vars;
    const { zone } = node.state.copy();
    if (!zone.has(fault)) return [];
    zone.limit(zone.has(over) ? over : ended, fault, node.priceUs);
    return explain(this.#product, node, zone.most(NOW, fault));
  }
}

/** The longest that any clock of a cell runs, µs. */
function longestClockUs({ parts, kernel, beats, writes, rttUs }: Setting): number {
  const clocks = parts.flatMap(({ region }) => [...region.clockUs, region.intervalUs]);
  const { keepalive, tickUs } = kernel;
  return Math.max(
    20 * rttUs,
    ...clocks,
    ...beats.map(({ everyUs }) => everyUs),
    writes?.everyUs ?? 0,
    keepalive === null ? 0 : (keepalive.idleJ + keepalive.intervalJ) * tickUs,
  );
}

/**
 * T by reachability: a silence begins in every healthy state, at every instant before its next event, and ends at any time; T is the least length of a
 * silence after which an end of the living connection can be reached.
 *
 * The length is a price that grows while the silence lasts (minimal-cost reachability: Larsen et al., "As Cheap as Possible", CAV 2001).
 * States are taken in the order of the least length that leads to them, so the first end that is taken is T, and what is
 * longer is never looked at. A connection that is as it could be without any silence is left alone.
 */
import { givesUpAfterMs } from '../linux/retransmit-timer.ts';
import type { Policy } from '../policy/types.ts';
import { orderlyEndIsHarmless } from '../scenario/orderly-end.ts';
import { sysctlsOf } from '../scenario/sysctls.ts';
import type { Scenario } from '../scenario/types.ts';
import { explain } from './explain.ts';
import { Healthy } from './healthy.ts';
import { heardOfWrites } from './heard.ts';
import { NOT_FOLLOWED, SilentPeer } from './hush.ts';
import { kernelsAlone } from './kernels-alone.ts';
import { NotModelled } from './not-modelled.ts';
import { Product } from './product.ts';
import { CutOff, type Node } from './search.ts';
import { settingOf, type Setting } from './setting.ts';
import { quietOf, type Quiet } from './silence.ts';
import { startOf } from './start.ts';
import { Field, Flight, Hushed, PeerFlight, Phase, type State, Still } from './state.ts';
import type { ReachTolerance } from './types.ts';
import { NOW, type Zone } from './zone.ts';

/** Steps that one question may cost. */
const MOST_WORK = 20_000;

const US_PER_MS = 1_000;

/** States in which a silence may begin, for each step that the answer may cost. */
const STARTS_PER_STEP = 2;

/** After so many of the longest clocks, how long ago the silence was over is no longer followed. */
const ROUNDS_REMEMBERED = 4;

/**
 * T of a policy on a scenario: every shorter silence of its kind is survived, whatever the phase. A fault is taken for the silence
 * that it would be if it ended.
 *
 * @param mostWork steps that the answer may cost; one more, and nothing is proved
 * @param asksStart whether a run with the shortest silence that ends somebody is wanted
 * @example
 * // The pong timer runs 10 s from the ping; of the retransmissions, the last that comes sooner leaves after some 8 s.
 * const { kind, ms, by } = reachTolerance(presets['sweep-and-pong-timer'], scenarios['live-outage-9s']);
 * [kind, Math.round(ms / 100), by] // => ['proved', 82, 'pong-timer']
 */
export function reachTolerance(
  policy: Policy,
  scenario: Scenario,
  mostWork: number = MOST_WORK,
  asksStart = false,
): ReachTolerance {
  try {
    refuse(policy, scenario);
    const stated = settingOf(policy, scenario);
    const quiet = quietOf(scenario, stated);
    if (stated.full !== null) {
      const alone = kernelsAlone(stated, scenario, quiet);
      if (alone !== null) return alone;
      throw new NotModelled('a send path that is always full');
    }
    const setting = withoutTheUnheeded(stated, quiet);
    const search = (followsAll: boolean): ReachTolerance =>
      new ToleranceSearch(setting, scenario, quiet, mostWork, followsAll, asksStart).run();
    const short = search(false);
    const { tcp_retries2, tcp_rto_max_ms } = sysctlsOf(scenario, 'client');
    // Waits double up to a limit: the last retransmission before the peer's own kernel gives up comes later than this.
    const isLong =
      short.kind === 'proved' && short.ms > givesUpAfterMs(0, tcp_retries2, tcp_rto_max_ms) / 3;
    return isLong && quiet?.cut === true ? search(true) : short;
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
  if (path.risesToMs !== undefined) throw new NotModelled('a round trip that rises');
  if ((path.lossPercent ?? 0) > 0) throw new NotModelled('loss on the path');
  if (server.broken?.kind === 'loop-stalled') throw new NotModelled('an event loop that stalls');
  if (story.kind === 'pool') throw new NotModelled('requests of a pool');
  if (kind === 'live' && story.kind !== 'connection') {
    throw new NotModelled('a story of more than one connection');
  }
  for (const mechanism of mechanisms) {
    if (mechanism.kind !== 'handshake-deadline') continue;
    const leastMs = mechanism.timeoutMs - (mechanism.granularity?.everyMs ?? 0);
    if (leastMs <= 3 * path.rttMs) throw new NotModelled('an opening as long as its deadline');
  }
}

/**
 * Without what makes no difference. On a path that works each keepalive probe is answered; and what the server writes is acknowledged, and matters
 * only to who hears of it, or where a peer that does not read has to make room for it.
 */
function withoutTheUnheeded(setting: Setting, quiet: Quiet | null): Setting {
  if (quiet?.cut === true) return setting;
  const { kernel, rttUs } = setting;
  const isAnswered =
    kernel.keepalive === null || rttUs < (kernel.keepalive.intervalJ - 1) * kernel.tickUs;
  if (!isAnswered) throw new NotModelled('a round trip as long as the time between two probes');
  const fills = quiet !== null && quiet.roomBytes !== Infinity;
  const isHeard = setting.answersMessages || Object.values(heardOfWrites(setting)).includes(true);
  return {
    ...setting,
    kernel: { ...kernel, keepalive: null },
    writes: fills || isHeard ? setting.writes : null,
  };
}

/** Zones that are kept apart in one discrete state before they are joined, once half of the work is done. */
const KEPT_APART = 24;

/** Zones of a healthy connection that are kept apart where the joined ones seem to end it. */
const HEALTHY_APART = 64;

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
  readonly #asksStart: boolean;
  readonly #rememberUs: number;
  readonly #seen: { zone: Zone; priceUs: number }[][] = [];
  readonly #keys = new Map<string, number>();
  readonly #whole = new Map<string, Zone[]>();
  readonly #waiting = new Cheapest();
  #work = 0;
  #joined = false;

  constructor(
    setting: Setting,
    scenario: Scenario,
    quiet: Quiet | null,
    mostWork: number,
    followsAll: boolean,
    asksStart: boolean,
  ) {
    this.#asksStart = asksStart;
    this.#setting = setting;
    this.#scenario = scenario;
    this.#mostWork = mostWork;
    this.#product = new Product(setting, null, true);
    this.#healthy = new Healthy(this.#product);
    this.#peer = quiet === null ? null : new SilentPeer(this.#product, scenario, quiet, followsAll);
    this.#product.cell.hush = this.#peer;
    this.#rememberUs = ROUNDS_REMEMBERED * longestClockUs(setting);
    this.#acknowledges = quiet !== null && !quiet.cut;
  }

  readonly #acknowledges: boolean;

  run(): ReachTolerance {
    // Joined, the healthy states are fewer, and more than there are: if none of them ends, the better.
    const ended = this.#liveHealthy() === null ? null : this.#liveHealthy(HEALTHY_APART);
    if (ended !== null) return this.#proved(0, ended, null);
    const peer = this.#peer;
    if (peer === null) return this.#proved(Infinity, 'nothing', null);
    this.#product.cell.aftermath = {
      acknowledges: this.#acknowledges,
      resets: null,
      refusal: null,
      said: 'gone',
    };
    const { fault } = this.#product.cell.vars;
    let starts = 0;
    for (const state of this.#healthy.states) {
      const later = this.#healthy.later(state, fault);
      if (later === null) continue;
      for (const one of peer.begin(later)) {
        starts += 1;
        // Kept at once, each with its zone: without a limit, gigabytes.
        if (starts > STARTS_PER_STEP * this.#mostWork) {
          return this.#notProved(`a silence that can begin in more than ${starts - 1} ways`, 0);
        }
        this.#push(one, null, NOW);
      }
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
        // A probe on a path that works is answered before the next one.
        if (next.end !== null && next.end !== 'keepalive' && this.#counts(next.end)) {
          ended ??= next.end;
        }
        return ended === null;
      },
      this.#loadBeginsUs(),
      keptApart,
    );
    this.#work += this.#healthy.work;
    for (const state of this.#healthy.states) {
      const bare = state.copy();
      this.#peer?.strip(bare);
      const key = bare.key();
      const zones = this.#whole.get(key) ?? [];
      zones.push(bare.zone);
      this.#whole.set(key, zones);
    }
    return ended;
  }

  /** The load begins within its period; where both sides send, the client half of one after the server. */
  #loadBeginsUs(): number {
    const { load } = this.#scenario;
    if (load.kind !== 'periodic') return Infinity;
    return load.everyMs * US_PER_MS * (load.direction === 'both' ? 1.5 : 1);
  }

  /** Whether an end is one of a living peer that loses something by it. */
  #counts(end: string): boolean {
    if (end !== 'idle' && end !== 'age') return true;
    const { policy } = this.#setting;
    return !(this.#scenario.kind === 'live' && orderlyEndIsHarmless(this.#scenario, policy));
  }

  #cheapestEnd(): ReachTolerance {
    const product = this.#product;
    const out: { next: State; fired: number }[] = [];
    for (let node = this.#waiting.pop(); node !== undefined; node = this.#waiting.pop()) {
      const { state, priceUs } = node;
      if (state.end !== null) {
        // Among joined states are some that cannot be reached: shorter silences are survived, and perhaps longer ones.
        if (this.#joined) return this.#notProved(`more than ${this.#mostWork / 2} steps`, priceUs);
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
    this.#peer?.reduce(state);
    if (this.#isWhole(state)) return;
    this.#forgetSilence(state);
    const key = this.#keyOf(state);
    const zones = (this.#seen[key] ??= []);
    this.#work += zones.length >> 4;
    const except = this.#exceptOf(state);
    for (const one of zones) if (one.priceUs <= priceUs && zone.within(one.zone, except)) return;
    // What is cheaper is on its way already; joined, they cost what the last of them does.
    const hurries = this.#work > this.#mostWork / 2;
    if (hurries && zones.length >= KEPT_APART) {
      this.#joined = true;
      for (const one of zones) zone.join(one.zone);
    }
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
    const except = this.#exceptOf(state);
    for (const one of this.#seen[key] ?? []) {
      if (one.zone === zone || one.priceUs > priceUs || !zone.within(one.zone, except)) continue;
      if (one.priceUs < priceUs || !one.zone.within(zone, except)) return true;
    }
    return false;
  }

  /** The instant of the silence's beginning says nothing any more, where nothing hangs on that of its end; -1 where it does. */
  #exceptOf(state: State): number {
    const { cell } = this.#product;
    const isOver = cell.field(state, Hushed.Phase) === Phase.Over;
    return isOver && this.#peer?.remembersEnd === false ? cell.vars.fault : -1;
  }

  #priceOf({ zone }: State, parent: Priced | null): number {
    const { fault, over, ended } = this.#product.cell.vars;
    const least = parent?.priceUs ?? 0;
    const end = zone.has(over) ? over : ended;
    return zone.has(fault) && zone.has(end) ? Math.max(least, zone.least(end, fault)) : least;
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
    this.#peer?.strip(whole);
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
      start:
        this.#asksStart && node !== null
          ? startOf(this.#product, node, Infinity, node.priceUs)
          : null,
    };
  }

  /** The shortest silence that ends the connection, from its beginning to the end. */
  #story(node: Priced): ReturnType<typeof explain> {
    const { fault, over, ended } = this.#product.cell.vars;
    const { zone } = node.state.copy();
    const end = zone.has(over) ? over : ended;
    if (!zone.has(fault)) return [];
    if (!zone.has(end)) return explain(this.#product, node, zone.least(NOW, fault));
    zone.limit(end, fault, node.priceUs);
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

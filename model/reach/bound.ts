/**
 * B by reachability: from every healthy state, at every instant, the fault strikes; the longest path to an end is B.
 */
import { msToJiffies } from '../linux/jiffies.ts';
import { givesUpAfterMs } from '../linux/retransmit-timer.ts';
import type { Policy } from '../policy/types.ts';
import { Column, Operation } from '../reaper/program.ts';
import { Rule } from '../reaper/region.ts';
import type { FaultScenario, Scenario } from '../scenario/types.ts';
import { strikeOf, type Strike } from './aftermath.ts';
import { fillTimesUs } from './buffers.ts';
import { explain } from './explain.ts';
import { NotModelled } from './not-modelled.ts';
import { Product, silencedBy } from './product.ts';
import { CutOff, explore, Reached, type Node } from './search.ts';
import { settingOf, type Setting } from './setting.ts';
import { Field, Flight, Silent, State, Still } from './state.ts';
import type { ReachBound } from './types.ts';
import { NOW, type Zone } from './zone.ts';

/** Steps that one question may cost. */
const MOST_WORK = 50_000;

/** Zones of one discrete state at the fault that are followed one by one; more are joined into one that contains them all. */
const STRUCK_APART = 3;

const US_PER_MS = 1_000;

/**
 * The bound of a policy on a scenario's fault: the longest time to the application's decision.
 *
 * @example
 * reachBound(presets['alive-flag-sweep'], scenarios['vanish-idle']).decidedMs // => 59_975
 */
export function reachBound(policy: Policy, scenario: Scenario): ReachBound {
  if (scenario.kind !== 'fault') return { kind: 'not-proved', because: 'nobody goes' };
  try {
    const setting = settingOf(policy, scenario);
    return new BoundSearch(setting, scenario).run();
  } catch (error) {
    if (error instanceof NotModelled || error instanceof CutOff) {
      return { kind: 'not-proved', because: error.message };
    }
    throw error;
  }
}

class BoundSearch {
  readonly #setting: Setting;
  readonly #scenario: FaultScenario;
  readonly #strike: Strike;
  readonly #product: Product;
  readonly #heardOfWrites: HeardOfWrites;
  #work = 0;

  constructor(setting: Setting, scenario: FaultScenario) {
    this.#setting = setting;
    this.#scenario = scenario;
    this.#strike = strikeOf(scenario, setting);
    const { fault } = scenario;
    const idleFlowUs = fault.kind === 'nat-expiry' ? fault.idleMs * US_PER_MS : null;
    this.#product = new Product(setting, idleFlowUs);
    this.#heardOfWrites = this.#whoHearsWrites();
  }

  run(): ReachBound {
    const { toldAfterUs, aftermath, retransmits } = this.#strike;
    const product = this.#product;
    product.followsFlight = aftermath.resets !== null;
    const struck = this.#struckStates();
    if (struck.length === 0) {
      return {
        kind: 'proved',
        decidedMs: 0,
        by: 'nothing',
        prevented: true,
        path: [],
        work: this.#work,
      };
    }
    if (toldAfterUs !== null && this.#setting.parts.every(() => true) && toldAfterUs === 0) {
      return {
        kind: 'proved',
        decidedMs: 0,
        by: 'the server itself',
        prevented: false,
        path: [],
        work: this.#work,
      };
    }
    const first = this.#longest(struck);
    if (!retransmits || product.followsFlight) return this.#answer(first, retransmits);
    // The kernel cannot have been first where the process always is before the kernel's own limit.
    const { kernel } = this.#setting;
    const soonestMs = givesUpAfterMs(kernel.userTimeoutMs, kernel.retries2, kernel.rtoMaxMs);
    if (first.us <= soonestMs * US_PER_MS) return this.#answer(first, true);
    product.followsFlight = true;
    try {
      return this.#answer(this.#longest(this.#struckStates()), true);
    } catch (error) {
      if (error instanceof NotModelled && first.us !== Infinity) return this.#answer(first, true);
      throw error;
    }
  }

  #answer(longest: Longest, kernelFollowed: boolean): ReachBound {
    const { lastsUs, aftermath } = this.#strike;
    if (longest.us === Infinity) {
      // What is not followed may end it, so nothing is known.
      const limits = this.#setting.policy.mechanisms.some(
        ({ kind }) => kind === 'send-queue-limit',
      );
      if ((!kernelFollowed || limits) && this.#somethingUnfollowed()) {
        return { kind: 'not-proved', because: 'the kernel’s own end is not followed here' };
      }
      return {
        kind: 'proved',
        decidedMs: Infinity,
        by: 'nothing',
        prevented: false,
        path: [],
        work: this.#work,
      };
    }
    if (longest.us > lastsUs) {
      return {
        kind: 'proved',
        decidedMs: Infinity,
        by: 'nothing',
        prevented: false,
        path: [],
        work: this.#work,
      };
    }
    void aftermath;
    return {
      kind: 'proved',
      decidedMs: longest.us / US_PER_MS,
      by: longest.by,
      prevented: false,
      path: longest.node === null ? [] : explain(this.#product, longest.node, longest.us),
      work: this.#work,
    };
  }

  /** Whether the kernel, or a mechanism left out, could end what the exploration lets live. */
  #somethingUnfollowed(): boolean {
    const { writes, kernel, parts, policy } = this.#setting;
    const sends =
      writes !== null || parts.some(({ region }) => region.program.codes.includes(Operation.Ping));
    const { acknowledges } = this.#strike.aftermath;
    if (sends && (!acknowledges || kernel.userTimeoutMs > 0 || writes !== null)) return true;
    return writes !== null && policy.mechanisms.some(({ kind }) => kind === 'send-queue-limit');
  }

  // Healthy life.

  /** Every state in which the fault can leave the connection, at its instant. */
  #struckStates(): State[] {
    const product = this.#product;
    const { vars } = product;
    const reached = new Reached();
    const struck: State[] = [];
    const isBox = product.idleFlowUs !== null;
    product.aftermath = null;
    this.#work += explore(
      product,
      product.opening(),
      { states: MOST_WORK },
      reached,
      (state) => this.#forget(state),
      (joined, before) => this.#widen(joined, before),
      (_from, next, fired) => {
        if (!isBox || fired !== vars.idleFlow) return true;
        if (next.end === null) struck.push(next);
        return false;
      },
    );
    product.aftermath = this.#strike.aftermath;
    const out: State[] = [];
    if (isBox) {
      for (const state of struck) this.#strikeAt(state, out);
      return out;
    }
    for (const state of reached.states()) {
      // At any instant before its next event.
      const at = new State(state.control.slice(), state.zone.copy());
      at.zone.set(vars.fault, NOW, 0, Infinity);
      let possible = true;
      for (let v = 1; v < at.zone.size && possible; v += 1) {
        if (at.zone.has(v) && product.isAwaited(at, v)) possible = at.zone.limit(vars.fault, v, 0);
      }
      if (!possible) continue;
      at.zone.arriveAt(vars.fault);
      this.#strikeAt(at, out);
    }
    return out;
  }

  /** Ages that no rule tells apart are forgotten. */
  #forget(state: State): void {
    const { kernel } = this.#setting;
    const { vars } = this.#product;
    const { keepalive, tickUs } = kernel;
    if (keepalive !== null) {
      const userTimeoutJ = msToJiffies(kernel.userTimeoutMs, kernel.hz);
      const most = (Math.max(keepalive.idleJ, userTimeoutJ) + 2) * tickUs;
      state.zone.forgetBeyond(vars.heard, most);
    }
  }

  /** How far ahead a timer, and how long ago a remembered instant, can lie at most. */
  #widen(joined: Zone, before: Zone): void {
    const { size, live, bounds } = joined;
    for (let i = 0; i < size; i += 1) {
      if (live[i] === 0) continue;
      for (let j = 0; j < size; j += 1) {
        if (live[j] === 0 || i === j) continue;
        const at = i * size + j;
        if ((bounds[at] as number) <= (before.bounds[at] as number)) continue;
        bounds[at] = Math.max(bounds[at] as number, this.#ahead(i) + this.#ago(j));
      }
    }
    joined.close();
  }

  #ago(v: number): number {
    const { awaited } = this.#product;
    return v === NOW || awaited[v] === 1 ? 0 : Infinity;
  }

  #ahead(v: number): number {
    const { vars, partOf, awaited } = this.#product;
    const { parts, rttUs, ackDelayUs, kernel } = this.#setting;
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
    if (v >= vars.pongs && v < vars.pongs + 4) return rttUs;
    if (v === vars.ack) return rttUs + ackDelayUs;
    if (v === vars.keepalive && kernel.keepalive !== null) {
      return (
        1.15 * Math.max(kernel.keepalive.idleJ, kernel.keepalive.intervalJ) * kernel.tickUs +
        100 * kernel.tickUs
      );
    }
    return Infinity;
  }

  // The fault.

  /** The fault strikes now: what is still heard, what is lost, and what the other side says of it. */
  #strikeAt(state: State, out: State[]): void {
    const product = this.#product;
    const { vars } = product;
    const { zone } = state;
    const { strike, setting } = { strike: this.#strike, setting: this.#setting };
    product.put(state, Field.Struck, 1);
    zone.set(vars.fault, NOW, 0, 0);
    zone.drop(vars.idleFlow);
    // Both sides' part of the load has begun by then.
    if (!this.#loadHasBegun(state)) return;
    const { broken } = this.#scenario.server;
    if (broken?.kind === 'loop-stalled') {
      product.put(state, Field.Still, Still.Stands);
      const stallUs = broken.lengthMs * US_PER_MS;
      zone.set(vars.goesOn, NOW, stallUs, stallUs);
    }
    const killedUs = this.#killedUs();
    if (killedUs !== null) zone.set(vars.killed, NOW, killedUs, killedUs);
    if (strike.toldAfterUs !== null)
      zone.set(vars.reset, NOW, strike.toldAfterUs, strike.toldAfterUs);
    if (strike.pageFillsUs !== null) {
      zone.set(vars.pageFull, NOW, strike.pageFillsUs.lo, strike.pageFillsUs.hi);
    }
    this.#fill(state);
    product.put(state, Field.Silent, strike.silences);
    // What had left the other side before it, still arrives; what had not, does not.
    let states = [state];
    if (!strike.answersArrive) {
      const sources = this.#sources(state);
      for (const { v, by } of sources) {
        if ((strike.silences & by) === 0) continue;
        states = states.flatMap((one) => this.#orLost(one, v));
      }
    }
    for (const one of states) {
      for (const done of this.#unacknowledged(one)) out.push(done);
    }
    void setting;
  }

  /** What the server writes from now on fills its send path. */
  #fill({ zone }: State): void {
    const { messages, accepted, blocked: blocks } = this.#heardOfWrites;
    if (this.#setting.writes === null || !(messages || accepted || blocks)) return;
    const { pageFillsUs, aftermath, swallowsBytes } = this.#strike;
    const absorbs = aftermath.acknowledges ? swallowsBytes : null;
    const { blocked, full } = fillTimesUs(this.#setting, this.#scenario, absorbs);
    const { vars } = this.#product;
    const page = pageFillsUs ?? { lo: 0, hi: 0 };
    zone.set(vars.blocked, NOW, page.lo + blocked.lo, page.hi + blocked.hi);
    if (messages) zone.set(vars.full, NOW, page.lo + full.lo, page.hi + full.hi);
  }

  #loadHasBegun({ zone }: State): boolean {
    const { vars } = this.#product;
    const { writes, beats } = this.#setting;
    if (writes !== null && !zone.limit(vars.load, vars.fault, writes.everyUs)) return false;
    return beats.every(({ everyUs }, index) => zone.limit(vars.beats + index, vars.fault, everyUs));
  }

  /** SIGKILL of a server that drains. */
  #killedUs(): number | null {
    const { story } = this.#scenario;
    if (story.kind !== 'drain') return null;
    const drain = this.#setting.policy.mechanisms.find((mechanism) => mechanism.kind === 'drain');
    if (drain === undefined || drain.deadlineMs === null || drain.lost !== undefined) return null;
    return (story.sigtermAfterMs + drain.deadlineMs) * US_PER_MS;
  }

  #sources(state: State): { v: number; by: number }[] {
    const { vars } = this.#product;
    const { beats } = this.#setting;
    const sources: { v: number; by: number }[] = [];
    beats.forEach((beat, index) => {
      sources.push({ v: vars.beats + index, by: silencedBy(beat) });
    });
    const forApplication = this.#product.field(state, Field.ForApplication);
    for (let slot = 0; slot < 4; slot += 1) {
      const isFor = (forApplication & (1 << slot)) !== 0;
      sources.push({ v: vars.pongs + slot, by: isFor ? Silent.Application : Silent.Answers });
    }
    return sources.filter(({ v }) => state.zone.has(v));
  }

  /** The state in which what is to arrive at v had left before the fault, and the one in which it never will. */
  #orLost(state: State, v: number): State[] {
    const { vars } = this.#product;
    const { toServerUs } = this.#setting;
    const states: State[] = [];
    const lost = state.copy();
    if (state.zone.limit(v, vars.fault, toServerUs)) states.push(state);
    if (lost.zone.limit(vars.fault, v, -toServerUs - 1)) {
      lost.zone.drop(v);
      states.push(lost);
    }
    return states;
  }

  /** What becomes of segments that are under way at the fault. */
  #unacknowledged(state: State): State[] {
    const product = this.#product;
    const { vars } = product;
    if (!state.zone.has(vars.ack) || this.#strike.aftermath.acknowledges) return [state];
    if (this.#strike.answersArrive) return [state];
    const states: State[] = [];
    const lost = state.copy();
    if (state.zone.limit(vars.ack, vars.fault, this.#setting.toServerUs)) states.push(state);
    if (lost.zone.limit(vars.fault, vars.ack, -this.#setting.toServerUs - 1)) {
      lost.zone.drop(vars.ack);
      const { zone } = lost;
      const age = zone.most(NOW, vars.oldest);
      if (product.field(lost, Field.Several) === 1) {
        // Some may have been acknowledged: how old the oldest of the others is, is only known within limits.
        zone.set(vars.oldest, NOW, -age, 0);
      }
      for (const flight of product.flights(lost, vars.oldest)) {
        if (!product.followsFlight || flight.zone.limit(NOW, vars.write, 0)) states.push(flight);
      }
    }
    return states;
  }

  // The ghost.

  /** The longest life of any ghost. */
  #longest(struck: readonly State[]): Longest {
    const product = this.#product;
    const { vars } = product;
    const seen = new Map<string, Zone[]>();
    const todo: Node[] = [];
    let longest: Longest = { us: 0, by: 'nothing', node: null };
    const push = (state: State, parent: Node | null, fired: number): boolean => {
      this.#forget(state);
      this.#reduce(state);
      const key = state.key();
      let zones = seen.get(key);
      if (zones === undefined) {
        zones = [];
        seen.set(key, zones);
      }
      this.#work += zones.length >> 4;
      for (const zone of zones) if (state.zone.within(zone)) return true;
      if (goesRound(state, key, parent, vars.fault)) return false;
      zones.push(state.zone);
      todo.push({ state, key, parent, fired });
      return true;
    };
    for (const state of gathered(struck)) {
      if (!push(state, null, NOW)) return { us: Infinity, by: 'nothing', node: null };
    }
    const out: { next: State; fired: number }[] = [];
    let node = todo.pop();
    while (node !== undefined) {
      product.successors(node.state, out);
      if (out.length === 0) return { us: Infinity, by: 'nothing', node };
      for (const { next, fired } of out) {
        this.#work += 1;
        if (this.#work > MOST_WORK) throw new CutOff(`more than ${MOST_WORK} steps`);
        if (next.end === null) {
          if (!push(next, node, fired)) return { us: Infinity, by: 'nothing', node };
          continue;
        }
        const us = next.zone.most(NOW, vars.fault);
        if (us > longest.us) {
          longest = { us, by: next.end, node: { state: next, key: '', parent: node, fired } };
        }
      }
      node = todo.pop();
    }
    return longest;
  }

  /** Timers that can change nothing any more go. */
  #reduce(state: State): void {
    const product = this.#product;
    const { vars } = product;
    const { zone } = state;
    const blocked = product.field(state, Field.Blocked) === 1;
    const heard = this.#heardOfWrites;
    const listened = heard.messages || (!blocked && heard.accepted) || heard.queue;
    if (!zone.has(vars.load) || !heard.messages) zone.drop(vars.full);
    if (this.#strike.aftermath.acknowledges) {
      const matters = listened || heard.acknowledgements || this.#setting.kernel.keepalive !== null;
      if (!matters) zone.drop(vars.load);
      return;
    }
    const flight = product.field(state, Field.Flight);
    if (flight === Flight.Quiet || zone.has(vars.ack)) return;
    // What is under way will never be acknowledged: keepalive has nothing to say any more.
    zone.drop(vars.keepalive);
    zone.drop(vars.heard);
    const settled = !product.followsFlight || flight === Flight.Retransmitting;
    if (!product.followsFlight) zone.drop(vars.oldest);
    if (settled && !listened) zone.drop(vars.load);
  }

  /** What of the server's writes anybody in the process cares about. */
  #whoHearsWrites(): HeardOfWrites {
    const { parts } = this.#setting;
    const hears = (column: number): boolean =>
      parts.some(({ region }) => region.program.hears[column] === 1);
    return {
      messages: hears(Column.MessageSent),
      accepted: hears(Column.SendAccepted),
      blocked: hears(Column.SendBlocked) || hears(Column.PingWritten),
      queue: parts.some(({ region }) => region.samples === 'queue'),
      acknowledgements: parts.some(({ region }) => region.samples === 'bytes-acked'),
    };
  }
}

interface HeardOfWrites {
  /** That there was one. */
  readonly messages: boolean;
  /** That the kernel took it. */
  readonly accepted: boolean;
  /** That it did not, or whether it took a ping. */
  readonly blocked: boolean;
  /** The queue's length; that bytes were acknowledged. */
  readonly queue: boolean;
  readonly acknowledgements: boolean;
}

interface Longest {
  readonly us: number;
  readonly by: string;
  readonly node: Node | null;
}

/** The states at the fault, those that are much alike joined. */
function gathered(struck: readonly State[]): State[] {
  const byKey = new Map<string, State[]>();
  for (const state of struck) {
    const key = state.key();
    const same = byKey.get(key) ?? [];
    byKey.set(key, same);
    if (same.some(({ zone }) => state.zone.within(zone))) continue;
    same.push(state);
  }
  return [...byKey.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined || same.length <= STRUCK_APART) return same;
    const joined = first.copy();
    for (const { zone } of same) joined.zone.join(zone);
    return [joined];
  });
}

/** Whether the state is one that its own path has been in before, but for the time since the fault. */
function goesRound(state: State, key: string, parent: Node | null, fault: number): boolean {
  for (let node = parent; node !== null; node = node.parent) {
    if (node.key !== key) continue;
    const before = node.state.zone;
    if (state.zone.within(before, fault) && before.within(state.zone, fault)) return true;
  }
  return false;
}

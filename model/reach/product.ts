/**
 * The product that is explored: the compiled reaper × the kernel's timers × path × peer × load, all phases at once.
 *
 * A step carries out one expiry. Whatever a step leaves undecided, because it hangs on where in a zone the system stands, splits the
 * state; what it can only say within limits becomes an interval. Both make the reachable states more than there are,
 * never fewer: what cannot be reached here cannot happen.
 */
import { assert } from '../assert.ts';
import { Column, FIRST_CLOCK_COLUMN } from '../reaper/program.ts';
import { LifeBit } from '../reaper/types.ts';
import { receivedColumn } from './acting.ts';
import { ANSWERS_UNDER_WAY, Cell, silencedBy } from './cell.ts';
import { Kernel } from './kernel.ts';
import { NotModelled } from './not-modelled.ts';
import { Reaper } from './reaper.ts';
import { Requests } from './requests.ts';
import { ACKNOWLEDGEMENT, type Part, type Setting } from './setting.ts';
import { SendFlow } from './send-flow.ts';
import { Field, Flow, Silent, State, Still } from './state.ts';
import { Traffic } from './traffic.ts';
import { NOW, Zone } from '../zone.ts';

export class Product {
  readonly cell: Cell;
  /** A load without limit; null where there is none. */
  readonly flow: SendFlow | null = null;
  readonly #kernel: Kernel;
  readonly #traffic: Traffic;
  readonly #reaper: Reaper;
  readonly requests: Requests;

  /** @param hushed a living peer falls silent in it */
  constructor(setting: Setting, idleFlowUs: number | null, hushed = false) {
    this.cell = new Cell(setting, idleFlowUs, hushed);
    this.#kernel = new Kernel(this.cell);
    this.#traffic = new Traffic(this.cell, this.#kernel);
    this.#reaper = new Reaper(this.cell, this.#kernel, this.#traffic);
    this.requests = new Requests(this.cell, this.#reaper, this.#traffic, (batch, state) =>
      this.hear(batch, state, ACKNOWLEDGEMENT),
    );
    const { full } = setting;
    if (full === null) return;
    this.flow = new SendFlow(this.cell, this.#kernel, full, {
      step: (batch, column, threads) => this.#reaper.stepAll(batch, column, threads),
      hear: (batch, state, bits) => this.hear(batch, state, bits),
      answer: (state, forApplication, behindUs) => {
        const within = { lo: setting.rttUs, hi: setting.rttUs + behindUs };
        this.#traffic.answerIn(state, forApplication, false, within);
      },
    });
    this.cell.flow = this.flow;
  }

  /** See {@link Kernel.flights}. */
  flights(state: State, base: number): State[] {
    return this.#kernel.flights(state, base);
  }

  get kernel(): Kernel {
    return this.#kernel;
  }

  get traffic(): Traffic {
    return this.#traffic;
  }

  /** Every state at the opening of the connection. @param loadUs each side's part of the load begins within so long */
  opening(loadUs: number): State[] {
    const { parts, kernel, writes, beats, toServerUs, through } = this.cell.setting;
    const control = new Int32Array(parts.length + this.cell.fieldCount);
    parts.forEach(({ region }, part) => {
      control[part] = region.program.initial;
    });
    const state = new State(control, new Zone(this.cell.names.length));
    this.cell.put(state, Field.RtoLo, kernel.rto.lo);
    this.cell.put(state, Field.RtoHi, kernel.rto.hi);
    if (kernel.keepalive !== null) {
      state.zone.set(this.cell.vars.heard, NOW, 0, 0);
      this.#kernel.armKeepalive(state, kernel.keepalive.idleJ, kernel.keepalive.idleJ, 0);
    }
    // When the application begins is its own affair.
    if (writes !== null || this.flow !== null) state.armFromNow(this.cell.vars.load, 0, loadUs);
    beats.forEach(({ everyUs, name }, index) => {
      const begins = toServerUs + (name === 'the client’s next message' ? loadUs : everyUs);
      // Behind proxies, what the client says before the server's side is open arrives with that.
      state.armFromNow(this.cell.vars.beats + index, through === null ? toServerUs : 0, begins);
    });
    this.requests.opened(state);
    // The last packet of TCP's handshake has just come by.
    this.cell.packets(state, -toServerUs);
    const batch = [state];
    for (const part of this.cell.turns) {
      const { region } = parts[part] as Part;
      const onTick = !region.sharedGrid && region.firstTickClock < 0;
      for (const one of batch.slice()) {
        if (one.end === null)
          this.#reaper.perform(one, part, region.program.initialStart, onTick, false);
      }
    }
    this.#reaper.settle(batch);
    return batch;
  }

  /** Every state that can follow: each timer that can be the first to go off, going off. */
  successors(state: State, out: { next: State; fired: number }[]): void {
    out.length = 0;
    const used = state.zone.variables();
    if (this.cell.field(state, Field.Still) === Still.GoesOn) {
      for (const v of used) if (this.#mayBeOverdue(v)) this.#overdue(state, v, out);
      this.#caughtUp(state, out);
      return;
    }
    for (const v of used) {
      if (!this.isAwaited(state, v)) continue;
      const next = this.#first(state, v);
      if (next === null) continue;
      next.zone.arriveAt(v);
      const batch = [next];
      this.#fire(batch, v, false);
      for (const one of batch) out.push({ next: one, fired: v });
    }
  }

  /** Whether v is a timer that runs and is waited for. */
  isAwaited(state: State, v: number): boolean {
    if (this.cell.awaited[v] === 0) return false;
    const still = this.cell.field(state, Field.Still);
    const part = this.cell.partOf[v] as number;
    if (still === Still.Waits) return part < 0 || this.cell.setting.parts[part]?.thread !== 'loop';
    if (still !== Still.Stands) return true;
    if (part >= 0) return this.#isOutside(part);
    return v !== this.cell.vars.load || this.cell.hush?.loadRunsOn === true;
  }

  /** The part of the zone in which v goes off before all others, at its own time. */
  #first(state: State, v: number): State | null {
    const { zone } = state;
    const used = zone.variables();
    for (const u of used) {
      if (u === v || this.cell.awaited[u] === 0) continue;
      if (zone.least(v, u) > 0 && this.isAwaited(state, u)) return null;
    }
    const next = new State(state.control.slice(), zone.copy());
    if (!next.zone.limit(NOW, v, 0)) return null;
    for (const u of used) {
      if (u === v || !this.isAwaited(state, u)) continue;
      if (!next.zone.limit(v, u, this.#precedes(u, v) ? -1 : 0)) return null;
    }
    return next;
  }

  /** Clocks of one engine that are due at one instant run out in its order. */
  #precedes(u: number, v: number): boolean {
    const mine = this.cell.partOf[v] as number;
    const other = this.cell.partOf[u] as number;
    if (mine < 0 || other < 0) return false;
    const { turns, setting } = this.cell;
    const isFirst = mine === other ? u < v : turns.indexOf(other) < turns.indexOf(mine);
    return isFirst && setting.parts[mine]?.thread === setting.parts[other]?.thread;
  }

  /** A clock of a process that has just gone on, found overdue. Reaper and load are found by loops of their own, in any order. */
  #overdue(state: State, v: number, out: { next: State; fired: number }[]): void {
    const { load } = this.cell.vars;
    const next = new State(state.control.slice(), state.zone.copy());
    const { zone } = next;
    if (!zone.limit(v, NOW, 0)) return;
    for (const u of zone.variables()) {
      if (u === v || !this.#mayBeOverdue(u)) continue;
      if ((u === load) !== (v === load)) continue;
      if (!zone.limit(v, u, this.#precedes(u, v) ? -1 : 0)) return;
    }
    zone.drop(v);
    const batch = [next];
    this.#fire(batch, v, true);
    for (const one of batch) out.push({ next: one, fired: v });
  }

  /** Whether it runs outside the process. */
  #isOutside(part: number): boolean {
    const thread = this.cell.setting.parts[part]?.thread;
    return thread === 'watchdog' || thread === 'beyond';
  }

  /** Whether v is a timer of what stands still with the process. */
  #mayBeOverdue(v: number): boolean {
    if (this.cell.awaited[v] === 0) return false;
    const part = this.cell.partOf[v] as number;
    return part >= 0
      ? !this.#isOutside(part)
      : v === this.cell.vars.load && this.cell.hush?.loadRunsOn !== true;
  }

  /** Nothing is overdue any more: what came meanwhile is read, and the process runs. */
  #caughtUp(state: State, out: { next: State; fired: number }[]): void {
    const next = new State(state.control.slice(), state.zone.copy());
    for (const u of next.zone.variables()) {
      if (!this.#mayBeOverdue(u)) continue;
      if (!next.zone.limit(NOW, u, -1)) return;
    }
    const bits = this.cell.field(next, Field.Unread);
    this.cell.put(next, Field.Unread, 0);
    this.cell.put(next, Field.Still, Still.Runs);
    const batch = [next];
    if (bits !== 0) this.#read(batch, bits);
    this.#reaper.settle(batch);
    for (const one of batch) {
      if (one.end === null && this.cell.field(one, Field.Failed) === 1) {
        one.end = 'the kernel';
        one.manner = this.cell.aftermath?.said ?? 'gone';
      }
      out.push({ next: one, fired: NOW });
    }
  }

  #fire(batch: State[], v: number, late: boolean): void {
    const part = this.cell.partOf[v] as number;
    const { vars, setting } = this.cell;
    const [state] = batch;
    assert(state !== undefined, 'a step has a state');
    if (part >= 0) {
      const clock = v - (vars.clocks[part] as number);
      this.#reaper.step(batch, part, FIRST_CLOCK_COLUMN + clock, true, late);
    } else if (this.#othersFire(batch, state, v)) {
      // Carried out.
    } else if (v >= vars.beats && v < vars.pongs) {
      this.#beat(batch, state, v - vars.beats);
    } else if (v >= vars.pongs && v < vars.pongs + ANSWERS_UNDER_WAY) {
      this.#answer(batch, state, v - vars.pongs);
    } else {
      switch (v) {
        case vars.load:
          if (this.flow !== null) {
            this.flow.begins(batch, state);
            break;
          }
          state.armFromNow(vars.load, setting.writes?.everyUs ?? 0, setting.writes?.everyUs ?? 0);
          this.#writeMessage(batch);
          break;
        case vars.ack:
          this.#traffic.acknowledged(state);
          break;
        case vars.write:
          this.#kernel.writeTimer(batch, state);
          break;
        case vars.keepalive:
          this.#kernel.keepaliveTimer(batch, state);
          break;
        case vars.probeAnswer:
          this.cell.put(state, Field.ProbesOut, 0);
          state.zone.set(vars.heard, NOW, 0, 0);
          break;
        case vars.reset:
          this.cell.over(state, 'reset by the other side');
          state.manner = this.cell.aftermath?.said ?? 'gone';
          break;
        case vars.endOfFile:
          this.cell.put(state, Field.HalfClosed, 1);
          break;
        case vars.killed:
          state.end = 'SIGKILL at the drain deadline';
          state.manner = 'destroy';
          break;
        case vars.mute:
          setting.beats.forEach((_, index) => state.zone.drop(vars.beats + index));
          break;
        case vars.goesOn:
          this.cell.put(state, Field.Still, Still.GoesOn);
          break;
        case vars.pageFull:
          this.cell.put(state, Field.Silent, this.cell.field(state, Field.Silent) | Silent.Answers);
          break;
        case vars.blocked:
          this.cell.put(state, Field.Blocked, 1);
          this.#reaper.stepAll(batch, Column.SendBlocked, ['loop', 'write']);
          break;
        case vars.full:
          state.zone.drop(vars.load);
          break;
        default:
          assert(v === vars.idleFlow, 'every timer has a step');
      }
    }
    this.#reaper.settle(batch);
  }

  /** Whether it is a timer of a load without limit, of a silence or of a pool's requests; then it is carried out. */
  #othersFire(batch: State[], state: State, v: number): boolean {
    const { flow, hush } = this.cell;
    if (flow?.fires(batch, state, v) === true || hush?.fires(batch, state, v) === true) return true;
    return this.requests.fires(batch, state, v);
  }

  /** An answer has arrived. */
  #answer(batch: State[], state: State, slot: number): void {
    const bit = 1 << slot;
    const acknowledgements = this.cell.field(state, Field.Acknowledgements);
    const forApplication = this.cell.field(state, Field.ForApplication);
    this.cell.put(state, Field.Acknowledgements, acknowledgements & ~bit);
    this.cell.put(state, Field.ForApplication, forApplication & ~bit);
    const acknowledges = (acknowledgements & bit) !== 0;
    this.hear(batch, state, acknowledges ? ACKNOWLEDGEMENT : LifeBit.AnyByte | LifeBit.Pong);
  }

  #writeMessage(batch: State[]): void {
    for (const state of batch) {
      if (this.cell.field(state, Field.Blocked) === 0) this.#traffic.message(state);
      else this.cell.put(state, Field.Written, this.cell.lookers());
    }
    this.#reaper.stepAll(batch, Column.MessageSent, ['loop', 'write', 'watchdog']);
    for (const state of batch.slice()) {
      if (state.end !== null || this.cell.field(state, Field.Blocked) === 1) continue;
      const one = [state];
      this.#reaper.stepAll(one, Column.SendAccepted, ['loop', 'write', 'beyond']);
      batch.push(...one.slice(1));
    }
  }

  #beat(batch: State[], state: State, index: number): void {
    const beat = this.cell.setting.beats[index];
    assert(beat !== undefined, 'a heartbeat of the peer');
    const v = this.cell.vars.beats + index;
    state.armFromNow(v, beat.everyUs, beat.everyUs);
    // What its source had sent before it fell silent is the last that arrives.
    const within = this.cell.aftermath?.oneWay ?? null;
    if (within !== null && !state.zone.has(this.cell.vars.mute)) {
      state.armFromNow(this.cell.vars.mute, 0, within.mutesWithinUs);
    }
    const isSilent =
      within === null && (this.cell.field(state, Field.Silent) & silencedBy(beat)) !== 0;
    const arrives =
      isSilent && state.zone.least(v, this.cell.vars.fault) <= this.cell.setting.toServerUs;
    if (isSilent && !arrives) state.zone.drop(v);
    else if (isSilent) throw new NotModelled('a peer that speaks more often than a packet takes');
    this.hear(batch, state, beat.bits);
  }

  /** Bytes of the peer arrive, and are read by a process that runs. */
  hear(batch: State[], state: State, bits: number): void {
    const { kernel } = this.cell.setting;
    const hasRoom = this.cell.field(state, Field.Flow) === Flow.NotBegun;
    // A proxy's kernel has heard it before the server does.
    const beforeUs = this.cell.setting.through?.beyondUs ?? 0;
    if (kernel.keepalive !== null && hasRoom)
      state.zone.set(this.cell.vars.heard, NOW, -beforeUs, 0);
    this.cell.put(state, Field.ProbesOut, 0);
    this.cell.hush?.heard(state, bits);
    if (this.cell.setting.through !== null) this.#tellParts(batch, bits, true);
    const still = this.cell.field(state, Field.Still);
    if (still !== Still.Runs && still !== Still.Waits) {
      this.cell.put(state, Field.Unread, this.cell.field(state, Field.Unread) | bits);
      return;
    }
    this.cell.packets(state, 0);
    this.#read(batch, bits);
  }

  /** @param beyond proxies hear it, else the process does */
  #tellParts(batch: State[], bits: number, beyond: boolean): void {
    for (const part of this.cell.turns) {
      const { region, thread, hearsAnswers } = this.cell.setting.parts[part] as Part;
      const atArrival = thread === 'beyond' && hearsAnswers !== true;
      if (thread === 'write' || atArrival !== beyond) continue;
      this.#reaper.step(batch, part, receivedColumn(region, bits), false, false);
    }
  }

  #read(batch: State[], bits: number): void {
    this.#tellParts(batch, bits, false);
    // The peer's ping is answered (RFC 6455 §5.5.2).
    if ((bits & LifeBit.Ping) === 0) return;
    for (const state of batch) {
      if (state.end === null) this.#traffic.transmit(state, this.cell.setting.ackDelayUs);
    }
  }
}

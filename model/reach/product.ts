/**
 * The product that is explored: the compiled reaper × the kernel's timers × path × peer × load, all phases at once.
 *
 * A step carries out one expiry. Whatever a step leaves undecided, because it hangs on where in a zone the system stands, splits the
 * state; what it can only say within limits becomes an interval. Both make the reachable states more than there are,
 * never fewer: what cannot be reached here cannot happen.
 */
import { assert } from '../assert.ts';
import { NO_EDGE } from '../compile/table.ts';
import { deadSilenceJ } from '../linux/keepalive-timer.ts';
import { backedOffJ, givesUpAfterMs } from '../linux/retransmit-timer.ts';
import { wheelWindow, type WheelWindow } from '../linux/wheel-window.ts';
import { clockOf, Column, FIRST_CLOCK_COLUMN, Operation, operationOf } from '../reaper/program.ts';
import { Rule } from '../reaper/region.ts';
import { LifeBit } from '../reaper/types.ts';
import { NotModelled } from './not-modelled.ts';
import type { Beat, Part, Setting } from './setting.ts';
import { Field, Flight, Silent, State, Still } from './state.ts';
import { NOW, Zone } from './zone.ts';

/** Retransmission timeouts that are followed one by one; more are followed in groups. */
const MOST_TIMEOUTS = 24;

/** Pings that may be under way at once. */
const PINGS_UNDER_WAY = 4;

/** What the exploration needs to know of a fault while it steps; filled in by whoever makes it strike. */
export interface Aftermath {
  /** What arrives at the client's host is acknowledged, and probes are answered. */
  readonly acknowledges: boolean;
  /** A packet that the server sends so long after the fault is answered with a reset, which arrives so much later. */
  readonly resets: { readonly fromUs: number; readonly afterUs: number } | null;
}

export interface Variables {
  readonly fault: number;
  readonly heard: number;
  readonly oldest: number;
  readonly stamp: number;
  readonly write: number;
  readonly keepalive: number;
  readonly probeAnswer: number;
  readonly ack: number;
  readonly load: number;
  readonly beats: number;
  readonly pongs: number;
  readonly reset: number;
  readonly idleFlow: number;
  readonly goesOn: number;
  readonly killed: number;
  readonly pageFull: number;
  readonly blocked: number;
  readonly full: number;
  /** First clock of each part. */
  readonly clocks: readonly number[];
  readonly count: number;
}

/** What has to fall silent for a heartbeat of the peer to end. */
export function silencedBy({ byApplication }: Beat): number {
  return byApplication ? Silent.Application : Silent.Library;
}

export class Product {
  readonly setting: Setting;
  readonly vars: Variables;
  readonly names: readonly string[];
  /** 1 for a timer, 0 for an instant that is only remembered. */
  readonly awaited: Uint8Array;
  /** Part whose clock it is; -1 for everybody else's. */
  readonly partOf: Int16Array;
  aftermath: Aftermath | null = null;
  /** Whether the kernel's retransmissions are followed; else it never gives up. */
  followsFlight = true;
  /** Quiet time after which a box forgets the flow, µs; null where none does. */
  readonly idleFlowUs: number | null;
  readonly #fields: number;

  constructor(setting: Setting, idleFlowUs: number | null) {
    this.setting = setting;
    this.idleFlowUs = idleFlowUs;
    this.#fields = setting.parts.length;
    const names = ['now'];
    const awaited = [0];
    const partOf = [-1];
    const add = (name: string, timer: boolean, part = -1): number => {
      names.push(name);
      awaited.push(timer ? 1 : 0);
      partOf.push(part);
      return names.length - 1;
    };
    const clocks = setting.parts.map(({ region, mechanism }, part) => {
      const first = names.length;
      region.program.clocks.forEach((clock, index) => {
        add(`${mechanism.kind} ${clock}`, index !== region.lazyClock, part);
      });
      return first;
    });
    const beats = names.length;
    for (const { name } of setting.beats) add(name, true);
    const pongs = names.length;
    for (let i = 0; i < PINGS_UNDER_WAY; i += 1) add('the pong', true);
    this.vars = {
      clocks,
      beats,
      pongs,
      fault: add('the fault', false),
      heard: add('the peer was heard', false),
      oldest: add('the oldest segment was sent', false),
      stamp: add('the first retransmission', false),
      write: add('retransmission timer', true),
      keepalive: add('keepalive timer', true),
      probeAnswer: add('the answer to a keepalive probe', true),
      ack: add('the acknowledgement', true),
      load: add('the server’s next message', true),
      reset: add('the reset', true),
      idleFlow: add('idle time of the flow', true),
      goesOn: add('the stall', true),
      killed: add('SIGKILL at the drain deadline', true),
      pageFull: add('the page’s buffer', true),
      blocked: add('the kernel’s send buffer fills', true),
      full: add('the send queue fills', true),
      count: names.length,
    };
    this.names = names;
    this.awaited = Uint8Array.from(awaited);
    this.partOf = Int16Array.from(partOf);
  }

  field(state: State, field: number): number {
    return state.control[this.#fields + field] as number;
  }

  put(state: State, field: number, value: number): void {
    state.control[this.#fields + field] = value;
  }

  // The opening.

  /** Every state at the opening of the connection. */
  opening(): State[] {
    const { parts, kernel, writes, beats, toServerUs } = this.setting;
    const control = new Int32Array(parts.length + Field.Count);
    parts.forEach(({ region }, part) => {
      control[part] = region.program.initial;
    });
    const state = new State(control, new Zone(this.names.length));
    this.put(state, Field.RtoLo, kernel.rto.lo);
    this.put(state, Field.RtoHi, kernel.rto.hi);
    if (kernel.keepalive !== null) {
      state.zone.set(this.vars.heard, NOW, 0, 0);
      this.#armKeepalive(state, kernel.keepalive.idleJ, kernel.keepalive.idleJ, 0);
    }
    // When the application begins is its own affair.
    if (writes !== null) state.armFromNow(this.vars.load, 0, Infinity);
    beats.forEach(({ everyUs, name }, index) => {
      const begins = name === 'the client’s next message' ? Infinity : toServerUs + everyUs;
      state.armFromNow(this.vars.beats + index, toServerUs, begins);
    });
    // The last packet of TCP's handshake has just come by.
    this.#packets(state, -toServerUs);
    const batch = [state];
    parts.forEach(({ region }, part) => {
      const onTick = !region.sharedGrid && region.firstTickClock < 0;
      for (const one of batch.slice()) {
        if (one.end === null) this.#perform(one, part, region.program.initialStart, onTick, false);
      }
    });
    this.#settle(batch);
    return batch;
  }

  // One step.

  /** Every state that can follow: each timer that can be the first to go off, going off. */
  successors(state: State, out: { next: State; fired: number }[]): void {
    out.length = 0;
    const { zone } = state;
    const { size } = zone;
    if (this.field(state, Field.Still) === Still.GoesOn) {
      for (let v = 1; v < size; v += 1) {
        if (zone.live[v] === 1 && this.#mayBeOverdue(v)) this.#overdue(state, v, out);
      }
      this.#caughtUp(state, out);
      return;
    }
    for (let v = 1; v < size; v += 1) {
      if (zone.live[v] === 0 || !this.isAwaited(state, v)) continue;
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
    if (this.awaited[v] === 0) return false;
    if (this.field(state, Field.Still) !== Still.Stands) return true;
    const part = this.partOf[v] as number;
    if (part >= 0) return this.setting.parts[part]?.thread === 'watchdog';
    return v !== this.vars.load;
  }

  /** The part of the zone in which v goes off before all others, at its own time. */
  #first(state: State, v: number): State | null {
    const { zone } = state;
    const { size } = zone;
    for (let u = 1; u < size; u += 1) {
      if (u === v || zone.live[u] === 0 || this.awaited[u] === 0) continue;
      if (zone.least(v, u) > 0 && this.isAwaited(state, u)) return null;
    }
    const next = new State(state.control.slice(), zone.copy());
    if (!next.zone.limit(NOW, v, 0)) return null;
    for (let u = 1; u < size; u += 1) {
      if (u === v || zone.live[u] === 0 || !this.isAwaited(state, u)) continue;
      if (!next.zone.limit(v, u, this.#precedes(u, v) ? -1 : 0)) return null;
    }
    return next;
  }

  /** Clocks of one engine that are due at one instant run out in its order. */
  #precedes(u: number, v: number): boolean {
    const mine = this.partOf[v] as number;
    const other = this.partOf[u] as number;
    if (mine < 0 || other < 0 || u > v) return false;
    return this.setting.parts[mine]?.thread === this.setting.parts[other]?.thread;
  }

  /** A clock of a process that has just gone on, found overdue. */
  #overdue(state: State, v: number, out: { next: State; fired: number }[]): void {
    const next = new State(state.control.slice(), state.zone.copy());
    const { zone } = next;
    if (!zone.limit(v, NOW, 0)) return;
    for (let u = 1; u < zone.size; u += 1) {
      if (u === v || zone.live[u] === 0 || !this.#mayBeOverdue(u)) continue;
      if (!zone.limit(v, u, this.#precedes(u, v) ? -1 : 0)) return;
    }
    zone.drop(v);
    const batch = [next];
    this.#fire(batch, v, true);
    for (const one of batch) out.push({ next: one, fired: v });
  }

  /** Whether v is a timer of what stands still with the process. */
  #mayBeOverdue(v: number): boolean {
    if (this.awaited[v] === 0) return false;
    const part = this.partOf[v] as number;
    return part >= 0 ? this.setting.parts[part]?.thread !== 'watchdog' : v === this.vars.load;
  }

  /** Nothing is overdue any more: what came meanwhile is read, and the process runs. */
  #caughtUp(state: State, out: { next: State; fired: number }[]): void {
    const next = new State(state.control.slice(), state.zone.copy());
    for (let u = 1; u < next.zone.size; u += 1) {
      if (next.zone.live[u] === 0 || !this.#mayBeOverdue(u)) continue;
      if (!next.zone.limit(NOW, u, -1)) return;
    }
    const bits = this.field(next, Field.Unread);
    this.put(next, Field.Unread, 0);
    this.put(next, Field.Still, Still.Runs);
    const batch = [next];
    if (bits !== 0) this.#read(batch, bits);
    this.#settle(batch);
    for (const one of batch) {
      if (one.end === null && this.field(one, Field.Failed) === 1) one.end = 'the kernel';
      out.push({ next: one, fired: NOW });
    }
  }

  #fire(batch: State[], v: number, late: boolean): void {
    const part = this.partOf[v] as number;
    const { vars, setting } = this;
    const [state] = batch;
    assert(state !== undefined, 'a step has a state');
    if (part >= 0) {
      const clock = v - (vars.clocks[part] as number);
      this.#step(batch, part, FIRST_CLOCK_COLUMN + clock, true, late);
    } else if (v >= vars.beats && v < vars.pongs) {
      this.#beat(batch, state, v - vars.beats);
    } else if (v >= vars.pongs && v < vars.pongs + PINGS_UNDER_WAY) {
      const bit = 1 << (v - vars.pongs);
      const acknowledges = (this.field(state, Field.Acknowledgements) & bit) !== 0;
      this.put(state, Field.Acknowledgements, this.field(state, Field.Acknowledgements) & ~bit);
      this.put(state, Field.ForApplication, this.field(state, Field.ForApplication) & ~bit);
      const sign = acknowledges ? LifeBit.Message | LifeBit.ApplicationAck : LifeBit.Pong;
      this.#hear(batch, state, LifeBit.AnyByte | sign);
    } else {
      switch (v) {
        case vars.load:
          state.armFromNow(vars.load, setting.writes?.everyUs ?? 0, setting.writes?.everyUs ?? 0);
          this.#writeMessage(batch);
          break;
        case vars.ack:
          this.#acknowledged(state);
          break;
        case vars.write:
          this.#writeTimer(batch, state);
          break;
        case vars.keepalive:
          this.#keepaliveTimer(batch, state);
          break;
        case vars.probeAnswer:
          this.put(state, Field.ProbesOut, 0);
          state.zone.set(vars.heard, NOW, 0, 0);
          break;
        case vars.reset:
          this.#over(state, 'reset by the other side');
          break;
        case vars.killed:
          state.end = 'SIGKILL at the drain deadline';
          break;
        case vars.goesOn:
          this.put(state, Field.Still, Still.GoesOn);
          break;
        case vars.pageFull:
          this.put(state, Field.Silent, this.field(state, Field.Silent) | Silent.Answers);
          break;
        case vars.blocked:
          this.put(state, Field.Blocked, 1);
          this.#stepAll(batch, Column.SendBlocked, ['loop', 'write']);
          break;
        case vars.full:
          state.zone.drop(vars.load);
          break;
        default:
          assert(v === vars.idleFlow, 'every timer has a step');
      }
    }
    this.#settle(batch);
  }

  // The reaper.

  /** What the step's effects call for once it is over: looks answered, pings taken by the send path. */
  #settle(batch: State[]): void {
    const { parts } = this.setting;
    for (let part = 0; part < parts.length; part += 1) {
      const bit = 1 << part;
      for (let i = batch.length - 1; i >= 0; i -= 1) {
        const state = batch[i] as State;
        if (state.end !== null || (state.asked & bit) === 0) continue;
        state.asked &= ~bit;
        this.#look(batch, state, part);
      }
    }
    for (const state of batch.slice()) {
      if (state.flightFrom < 0 || state.end !== null) continue;
      const base = state.flightFrom;
      batch.splice(batch.indexOf(state), 1, ...this.flights(state, base));
    }
    for (const state of batch.slice()) {
      if (state.packet) this.#meetReset(batch, state);
      state.packet = false;
    }
    for (const state of batch.slice()) {
      if (!state.pinged) continue;
      state.pinged = false;
      if (state.end !== null || this.field(state, Field.Blocked) === 1) continue;
      const one = [state];
      this.#stepAll(one, Column.PingWritten, ['loop']);
      assert(one.length === 1, 'no time stamp is looked at when a ping is taken');
    }
  }

  #stepAll(batch: State[], column: number, threads: readonly Part['thread'][]): void {
    this.setting.parts.forEach(({ thread, region }, part) => {
      if (!threads.includes(thread) || region.program.hears[column] === 0) return;
      this.#step(batch, part, column, false, false);
    });
  }

  /** `after`: at its very instant a clock that is only looked at has run out already. */
  #step(batch: State[], part: number, column: number, after: boolean, late: boolean): void {
    const { region } = this.setting.parts[part] as Part;
    const lazy = region.lazyClock < 0 ? -1 : (this.vars.clocks[part] as number) + region.lazyClock;
    const length = batch.length;
    for (let i = 0; i < length; i += 1) {
      const state = batch[i] as State;
      if (state.end !== null) continue;
      if (lazy < 0 || !state.zone.has(lazy)) {
        this.#take(state, part, column, late);
        continue;
      }
      const inclusive = after || region.lazyFirst;
      const running = state.copy();
      if (running.zone.limit(NOW, lazy, inclusive ? -1 : 0)) {
        if (state.zone.limit(lazy, NOW, inclusive ? 0 : -1)) {
          batch.push(running);
          this.#take(running, part, column, late);
        } else {
          batch[i] = running;
          this.#take(running, part, column, late);
          continue;
        }
      }
      state.zone.drop(lazy);
      this.#take(state, part, FIRST_CLOCK_COLUMN + region.lazyClock, late);
      if (state.end === null) this.#take(state, part, column, late);
    }
  }

  #take(state: State, part: number, column: number, late: boolean): void {
    const { region } = this.setting.parts[part] as Part;
    const { program } = region;
    const cell = (state.control[part] as number) * program.width + column;
    const next = program.next[cell] ?? NO_EDGE;
    if (next === NO_EDGE) return;
    state.control[part] = next;
    const onTick =
      column >= FIRST_CLOCK_COLUMN && region.rules[column - FIRST_CLOCK_COLUMN] === Rule.Rounded;
    this.#perform(state, part, program.start[cell] ?? 0, onTick && !late, late);
  }

  #perform(state: State, part: number, start: number, onTick: boolean, late: boolean): void {
    const { region, mechanism } = this.setting.parts[part] as Part;
    const { codes } = region.program;
    let pinged = false;
    for (let at = start; ; at += 1) {
      const code = codes[at] ?? 0;
      switch (operationOf(code)) {
        case 0:
          if (pinged) this.#tellOthers(state, part);
          return;
        case Operation.Arm:
          this.#armClock(state, part, clockOf(code), onTick, late);
          break;
        case Operation.Cancel:
          state.zone.drop((this.vars.clocks[part] as number) + clockOf(code));
          break;
        case Operation.Sample:
          state.asked |= 1 << part;
          break;
        case Operation.Ping:
          pinged = true;
          state.pinged = true;
          this.#ping(state, part);
          break;
        case Operation.Test:
          throw new NotModelled('requests of a pool');
        default:
          state.end = mechanism.kind;
          return;
      }
    }
  }

  #tellOthers(state: State, sender: number): void {
    const { parts } = this.setting;
    const thread = parts[sender]?.thread;
    parts.forEach((part, index) => {
      if (index === sender || part.thread !== thread) return;
      this.#take(state, index, Column.PingSent, false);
    });
  }

  #armClock(state: State, part: number, clock: number, onTick: boolean, late: boolean): void {
    const { region } = this.setting.parts[part] as Part;
    const v = (this.vars.clocks[part] as number) + clock;
    const runsUs = region.clockUs[clock] as number;
    const mostUs = runsUs + (clock === region.drawnClock ? region.jitterUs : 0);
    const { intervalUs } = region;
    switch (region.rules[clock]) {
      case Rule.Tick: {
        // The server's own grid stands at any phase; the connection's, and one that is on time, a whole interval away.
        const anywhere = late || (region.sharedGrid && clock === 0);
        state.armFromNow(v, anywhere ? 1 : intervalUs, intervalUs);
        return;
      }
      case Rule.Look:
        state.armFromNow(v, late ? Math.max(0, runsUs - intervalUs) : runsUs, runsUs);
        return;
      case Rule.Rounded:
        this.#armRounded(state, v, region, { lo: runsUs, hi: mostUs }, onTick, late);
        return;
      default:
        state.armFromNow(v, runsUs, mostUs);
    }
  }

  /** On to a tick of a coarser timer, of which nothing is known but that a step made at one stands on it. */
  #armRounded(
    state: State,
    v: number,
    { intervalUs, roundsDown }: Part['region'],
    runs: { lo: number; hi: number },
    onTick: boolean,
    late: boolean,
  ): void {
    if (onTick) {
      const ticks = (us: number): number =>
        roundsDown
          ? Math.max(1, Math.floor(us / intervalUs))
          : Math.max(1, Math.ceil(us / intervalUs));
      state.armFromNow(v, ticks(runs.lo) * intervalUs, ticks(runs.hi) * intervalUs);
      return;
    }
    const before = late ? intervalUs : 0;
    if (roundsDown) {
      const lo = Math.max(1, runs.lo - intervalUs + 1 - before);
      state.armFromNow(v, lo, Math.max(runs.hi, intervalUs));
    } else {
      state.armFromNow(v, Math.max(0, runs.lo - before), runs.hi + intervalUs - 1);
    }
  }

  /** The socket is looked at. */
  #look(batch: State[], state: State, part: number): void {
    const { region } = this.setting.parts[part] as Part;
    const bit = 1 << part;
    const { samples } = region;
    if (samples === 'established' || samples === 'user-queue') {
      const closed = samples === 'established' && this.field(state, Field.Failed) === 1;
      this.#answerLook(
        batch,
        state,
        part,
        closed ? Column.SampleNotEstablished : Column.SampleEmpty,
      );
      return;
    }
    const filled =
      state.zone.has(this.vars.ack) || this.field(state, Field.Flight) !== Flight.Quiet;
    const acked = (this.field(state, Field.Acked) & bit) !== 0;
    const written = samples === 'queue' && (this.field(state, Field.Written) & bit) !== 0;
    this.put(state, Field.Acked, this.field(state, Field.Acked) & ~bit);
    this.put(state, Field.Written, this.field(state, Field.Written) & ~bit);
    if (!filled) {
      this.#answerLook(batch, state, part, Column.SampleEmpty);
      return;
    }
    // A queue can be as long as before although bytes came and went.
    if (samples === 'queue' && acked && written) {
      const same = state.copy();
      batch.push(same);
      this.#answerLook(batch, same, part, Column.SampleStuck);
    }
    this.#answerLook(
      batch,
      state,
      part,
      acked || written ? Column.SampleMoved : Column.SampleStuck,
    );
  }

  #answerLook(batch: State[], state: State, part: number, column: number): void {
    const one = [state];
    this.#step(one, part, column, true, false);
    // The state itself stands in the batch already, unless a time stamp has split it.
    const at = batch.indexOf(state);
    batch[at] = one[0] as State;
    batch.push(...one.slice(1));
  }

  // What is sent.

  #ping(state: State, part: number): void {
    const { setting } = this;
    const forApplication = (setting.parts[part] as Part).pingsApplication;
    if (this.field(state, Field.Blocked) === 1) return;
    const silent = this.field(state, Field.Silent);
    const answers = (silent & (forApplication ? Silent.Application : Silent.Answers)) === 0;
    if (answers) this.#answerComes(state, forApplication, false);
    this.#transmit(state, answers ? 0 : setting.ackDelayUs);
  }

  /** What has just been sent will be answered. */
  #answerComes(state: State, byApplication: boolean, acknowledges: boolean): void {
    const { vars, setting } = this;
    let slot = 0;
    while (slot < PINGS_UNDER_WAY && state.zone.has(vars.pongs + slot)) slot += 1;
    if (slot === PINGS_UNDER_WAY) throw new NotModelled('more answers under way than are followed');
    state.armFromNow(vars.pongs + slot, setting.rttUs, setting.rttUs);
    const bit = 1 << slot;
    if (byApplication)
      this.put(state, Field.ForApplication, this.field(state, Field.ForApplication) | bit);
    if (acknowledges) {
      this.put(state, Field.Acknowledgements, this.field(state, Field.Acknowledgements) | bit);
    }
  }

  #writeMessage(batch: State[]): void {
    const { answersMessages, ackDelayUs } = this.setting;
    for (const state of batch) {
      if (this.field(state, Field.Blocked) === 1) continue;
      const answers =
        answersMessages && (this.field(state, Field.Silent) & Silent.Application) === 0;
      if (answers) this.#answerComes(state, true, true);
      this.#transmit(state, answers ? 0 : ackDelayUs);
    }
    this.#stepAll(batch, Column.MessageSent, ['loop', 'write', 'watchdog']);
    for (const state of batch.slice()) {
      if (state.end !== null || this.field(state, Field.Blocked) === 1) continue;
      const one = [state];
      this.#stepAll(one, Column.SendAccepted, ['loop', 'write']);
      batch.push(...one.slice(1));
    }
  }

  /** Payload leaves. @param delayUs by how much its acknowledgement may be later than a round trip */
  #transmit(state: State, delayUs: number): void {
    const { vars, setting } = this;
    const { zone } = state;
    const flight = this.field(state, Field.Flight);
    this.put(state, Field.Written, this.#lookers());
    const struck = this.field(state, Field.Struck) === 1;
    if (!struck || this.aftermath?.acknowledges === true) {
      const busy = zone.has(vars.ack);
      if (!busy) zone.set(vars.oldest, NOW, 0, 0);
      this.put(state, Field.Several, busy ? 1 : 0);
      state.armFromNow(vars.ack, setting.rttUs, setting.rttUs + delayUs);
      this.#packets(state, setting.toClientUs);
      return;
    }
    if (flight !== Flight.Retransmitting) state.packet = true;
    if (!this.followsFlight) {
      if (flight === Flight.Quiet) this.put(state, Field.Flight, Flight.Timeout);
      return;
    }
    if (flight === Flight.Quiet) this.#beginFlight(state);
    else if (flight !== Flight.Retransmitting) this.#putOffProbe(state, flight);
  }

  #lookers(): number {
    let bits = 0;
    this.setting.parts.forEach(({ region }, part) => {
      if (region.samples !== undefined) bits |= 1 << part;
    });
    return bits;
  }

  /** A box on the way sees a packet so much later, and may see a delayed acknowledgement after it. */
  #packets(state: State, afterUs: number): void {
    const { idleFlowUs, vars, setting } = this;
    if (idleFlowUs === null || this.field(state, Field.Struck) === 1) return;
    const lastUs = afterUs + setting.ackDelayUs;
    state.armFromNow(vars.idleFlow, afterUs + idleFlowUs, lastUs + idleFlowUs);
  }

  // What arrives.

  #beat(batch: State[], state: State, index: number): void {
    const beat = this.setting.beats[index];
    assert(beat !== undefined, 'a heartbeat of the peer');
    const v = this.vars.beats + index;
    state.armFromNow(v, beat.everyUs, beat.everyUs);
    // What its source had sent before it fell silent is the last that arrives.
    const isSilent = (this.field(state, Field.Silent) & silencedBy(beat)) !== 0;
    const arrives = isSilent && state.zone.least(v, this.vars.fault) <= this.setting.toServerUs;
    if (isSilent && !arrives) state.zone.drop(v);
    else if (isSilent) throw new NotModelled('a peer that speaks more often than a packet takes');
    this.#hear(batch, state, beat.bits);
  }

  #hear(batch: State[], state: State, bits: number): void {
    const { kernel } = this.setting;
    if (kernel.keepalive !== null) state.zone.set(this.vars.heard, NOW, 0, 0);
    this.put(state, Field.ProbesOut, 0);
    if (this.field(state, Field.Still) !== Still.Runs) {
      this.put(state, Field.Unread, this.field(state, Field.Unread) | bits);
      return;
    }
    this.#packets(state, 0);
    this.#read(batch, bits);
  }

  #read(batch: State[], bits: number): void {
    this.setting.parts.forEach(({ region, thread }, part) => {
      if (thread === 'write') return;
      let column: number =
        (bits & region.lifeMask) === 0 ? Column.ReceivedOther : Column.ReceivedLife;
      if ((bits & region.skipMask) !== 0) column += Column.ReceivedSkip;
      this.#step(batch, part, column, false, false);
    });
    // The peer's ping is answered (RFC 6455 §5.5.2).
    if ((bits & LifeBit.Ping) === 0) return;
    for (const state of batch) {
      if (state.end === null) this.#transmit(state, this.setting.ackDelayUs);
    }
  }

  /** All that was under way is acknowledged. */
  #acknowledged(state: State): void {
    const { vars, setting } = this;
    if (setting.kernel.keepalive !== null) state.zone.set(vars.heard, NOW, 0, 0);
    this.put(state, Field.ProbesOut, 0);
    this.put(state, Field.Acked, this.#lookers());
    const flight = this.field(state, Field.Flight);
    if (flight === Flight.Quiet) {
      state.zone.drop(vars.oldest);
      this.put(state, Field.Several, 0);
    } else if (this.followsFlight) {
      // Something was written meanwhile: its probe is awaited from now on.
      this.put(state, Field.Flight, Flight.Probe);
      const { kernel } = setting;
      const lo = Math.min(kernel.crowdedProbe.lo, this.#rtoLo(state));
      this.#armWrite(state, NOW, wheelWindow(lo, this.#rtoHi(state), 0, kernel.tickUs));
    }
  }

  // The kernel's timers.

  #armWrite(state: State, base: number, window: WheelWindow): void {
    state.arm(this.vars.write, base, window.loUs, window.hiUs);
    this.put(state, Field.WriteWidth, window.widthJ);
  }

  /** Something has been sent that will not be acknowledged. */
  #beginFlight(state: State): void {
    state.flightFrom = NOW;
    state.zone.set(this.vars.oldest, NOW, 0, 0);
    this.put(state, Field.Flight, Flight.Probe);
  }

  /**
   * What was sent at `base` will not be acknowledged: one state for each timeout that the estimator can stand at, so that
   * each goes on with its own doublings.
   */
  flights(state: State, base: number): State[] {
    state.flightFrom = -1;
    const { kernel } = this.setting;
    if (!this.followsFlight) {
      this.put(state, Field.Flight, Flight.Timeout);
      return [state];
    }
    const lo = this.#rtoLo(state);
    const hi = this.#rtoHi(state);
    const width = Math.ceil((hi - lo + 1) / MOST_TIMEOUTS);
    const states: State[] = [];
    for (let from = lo; from <= hi; from += width) {
      const one = state.copy();
      this.put(one, Field.RtoLo, from);
      this.put(one, Field.RtoHi, Math.min(hi, from + width - 1));
      this.put(one, Field.Flight, kernel.tailLossProbe ? Flight.Probe : Flight.Timeout);
      this.#armWrite(one, base, wheelWindow(from, this.#rtoHi(one), 0, kernel.tickUs));
      states.push(one);
    }
    return states;
  }

  /** One more segment leaves while the timer runs, or one is acknowledged: the probe is awaited anew, no longer than the timeout is away. */
  #putOffProbe(state: State, flight: number): void {
    const { kernel, writes } = this.setting;
    if (!kernel.tailLossProbe) return;
    const window = wheelWindow(1, kernel.crowdedProbe.hi, 0, kernel.tickUs);
    this.#armWrite(state, NOW, window);
    if (flight === Flight.Timeout) this.put(state, Field.Flight, Flight.ProbeAgain);
    if (writes !== null && writes.everyUs <= window.hiUs) {
      throw new NotModelled('writes that put the retransmission timeout off for ever');
    }
  }

  #rtoLo(state: State): number {
    return this.field(state, Field.RtoLo);
  }

  #rtoHi(state: State): number {
    return this.field(state, Field.RtoHi);
  }

  #writeTimer(batch: State[], state: State): void {
    const { kernel } = this.setting;
    const { vars } = this;
    const width = this.field(state, Field.WriteWidth);
    switch (this.field(state, Field.Flight)) {
      case Flight.Probe:
        state.packet = true;
        this.put(state, Field.Flight, Flight.Timeout);
        // The probe is the oldest segment sent again: the timeout is counted from it.
        state.zone.set(vars.oldest, NOW, 0, 0);
        this.#armWrite(
          state,
          NOW,
          wheelWindow(this.#rtoLo(state), this.#rtoHi(state), width, kernel.tickUs),
        );
        return;
      case Flight.ProbeAgain: {
        this.put(state, Field.Flight, Flight.Timeout);
        const { zone } = state;
        const left = (rtoJ: number, ageUs: number): number =>
          Math.max(1, Math.ceil(rtoJ - ageUs / kernel.tickUs));
        const lo = left(this.#rtoLo(state), zone.most(NOW, vars.oldest));
        const hi = left(this.#rtoHi(state), Math.max(0, zone.least(NOW, vars.oldest)));
        this.#armWrite(state, NOW, wheelWindow(lo, hi, width, kernel.tickUs));
        return;
      }
      case Flight.Timeout:
        state.packet = true;
        this.put(state, Field.Flight, Flight.Retransmitting);
        state.zone.set(vars.stamp, NOW, 0, 0);
        state.zone.drop(vars.oldest);
        this.#backOff(batch, state, width);
        return;
      default:
        this.#retransmitAgain(batch, state, width);
    }
  }

  #retransmitAgain(batch: State[], state: State, width: number): void {
    const { kernel } = this.setting;
    const { stamp } = this.vars;
    const limitUs = 1000 * givesUpAfterMs(kernel.userTimeoutMs, kernel.retries2, kernel.rtoMaxMs);
    const goesOn = state.copy();
    const lives = goesOn.zone.limit(NOW, stamp, limitUs - 1);
    if (state.zone.limit(stamp, NOW, -limitUs)) {
      this.#over(state, kernel.userTimeoutMs > 0 ? 'TCP_USER_TIMEOUT' : 'tcp_retries2');
      if (lives) batch.push(goesOn);
    } else {
      batch[0] = goesOn;
    }
    if (!lives) return;
    goesOn.packet = true;
    this.#backOff(batch, goesOn, width);
  }

  /** The timeout doubles, and the wait after it ends with the user timeout at the latest. */
  #backOff(batch: State[], state: State, width: number): void {
    const { kernel } = this.setting;
    const { stamp } = this.vars;
    const lo = backedOffJ(this.#rtoLo(state), kernel.rtoMaxJ);
    const hi = backedOffJ(this.#rtoHi(state), kernel.rtoMaxJ);
    this.put(state, Field.RtoLo, lo);
    this.put(state, Field.RtoHi, hi);
    if (kernel.userTimeoutMs === 0) {
      this.#armWrite(state, NOW, wheelWindow(lo, hi, width, kernel.tickUs));
      return;
    }
    const limitJ = Math.ceil((kernel.userTimeoutMs * kernel.hz) / 1000);
    // The wait is cut short where less of the user timeout is left than the timeout is long.
    const cut = state.copy();
    const mayCut = cut.zone.limit(stamp, NOW, (hi - limitJ) * kernel.tickUs);
    const mayWait = state.zone.limit(NOW, stamp, (limitJ - lo) * kernel.tickUs);
    if (mayCut) {
      const leastLeftJ = Math.max(
        1,
        limitJ - Math.floor(cut.zone.most(NOW, stamp) / kernel.tickUs),
      );
      const mostLeftJ = Math.min(
        hi,
        Math.max(1, limitJ - Math.ceil(Math.max(0, cut.zone.least(NOW, stamp)) / kernel.tickUs)),
      );
      const window = wheelWindow(leastLeftJ, mostLeftJ, width, kernel.tickUs);
      const known = wheelWindow(mostLeftJ, mostLeftJ, width, kernel.tickUs);
      const past = cut.zone.most(NOW, stamp) >= limitJ * kernel.tickUs;
      this.#armWrite(cut, NOW, window);
      // However long ago the first retransmission was: the expiry is the user timeout after it, and the bucket's width late at most.
      if (!past) {
        const lateUs = known.hiUs - mostLeftJ * kernel.tickUs;
        cut.zone.limit(
          this.vars.write,
          stamp,
          limitJ * kernel.tickUs + Math.max(lateUs, kernel.tickUs),
        );
      }
      if (mayWait) batch.push(cut);
      else batch[batch.indexOf(state)] = cut;
    }
    if (mayWait) this.#armWrite(state, NOW, wheelWindow(lo, hi, width, kernel.tickUs));
  }

  #armKeepalive(state: State, loJ: number, hiJ: number, width: number): void {
    const window = wheelWindow(loJ, hiJ, width, this.setting.kernel.tickUs);
    state.armFromNow(this.vars.keepalive, window.loUs, window.hiUs);
    this.put(state, Field.KeepaliveWidth, window.widthJ);
  }

  #keepaliveTimer(batch: State[], state: State): void {
    const { vars } = this;
    const { kernel, rttUs, toClientUs } = this.setting;
    const { keepalive, tickUs, hz } = kernel;
    assert(keepalive !== null, 'the keepalive timer is set');
    const width = this.field(state, Field.KeepaliveWidth);
    const { idleJ, intervalJ, probes } = keepalive;
    if (state.zone.has(vars.ack) || this.field(state, Field.Flight) !== Flight.Quiet) {
      this.#armKeepalive(state, idleJ, idleJ, width);
      return;
    }
    // Silence in whole jiffies: the one in which the peer was heard had begun.
    const enoughUs = (idleJ - 1) * tickUs + 1;
    const young = state.copy();
    const isYoung = young.zone.limit(NOW, vars.heard, enoughUs - 1);
    const isOld = state.zone.limit(vars.heard, NOW, -enoughUs);
    if (isYoung) {
      const leftJ = idleJ - Math.ceil(Math.max(0, young.zone.least(NOW, vars.heard)) / tickUs);
      const late = wheelWindow(leftJ, leftJ, 0, tickUs).hiUs - leftJ * tickUs;
      // Counted from when the peer was heard: that jiffy has begun up to a tick before.
      young.arm(vars.keepalive, vars.heard, idleJ * tickUs + 1, idleJ * tickUs + late);
      young.zone.limit(NOW, vars.keepalive, -1);
      this.put(young, Field.KeepaliveWidth, 1);
    }
    if (!isOld) {
      batch[0] = young;
      return;
    }
    if (isYoung) batch.push(young);
    const userTimeoutJ = Math.ceil((kernel.userTimeoutMs * hz) / 1000);
    const deadJ = deadSilenceJ(this.field(state, Field.ProbesOut), probes, userTimeoutJ);
    const deadUs = deadJ === 0 ? 0 : (deadJ - 1) * tickUs + 1;
    const probing = state.copy();
    const probesOn =
      deadJ > 0 && (deadJ === Infinity || probing.zone.limit(NOW, vars.heard, deadUs - 1));
    if (deadJ !== Infinity && state.zone.limit(vars.heard, NOW, -deadUs)) {
      this.#over(state, 'keepalive');
      if (probesOn) batch.push(probing);
    } else {
      assert(probesOn, 'a keepalive timer does one or the other');
      batch[0] = probing;
    }
    if (!probesOn) return;
    const out = this.field(probing, Field.ProbesOut) + 1;
    // Beyond the count of probes only the time counts.
    this.put(probing, Field.ProbesOut, Math.min(out, userTimeoutJ > 0 ? 1 : probes));
    this.#armKeepalive(probing, intervalJ, intervalJ, width);
    const struck = this.field(probing, Field.Struck) === 1;
    if (!struck || this.aftermath?.acknowledges === true) {
      probing.armFromNow(vars.probeAnswer, rttUs, rttUs);
      this.#packets(probing, toClientUs);
    } else {
      probing.packet = true;
    }
  }

  /** A packet has left towards a host, or a box, that may know nothing of the connection. */
  #meetReset(batch: State[], state: State): void {
    const { vars } = this;
    const resets = this.aftermath?.resets ?? null;
    if (resets === null || state.end !== null || this.field(state, Field.Struck) === 0) return;
    if (state.zone.has(vars.reset)) return;
    const early = state.copy();
    const isEarly = early.zone.limit(NOW, vars.fault, resets.fromUs - 1);
    if (!state.zone.limit(vars.fault, NOW, -resets.fromUs)) {
      batch[batch.indexOf(state)] = early;
      return;
    }
    state.armFromNow(vars.reset, resets.afterUs, resets.afterUs);
    if (isEarly) batch.push(early);
  }

  /** The kernel or the other side ends it; a process that stands still learns of it when it goes on. */
  #over(state: State, why: string): void {
    if (this.field(state, Field.Still) === Still.Runs) {
      state.end = why;
      return;
    }
    this.put(state, Field.Failed, 1);
    for (const v of [this.vars.write, this.vars.keepalive, this.vars.ack, this.vars.reset]) {
      state.zone.drop(v);
    }
  }
}

/**
 * The reaper: the tables that production runs, stepped through by their columns. What the engine decides by the time (a clock that is only
 * looked at in passing, a coarser timer, a late host) becomes a split or an interval.
 */
import { assert } from '../assert.ts';
import { NO_EDGE } from '../statechart/table.ts';
import { clockOf, Column, FIRST_CLOCK_COLUMN, Operation, operationOf } from '../reaper/program.ts';
import { armsWithin } from '../reaper/arming.ts';
import { Rule } from '../reaper/region.ts';
import type { Cell } from './cell.ts';
import type { Kernel } from './kernel.ts';
import { mannerOf } from '../mechanisms/index.ts';
import type { Part } from './setting.ts';
import { Field, Flight, Flow, type State } from './state.ts';
import type { Traffic } from './traffic.ts';
import { NOW } from '../zone.ts';

export class Reaper {
  readonly cell: Cell;
  readonly #kernel: Kernel;
  readonly #traffic: Traffic;

  constructor(cell: Cell, kernel: Kernel, traffic: Traffic) {
    this.cell = cell;
    this.#kernel = kernel;
    this.#traffic = traffic;
  }

  /** What the step's effects call for once it is over: looks answered, pings taken by the send path. */
  settle(batch: State[]): void {
    for (const part of this.cell.turns) {
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
      batch.splice(batch.indexOf(state), 1, ...this.#kernel.flights(state, base));
    }
    for (const state of batch.slice()) {
      if (state.packet) this.#meetReset(batch, state);
      state.packet = false;
    }
    for (const state of batch.slice()) {
      if (!state.pinged) continue;
      state.pinged = false;
      if (state.end !== null || this.cell.field(state, Field.Blocked) === 1) continue;
      if (this.cell.field(state, Field.Flow) !== Flow.NotBegun) continue;
      const one = [state];
      this.stepAll(one, Column.PingWritten, ['loop', 'beyond']);
      assert(one.length === 1, 'no time stamp is looked at when a ping is taken');
    }
  }

  stepAll(batch: State[], column: number, threads: readonly Part['thread'][]): void {
    for (const part of this.cell.turns) {
      const { thread, region } = this.cell.setting.parts[part] as Part;
      if (!threads.includes(thread) || region.program.hears[column] === 0) continue;
      this.step(batch, part, column, false, false);
    }
  }

  /** `after`: at its very instant a clock that is only looked at has run out already. */
  step(batch: State[], part: number, column: number, after: boolean, late: boolean): void {
    const { region } = this.cell.setting.parts[part] as Part;
    const lazy =
      region.lazyClock < 0 ? -1 : (this.cell.vars.clocks[part] as number) + region.lazyClock;
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
    const { region } = this.cell.setting.parts[part] as Part;
    const { program } = region;
    const cell = (state.control[part] as number) * program.width + column;
    const next = program.next[cell] ?? NO_EDGE;
    if (next === NO_EDGE) return;
    state.control[part] = next;
    const onTick =
      column >= FIRST_CLOCK_COLUMN && region.rules[column - FIRST_CLOCK_COLUMN] === Rule.Rounded;
    this.perform(state, part, program.start[cell] ?? 0, onTick && !late, late);
  }

  perform(state: State, part: number, start: number, onTick: boolean, late: boolean): void {
    const { region, mechanism, tells } = this.cell.setting.parts[part] as Part;
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
          state.zone.drop((this.cell.vars.clocks[part] as number) + clockOf(code));
          break;
        case Operation.Sample:
          state.asked |= 1 << part;
          break;
        case Operation.Ping:
          pinged = true;
          state.pinged = true;
          this.#traffic.ping(state, part);
          break;
        case Operation.Test:
          this.cell.put(state, Field.Testing, 1);
          this.#traffic.request(state);
          break;
        default:
          state.end = tells ?? mechanism.kind;
          state.manner = tells === undefined ? mannerOf(mechanism) : 'told';
          return;
      }
    }
  }

  #tellOthers(state: State, sender: number): void {
    const { parts } = this.cell.setting;
    const thread = parts[sender]?.thread;
    for (const part of this.cell.turns) {
      if (part === sender || parts[part]?.thread !== thread) continue;
      this.#take(state, part, Column.PingSent, false);
    }
  }

  #armClock(state: State, part: number, clock: number, onTick: boolean, late: boolean): void {
    const { region } = this.cell.setting.parts[part] as Part;
    const { lo, hi } = armsWithin(region, clock, onTick, late);
    state.armFromNow((this.cell.vars.clocks[part] as number) + clock, lo, hi);
  }

  /** The socket is looked at. */
  #look(batch: State[], state: State, part: number): void {
    const { region } = this.cell.setting.parts[part] as Part;
    const bit = 1 << part;
    const { samples } = region;
    if (samples === 'established' || samples === 'user-queue') {
      const isOver =
        this.cell.field(state, Field.Failed) === 1 ||
        this.cell.field(state, Field.HalfClosed) === 1;
      const closed = samples === 'established' && isOver;
      this.#answerLook(
        batch,
        state,
        part,
        closed ? Column.SampleNotEstablished : Column.SampleEmpty,
      );
      return;
    }
    const flow = this.cell.field(state, Field.Flow);
    if (flow === Flow.Moves) {
      // Whether something was acknowledged between two looks, and how long the queue was, may be either.
      const stuck = state.copy();
      batch.push(stuck);
      this.#answerLook(batch, stuck, part, Column.SampleStuck);
      this.#answerLook(batch, state, part, Column.SampleMoved);
      return;
    }
    const filled =
      flow === Flow.Stands ||
      state.zone.has(this.cell.vars.ack) ||
      this.cell.field(state, Field.Flight) !== Flight.Quiet;
    const acked = (this.cell.field(state, Field.Acked) & bit) !== 0;
    const written = samples === 'queue' && (this.cell.field(state, Field.Written) & bit) !== 0;
    this.cell.put(state, Field.Acked, this.cell.field(state, Field.Acked) & ~bit);
    this.cell.put(state, Field.Written, this.cell.field(state, Field.Written) & ~bit);
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
    this.step(one, part, column, true, false);
    // The state itself stands in the batch already, unless a time stamp has split it.
    const at = batch.indexOf(state);
    batch[at] = one[0] as State;
    batch.push(...one.slice(1));
  }

  /** A packet has left towards a host, or a box, that may know nothing of the connection. */
  #meetReset(batch: State[], state: State): void {
    const { vars } = this.cell;
    const resets = this.cell.aftermath?.resets ?? null;
    if (resets === null || state.end !== null || this.cell.field(state, Field.Struck) === 0) return;
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
}

/**
 * A send path that is always full. While the peer takes what comes, its queue moves, at any instant and as often as may be: what waits in user space
 * goes on, all of it or some, and more is handed over behind it. Once the last acknowledgement has come it stands, for good: something is queued, nothing moves,
 * and what is handed over now is never taken.
 *
 * While it moves, nothing hangs on when; so no byte is counted, and only the end of it is an interval of time.
 */
import { Column } from '../reaper/program.ts';
import type { Strike } from './aftermath.ts';
import { ANSWERS_UNDER_WAY, type Cell, type Flowing } from './cell.ts';
import type { Kernel } from './kernel.ts';
import { NotModelled } from './not-modelled.ts';
import { ACKNOWLEDGEMENT, type Part } from './setting.ts';
import type { Full } from './saturated.ts';
import { shutWindowEndUs, type Closing } from './shut-window.ts';
import { Field, Flow, Silent, type State, Still } from './state.ts';
import { NOW } from '../zone.ts';

/** What the send path says when it moves, and what follows from that at once: user space hands over what there is room for. */
const HAPPENINGS: readonly (readonly number[])[] = [
  [Column.SendDrainedSome],
  [Column.SendDrainedSome, Column.MessageSent],
  [Column.SendDrainedSome, Column.MessageSent, Column.SendAccepted],
  [Column.SendDrainedAll, Column.SendBlocked, Column.MessageSent],
  [Column.SendDrainedAll, Column.SendBlocked, Column.MessageSent, Column.SendAccepted],
];

/** The first messages: the last of them, at least, is taken in part only. */
const BEGINS_WITH_ROOM = [Column.MessageSent, Column.SendAccepted, Column.SendBlocked];

const SENDING_THREADS: readonly Part['thread'][] = ['loop', 'write'];
const ALL_THREADS: readonly Part['thread'][] = [...SENDING_THREADS, 'watchdog'];

/** What is known of single segments. */
const OF_A_FLIGHT = [
  Field.Flight,
  Field.Several,
  Field.Acked,
  Field.Written,
  Field.ProbesOut,
  Field.KeepaliveWidth,
];

/** Pings that wait to be taken at once. */
const MOST_UNTAKEN = 4;

/** Steps of the process that follow from what happens to its send path. */
export interface FlowSteps {
  step(batch: State[], column: number, threads: readonly Part['thread'][]): void;
  hear(batch: State[], state: State, bits: number): void;
  /** A ping that was taken is answered, a round trip to so much more later. */
  answer(state: State, forApplication: boolean, behindUs: number): void;
}

export class SendFlow implements Flowing {
  readonly #cell: Cell;
  readonly #kernel: Kernel;
  readonly #full: Full;
  readonly #steps: FlowSteps;
  /** {@link HAPPENINGS}, as far as anybody hears of them. */
  readonly #happenings: readonly (readonly number[])[];
  /** Somebody waits until a ping is taken. */
  readonly #takingMatters: boolean;
  /** Until when something that the peer's application had sent before the fault arrives, µs after it. */
  #heardUs = Infinity;

  constructor(cell: Cell, kernel: Kernel, full: Full, steps: FlowSteps) {
    this.#cell = cell;
    this.#kernel = kernel;
    this.#full = full;
    this.#steps = steps;
    const { parts } = cell.setting;
    const isHeard = (column: number): boolean =>
      parts.some(({ region }) => region.program.hears[column] === 1);
    const heard = HAPPENINGS.map((columns) => columns.filter(isHeard));
    const distinct = new Map(heard.map((columns) => [columns.join(), columns]));
    this.#happenings = [...distinct.values()].filter(({ length }) => length > 0);
    this.#takingMatters = full.locked || isHeard(Column.PingWritten);
  }

  stage(state: State): number {
    return this.#cell.field(state, Field.Flow);
  }

  /** The load begins: from now on the kernel's buffer is full, and user space holds more. */
  begins(batch: State[], state: State): void {
    const cell = this.#cell;
    const { zone } = state;
    const { ack, oldest, write, keepalive, heard, probeAnswer, idleFlow, moves } = cell.vars;
    // Something is in flight at any time: keepalive has nothing to say, and a box sees packets.
    for (const v of [ack, oldest, write, keepalive, heard, probeAnswer, idleFlow]) zone.drop(v);
    for (const field of OF_A_FLIGHT) cell.put(state, field, 0);
    cell.put(state, Field.Flow, Flow.Moves);
    const moving = this.#happenings.length > 0 || cell.setting.answersMessages;
    if (moving) zone.set(moves, NOW, 0, Infinity);
    const wholeOneTaken = state.copy();
    this.#happens(batch, [Column.SendBlocked, Column.MessageSent]);
    batch.push(...this.#sequel(wholeOneTaken, BEGINS_WITH_ROOM));
  }

  fires(batch: State[], state: State, v: number): boolean {
    const { moves, taken, stands, shut, pageFull } = this.#cell.vars;
    switch (v) {
      case moves:
        this.#move(batch, state);
        return true;
      case taken:
        this.#take(batch, state);
        return true;
      case stands:
        batch.splice(0, batch.length, ...this.#stand(state, NOW));
        return true;
      case shut:
        this.#cell.over(state, 'TCP_USER_TIMEOUT');
        return true;
      case pageFull:
        batch.splice(0, batch.length, ...this.#answersEnd(state));
        return true;
      default:
        return false;
    }
  }

  /** The queue moves now: everything that may come of it. */
  #move(batch: State[], state: State): void {
    const { vars, setting } = this.#cell;
    state.zone.set(vars.moves, NOW, 0, Infinity);
    const answered = state.copy();
    batch.length = 0;
    for (const columns of this.#happenings) batch.push(...this.#sequel(state.copy(), columns));
    if (!setting.answersMessages) return;
    const struck = this.#cell.field(answered, Field.Struck) === 1;
    if (struck && !answered.zone.limit(NOW, vars.fault, this.#heardUs)) return;
    const one = [answered];
    this.#steps.hear(one, answered, ACKNOWLEDGEMENT);
    batch.push(...one);
  }

  #sequel(state: State, columns: readonly number[]): State[] {
    const batch = [state];
    this.#happens(batch, columns);
    return batch;
  }

  #happens(batch: State[], columns: readonly number[]): void {
    for (const column of columns) {
      const threads = column === Column.MessageSent ? ALL_THREADS : SENDING_THREADS;
      this.#steps.step(batch, column, threads);
    }
  }

  pings(state: State, forApplication: boolean): boolean {
    const cell = this.#cell;
    if (!this.transmits(state)) return false;
    if (this.#full.locked) cell.put(state, Field.Still, Still.Waits);
    if (this.stage(state) === Flow.Stands) return true;
    if (!this.#takingMatters) {
      this.#answer(state, forApplication);
      return true;
    }
    // Oldest first, behind a leading one.
    const untaken = Math.max(1, cell.field(state, Field.Untaken));
    if (untaken >= 1 << MOST_UNTAKEN)
      throw new NotModelled('more pings that wait than are followed');
    if (untaken === 1) state.armFromNow(cell.vars.taken, 0, this.#full.behindUs);
    cell.put(state, Field.Untaken, 2 * untaken + Number(forApplication));
    return true;
  }

  transmits(state: State): boolean {
    if (this.stage(state) === Flow.NotBegun) return false;
    this.#cell.put(state, Field.Written, this.#cell.lookers());
    return true;
  }

  /** The kernel has taken the oldest ping. */
  #take(batch: State[], state: State): void {
    const cell = this.#cell;
    const untaken = cell.field(state, Field.Untaken);
    const places = Math.floor(Math.log2(untaken));
    const forApplication = ((untaken >> (places - 1)) & 1) === 1;
    const rest = (1 << (places - 1)) | (untaken & ((1 << (places - 1)) - 1));
    cell.put(state, Field.Untaken, rest);
    if (rest > 1) state.armFromNow(cell.vars.taken, 0, this.#full.behindUs);
    this.#answer(state, forApplication);
    this.#steps.step(batch, Column.PingWritten, ['loop']);
    for (const one of batch) {
      if (cell.field(one, Field.Still) === Still.Waits) cell.put(one, Field.Still, Still.GoesOn);
    }
  }

  /** Who is there, answers. */
  #answer(state: State, forApplication: boolean): void {
    const by = forApplication ? Silent.Application : Silent.Answers;
    if ((this.#cell.field(state, Field.Silent) & by) !== 0) return;
    this.#steps.answer(state, forApplication, this.#full.behindUs);
  }

  /** The fault strikes a connection whose load has begun. @param closing how long a kernel that answers goes on taking bytes */
  struck(state: State, { answersArrive }: Strike, closing: Closing | null): State[] {
    const { vars, setting } = this.#cell;
    const { rttUs, toServerUs } = setting;
    const acknowledgedUs = rttUs + this.#full.ackDelayUs;
    this.#heardUs = answersArrive ? acknowledgedUs : toServerUs;
    if (closing !== null) {
      state.zone.set(vars.stands, NOW, 0, closing.shutUs);
      return [state];
    }
    // Acknowledgements come in bursts, a round trip apart at most: the last one may have come already.
    const stands = state.copy();
    stands.zone.set(vars.oldest, NOW, -acknowledgedUs, 0);
    state.zone.set(vars.stands, NOW, 0, this.#heardUs);
    return [
      state,
      ...this.#stand(stands, vars.oldest).filter(
        ({ zone }) => !zone.has(vars.write) || zone.limit(NOW, vars.write, 0),
      ),
    ];
  }

  /** The last acknowledgement has come, at `base`. */
  #stand(state: State, base: number): State[] {
    const cell = this.#cell;
    const { vars, setting } = cell;
    const { zone } = state;
    for (const v of [vars.moves, vars.taken, vars.stands, vars.pageFull]) zone.drop(v);
    cell.put(state, Field.Flow, Flow.Stands);
    cell.put(state, Field.Untaken, 0);
    cell.put(state, Field.Written, 0);
    if (base !== vars.oldest && cell.aftermath?.acknowledges !== true) {
      zone.set(vars.oldest, base, 0, 0);
    }
    const states = [state];
    // Whoever looks may have seen its progress already.
    if (cell.lookers() !== 0) {
      const unseen = state.copy();
      cell.put(unseen, Field.Acked, cell.lookers());
      states.push(unseen);
    }
    if (cell.aftermath?.acknowledges !== true) {
      return states.flatMap((one) => this.#kernel.flights(one, base, true));
    }
    const endUs = shutWindowEndUs(setting.kernel, setting);
    if (endUs === null) return states;
    const earlierUs = setting.rttUs + this.#full.ackDelayUs;
    for (const one of states) {
      one.arm(vars.shut, base, Math.max(0, endUs.lo - earlierUs), endUs.hi);
    }
    return states;
  }

  /** The peer's library reads no more: of the answers under way those that had left arrive. */
  #answersEnd(state: State): State[] {
    const { vars, setting } = this.#cell;
    this.#cell.put(state, Field.Silent, this.#cell.field(state, Field.Silent) | Silent.Answers);
    let states = [state];
    for (let v = vars.pongs; v < vars.pongs + ANSWERS_UNDER_WAY; v += 1) {
      states = states.flatMap((one) => {
        if (!one.zone.has(v)) return [one];
        const lost = one.copy();
        const left = one.zone.limit(v, NOW, setting.toServerUs);
        if (!lost.zone.limit(NOW, v, -setting.toServerUs - 1)) return [one];
        lost.zone.drop(v);
        return left ? [one, lost] : [lost];
      });
    }
    return states;
  }
}

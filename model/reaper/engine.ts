/**
 * The reaper that runs, in the simulator and in production: one row of numbers per mechanism, stepped
 * through the tables that were compiled from the xstate machines.
 *
 * Time. Clocks on a grid (a ping's fixed cadence, looks at the socket) tick at origin + k · interval, whatever
 * the host's lateness: a late host fires late, never drifts, and after a long stall ticks once, not once
 * per missed interval. A sweep starts on its grid, but a late tick pushes the later ones back, as with
 * Node's setInterval: its interval is the peer's time to answer, and a stalled server must not shorten it.
 * All other clocks run from the instant at which the step that starts them was really made. A clock with a
 * granularity runs on to a tick of a coarser timer; a step that such a tick makes counts as made at the tick, however
 * late, except that patience for an answer is never shortened by it.
 * Clocks due at one instant run out in the order of the policy's mechanisms, and within one of them in the
 * order of CLOCKS. What a host reports before it calls `advance` came first: a pong read at the very
 * instant of the tick saves the connection.
 *
 * Draws. What is drawn for a connection is one number; all jitters of its policy hang on it.
 *
 * Pings. A ping that one mechanism asks for is told to all others, after the step that asks for it.
 *
 * Time stamps. A clock that is compared with and never waited for wakes nobody: it is noticed when its region is
 * stepped next. What is reported at its very instant still finds it running, a tick of its own mechanism does not; nor does
 * a ping of the peer find the interval running that is over just now.
 *
 * Send stall. Let G = graceMs rounded up to a multiple of everyMs. By bytes acked or by the queue, the
 * reap comes G after the first look that found the queue filled, or the last one that found progress; that
 * look is less than everyMs after the fact. So the time from the first stuck byte, or the last progress, to the
 * reap lies in [G, G + everyMs). A look counts as made at its tick: a host whose lateness varies from look to look neither
 * shortens nor lengthens the grace by a whole look. By application acknowledgement the grace itself starts
 * with the message, and the reap comes at the first look after it: in [graceMs, graceMs + everyMs).
 *
 * After Reap or Close an instance is over until it is started again.
 */
import { assert } from '../assert.ts';
import { NO_EDGE } from '../statechart/table.ts';
import { untilNextTick } from '../mechanisms/region/clocks.ts';
import { dueUs, lastTickUs } from './due.ts';
import type { Layout } from './layout.ts';
import { clockOf, Column, FIRST_CLOCK_COLUMN, Operation, operationOf } from './program.ts';
import { Rule } from './region.ts';
import type { Region } from './region.ts';
import { ReaperEffect } from './types.ts';
import type { ReaperInstance, RowWalk, SocketSample } from './types.ts';
import { takes } from '../rare-paths.ts';

/** What a connection draws of which its host says nothing. */
const MIDDLE = 0.5;

/** One connection's reaper over compiled regions: a row of numbers among those of other connections. */
export class TableReaper implements ReaperInstance {
  deadlineUs = Infinity;
  effectCount = 0;
  readonly #layout: Layout;
  readonly #regions: readonly Region[];
  /** Where its numbers are, from `#at` on; see {@link Layout}. */
  readonly #row: Float64Array;
  readonly #at: number;
  /** Where the numbers of its regions begin. */
  readonly #state: number;
  /** Place of the clock that is due at `deadlineUs`. */
  #deadlineSlot = 0;
  /** Whether any clock that wakes the host was set or cleared since the deadline was found. */
  #clocksChanged = false;
  #running = false;

  /** @param row `layout.width` numbers of it, from `at` on, are this reaper's own until it is stopped for good. */
  constructor(layout: Layout, row: Float64Array = new Float64Array(layout.width), at = 0) {
    this.#layout = layout;
    this.#regions = layout.regions;
    this.#row = row;
    this.#at = at;
    this.#state = at + layout.state;
    this.#end();
  }

  get effects(): Uint8Array {
    return this.#layout.effects;
  }

  get effectMechanism(): Uint8Array {
    return this.#layout.effectMechanism;
  }

  start(nowUs: number, sharedOriginUs: number, draw = MIDDLE): void {
    this.stop();
    this.#running = true;
    for (let r = 0; r < this.#regions.length; r++) {
      const region = this.#region(r);
      const { clockUs, drawnClock, firstTickClock, jitterUs, program } = region;
      if (jitterUs > 0) takes('jitter-drawn');
      this.#row[this.#state + r] = program.initial;
      this.#row[this.#at + this.#layout.measured + r] = 0;
      this.#row[this.#at + this.#layout.drawn + r] =
        (clockUs[drawnClock] ?? 0) + Math.floor(draw * jitterUs);
      const firstTickUs = this.#runsUs(r, region, firstTickClock);
      this.#row[this.#at + this.#layout.origin + r] = region.sharedGrid
        ? sharedOriginUs
        : nowUs + firstTickUs;
      this.#perform(r, region, program.initialStart, nowUs, nowUs);
    }
    this.#findDeadline();
  }

  received(lifeBits: number, nowUs: number): void {
    this.effectCount = 0;
    if (!this.#running) return;
    for (let r = 0; r < this.#regions.length && this.#running; r++) {
      const region = this.#region(r);
      if ((lifeBits & region.skipMask) !== 0) takes('received-skips-tick');
      this.#report(r, columnOf(region, lifeBits), nowUs);
    }
    this.#findDeadline();
  }

  repeats(lifeBits: number): boolean {
    for (let r = 0; r < this.#regions.length && this.#running; r++) {
      const region = this.#region(r);
      const { program } = region;
      const column = columnOf(region, lifeBits);
      if (program.hears[column] === 0) continue;
      const lazySlot = this.#layout.lazySlots[r] ?? -1;
      if (lazySlot >= 0 && this.#row[this.#at + lazySlot] !== Infinity) return false;
      const state = this.#row[this.#state + r] ?? 0;
      if (program.repeats[state * program.width + column] === 0) return false;
    }
    return true;
  }

  pingWritten(nowUs: number): void {
    this.#tellAll(Column.PingWritten, nowUs);
  }

  messageSent(nowUs: number): void {
    this.#tellAll(Column.MessageSent, nowUs);
  }

  sendAccepted(nowUs: number): void {
    this.#tellAll(Column.SendAccepted, nowUs);
  }

  sendBlocked(nowUs: number): void {
    this.#tellAll(Column.SendBlocked, nowUs);
  }

  sendDrained(all: boolean, nowUs: number): void {
    this.#tellAll(all ? Column.SendDrainedAll : Column.SendDrainedSome, nowUs);
  }

  requested(nowUs: number): void {
    this.#tellAll(Column.Requested, nowUs);
  }

  replied(nowUs: number): void {
    this.#tellAll(Column.Replied, nowUs);
  }

  borrowed(nowUs: number): void {
    this.#tellAll(Column.Borrowed, nowUs);
  }

  sampled(sample: SocketSample, nowUs: number): void {
    this.effectCount = 0;
    for (let r = 0; r < this.#regions.length && this.#running; r++) {
      if (this.#row[this.#at + this.#layout.asked + r] === 0) continue;
      this.#row[this.#at + this.#layout.asked + r] = 0;
      this.#noticeLazy(r, nowUs, true);
      this.#transition(r, this.#region(r), this.#judge(r, sample), nowUs, nowUs);
    }
    this.#findDeadline();
  }

  advance(nowUs: number): void {
    this.effectCount = 0;
    while (this.#running && this.deadlineUs <= nowUs) {
      const slot = this.#deadlineSlot;
      const r = this.#layout.regionOfSlot[slot] ?? 0;
      this.#row[this.#at + slot] = Infinity;
      this.#clocksChanged = true;
      this.#noticeLazy(r, nowUs, true);
      this.#runOut(r, this.#layout.clockOfSlot[slot] ?? 0, nowUs);
      this.#findDeadline();
    }
    this.#askForSample();
  }

  stop(): void {
    this.effectCount = 0;
    this.#end();
  }

  get rests(): boolean {
    if (!this.#running) return false;
    for (let r = 0; r < this.#regions.length; r++) {
      const region = this.#region(r);
      if (looksAtQueue(region) && !this.#isAtRest(r, region)) return false;
    }
    return true;
  }

  get restingDeadlineUs(): number {
    let earliest = Infinity;
    for (let slot = 0; slot < this.#layout.wakers; slot++) {
      const due = this.#row[this.#at + slot] ?? Infinity;
      if (due >= earliest) continue;
      if (!looksAtQueue(this.#region(this.#layout.regionOfSlot[slot] ?? 0))) earliest = due;
    }
    return earliest;
  }

  rouse(nowUs: number): void {
    this.effectCount = 0;
    if (!this.#running) return;
    for (let slot = 0; slot < this.#layout.wakers; slot++) {
      const r = this.#layout.regionOfSlot[slot] ?? 0;
      const region = this.#region(r);
      if (!looksAtQueue(region) || (this.#row[this.#at + slot] ?? Infinity) > nowUs) continue;
      this.#row[this.#at + slot] =
        nowUs +
        untilNextTick(nowUs, this.#row[this.#at + this.#layout.origin + r] ?? 0, region.intervalUs);
      this.#clocksChanged = true;
    }
    this.#findDeadline();
  }

  walk(through: RowWalk): void {
    const { origin, drawn, measured, state, width } = this.#layout;
    for (let slot = 0; slot < origin; slot++) {
      const at = this.#at + slot;
      this.#row[at] = through.due(this.#row[at] ?? Infinity);
    }
    for (const { intervalUs } of this.#regions) through.grid(intervalUs);
    for (let column = drawn; column < measured; column++) {
      through.same(this.#row[this.#at + column] ?? 0);
    }
    for (let column = measured; column < state; column++) {
      const at = this.#at + column;
      this.#row[at] = through.progress(this.#row[at] ?? 0);
    }
    for (let column = state; column < width; column++) {
      through.same(this.#row[this.#at + column] ?? 0);
    }
    this.#clocksChanged = true;
    this.#findDeadline();
  }

  /** A look that found nothing queued would change nothing. */
  #isAtRest(r: number, { program }: Region): boolean {
    const state = this.#row[this.#state + r] ?? 0;
    const next = program.next[state * program.width + Column.SampleEmpty] ?? NO_EDGE;
    return next === NO_EDGE || next === state;
  }

  #tellAll(column: number, nowUs: number): void {
    this.effectCount = 0;
    if (!this.#running || this.#layout.hears[column] === 0) return;
    for (let r = 0; r < this.#regions.length && this.#running; r++) this.#report(r, column, nowUs);
    this.#findDeadline();
  }

  /** What the host reports came before whatever runs out at the same instant. */
  #report(r: number, column: number, nowUs: number): void {
    this.#noticeLazy(r, nowUs, false);
    this.#transition(r, this.#region(r), column, nowUs, nowUs);
  }

  /** A clock that nobody waits for has run out: before what is reported at its very instant, or `after` it. */
  #noticeLazy(r: number, nowUs: number, after: boolean): void {
    const slot = this.#layout.lazySlots[r] ?? -1;
    if (slot < 0) return;
    const due = this.#row[this.#at + slot] ?? Infinity;
    const region = this.#region(r);
    if (due > nowUs || (due === nowUs && !after && !region.lazyFirst)) return;
    this.#row[this.#at + slot] = Infinity;
    this.#runOut(r, region.lazyClock, nowUs);
  }

  #runOut(r: number, clock: number, nowUs: number): void {
    const region = this.#region(r);
    const atUs =
      region.rules[clock] === Rule.Rounded
        ? lastTickUs(nowUs, this.#row[this.#at + this.#layout.origin + r] ?? 0, region.intervalUs)
        : nowUs;
    this.#transition(r, region, FIRST_CLOCK_COLUMN + clock, nowUs, atUs);
  }

  /** `atUs`: when the step counts as made. */
  #transition(r: number, region: Region, column: number, nowUs: number, atUs: number): void {
    const { program } = region;
    const cell = (this.#row[this.#state + r] ?? 0) * program.width + column;
    const next = program.next[cell] ?? NO_EDGE;
    if (next === NO_EDGE) return;
    this.#row[this.#state + r] = next;
    this.#perform(r, region, program.start[cell] ?? 0, nowUs, atUs);
  }

  #perform(r: number, region: Region, start: number, nowUs: number, atUs: number): void {
    const { codes } = region.program;
    let pinged = false;
    for (let at = start; ; at++) {
      const code = codes[at] ?? 0;
      switch (operationOf(code)) {
        case 0:
          if (pinged) this.#tellOthers(r, nowUs);
          return;
        case Operation.Arm:
          this.#arm(r, region, clockOf(code), nowUs, atUs);
          break;
        case Operation.Cancel:
          this.#set(r, region, clockOf(code), Infinity);
          break;
        case Operation.Sample:
          this.#row[this.#at + this.#layout.asked + r] = 1;
          break;
        case Operation.Ping:
          pinged = true;
          this.#emit(ReaperEffect.Ping, region.mechanism);
          break;
        case Operation.Test:
          this.#emit(ReaperEffect.Test, region.mechanism);
          break;
        default:
          this.#emit(
            code === Operation.Reap ? ReaperEffect.Reap : ReaperEffect.Close,
            region.mechanism,
          );
          this.#end();
          return;
      }
    }
  }

  /** A ping has been asked for: who has patience with the pings of others hears of it. */
  #tellOthers(sender: number, nowUs: number): void {
    if (this.#layout.hears[Column.PingSent] === 0) return;
    for (let r = 0; r < this.#regions.length; r++) {
      if (r !== sender) this.#transition(r, this.#region(r), Column.PingSent, nowUs, nowUs);
    }
  }

  #arm(r: number, region: Region, clock: number, nowUs: number, atUs: number): void {
    const fromUs = clock === region.patienceClock ? nowUs : atUs;
    const runsUs = this.#runsUs(r, region, clock);
    this.#set(
      r,
      region,
      clock,
      dueUs(region, clock, runsUs, this.#row[this.#at + this.#layout.origin + r] ?? 0, fromUs),
    );
  }

  #runsUs(r: number, region: Region, clock: number): number {
    if (clock === region.drawnClock) return this.#row[this.#at + this.#layout.drawn + r] ?? 0;
    return region.clockUs[clock] ?? 0;
  }

  #set(r: number, region: Region, clock: number, due: number): void {
    this.#row[this.#at + (this.#layout.slots[r]?.[clock] ?? 0)] = due;
    if (clock !== region.lazyClock) this.#clocksChanged = true;
  }

  /** What the sample says about the region's connection, as a column of its table. */
  #judge(r: number, sample: SocketSample): number {
    const { samples, softBytes, hardBytes, leastProgressBytes } = this.#region(r);
    if (samples === 'established') {
      return sample.established ? Column.SampleEmpty : Column.SampleNotEstablished;
    }
    if (samples === 'user-queue') {
      if (sample.userQueueBytes > hardBytes) return Column.SampleOverHard;
      if (sample.userQueueBytes <= softBytes) return Column.SampleEmpty;
      takes('queue-over-soft-limit');
      return Column.SampleOverSoft;
    }
    const { queueBytes, bytesAcked } = sample;
    const at = this.#at + this.#layout.measured + r;
    const measured = this.#row[at] ?? 0;
    const moved = samples === 'queue' ? queueBytes !== measured : bytesAcked >= measured;
    if (samples === 'queue') this.#row[at] = queueBytes;
    else if (moved || queueBytes === 0) {
      this.#row[at] = bytesAcked + Math.min(leastProgressBytes, queueBytes);
    }
    if (queueBytes === 0) return Column.SampleEmpty;
    return moved ? Column.SampleMoved : Column.SampleStuck;
  }

  /** At most one Sample per call, after everything else: its answer serves every mechanism that asked. */
  #askForSample(): void {
    if (!this.#running) return;
    for (let r = 0; r < this.#regions.length; r++) {
      if (this.#row[this.#at + this.#layout.asked + r] === 0) continue;
      this.#emit(ReaperEffect.Sample, this.#region(r).mechanism);
      return;
    }
  }

  #emit(effect: number, mechanism: number): void {
    assert(this.effectCount < this.effects.length, 'a reaper call left too many effects');
    this.effects[this.effectCount] = effect;
    this.effectMechanism[this.effectCount] = mechanism;
    this.effectCount++;
  }

  #findDeadline(): void {
    if (!this.#running || !this.#clocksChanged) return;
    this.#clocksChanged = false;
    let earliest = Infinity;
    for (let slot = 0; slot < this.#layout.wakers; slot++) {
      const due = this.#row[this.#at + slot] ?? Infinity;
      if (due >= earliest) continue;
      earliest = due;
      this.#deadlineSlot = slot;
    }
    this.deadlineUs = earliest;
  }

  #end(): void {
    this.#running = false;
    this.deadlineUs = Infinity;
    const { origin, asked, width } = this.#layout;
    for (let slot = 0; slot < origin; slot++) this.#row[this.#at + slot] = Infinity;
    for (let column = asked; column < width; column++) this.#row[this.#at + column] = 0;
  }

  #region(r: number): Region {
    const region = this.#regions[r];
    assert(region !== undefined, 'no such region');
    return region;
  }
}

/** Whether a region looks again and again for what waits to be sent, and at nothing else. */
function looksAtQueue({ samples }: Region): boolean {
  return samples !== undefined && samples !== 'established';
}

/** What something received means to a region, as a column of its table. */
export function columnOf({ lifeMask, skipMask }: Region, lifeBits: number): number {
  const column = (lifeBits & lifeMask) === 0 ? Column.ReceivedOther : Column.ReceivedLife;
  return (lifeBits & skipMask) === 0 ? column : column + Column.ReceivedSkip;
}

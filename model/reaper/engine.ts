/**
 * The reaper that runs, in the simulator and in production: one row of numbers per mechanism, stepped
 * through the tables that were compiled from the xstate machines.
 *
 * Time. Clocks on a grid (a ping's fixed cadence, looks at the socket) tick at origin + k · interval, whatever
 * the host's lateness: a late host fires late, never drifts, and after a long stall ticks once, not once
 * per missed interval. A sweep starts on its grid, but a late tick pushes the later ones back, as with
 * Node's setInterval: its interval is the peer's time to answer, and a stalled server must not shorten it.
 * All other clocks run from the instant at which the step that starts them was really made.
 * Clocks due at one instant run out in the order of the policy's mechanisms, and within one of them in the
 * order of CLOCKS. What a host reports before it calls `advance` came first: a pong read at the very
 * instant of the tick saves the connection.
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
import { NO_EDGE } from '../compile/table.ts';
import { untilNextTick } from '../machines/reaper/vocabulary.ts';
import {
  CLOCK_COUNT,
  clockColumn,
  clockOf,
  Column,
  INTERVAL,
  isOnGrid,
  Operation,
  operationOf,
} from './program.ts';
import type { Region } from './region.ts';
import { ReaperEffect } from './types.ts';
import type { ReaperInstance, ReaperMemory, SocketSample } from './types.ts';

/** More than any one call can leave: per mechanism a ping or a verdict for each of its clocks, and one look. */
const EFFECTS_PER_MECHANISM = CLOCK_COUNT;

/** One connection's reaper over compiled regions. */
export class TableReaper implements ReaperInstance {
  deadlineUs = Infinity;
  effectCount = 0;
  readonly effects: Uint8Array;
  readonly effectMechanism: Uint8Array;
  readonly #regions: readonly Region[];
  readonly #state: Int16Array;
  /** Absolute due time by region · CLOCK_COUNT + clock; Infinity where not armed. */
  readonly #dueUs: Float64Array;
  readonly #originUs: Float64Array;
  /** What the region's progress was measured by at its previous sample; not read before there was one. */
  readonly #measured: Float64Array;
  /** 1 while the region waits for the answer to its Sample. */
  readonly #asked: Uint8Array;
  /** Index in `#dueUs` of the clock that is due at `deadlineUs`. */
  #deadlineSlot = 0;
  /** Whether any clock was set or cleared since the deadline was found. */
  #clocksChanged = false;
  #running = false;

  constructor(regions: readonly Region[]) {
    this.#regions = regions;
    this.#state = new Int16Array(regions.length);
    this.#dueUs = new Float64Array(regions.length * CLOCK_COUNT).fill(Infinity);
    this.#originUs = new Float64Array(regions.length);
    this.#measured = new Float64Array(regions.length);
    this.#asked = new Uint8Array(regions.length);
    this.effects = new Uint8Array(regions.length * EFFECTS_PER_MECHANISM + 1);
    this.effectMechanism = new Uint8Array(this.effects.length);
  }

  start(nowUs: number, sharedOriginUs: number): void {
    this.stop();
    this.#running = true;
    for (let r = 0; r < this.#regions.length; r++) {
      const region = this.#region(r);
      this.#state[r] = region.program.initial;
      this.#originUs[r] = region.sharedGrid ? sharedOriginUs : nowUs;
      this.#perform(r, region, region.program.initialStart, nowUs);
    }
    this.#findDeadline();
  }

  received(lifeBits: number, nowUs: number): void {
    this.effectCount = 0;
    if (!this.#running) return;
    for (let r = 0; r < this.#regions.length; r++) {
      const isLife = (lifeBits & this.#region(r).lifeMask) !== 0;
      this.#step(r, isLife ? Column.ReceivedLife : Column.ReceivedOther, nowUs);
    }
    this.#findDeadline();
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
      if (this.#asked[r] === 0) continue;
      this.#asked[r] = 0;
      this.#step(r, this.#judge(r, sample), nowUs);
    }
    this.#findDeadline();
  }

  advance(nowUs: number): void {
    this.effectCount = 0;
    while (this.#running && this.deadlineUs <= nowUs) {
      const slot = this.#deadlineSlot;
      const r = Math.floor(slot / CLOCK_COUNT);
      this.#dueUs[slot] = Infinity;
      this.#clocksChanged = true;
      this.#step(r, clockColumn(slot % CLOCK_COUNT), nowUs);
      this.#findDeadline();
    }
    this.#askForSample();
  }

  stop(): void {
    this.effectCount = 0;
    this.#end();
  }

  memory(into: ReaperMemory = blankMemory(this.#regions.length)): ReaperMemory {
    into.running = this.#running;
    into.state.set(this.#state);
    into.dueUs.set(this.#dueUs);
    into.originUs.set(this.#originUs);
    into.measured.set(this.#measured);
    into.asked.set(this.#asked);
    return into;
  }

  recall(memory: ReaperMemory): void {
    this.stop();
    assert(memory.state.length === this.#state.length, 'a memory of another policy');
    this.#state.set(memory.state);
    this.#dueUs.set(memory.dueUs);
    this.#originUs.set(memory.originUs);
    this.#measured.set(memory.measured);
    this.#asked.set(memory.asked);
    this.#running = memory.running;
    this.#clocksChanged = true;
    this.#findDeadline();
  }

  #tellAll(column: number, nowUs: number): void {
    this.effectCount = 0;
    if (!this.#running) return;
    for (let r = 0; r < this.#regions.length; r++) this.#step(r, column, nowUs);
    this.#findDeadline();
  }

  /** One step of one region; a grace that has run out meanwhile is noticed first. */
  #step(r: number, column: number, nowUs: number): void {
    const region = this.#region(r);
    if (region.lazyClock >= 0) {
      const slot = r * CLOCK_COUNT + region.lazyClock;
      if ((this.#dueUs[slot] ?? Infinity) <= nowUs) {
        this.#dueUs[slot] = Infinity;
        this.#transition(r, region, clockColumn(region.lazyClock), nowUs);
      }
    }
    this.#transition(r, region, column, nowUs);
  }

  #transition(r: number, region: Region, column: number, nowUs: number): void {
    const { program } = region;
    const cell = (this.#state[r] ?? 0) * program.width + column;
    const next = program.next[cell] ?? NO_EDGE;
    if (next === NO_EDGE) return;
    this.#state[r] = next;
    this.#perform(r, region, program.start[cell] ?? 0, nowUs);
  }

  #perform(r: number, region: Region, start: number, nowUs: number): void {
    const { codes } = region.program;
    for (let at = start; ; at++) {
      const code = codes[at] ?? 0;
      switch (operationOf(code)) {
        case 0:
          return;
        case Operation.Arm: {
          const clock = clockOf(code);
          this.#dueUs[r * CLOCK_COUNT + clock] = this.#dueOf(r, region, clock, nowUs);
          this.#clocksChanged = true;
          break;
        }
        case Operation.Cancel:
          this.#dueUs[r * CLOCK_COUNT + clockOf(code)] = Infinity;
          this.#clocksChanged = true;
          break;
        case Operation.Sample:
          this.#asked[r] = 1;
          break;
        case Operation.Ping:
          this.#emit(ReaperEffect.Ping, region.mechanism);
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

  #dueOf(r: number, region: Region, clock: number, nowUs: number): number {
    const runsUs = region.clockUs[clock] ?? 0;
    const onGrid = isOnGrid(clock);
    const fromLook = clock === region.lazyClock && region.samples !== undefined;
    if (!onGrid && !fromLook) return nowUs + runsUs;
    if (region.ticksArePatience && clock === INTERVAL) return nowUs + region.intervalUs;
    const nextTickUs = nowUs + untilNextTick(nowUs, this.#originUs[r] ?? 0, region.intervalUs);
    return onGrid ? nextTickUs : nextTickUs - region.intervalUs + runsUs;
  }

  /** What the sample says about the region's connection, as a column of its table. */
  #judge(r: number, sample: SocketSample): number {
    const { samples } = this.#region(r);
    if (samples === 'established') {
      return sample.established ? Column.SampleEmpty : Column.SampleNotEstablished;
    }
    const measure = samples === 'queue' ? sample.queueBytes : sample.bytesAcked;
    const moved = measure !== this.#measured[r];
    this.#measured[r] = measure;
    if (sample.queueBytes === 0) return Column.SampleEmpty;
    return moved ? Column.SampleMoved : Column.SampleStuck;
  }

  /** At most one Sample per call, after everything else: its answer serves every mechanism that asked. */
  #askForSample(): void {
    if (!this.#running) return;
    const r = this.#asked.indexOf(1);
    if (r >= 0) this.#emit(ReaperEffect.Sample, this.#region(r).mechanism);
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
    for (let r = 0; r < this.#regions.length; r++) {
      const lazy = this.#region(r).lazyClock;
      for (let clock = 0; clock < CLOCK_COUNT; clock++) {
        const slot = r * CLOCK_COUNT + clock;
        const due = this.#dueUs[slot] ?? Infinity;
        if (due >= earliest || clock === lazy) continue;
        earliest = due;
        this.#deadlineSlot = slot;
      }
    }
    this.deadlineUs = earliest;
  }

  #end(): void {
    this.#running = false;
    this.deadlineUs = Infinity;
    this.#dueUs.fill(Infinity);
    this.#asked.fill(0);
  }

  #region(r: number): Region {
    const region = this.#regions[r];
    assert(region !== undefined, 'no such region');
    return region;
  }
}

function blankMemory(regions: number): ReaperMemory {
  return {
    running: false,
    state: new Int16Array(regions),
    dueUs: new Float64Array(regions * CLOCK_COUNT),
    originUs: new Float64Array(regions),
    measured: new Float64Array(regions),
    asked: new Uint8Array(regions),
  };
}

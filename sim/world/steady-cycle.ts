/**
 * Quiet cycles: a connection to which nothing has happened yet, and on which everything repeats, is moved on by whole
 * cycles at once. What comes out is what would if each of them were played.
 *
 * Why that is exact. Between two bursts of packets, with nothing under way, the world is a list of numbers, and every
 * part tells what each of them does in a cycle (sim/clock/state-walk.ts). If all are now what they were a cycle earlier, but for
 * instants that have moved on with the clock and offsets that have moved on with their streams, then the next cycle is the
 * last one again, later: no rule asks what time it is, but for
 *
 * - ticks, milliseconds and the grids of the policy, of which the cycle has to be a whole number;
 * - the wheel, which rounds to multiples of a bucket: of those whose timers have run, it has to be a whole number as well;
 * - instants that stand still while the clock comes closer: of them the world stops short by a whole cycle, and plays on.
 *
 * Draws are numbered and not taken in turn (sim/random.ts), and a path with jitter or loss, where each packet takes some, is played.
 * The log is told again what it was told in the cycle, so its digest is the same; so is what the cost meter has counted.
 */
import { Unit, type StateWalk, type UnitCode } from '../clock/state-walk.ts';
import type { Scheduler } from '../clock/types.ts';
import type { EventLog } from '../trace/event-log.ts';

/** A burst is over once nothing is due for so long; what timers it has left muted are over by then, too. */
const PAUSE_US = 1_000_000;

/** More than any world has. */
const MOST_NUMBERS = 512;

/** The first burst opens what the second settles. */
const FIRST_KEEP = 2;

/** A stamp that is not set. */
const NEVER = -1;

/** Every slot counts. */
const NO_SLOT = -1;

/** Of a cycle that has to be a whole number of milliseconds. */
const MS_US = 1000;

/** What a walk is taken for. */
const Walk = { Keep: 0, Compare: 1, MoveOn: 2 } as const;
type WalkCode = (typeof Walk)[keyof typeof Walk];

/** The parts of a world, each told of by a function; those that differ soonest first. */
export type Walked = readonly ((state: StateWalk) => void)[];

export class SteadyCycle implements StateWalk {
  readonly #scheduler: Scheduler;
  readonly #eventLog: EventLog;
  readonly #hz: number;
  readonly #world: Walked;
  /** The numbers of the world as they were kept, and by how much each has moved since. */
  readonly #kept = new Float64Array(MOST_NUMBERS);
  readonly #steps = new Float64Array(MOST_NUMBERS);
  #at = 0;
  #walk: WalkCode = Walk.Keep;
  /** When they were kept; NaN = they were not. */
  #keptUs = NaN;
  /** Nothing so far in this walk says otherwise: all is quiet, and as it was. */
  #holds = true;
  /** How far each unit moves in the cycle; of a stream NaN while nobody has told. */
  readonly #unitSteps = [0, 0, 0, NaN, NaN];
  /** The nearest instant that stands still, and in how many cycles a stream comes to something. */
  #standsUs = Infinity;
  #mostCycles = Infinity;
  /** The widest bucket of the wheel that a timer has run from since the world was kept, jiffies. */
  #bucketJ = 1;

  constructor(scheduler: Scheduler, eventLog: EventLog, hz: number, world: Walked) {
    this.#scheduler = scheduler;
    this.#eventLog = eventLog;
    this.#hz = hz;
    this.#world = world;
  }

  /**
   * Plays until `untilUs`, or until something has happened, and leaves out what only repeats.
   *
   * @param edgesUs instants at which the cost meter begins and ends to count
   */
  play(untilUs: number, edgesUs: readonly number[], hasHappened: () => boolean): void {
    const scheduler = this.#scheduler;
    let pauses = 0;
    let keepAt = FIRST_KEEP;
    let waitUs = 0;
    this.#keptUs = NaN;
    this.#eventLog.beginCycle();
    for (;;) {
      const nextUs = scheduler.nextDueUs(NO_SLOT);
      if (nextUs > untilUs || hasHappened()) break;
      // What is quiet without a word takes no time to play.
      const isPause = nextUs - scheduler.nowUs > PAUSE_US && nextUs > waitUs;
      if (isPause && this.#eventLog.hasLogged) {
        scheduler.run(nextUs - 1);
        pauses += 1;
        if (this.#repeats(edgesUs)) {
          waitUs = this.#leaveOut(untilUs, edgesUs);
          if (waitUs === untilUs) break;
          this.#keptUs = NaN;
          pauses = 0;
          keepAt = 1;
        } else if (pauses >= keepAt) {
          this.#keep();
          keepAt = nextKeep(keepAt);
        }
      }
      scheduler.run(scheduler.nextDueUs(NO_SLOT));
    }
    this.#eventLog.endCycles();
  }

  #keep(): void {
    this.#eventLog.beginCycle();
    this.#bucketJ = 1;
    this.#walkAs(Walk.Keep);
    this.#keptUs = this.#holds ? this.#scheduler.nowUs : NaN;
  }

  /** Whether all is as it was when it was kept, a cycle earlier, and nothing was counted otherwise in between. */
  #repeats(edgesUs: readonly number[]): boolean {
    const { nowUs } = this.#scheduler;
    const cycleUs = nowUs - this.#keptUs;
    // Not so if nothing is kept.
    if (!(cycleUs > 0) || !isWhole(cycleUs, MS_US) || !isWhole(cycleUs * this.#hz, 1e6))
      return false;
    // What the process was woken for is counted up to a cycle later.
    if (edgesUs.some((us) => us > this.#keptUs - cycleUs && us <= nowUs)) return false;
    this.#unitSteps[Unit.Us] = cycleUs;
    this.#unitSteps[Unit.Jiffies] = (cycleUs * this.#hz) / 1e6;
    this.#unitSteps[Unit.Ms] = cycleUs / MS_US;
    this.#unitSteps[Unit.ToClient] = NaN;
    this.#unitSteps[Unit.ToServer] = NaN;
    this.#standsUs = Infinity;
    this.#mostCycles = Infinity;
    this.#walkAs(Walk.Compare);
    return this.#holds;
  }

  /** Moves the world on by as many cycles as end at least one before anything else comes; returns when that is. */
  #leaveOut(untilUs: number, edgesUs: readonly number[]): number {
    const { nowUs } = this.#scheduler;
    const edgeUs = edgesUs.find((us) => us > nowUs) ?? Infinity;
    const cycleUs = this.#unitSteps[Unit.Us] as number;
    const endUs = Math.min(untilUs, edgeUs, this.#standsUs, nowUs + this.#mostCycles * cycleUs);
    const cycles = Math.floor((endUs - nowUs) / cycleUs) - 1;
    if (cycles < 1) return endUs;
    for (let i = 0; i < this.#at; i += 1) (this.#steps[i] as number) *= cycles;
    this.#walkAs(Walk.MoveOn);
    const [, , , toClient, toServer] = this.#unitSteps as [number, number, number, number, number];
    this.#eventLog.repeatCycle(cycles, { toClient, toServer });
    this.#scheduler.moveOn(nowUs + cycles * cycleUs);
    return endUs;
  }

  #walkAs(walk: WalkCode): void {
    this.#walk = walk;
    this.#at = 0;
    this.#holds = true;
    for (const part of this.#world) {
      part(this);
      if (!this.#holds) return;
    }
  }

  // What the parts tell.

  same(value: number): void {
    if (!this.isSame(value)) this.#holds = false;
  }

  isSame(value: number): boolean {
    const at = this.#at;
    this.#at = at + 1;
    if (this.#walk === Walk.Keep) this.#kept[at] = value;
    else if (this.#walk === Walk.Compare) this.#steps[at] = this.#kept[at] === value ? 0 : 1;
    else return this.#steps[at] === 0;
    return this.#walk === Walk.Keep || this.#steps[at] === 0;
  }

  none(value: number): void {
    if (value !== 0) this.#holds = false;
  }

  moves(unit: UnitCode, value: number, mayStand = false): number {
    if (this.#walk !== Walk.Compare) return this.#pass(value);
    return this.#compare(value, this.#stepOf(unit, value), mayStand);
  }

  stands(stream: UnitCode): boolean {
    return this.#unitSteps[stream] === 0;
  }

  rewritten(unit: UnitCode, value: number, mayStand: boolean): number {
    if (this.#walk !== Walk.Compare) return this.#pass(value);
    const at = this.#at;
    const step = this.#stepOf(unit, value);
    if (value === this.#kept[at]) return this.#compare(value, step, mayStand);
    this.#at = at + 1;
    this.#steps[at] = step;
    return value;
  }

  passed(unit: UnitCode, value: number): number {
    if (this.#walk !== Walk.Compare) return this.#pass(value);
    return this.#compare(value, this.#stepOf(unit, value), true);
  }

  ahead(unit: UnitCode, value: number, now: number): number {
    if (this.#walk !== Walk.Compare) return this.#pass(value);
    const step = this.#stepOf(unit, value);
    const stands = value === this.#kept[this.#at] && step > 0;
    if (stands) this.#mostCycles = Math.min(this.#mostCycles, Math.floor((value - now) / step));
    return this.#compare(value, step, true);
  }

  due(us: number): number {
    if (this.#walk !== Walk.Compare) return this.#pass(us);
    const stands = us === this.#kept[this.#at] && us > this.#scheduler.nowUs;
    if (stands) this.#standsUs = Math.min(this.#standsUs, us);
    return this.#compare(us, this.#unitSteps[Unit.Us] as number, true);
  }

  progress(bytes: number): number {
    return this.passed(Unit.ToClient, bytes);
  }

  counts(value: number): number {
    if (this.#walk !== Walk.Compare) return this.#pass(value);
    return this.#compare(value, value - (this.#kept[this.#at] as number), false);
  }

  grid(everyUs: number): void {
    const isOff = everyUs > 0 && !isWhole(this.#unitSteps[Unit.Us] as number, everyUs);
    if (this.#walk === Walk.Compare && isOff) this.#holds = false;
  }

  wheel(widthJiffies: number): void {
    this.#bucketJ = Math.max(this.#bucketJ, widthJiffies);
    const isOff = !isWhole(this.#unitSteps[Unit.Jiffies] as number, this.#bucketJ);
    if (this.#walk === Walk.Compare && isOff) this.#holds = false;
  }

  /** The first number that counts a stream's bytes says how many of them a cycle has. */
  #stepOf(unit: UnitCode, value: number): number {
    const step = this.#unitSteps[unit] as number;
    if (!Number.isNaN(step)) return step;
    const told = value - (this.#kept[this.#at] as number);
    this.#unitSteps[unit] = told;
    return told;
  }

  /** Keeps a number, or moves it on. */
  #pass(value: number): number {
    const at = this.#at;
    this.#at = at + 1;
    if (this.#walk === Walk.Keep) {
      this.#kept[at] = value;
      return value;
    }
    const moved = value + (this.#steps[at] as number);
    // A small integer stays one: V8 would take the field for a number of another kind from now on.
    return (moved | 0) === moved ? moved | 0 : moved;
  }

  /** Holds a number against the one that was kept: it is to have moved by `step`, or to stand where it may. */
  #compare(value: number, step: number, mayStand: boolean): number {
    const at = this.#at;
    this.#at = at + 1;
    const kept = this.#kept[at] as number;
    if (value - kept === step) {
      this.#steps[at] = step;
      return value;
    }
    this.#steps[at] = 0;
    if (!Object.is(value, kept) || !(mayStand || isUnset(value))) this.#holds = false;
    return value;
  }
}

/** After the 2nd, 3rd, 4th, 6th, 8th, 12th pause, and so on: a cycle of any number of bursts is found. */
function nextKeep(at: number): number {
  if (at < 4) return at + 1;
  return at % 3 === 0 ? (at / 3) * 4 : (at / 2) * 3;
}

function isUnset(value: number): boolean {
  return value === NEVER || !Number.isFinite(value);
}

function isWhole(value: number, of: number): boolean {
  return value % of === 0;
}

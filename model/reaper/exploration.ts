/**
 * A compiled mechanism in a silence of any length, with zones: from every state that it can be in when the silence begins, each of its
 * clocks at any phase. What the process itself does meanwhile, and what is no sign of life, may happen at any time.
 */
import { NO_EDGE } from '../statechart/table.ts';
import { NOW, Zone } from '../zone.ts';
import { armsWithin, type Within } from './arming.ts';
import { clockOf, Column, FIRST_CLOCK_COLUMN, Operation, operationOf } from './program.ts';
import { Rule, type Region } from './region.ts';

/** What there is too little of: signs of life, or progress of what was sent. */
export type Story = 'silence' | 'stuck';

/** Beside *now*: the instant at which the silence began, one at which something happens that no clock brings about, and the clocks. */
const BEGAN = 1;
const SOMETIME = 2;
const FIRST_CLOCK = 3;

/** With more states than this nothing is promised. */
const MOST_STATES = 20_000;
/** A silence so many times as long as all clocks together is taken for one without an end: misses and skipped ticks are among them. */
const ROUNDS = 16;

const LIFE: readonly number[] = [Column.ReceivedLife, Column.ReceivedLife + Column.ReceivedSkip];
const NO_LIFE: readonly number[] = [
  Column.ReceivedOther,
  Column.ReceivedOther + Column.ReceivedSkip,
];
/** Signs of life of the send path; whoever judges by its being blocked hears them too, and takes only the last for an end. */
const OF_SEND_PATH: readonly number[] = [
  Column.SendAccepted,
  Column.SendDrainedSome,
  Column.SendDrainedAll,
];
/** What the process itself does, whatever the peer does. */
const OWN_DOING: readonly number[] = [Column.PingWritten, Column.MessageSent, Column.SendBlocked];
const PROGRESS: readonly number[] = [Column.SampleMoved, Column.SampleEmpty];
const ANY_LOOK: readonly number[] = [...PROGRESS, Column.SampleStuck];
/** What a send path that is stuck may still say: that a little of what waits has moved is not its end. */
const STUCK_SIGNS: readonly number[] = [Column.SendAccepted, Column.SendDrainedSome];
/** Something waits from now on. */
const BEGINS: ReadonlySet<number> = new Set([Column.SendBlocked, Column.MessageSent]);
const ANYTHING: readonly number[] = [...LIFE, ...NO_LIFE, ...OWN_DOING, ...OF_SEND_PATH];

interface State {
  readonly control: Int16Array;
  readonly zone: Zone;
  /** The operation that has ended the connection; 0 while it stands. */
  end: number;
  /** Whether its first look since the silence began is behind it. */
  looked: boolean;
  asked: boolean;
}

/** What may happen in a search beside clocks that run out, and whether a state needs to be followed further. */
interface Search {
  readonly happens: readonly number[];
  readonly looks: (state: State) => readonly number[];
  readonly ended: (state: State) => void;
  readonly isOver: (state: State) => boolean;
}

export class Exploration {
  /** The judge, and after it those whose pings it hears. */
  readonly #parts: readonly Region[];
  readonly #story: Story;
  /** Variable of each part's first clock. */
  readonly #clocks: readonly number[];
  readonly #size: number;
  readonly #foreverUs: number;
  /** Every state of the parts, each running clock at any phase. */
  readonly #reachable: readonly State[];
  /** The silence lasts so long at the most, µs; Infinity = for ever. */
  readonly maxUs: number;
  /** Shorter ones end nothing, µs; Infinity = none does. Orderly ends do not count. */
  readonly toleranceUs: number;

  constructor(parts: readonly Region[], story: Story) {
    this.#parts = parts;
    this.#story = story;
    let size = FIRST_CLOCK;
    this.#clocks = parts.map(({ program }) => {
      const first = size;
      size += program.clocks.length;
      return first;
    });
    this.#size = size;
    const allUs = parts.flatMap(({ clockUs, jitterUs, intervalUs }) => [
      ...clockUs,
      jitterUs,
      intervalUs,
    ]);
    this.#foreverUs = ROUNDS * allUs.reduce((sum, us) => sum + us, 0);
    this.#reachable = this.#everyState();
    this.maxUs = this.#longest();
    this.toleranceUs = this.#shortest();
  }

  #longest(): number {
    let longestUs = 0;
    let forever = false;
    const whole = this.#search(
      this.#story === 'silence'
        ? this.#begun([...LIFE, ...NO_LIFE, ...this.#pathSigns()], true)
        : this.#begun(this.#beginsStuck(), false),
      {
        happens: this.#story === 'silence' ? OWN_DOING : [...OWN_DOING, ...STUCK_SIGNS],
        // The first look may still find what moved before.
        looks: ({ looked }) =>
          looked ? [Column.SampleStuck] : [Column.SampleMoved, Column.SampleStuck],
        ended: ({ zone }) => {
          longestUs = Math.max(longestUs, zone.most(NOW, BEGAN));
        },
        isOver: (state) => {
          forever ||= this.#waitsForNothing(state) || state.zone.most(NOW, BEGAN) > this.#foreverUs;
          return forever;
        },
      },
    );
    return whole && !forever && longestUs <= this.#foreverUs ? longestUs : Infinity;
  }

  #shortest(): number {
    let shortestUs = Infinity;
    const isStuck = this.#story === 'stuck';
    const whole = this.#search(
      isStuck
        ? this.#begun(this.#looks() ? PROGRESS : this.#beginsStuck(), false)
        : this.#begun([...LIFE, ...this.#pathSigns()], true),
      {
        happens: [...NO_LIFE, ...OWN_DOING, ...(isStuck ? STUCK_SIGNS : [])],
        looks: () => [Column.SampleStuck],
        ended: ({ end, zone }) => {
          if (end === Operation.Reap) shortestUs = Math.min(shortestUs, zone.least(NOW, BEGAN));
        },
        isOver: ({ zone }) => zone.least(NOW, BEGAN) >= Math.min(shortestUs, this.#foreverUs),
      },
    );
    return whole ? shortestUs : 0;
  }

  /** What begins the waiting: a blocked send path, where the judge hears of that, a message to be acknowledged, or nothing it is told of. */
  #beginsStuck(): readonly number[] {
    const { hears } = (this.#parts[0] as Region).program;
    if (hears[Column.SendBlocked] === 1) return [Column.SendBlocked];
    return hears[Column.MessageSent] === 1 ? [Column.MessageSent] : [];
  }

  /** Signs of life of the send path, where the judge hears of them. */
  #pathSigns(): readonly number[] {
    return OF_SEND_PATH.filter((column) => this.#parts[0]?.program.hears[column] === 1);
  }

  #looks(): boolean {
    return this.#parts[0]?.samples !== undefined;
  }

  /** No clock runs, so whatever the process does not do itself will not happen. */
  #waitsForNothing({ zone }: State): boolean {
    return !this.#running(zone).length;
  }

  #running(zone: Zone): number[] {
    const running: number[] = [];
    for (let v = FIRST_CLOCK; v < this.#size; v += 1) if (zone.has(v)) running.push(v);
    return running;
  }

  #opening(anyPhase: boolean): State {
    const state: State = {
      control: Int16Array.from(this.#parts, ({ program }) => program.initial),
      zone: new Zone(this.#size),
      end: 0,
      looked: false,
      asked: false,
    };
    this.#parts.forEach(({ program }, part) => {
      this.#perform(state, part, program.initialStart, false, anyPhase);
    });
    return state;
  }

  /** Untimed: whatever can happen does, in any order; every clock that runs may be anywhere on its way. */
  #everyState(): State[] {
    const first = this.#opening(true);
    const seen = new Map([[keyOf(first), first]]);
    for (const state of seen.values()) {
      const add = (next: State): void => {
        if (next.end === 0 && !seen.has(keyOf(next))) seen.set(keyOf(next), next);
      };
      this.#parts.forEach((region, part) => {
        for (const column of [...ANYTHING, ...ANY_LOOK]) {
          if (region.program.hears[column] !== 1) continue;
          const next = copyOf(state);
          this.#take(next, part, column, true);
          add(next);
        }
        for (let clock = 0; clock < region.program.clocks.length; clock += 1) {
          if (!state.zone.has(this.#clock(part, clock))) continue;
          const next = copyOf(state);
          next.zone.drop(this.#clock(part, clock));
          this.#take(next, part, FIRST_CLOCK_COLUMN + clock, true);
          add(next);
        }
      });
    }
    return [...seen.values()];
  }

  /** Every state in which the silence can begin: after one of these, or, where none is named, at any time. */
  #begun(columns: readonly number[], atOpening: boolean): State[] {
    const begun = (state: State): State => {
      state.zone.set(BEGAN, NOW, 0, 0);
      state.asked = false;
      return state;
    };
    const opening = atOpening ? [begun(this.#opening(false))] : [];
    if (columns.length === 0) return [...opening, ...this.#reachable.map(copyOf).map(begun)];
    const after = this.#reachable.flatMap((from) =>
      this.#parts.reduce<State[]>(
        (batch, _, part) =>
          batch.flatMap((state) =>
            columns.flatMap((column) => {
              // What has begun already does not begin anew.
              if (BEGINS.has(column) && !this.#changes(state, part, column)) return [];
              const next = copyOf(state);
              this.#take(next, part, column, false);
              return next;
            }),
          ),
        [copyOf(from)],
      ),
    );
    return [...opening, ...after.filter(({ end }) => end === 0).map(begun)];
  }

  /** Whether everything was looked at. */
  #search(begins: readonly State[], search: Search): boolean {
    const passed = new Map<string, Zone[]>();
    const waiting: State[] = [];
    let left = MOST_STATES;
    const file = (state: State): void => {
      if (state.end !== 0) {
        search.ended(state);
        return;
      }
      // Of a silence that has lasted long, only how long it has lasted at least makes a difference.
      if (state.zone.most(NOW, BEGAN) > this.#foreverUs) state.zone.everEarlier(BEGAN);
      const key = keyOf(state);
      const before = passed.get(key) ?? [];
      if (before.some((zone) => state.zone.within(zone))) return;
      passed.set(key, [...before, state.zone]);
      waiting.push(state);
    };
    for (const state of begins) file(state);
    for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
      left -= 1;
      if (left < 0) return false;
      if (search.isOver(state)) continue;
      for (const next of this.#after(state, search)) file(next);
    }
    return true;
  }

  #after(state: State, { happens, looks }: Search): State[] {
    const running = this.#running(state.zone);
    const found: State[] = [];
    this.#parts.forEach((region, part) => {
      for (let clock = 0; clock < region.program.clocks.length; clock += 1) {
        const next = this.#expired(state, part, clock, running);
        if (next !== undefined) found.push(...this.#answered(next, looks));
      }
      for (const column of happens) {
        if (!this.#changes(state, part, column)) continue;
        const next = copyOf(state);
        const { zone } = next;
        zone.set(SOMETIME, NOW, 0, Infinity);
        if (!running.every((v) => zone.limit(SOMETIME, v, 0))) continue;
        zone.arriveAt(SOMETIME);
        this.#take(next, part, column, false);
        found.push(next);
      }
    });
    return found;
  }

  /** This clock runs out before all others; undefined where it cannot. */
  #expired(
    state: State,
    part: number,
    clock: number,
    running: readonly number[],
  ): State | undefined {
    const v = this.#clock(part, clock);
    if (!state.zone.has(v)) return undefined;
    const { lazyClock } = this.#parts[part] as Region;
    const next = copyOf(state);
    for (const other of running) {
      if (other === v) continue;
      // A clock that is only looked at has run out already when another one of its mechanism does at the same instant.
      const isLazy = lazyClock >= 0 && other === this.#clock(part, lazyClock);
      if (!next.zone.limit(v, other, isLazy ? -1 : 0)) return undefined;
    }
    next.zone.arriveAt(v);
    this.#take(next, part, FIRST_CLOCK_COLUMN + clock, false);
    return next;
  }

  /** Only the judge's looks matter: those of others end nothing here. */
  #answered(state: State, looks: Search['looks']): State[] {
    if (!state.asked || state.end !== 0) return [state];
    state.asked = false;
    return looks(state).map((column) => {
      const next = copyOf(state);
      this.#take(next, 0, column, false);
      next.looked = true;
      return next;
    });
  }

  #changes({ control }: State, part: number, column: number): boolean {
    const { hears, next, width } = (this.#parts[part] as Region).program;
    return hears[column] === 1 && next[(control[part] ?? 0) * width + column] !== NO_EDGE;
  }

  #clock(part: number, clock: number): number {
    return (this.#clocks[part] ?? 0) + clock;
  }

  #take(state: State, part: number, column: number, anyPhase: boolean): void {
    const { program, rules } = this.#parts[part] as Region;
    const cell = (state.control[part] ?? 0) * program.width + column;
    const next = program.next[cell] ?? NO_EDGE;
    if (next === NO_EDGE || state.end !== 0) return;
    state.control[part] = next;
    const onTick =
      column >= FIRST_CLOCK_COLUMN && rules[column - FIRST_CLOCK_COLUMN] === Rule.Rounded;
    this.#perform(state, part, program.start[cell] ?? 0, onTick, anyPhase);
  }

  #perform(state: State, part: number, start: number, onTick: boolean, anyPhase: boolean): void {
    const region = this.#parts[part] as Region;
    const { codes } = region.program;
    let pinged = false;
    for (let at = start; codes[at] !== 0; at += 1) {
      const code = codes[at] ?? 0;
      const operation = operationOf(code);
      if (operation === Operation.Arm) {
        const within = armsWithin(region, clockOf(code), onTick, false);
        this.#arm(state, this.#clock(part, clockOf(code)), within, anyPhase);
      } else if (operation === Operation.Cancel) {
        state.zone.drop(this.#clock(part, clockOf(code)));
      } else if (operation === Operation.Sample) {
        state.asked ||= part === 0;
      } else if (operation === Operation.Ping) {
        pinged = true;
      } else {
        state.end = operation;
        return;
      }
    }
    if (!pinged) return;
    this.#parts.forEach((_, other) => {
      if (other !== part) this.#take(state, other, Column.PingSent, anyPhase);
    });
  }

  #arm({ zone }: State, v: number, { lo, hi }: Within, anyPhase: boolean): void {
    zone.set(v, NOW, anyPhase ? 0 : lo, hi);
  }
}

function copyOf({ control, zone, end, looked, asked }: State): State {
  return { control: control.slice(), zone: zone.copy(), end, looked, asked };
}

function keyOf({ control, zone, looked }: State): string {
  return `${looked ? '+' : '-'}${control.join()} ${zone.variables().join()}`;
}

/**
 * One run of the system that attains a bound: the instants of the path are differences with bounds, step by step, and the greatest of their
 * solutions (shortest paths: Bellman 1958, Ford 1956) says how far every clock was away when the fault struck, or the silence began. Whoever sets these clocks can play the path.
 */
import { startedAt } from './explain.ts';
import type { Product } from './product.ts';
import type { Node } from './search.ts';
import { Field, Still, type State } from './state.ts';
import type { Leg, Start } from './types.ts';
import { NOW, type Zone } from '../zone.ts';

const US_PER_MS = 1_000;

/** A longer path is not solved. */
const MOST_STEPS = 600;

/** x_i − x_j ≤ c over instants that are numbered; the fault is number 0. */
class Differences {
  readonly #edges: { readonly i: number; readonly j: number; readonly c: number }[] = [];
  #count = 1;

  instant(): number {
    this.#count += 1;
    return this.#count - 1;
  }

  limit(i: number, j: number, c: number): void {
    if (i !== j && c !== Infinity) this.#edges.push({ i, j, c });
  }

  /** Every difference that a zone bounds. @param instants of its variables */
  zone(zone: Zone, instants: ReadonlyMap<number, number>): void {
    for (const [v, i] of instants) {
      for (const [u, j] of instants) this.limit(i, j, zone.most(v, u));
    }
  }

  /** The latest that each instant can be after the fault, all at once; null where they contradict each other. */
  latest(): Float64Array | null {
    return this.#solved(({ i, j, c }) => [i, j, c]);
  }

  /** The soonest that each can be: the same, read from behind. */
  soonest(): Float64Array | null {
    return this.#solved(({ i, j, c }) => [j, i, c])?.map((us) => -us) ?? null;
  }

  /** The greatest solution of x_i ≤ x_j + c with x_0 = 0. */
  #solved(
    limits: (edge: { i: number; j: number; c: number }) => readonly [number, number, number],
  ): Float64Array | null {
    const at = new Float64Array(this.#count).fill(Infinity);
    at[0] = 0;
    for (let round = 0; round <= this.#count; round += 1) {
      let moved = false;
      for (const edge of this.#edges) {
        const [i, j, c] = limits(edge);
        const us = (at[j] as number) + c;
        if (us >= (at[i] as number)) continue;
        at[i] = us;
        moved = true;
      }
      if (!moved) return at;
    }
    return null;
  }
}

/** A bucket of the timer wheel on whose border a timer goes off. */
interface Border {
  readonly instant: number;
  readonly widthJ: number;
}

/** The path, the earliest first. */
function stepsOf(last: Node): Node[] {
  const steps: Node[] = [];
  for (let node: Node | null = last; node !== null; node = node.parent) steps.push(node);
  return steps.toReversed();
}

/** The differences that hold along a path, step by step. */
class Path {
  readonly differences = new Differences();
  readonly borders: Border[] = [];
  /** Instants of the variables at the fault, and now. */
  readonly atStart: ReadonlyMap<number, number>;
  now = 0;
  readonly #product: Product;
  #instants: Map<number, number>;

  constructor(product: Product, { state: { zone } }: Node) {
    this.#product = product;
    this.#instants = new Map([[NOW, this.now]]);
    for (const v of zone.variables()) {
      if (v === NOW) continue;
      this.#instants.set(v, this.#isFault(v) ? 0 : this.differences.instant());
    }
    this.atStart = this.#instants;
    this.differences.zone(zone, this.#instants);
  }

  step({ state, fired }: Node, before: State): void {
    const { cell } = this.#product;
    if (fired !== NOW && cell.field(before, Field.Still) !== Still.GoesOn)
      this.#goOff(fired, before);
    const next = new Map([[NOW, this.now]]);
    for (const v of state.zone.variables()) {
      if (v === NOW) continue;
      const runsOn = cell.awaited[v] === 1 && !state.armed.includes(v);
      const same = runsOn ? this.#instants.get(v) : undefined;
      next.set(v, this.#isFault(v) ? 0 : (same ?? this.differences.instant()));
    }
    this.#instants = next;
    this.differences.zone(state.zone, next);
  }

  /** The timer that goes off is the first of all that are awaited. */
  #goOff(fired: number, before: State): void {
    const { cell } = this.#product;
    const { write, keepalive } = cell.vars;
    const last = this.now;
    this.now = this.#instants.get(fired) ?? this.differences.instant();
    this.differences.limit(last, this.now, 0);
    for (const [v, instant] of this.#instants) {
      if (v !== NOW && this.#product.isAwaited(before, v)) {
        this.differences.limit(this.now, instant, 0);
      }
    }
    if (fired !== write && fired !== keepalive) return;
    const width = fired === write ? Field.WriteWidth : Field.KeepaliveWidth;
    this.borders.push({ instant: this.now, widthJ: cell.field(before, width) });
  }

  #isFault(v: number): boolean {
    return v === this.#product.cell.vars.fault;
  }
}

/**
 * @param us the length of the run, Infinity where it never ends
 * @param silenceUs how long the silence lasts, where one does
 * @returns null where the path was joined from several, and no single run goes along it
 */
export function startOf(
  product: Product,
  last: Node,
  us: number,
  silenceUs: number | null = null,
): Start | null {
  const steps = stepsOf(last);
  const [first] = steps;
  if (first === undefined || steps.length > MOST_STEPS) return null;
  const path = new Path(product, first);
  for (const node of steps) if (node.parent !== null) path.step(node, node.parent.state);
  const { differences, atStart, borders } = path;
  const over = atStart.get(product.cell.vars.over);
  if (silenceUs === null) differences.limit(0, path.now, us === Infinity ? 0 : -us);
  else if (over !== undefined) differences.limit(over, 0, silenceUs);
  // A ghost lives longest where all comes late; a silence is shortest where what judges comes soon.
  const at = silenceUs === null ? differences.latest() : differences.soonest();
  if (at === null) return null;
  return {
    ...clocksAt(product, atStart, at),
    borders: borders.flatMap(({ instant, widthJ }) =>
      widthJ > 1 ? [{ atUs: at[instant] as number, widthJ }] : [],
    ),
    loose: looseClocks(product, steps),
  };
}

/** How far away each clock is at the fault. */
function clocksAt(
  { cell: { vars, setting } }: Product,
  instants: ReadonlyMap<number, number>,
  at: Float64Array,
): Pick<Start, 'clocks' | 'loadLeftUs' | 'beats'> {
  const leftUs = (v: number): number | null => {
    const instant = instants.get(v);
    const us = instant === undefined ? Infinity : (at[instant] as number);
    return Number.isFinite(us) ? us : null;
  };
  return {
    clocks: setting.parts.flatMap(({ region }, part) =>
      region.program.clocks.flatMap((name, clock) => {
        const us = leftUs((vars.clocks[part] as number) + clock);
        if (us === null || clock === region.lazyClock) return [];
        const isFirst = name === 'first' || name === 'age';
        const onGrid = name === 'first' || name === 'interval';
        const runsUs = region.clockUs[clock] ?? 0;
        const everyUs = onGrid ? region.intervalUs : 0;
        const others = region.program.clocks.map((one, at) =>
          name === 'reply' && one !== 'reply' ? (region.clockUs[at] ?? 0) : 0,
        );
        const afterUs = Math.max(0, ...others);
        const isShared = onGrid && region.sharedGrid;
        return [{ isShared, isFirst, runsUs, afterUs, everyUs, leftUs: us }];
      }),
    ),
    loadLeftUs: leftUs(vars.load),
    beats: setting.beats.flatMap(({ everyUs, name }, index) => {
      const us = leftUs(vars.beats + index);
      return us === null ? [] : [{ name, everyUs, leftUs: us }];
    }),
  };
}

/** Clocks that ran out on the path, and that the exploration knows only within limits: by how much in all. */
function looseClocks(product: Product, steps: readonly Node[]): Leg[] {
  const { vars, names } = product.cell;
  const loose = new Map<string, number>();
  for (const { parent, fired } of steps) {
    const starter = fired === NOW || fired === vars.over ? null : startedAt(parent, fired);
    if (starter === null) continue;
    const { zone } = starter.state;
    const us = zone.most(fired, NOW) - zone.least(fired, NOW);
    const name = names[fired] ?? 'a timer';
    if (us > 0 && us !== Infinity) loose.set(name, (loose.get(name) ?? 0) + us / US_PER_MS);
  }
  return [...loose].map(([clock, ms]) => ({ clock, ms }));
}

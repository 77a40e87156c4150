/**
 * One run of the system that attains a bound: the instants of the path are differences with bounds, step by step, and the greatest of their
 * solutions (shortest paths: Bellman 1958, Ford 1956) says how far every clock was away when the fault struck, or the silence began. Whoever sets these clocks can play the path.
 */
import { startedAt } from './explain.ts';
import type { Product } from './product.ts';
import type { Node } from './search.ts';
import { Field, Still } from './state.ts';
import type { Leg, Start } from './types.ts';
import { NOW, type Zone } from './zone.ts';

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
    const at = new Float64Array(this.#count).fill(Infinity);
    at[0] = 0;
    for (let round = 0; round <= this.#count; round += 1) {
      let moved = false;
      for (const { i, j, c } of this.#edges) {
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
  const { cell } = product;
  const { vars } = cell;
  const differences = new Differences();
  const borders: Border[] = [];
  let now = 0;
  let instants = new Map([[NOW, now]]);
  for (let v = 1; v < first.state.zone.size; v += 1) {
    if (first.state.zone.has(v)) instants.set(v, v === vars.fault ? 0 : differences.instant());
  }
  const atStart = instants;
  differences.zone(first.state.zone, instants);
  for (const { state, parent, fired } of steps.slice(1)) {
    if (parent === null) return null;
    const catchesUp = cell.field(parent.state, Field.Still) === Still.GoesOn;
    const before = now;
    if (!catchesUp && fired !== NOW) {
      now = instants.get(fired) ?? differences.instant();
      for (const [u, instant] of instants) {
        if (u !== NOW && product.isAwaited(parent.state, u)) differences.limit(now, instant, 0);
      }
      differences.limit(before, now, 0);
    }
    if (fired === vars.write || fired === vars.keepalive) {
      const width = fired === vars.write ? Field.WriteWidth : Field.KeepaliveWidth;
      borders.push({ instant: now, widthJ: cell.field(parent.state, width) });
    }
    const next = new Map([[NOW, now]]);
    for (let v = 1; v < state.zone.size; v += 1) {
      if (!state.zone.has(v)) continue;
      const runsOn =
        cell.awaited[v] === 1 && !state.armed.includes(v) ? instants.get(v) : undefined;
      next.set(v, v === vars.fault ? 0 : (runsOn ?? differences.instant()));
    }
    instants = next;
    differences.zone(state.zone, instants);
  }
  if (silenceUs === null) differences.limit(0, now, us === Infinity ? 0 : -us);
  const over = atStart.get(vars.over);
  if (silenceUs !== null && over !== undefined) differences.limit(over, 0, silenceUs);
  const at = differences.latest();
  if (at === null) return null;
  const leftUs = (v: number): number | null => {
    const instant = atStart.get(v);
    const us = instant === undefined ? Infinity : (at[instant] as number);
    return us === Infinity ? null : us;
  };
  const { parts, beats } = cell.setting;
  return {
    clocks: parts.flatMap(({ region }, part) =>
      region.program.clocks.flatMap((name, clock) => {
        const us = leftUs((vars.clocks[part] as number) + clock);
        if (us === null || clock === region.lazyClock) return [];
        const isFirst = name === 'first' || name === 'age';
        const onGrid = name === 'first' || name === 'interval';
        const runsUs = region.clockUs[clock] ?? 0;
        const everyUs = onGrid ? region.intervalUs : 0;
        return [{ isShared: onGrid && region.sharedGrid, isFirst, runsUs, everyUs, leftUs: us }];
      }),
    ),
    loadLeftUs: leftUs(vars.load),
    beats: beats.flatMap(({ everyUs, name }, index) => {
      const us = leftUs(vars.beats + index);
      return us === null ? [] : [{ name, everyUs, leftUs: us }];
    }),
    borders: borders.flatMap(({ instant, widthJ }) =>
      widthJ > 1 ? [{ atUs: at[instant] as number, widthJ }] : [],
    ),
    loose: looseClocks(product, steps),
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

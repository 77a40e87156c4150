/**
 * The worst path as a sum of named clocks: the end was brought about by a timer, that timer was started by what another one
 * did, and so on back to the fault; before it, a timer was already running.
 */
import type { Product } from './product.ts';
import type { Node } from './search.ts';
import type { Leg } from './types.ts';

const US_PER_MS = 1_000;

/** @param us the whole length of the path */
export function explain(product: Product, last: Node, us: number): Leg[] {
  const legs: Leg[] = [];
  let node: Node | null = last;
  let leftUs = us;
  while (node !== null && node.fired !== 0) {
    const { fired }: Node = node;
    const starter = startedAt(node.parent, fired);
    const name = product.cell.names[fired] ?? 'a timer';
    if (starter === null) {
      legs.push({ clock: `until ${name}`, ms: leftUs / US_PER_MS });
      leftUs = 0;
      break;
    }
    const longest = Math.min(leftUs, starter.state.zone.most(fired, 0));
    legs.push({ clock: name, ms: longest / US_PER_MS });
    leftUs -= longest;
    node = starter;
  }
  if (leftUs > 0) legs.push({ clock: 'the rest', ms: leftUs / US_PER_MS });
  return legs.toReversed();
}

/** The step that started timer v; null where it ran before the fault. */
export function startedAt(from: Node | null, v: number): Node | null {
  for (let node = from; node !== null; node = node.parent) {
    if (node.state.armed.includes(v)) return node.parent === null ? null : node;
  }
  return null;
}

/** The legs of a path, those that repeat one after the other counted. */
export function inARow(path: readonly Leg[]): { readonly leg: Leg; readonly times: number }[] {
  const rows: { leg: Leg; times: number }[] = [];
  for (const leg of path) {
    const last = rows.at(-1);
    if (last?.leg.clock === leg.clock && last.leg.ms === leg.ms) last.times += 1;
    else rows.push({ leg, times: 1 });
  }
  return rows;
}

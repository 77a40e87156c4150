/** The longest life that an exploration has met so far, to each of its instants. */
import { NotModelled } from './not-modelled.ts';
import type { Node } from './search.ts';

/** A step after the fault: how many there were before, and the one of them that it is compared with. */
export interface Step extends Node {
  readonly parent: Step | null;
  readonly depth: number;
  readonly mark: Step | null;
}

/** How late an instant can come; `because`: why nothing is known of it. */
export interface Reached {
  us: number;
  by: string;
  because: string | null;
}

/** The longest life of any ghost: to the decision, with the step that made it, and to what follows. */
export interface Longest {
  us: number;
  by: string;
  node: Step | null;
  readonly closed: Reached;
  readonly released: Reached;
}

export function nothing(): Longest {
  const none = { us: 0, by: 'nothing', because: null };
  return { us: 0, by: 'nothing', node: null, closed: { ...none }, released: { ...none } };
}

export function endless(node: Step | null): Longest {
  const never = { us: Infinity, by: 'nothing', because: null };
  return { ...never, node, closed: never, released: never };
}

/** What is asked, or null, and the reason noted, where it is not known. Of an instant that is unknown in one life nothing more is asked. */
export function unlessUnknown(instant: Reached, ask: () => number): number | null {
  if (instant.because !== null) return null;
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof NotModelled)) throw error;
    instant.because = error.message;
    return null;
  }
}

export function reaches(instant: Reached, us: number, by: string): void {
  if (us < instant.us) return;
  instant.us = us;
  instant.by = by;
}

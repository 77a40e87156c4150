/** How many lives `verify` plays in a cell where nobody says so: they are witnesses beside a proof, and of many cells each has fewer. */

interface Effort {
  /** Lives at random. */
  readonly runs: number;
  /** Points of the systematic grid of phases. */
  readonly phases: number;
}

/** Random lives are one witness of four; a point every half second of a period of 30 s. */
export const usual: Effort = { runs: 200, phases: 64 };

/** From so many cells on, all of them would take minutes. */
export const MANY_CELLS = 1_000;

/** Phases step on evenly from run to run, and each grid is walked up to four times: so few still come everywhere. */
export const ofMany: Effort = { runs: 40, phases: 16 };

/** How much a grid of so many cells gets. */
export function effortFor(cells: number): Effort {
  return cells < MANY_CELLS ? usual : ofMany;
}

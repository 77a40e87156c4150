/**
 * How much is tried. One place: what judges every commit in minutes is what stands here (`npm test`); more of each list and of what is
 * drawn are `npm run test:long`, which sets GHOSTBOUND_CASES; whole lists, and what takes hours, are of the night (`npm run nightly`). See docs/testing.md.
 */
const asked = (name: string, usual: number): number => Number(process.env[name] ?? usual);

/** Times as many cases of each property as a commit tries. */
const CASES = asked('GHOSTBOUND_CASES', 1);

/** Times as much of each list of which a commit tries a share; more than there is of it: the whole. */
const LISTS = asked('GHOSTBOUND_LISTS', CASES > 1 ? 8 : 1);

/** A commit tries one in so many of a list; here it is one in so many. */
export function oneIn(ofCommit: number): number {
  return Math.ceil(ofCommit / LISTS);
}

/** Lives of each built-in policy on each built-in scenario. */
export const RUNS = asked('GHOSTBOUND_RUNS', 6);

/** Lives of each row of docs/survey-windows.md. */
export const SURVEY_LIVES = asked('GHOSTBOUND_SURVEY_LIVES', 150);

/** Random events into the simulated kernel. */
export const FUZZ_EVENTS = asked('GHOSTBOUND_FUZZ_EVENTS', 250_000 * CASES);

/** So many draws of a commit are how many here. */
export function asMany(ofCommit: number): number {
  return Math.ceil(ofCommit * CASES);
}

/** How a command says that as much is to be tried again; nothing for what a commit tries. */
export const effortWords = Object.entries({ GHOSTBOUND_CASES: CASES, GHOSTBOUND_LISTS: LISTS })
  .map(([name, times]) => (times === 1 ? '' : `${name}=${times} `))
  .join('');

/**
 * How much is tried. One place: what judges every commit in minutes is what stands here (`npm test`); more of each list and of what is
 * drawn are `npm run test:long`, which sets GHOSTBOUND_CASES; whole lists, and what takes hours, are of the night (`npm run nightly`). See docs/testing.md.
 */
const asked = (name: string, usual: number): number => Number(process.env[name] ?? usual);

/** Times as many cases as each property names: a commit tries half of them. */
const CASES = asked('GHOSTBOUND_CASES', 0.5);

/** Times as much of each list as its share names, half of it by a commit; more than there is of it: the whole. */
const LISTS = asked('GHOSTBOUND_LISTS', CASES > 1 ? 8 : 0.5);

/** Of a list whose test names one in so many, one in so many is tried. */
export function oneIn(named: number): number {
  return Math.ceil(named / LISTS);
}

/** Lives of each built-in policy on each built-in scenario. */
export const RUNS = asked('GHOSTBOUND_RUNS', 6);

/** Lives of each row of docs/survey-windows.md. */
export const SURVEY_LIVES = asked('GHOSTBOUND_SURVEY_LIVES', 150);

/** Random events into the simulated kernel. */
export const FUZZ_EVENTS = asked('GHOSTBOUND_FUZZ_EVENTS', 250_000 * Math.max(1, CASES));

/** Of a test that names so many draws, so many are made. */
export function asMany(named: number): number {
  return Math.ceil(named * CASES);
}

/** How a command says that as much is to be tried again; nothing for what a commit tries. */
export const effortWords = Object.entries({ GHOSTBOUND_CASES: CASES, GHOSTBOUND_LISTS: LISTS })
  .map(([name, times]) => (times === 0.5 ? '' : `${name}=${times} `))
  .join('');

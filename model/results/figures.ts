/**
 * The figures of stories about more than one connection or one caller: what each counts, and what makes it bad. One
 * table: results, schemas, verdicts and thresholds take their words from it.
 */

/** What a figure counts. */
export type FigureUnit = 'ms' | 'connections' | 'clients' | 'openings' | 'times';

interface FigureDefinition {
  readonly unit: FigureUnit;
  /** What it is, for people. */
  readonly meaning: string;
  /** What went wrong where it never came to an end. */
  readonly never?: string;
  /** What went wrong where there is more than nothing of it, after the number. */
  readonly some?: string;
  /** Where it is what the story is about: what came of it, before the number. */
  readonly fine?: string;
}

const table = {
  'call hangs': {
    unit: 'ms',
    meaning: 'how long the caller waited, from asking to the answer or the error',
    never: 'the call hangs for ever',
  },
  'drain takes': {
    unit: 'ms',
    meaning: 'from SIGTERM to the end of the last connection',
    never: 'the stop never ends',
    fine: 'stops after',
  },
  'killed at the deadline': {
    unit: 'connections',
    meaning: 'connections that SIGKILL ended',
  },
  'ghosts standing': {
    unit: 'connections',
    meaning: "ghosts that stand when the story's time is over",
  },
  'longest wait': {
    unit: 'ms',
    meaning: 'how long those that wait for the seat of a ghost wait at most',
    never: 'the seat is never free',
  },
  'others wait': {
    unit: 'ms',
    meaning: 'how long a broadcast stands still for those with whom nothing is wrong, in one round',
    never: 'the broadcast stands still for ever',
  },
  'waited by all': { unit: 'ms', meaning: 'the same, over all that wait' },
  'half served': { unit: 'ms', meaning: 'from the loss until half of the clients are back' },
  'all served': {
    unit: 'ms',
    meaning: 'from the loss until every client is back',
    never: 'not all are served again',
    fine: 'all served after',
  },
  'rollout takes': {
    unit: 'ms',
    meaning: "from the first server's drain until all are back and every client is served",
    never: 'not all are served again',
    fine: 'all served after',
  },
  'longest without': {
    unit: 'ms',
    meaning: 'the longest that one client was without a session',
    never: 'some client is not served again',
  },
  'times moved': { unit: 'times', meaning: 'how often one client lost its session at most' },
  'sessions on one server': { unit: 'connections', meaning: 'the most at one time' },
  'gave up': {
    unit: 'clients',
    meaning: 'clients that do not come back by themselves',
    some: 'clients gave up for good',
  },
  'not served': {
    unit: 'clients',
    meaning: 'clients without a session when the watch is over',
    some: 'clients not served again',
  },
  'openings wasted': {
    unit: 'openings',
    meaning: 'openings that a server finished for clients that had left',
  },
  'openings turned away': {
    unit: 'openings',
    meaning: 'openings that a server had no room for',
  },
  'sessions too many': {
    unit: 'connections',
    meaning: 'sessions beyond the first of each client',
    some: 'sessions too many',
  },
  'two sessions of one client': {
    unit: 'ms',
    meaning: "how long a client's old session stood beside its new one",
  },
} as const satisfies Record<string, FigureDefinition>;

/** The name of a figure. */
export type FigureName = keyof typeof table;

/** Every figure by name. */
export const figures: Readonly<Record<FigureName, FigureDefinition>> = table;

/** The figures that stories are about; what else they count explains them. */
export const leadingFigures: ReadonlySet<string> = new Set<FigureName>([
  'call hangs',
  'drain takes',
  'ghosts standing',
  'longest wait',
  'others wait',
  'all served',
  'longest without',
]);

/** All names, in the order of the table. */
export const figureNames = Object.keys(figures) as readonly FigureName[];

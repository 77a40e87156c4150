/**
 * What the verbs print with `--json` and what the charts are drawn from. Milliseconds everywhere; null = never, or
 * unbounded.
 */
import * as v from 'valibot';
import { rareStateNames } from '../scenario/coverage-goals.ts';
import { cost, count, ms, msOr, tested, version, words } from '../schema/outputs.ts';
import { environmentSchema } from '../schema/environment.ts';
import { policySchema } from '../policy/schema.ts';
import { scenarioSchema } from '../scenario/schema.ts';
import {
  boolean,
  choice,
  list,
  nullable,
  number,
  object,
  optional,
  scalar,
  text,
  type Canonical,
  type Word,
} from '../schema/words.ts';

const WARNINGS =
  'What was given and has no effect: kernel settings, deadlines where nothing is asked.';

const distributionSchema = object('Order statistics of a sample of durations.', {
  min: msOr('Smallest', 'no sample'),
  p50: msOr('Half of the samples are at most this', 'no sample'),
  p99: msOr('99 of 100 samples are at most this', 'no sample'),
  max: msOr('Largest', 'no sample'),
  samples: count('How many runs were sampled.'),
});
/** Exact order statistics of a sample of durations (no interpolation), ms; null without samples. */
export interface Distribution extends Canonical<typeof distributionSchema> {}
const distribution = distributionSchema.entries;

const figureName = {
  name: words('What it is.'),
  unit: choice('What it counts.', ['ms', 'connections', 'clients', 'openings', 'times']),
};

const figure = (description: string, nullMeans: string) =>
  nullable(number(description, 0, Infinity), nullMeans);

const fleetFigure = object('A figure of a story about many connections.', {
  ...figureName,
  min: figure('Smallest.', 'no sample'),
  p50: figure('Half of the samples are at most this.', 'no sample'),
  p99: figure('99 of 100 samples are at most this.', 'no sample'),
  max: figure('Largest.', 'no sample'),
  samples: count('How many runs were sampled.'),
  never: count('Runs in which it never came to an end, or grew without one.'),
});
/** A figure of a story about more than one connection, over all runs: exact order statistics in its unit. */
export interface FleetFigure extends Canonical<typeof fleetFigure> {}

const rareName = choice('The state that the scenario is there for.', rareStateNames);

const endedAlive = object(
  'Living peers whose connection was ended, whatever ended it; before the fault, where there is one. Without the orderly ends that the scenario calls harmless.',
  {
    count: count('How many.'),
    samples: count('Of how many.'),
    earliestMs: msOr('The earliest, from its accept', 'none was ended'),
    /** Kinds of mechanisms, `kernel ETIMEDOUT` (or another errno), `drain` for the supervisor's kill, `close`. */
    by: nullable(text('What ended them, most frequent first, joined by commas.'), 'none was ended'),
  },
);

const row = object('A policy on a scenario.', {
  policy: words('Name of the policy.'),
  /** Of a stack: which, who judges, and on which of its links; 0 is the client's. */
  stack: optional(words('Name of the stack.')),
  party: optional(words('Who judges.')),
  link: optional(count("On which link of the stack, the client's first.")),
  scenario: words('Name of the scenario.'),
  kind: tested,
  ghostMs: object('From the fault to the decision; faults only.', {
    ...distribution,
    undetected: count('Runs in which the policy never decided.'),
  }),
  releasedMs: object('From the fault to the last byte of kernel memory.', {
    ...distribution,
    unreleased: count('Runs in which the kernel never forgot the socket.'),
  }),
  proved: boolean('Whether B to the decision, of a fault row, or T, of a live one, is proved.'),
  because: optional(text('Why it is not proved.')),
  /** B to the decision; null = unbounded, or not proved. */
  boundMs: msOr('B: no ghost lives longer, to the decision', 'unbounded, or not proved'),
  /** B to the release; null = unbounded, or not proved. */
  releaseBoundMs: msOr('B to the release', 'unbounded, or not proved'),
  releaseProved: boolean('Whether B to the release is proved.'),
  /** T for this kind of silence: a shorter one ends no living peer; null = unbounded, or not proved. */
  toleranceMs: msOr(
    'T: a silence of this kind that is shorter ends no living peer',
    'unbounded, or not proved',
  ),
  toleranceProved: boolean('Whether T is proved.'),
  /** The length of the silence this scenario holds; null where there is none. */
  silenceMs: msOr('Length of the silence that this scenario holds', 'it holds none'),
  /** Living peers that a verdict hit, the policy's or the kernel's. */
  falseReaps: object('Living peers that were reaped.', {
    count: count('How many.'),
    samples: count('Of how many.'),
  }),
  /** Living peers whose connection was ended, whatever ended it: a verdict, an idle or age limit, a request deadline, a drain, a close; before the fault, where there is one. Without the orderly ends that the scenario calls harmless. */
  endedAlive,
  closedInOrder: count(
    'Living peers that were ended in order, where the scenario says that this is no harm.',
  ),
  /** Whether the faults met every phase of everything that repeats (mechanisms, load, heartbeats, probes) to everything else; if not, `notCovered` says what was missed. */
  covered: boolean(
    'Whether the faults met every phase of everything that repeats to everything else.',
  ),
  notCovered: optional(text('What was not met, and why.')),
  /** How long a ghost was watched; `undetected` and `unreleased` count the lives that had not ended by then. */
  watchedMs: count('How long a ghost was watched, ms; what is undetected had not ended by then.'),
  /** Whether nobody who could still end a connection has patience for longer: then those lives never end. */
  watchedOut: boolean('Whether nobody who could still end a connection has patience for longer.'),
  /** Runs in which the policy itself kept the fault from happening (a ping refreshed the NAT entry). */
  prevented: count('Runs in which the policy itself kept the fault from happening.'),
  /** What the policy itself causes, per connection and hour of a healthy connection. */
  cost,
  /** By its idleness, its age or a verdict. */
  livesShort: optional(
    boolean(
      'True where the policy itself ends a connection of this load with which nothing is wrong: the cost is that of a life cut short.',
    ),
  ),
  exhaustionMs: optional(
    object(
      'Descriptor stories only: from the first ghost to the first accept that fails with EMFILE.',
      { ...distribution, never: count('Runs in which accept never failed.') },
    ),
  ),
  nothingAsked: optional(
    boolean(
      'True where the policy waits for answers to requests of its own, and nothing is asked in this story.',
    ),
  ),
  fleet: optional(
    list(
      'Stories about more than one connection or one caller only: what they say of them.',
      fleetFigure,
    ),
  ),
  /** Where the scenario names the state that it is there for: how many of the runs that nobody ended before it came to it. */
  rareState: optional(
    object('Where the scenario names the state that it is there for.', {
      name: rareName,
      reached: count('Runs that came to it.'),
      samples: count('Runs that came to it, or that nobody ended before.'),
    }),
  ),
  /** Every ghost time to the decision, ascending, thinned to at most 512 order statistics: for charts. */
  ghostQuantilesMs: list('Ghost times to the decision, ascending.', ms('One order statistic'), {
    maxItems: 512,
  }),
  /** Hash of all that happened in all runs of this cell; equal seeds give equal digests. */
  digest: words('Hash of all that happened in all runs of this row.'),
});
/** One cell of a comparison: a policy on a scenario. */
export interface ComparisonRow extends Canonical<typeof row> {}

const notPlayedCell = object('A story at an end of a stack that was not played.', {
  stack: words('Name of the stack.'),
  party: words('Who would judge.'),
  link: count("On which link of the stack, the client's first."),
  scenario: words('Name of the scenario.'),
  because: words('Why.'),
});

const raceSchema = object(
  'A pool whose connections their far end closes while it believes in them: a request that meets the close on its way is reset.',
  {
    stack: words('Name of the stack.'),
    pool: words('Who keeps connections for a next request.'),
    end: words('Who closes them.'),
    link: count("On which link of the stack, the client's first."),
    closesAfterMs: ms('The far end closes a connection that has rested for so long'),
    /** From the last answer to the request that is lost. */
    fromMs: ms('A request is reset that leaves no sooner after the last answer'),
    toMs: ms('And sooner than this'),
    worstGapMs: ms('Mean time between two requests on a connection at which most are reset'),
    perMillion: number('Of a million requests, so many are reset then.', 0, 1_000_000),
    resent: choice('Which of them the pool sends again by itself.', [
      'none',
      'idempotent',
      'every',
    ]),
  },
);
/** The race of a connection that is kept for a next request. */
export interface RaceResult extends Canonical<typeof raceSchema> {}

export const comparisonSchema = object('What `compare --json` prints.', {
  schemaVersion: version,
  seed: words('Seed of all runs; the same seed gives the same document.'),
  runs: count('Runs per row.'),
  /** Missing: each scenario as it is. */
  environment: optional(environmentSchema),
  /** What was given and has no effect: kernel settings, deadlines where nothing is asked; empty when there is nothing. */
  warnings: list(WARNINGS, text('A warning.')),
  rows: list('One row per policy and scenario; of stacks per end, link and scenario.', row),
  notPlayed: optional(list('Cells of stacks that were not played.', notPlayedCell)),
  races: optional(list('Of stacks: pools whose far end closes first.', raceSchema)),
});
/** Policies × scenarios, every pair one row: what `compare` returns. */
export interface Comparison extends Canonical<typeof comparisonSchema> {}

const where = choice('Where it happened.', [
  'server-app',
  'server-kernel',
  'wire',
  'proxy',
  'far-wire',
  'peer-kernel',
  'peer-app',
]);
/** Who did or met the thing an event tells of. */
export type Where = Canonical<typeof where>;

const eventSchema = v.pipe(
  v.objectWithRest(
    {
      atMs: number('When, ms since the run began.', -Infinity, Infinity),
      where,
      event: words('What happened.'),
    },
    scalar('A detail of this kind of event.'),
  ),
  v.description('One thing that happened.'),
);
/** One line of a run's timeline. Further fields depend on `event`. */
export interface RunEvent extends Readonly<Canonical<typeof eventSchema>> {}

const runFigure = object('A figure of the run.', {
  ...figureName,
  value: figure('Its value.', 'never'),
});
/** The same of one run; null = never. */
export interface RunFigure extends Canonical<typeof runFigure> {}

const runSeries = object('A quantity over time.', {
  ...figureName,
  points: list(
    'In order of time.',
    object('A point.', {
      atMs: ms('Since the beginning of the story'),
      value: number('The value.', 0, Infinity),
    }),
  ),
});
/** What one run of a fleet's story shows over time, thinned for charts. */
export interface RunSeries extends Canonical<typeof runSeries> {}

export const runSchema = object('What `run --json` prints.', {
  schemaVersion: version,
  policy: words('Name of the policy.'),
  scenario: words('Name of the scenario.'),
  seed: words('Seed of the run.'),
  /** Missing: the scenario as it is. */
  environment: optional(environmentSchema),
  outcome: choice('How it ended.', ['reaped', 'closed', 'survived', 'undetected']),
  faultAtMs: msOr('The peer is gone', 'it never went'),
  decidedAtMs: msOr('The application decides', 'never'),
  closedAtMs: msOr('The descriptor is closed', 'never'),
  kernelClosedAtMs: msOr('The kernel socket leaves ESTABLISHED', 'never'),
  releasedAtMs: msOr('The kernel forgets the socket', 'never'),
  reason: words('Why it ended so.'),
  /** Where the connection of a living peer was ended: from its accept(2) and from the last bytes that the server had read of it until the end, and by what, in the words of `EndedAlive`; null otherwise. `inOrder`: the scenario says that this is no harm. */
  endedAlive: nullable(
    object('The connection of a living peer was ended.', {
      afterAcceptMs: ms('From its accept'),
      afterLastHeardMs: ms('From the last bytes of it that the server had read'),
      by: words('What ended it: the kind of a mechanism, kernel and an errno, drain, close.'),
      inOrder: boolean('Whether the scenario says that this is no harm.'),
    }),
    'no living peer was ended',
  ),
  watchedMs: count('How long a ghost was watched, ms.'),
  /** Whether nobody who could still end a connection has patience for longer: then null means never. */
  watchedOut: boolean('Whether nobody who could still end a connection has patience for longer.'),
  digest: words('Hash of all that happened.'),
  /** What was given and has no effect: kernel settings, deadlines where nothing is asked; empty when there is nothing. */
  warnings: list(WARNINGS, text('A warning.')),
  fleet: optional(list('Stories about more than one connection only.', runFigure)),
  series: optional(list('The same stories over time, thinned.', runSeries)),
  /** Where the scenario names the state that it is there for. `excused`: the policy ended the connection before it could come, or kept the fault from happening. */
  rareState: optional(
    object('Where the scenario names the state that it is there for.', {
      name: rareName,
      reached: boolean('Whether the run came to it.'),
      excused: boolean(
        'Whether the policy ended the connection first, or kept the fault from happening.',
      ),
    }),
  ),
  races: optional(list('Of a stack: pools whose far end closes first.', raceSchema)),
  events: list('The timeline, in order of time.', eventSchema),
});
/**
 * One life and its story: what `simulate` returns. Instants are virtual time in ms from the start of the
 * run; null = not within the watch.
 */
export interface RunResult extends Canonical<typeof runSchema> {}

const pair = <W extends Word>(description: string, item: W) =>
  object(description, { kernel: item, sim: item });

const conformanceRow = object('One recorded trace.', {
  name: words('Name of the trace.'),
  outcome: pair(
    'How the connection ended.',
    words('An errno name such as ETIMEDOUT, CLOSED, or SURVIVED.'),
  ),
  endMs: pair('When it ended.', msOr('Since t = 0 of the trace', 'it survived')),
  errorMs: ms('How far apart the two ends are'),
  packets: object('Packets of both sides.', {
    kernel: count('How many the real kernel sent.'),
    sim: count('How many the simulated kernel sent.'),
    matched: count('How many agree.'),
    maxErrorMs: ms('How far the worst match is off'),
  }),
  samples: object('TCP_INFO and SIOCOUTQ as sampled.', {
    compared: count('Values compared.'),
    agreed: count('Values that agree.'),
  }),
  pass: boolean('Whether the simulated kernel agrees with the recorded one.'),
  /** Why it failed, or what was left out of the comparison; empty when all agreed. */
  remarks: list('Why it failed, or what was left out.', text('A remark.')),
});
/** How one recorded kernel trace compares with the simulated kernel. */
export interface ConformanceRow extends Canonical<typeof conformanceRow> {}

export const conformanceSchema = object('What `conform --json` prints.', {
  schemaVersion: version,
  rows: list('One row per trace.', conformanceRow),
});
/** Recorded kernel traces against the simulated kernel, one row each. */
export interface Conformance extends Canonical<typeof conformanceSchema> {}

export const policyListSchema = object('What `policies --json` prints.', {
  schemaVersion: version,
  policies: list('The built-in policies.', policySchema),
});
/** What `policies --json` prints: everything built in, in full. */
export interface PolicyList extends Canonical<typeof policyListSchema> {}

export const scenarioListSchema = object('What `scenarios --json` prints.', {
  schemaVersion: version,
  scenarios: list('The built-in scenarios.', scenarioSchema),
});
/** What `scenarios --json` prints: everything built in, in full. */
export interface ScenarioList extends Canonical<typeof scenarioListSchema> {}

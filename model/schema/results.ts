/** The shapes of what the verbs print with `--json`. Milliseconds; null = never, or unbounded. */
import type { PolicyList, ScenarioList } from '../results/lists.ts';
import type {
  Comparison,
  ComparisonRow,
  Conformance,
  ConformanceRow,
  Distribution,
  EndedAlive,
  FleetFigure,
  RunEvent,
  RunFigure,
  RunResult,
  RunSeries,
  Where,
} from '../results/types.ts';
import type { FigureUnit } from '../results/figures.ts';
import { rareStateNames } from '../scenario/coverage-goals.ts';
import { policyShape } from './policy.ts';
import { scenarioShape } from './scenario.ts';
import {
  boolean,
  choice,
  integer,
  nullable,
  number,
  object,
  optional,
  required,
  scalar,
  text,
  type Field,
  type ListShape,
  type ObjectShape,
  type Shape,
} from './shape.ts';

export const version = required(choice('Version of this format.', [1]));

export function ms(description: string): Shape {
  return number(`${description}, ms.`, 0, Infinity);
}

export function msOr(description: string, nullMeans: string): Field {
  return required(nullable(ms(description), nullMeans));
}

export function count(description: string): Field {
  return required(integer(description, 0, Infinity));
}

export function words(description: string): Field {
  return required({ ...text(description), minLength: 0, maxLength: 10_000 });
}

export function listOf(description: string, item: Shape): ListShape {
  return { type: 'list', description, item, minItems: 0, maxItems: Infinity, unique: false };
}

const WARNINGS = 
  'What was given and has no effect: kernel settings, deadlines where nothing is asked.';

const distribution: { readonly [K in keyof Distribution]: Field } = {
  min: msOr('Smallest', 'no sample'),
  p50: msOr('Half of the samples are at most this', 'no sample'),
  p99: msOr('99 of 100 samples are at most this', 'no sample'),
  max: msOr('Largest', 'no sample'),
  samples: count('How many runs were sampled.'),
};

const figureName = {
  name: words('What it is.'),
  unit: required(
    choice<FigureUnit>('What it counts.', [
      'ms',
      'connections',
      'clients',
      'openings',
      'times',
    ]),
  ),
};

function figure(description: string, nullMeans: string): Field {
  return required(nullable(number(description, 0, Infinity), nullMeans));
}

const fleetFigure = object<FleetFigure>('A figure of a story about many connections.', {
  ...figureName,
  min: figure('Smallest.', 'no sample'),
  p50: figure('Half of the samples are at most this.', 'no sample'),
  p99: figure('99 of 100 samples are at most this.', 'no sample'),
  max: figure('Largest.', 'no sample'),
  samples: count('How many runs were sampled.'),
  never: count('Runs in which it never came to an end, or grew without one.'),
});

const rareName = required(choice('The state that the scenario is there for.', rareStateNames));

const row = object<ComparisonRow>('A policy on a scenario.', {
  policy: words('Name of the policy.'),
  scenario: words('Name of the scenario.'),
  kind: required(choice('What the scenario tests.', ['fault', 'live'])),
  ghostMs: required(
    object<ComparisonRow['ghostMs']>('From the fault to the decision; faults only.', {
      ...distribution,
      undetected: count('Runs in which the policy never decided.'),
    }),
  ),
  releasedMs: required(
    object<ComparisonRow['releasedMs']>('From the fault to the last byte of kernel memory.', {
      ...distribution,
      unreleased: count('Runs in which the kernel never forgot the socket.'),
    }),
  ),
  proved: required(
    boolean('Whether B to the decision, of a fault row, or T, of a live one, is proved.'),
  ),
  because: optional(text('Why it is not proved.')),
  boundMs: msOr('B: no ghost lives longer, to the decision', 'unbounded, or not proved'),
  releaseBoundMs: msOr('B to the release', 'unbounded, or not proved'),
  releaseProved: required(boolean('Whether B to the release is proved.')),
  toleranceMs: msOr(
    'T: a silence of this kind that is shorter ends no living peer',
    'unbounded, or not proved',
  ),
  toleranceProved: required(boolean('Whether T is proved.')),
  silenceMs: msOr('Length of the silence that this scenario holds', 'it holds none'),
  falseReaps: required(
    object<ComparisonRow['falseReaps']>('Living peers that were reaped.', {
      count: count('How many.'),
      samples: count('Of how many.'),
    }),
  ),
  endedAlive: required(
    object<EndedAlive>(
      'Living peers whose connection was ended, whatever ended it; before the fault, where there is one. Without the orderly ends that the scenario calls harmless.',
      {
        count: count('How many.'),
        samples: count('Of how many.'),
        earliestMs: msOr('The earliest, from its accept', 'none was ended'),
        by: required(
          nullable(text('What ended them, most frequent first, joined by commas.'), 'none was ended'),
        ),
      },
    ),
  ),
  closedInOrder: count(
    'Living peers that were ended in order, where the scenario says that this is no harm.',
  ),
  covered: required(
    boolean('Whether the faults met every phase of everything that repeats to everything else.'),
  ),
  notCovered: optional(text('What was not met, and why.')),
  watchedMs: count('How long a ghost was watched, ms; what is undetected had not ended by then.'),
  watchedOut: required(
    boolean('Whether nobody who could still end a connection has patience for longer.'),
  ),
  prevented: count('Runs in which the policy itself kept the fault from happening.'),
  cost: required(
    object<ComparisonRow['cost']>('What the policy costs on a connection that lives.', {
      packetsPerHour: required(number('Packets per hour, both ways.', 0, Infinity)),
      bytesPerHour: required(number('Bytes per hour, both ways.', 0, Infinity)),
      wakeupsPerHour: required(number("Wake-ups of the server's process per hour.", 0, Infinity)),
    }),
  ),
  livesShort: optional(
    boolean(
      'True where the policy itself ends a connection of this load with which nothing is wrong: the cost is that of a life cut short.',
    ),
  ),
  exhaustionMs: optional(
    object<Required<ComparisonRow>['exhaustionMs']>(
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
    listOf(
      'Stories about more than one connection or one caller only: what they say of them.',
      fleetFigure,
    ),
  ),
  rareState: optional(
    object<Required<ComparisonRow>['rareState']>(
      'Where the scenario names the state that it is there for.',
      {
        name: rareName,
        reached: count('Runs that came to it.'),
        samples: count('Runs that came to it, or that nobody ended before.'),
      },
    ),
  ),
  ghostQuantilesMs: required({
    ...listOf('Ghost times to the decision, ascending.', ms('One order statistic')),
    maxItems: 512,
  }),
  digest: words('Hash of all that happened in all runs of this row.'),
});

export const comparisonShape = object<Comparison>('What `compare --json` prints.', {
  schemaVersion: version,
  seed: words('Seed of all runs; the same seed gives the same document.'),
  runs: count('Runs per row.'),
  warnings: required(listOf(WARNINGS, text('A warning.'))),
  rows: required(listOf('One row per policy and scenario.', row)),
});

const event: ObjectShape = {
  type: 'object',
  description: 'One thing that happened.',
  fields: {
    atMs: required(number('When, ms since the run began.', -Infinity, Infinity)),
    where: required(
      choice<Where>('Where it happened.', [
        'server-app',
        'server-kernel',
        'wire',
        'peer-kernel',
        'peer-app',
      ]),
    ),
    event: words('What happened.'),
  } satisfies Record<'atMs' | 'where' | 'event' & keyof RunEvent, Field>,
  rest: scalar('A detail of this kind of event.'),
};

export const runShape = object<RunResult>('What `run --json` prints.', {
  schemaVersion: version,
  policy: words('Name of the policy.'),
  scenario: words('Name of the scenario.'),
  seed: words('Seed of the run.'),
  outcome: required(
    choice('How it ended.', ['reaped', 'closed', 'survived', 'undetected']),
  ),
  faultAtMs: msOr('The peer is gone', 'it never went'),
  decidedAtMs: msOr('The application decides', 'never'),
  closedAtMs: msOr('The descriptor is closed', 'never'),
  kernelClosedAtMs: msOr('The kernel socket leaves ESTABLISHED', 'never'),
  releasedAtMs: msOr('The kernel forgets the socket', 'never'),
  reason: words('Why it ended so.'),
  endedAlive: required(
    nullable(
      object<NonNullable<RunResult['endedAlive']>>('The connection of a living peer was ended.', {
        afterAcceptMs: required(ms('From its accept')),
        afterLastHeardMs: required(ms('From the last bytes of it that the server had read')),
        by: words('What ended it: the kind of a mechanism, kernel and an errno, drain, close.'),
        inOrder: required(boolean('Whether the scenario says that this is no harm.')),
      }),
      'no living peer was ended',
    ),
  ),
  watchedMs: count('How long a ghost was watched, ms.'),
  watchedOut: required(
    boolean('Whether nobody who could still end a connection has patience for longer.'),
  ),
  digest: words('Hash of all that happened.'),
  warnings: required(listOf(WARNINGS, text('A warning.'))),
  fleet: optional(
    listOf(
      'Stories about more than one connection only.',
      object<RunFigure>('A figure of the run.', {
        ...figureName,
        value: figure('Its value.', 'never'),
      }),
    ),
  ),
  series: optional(
    listOf(
      'The same stories over time, thinned.',
      object<RunSeries>('A quantity over time.', {
        ...figureName,
        points: required(
          listOf(
            'In order of time.',
            object<RunSeries['points'][number]>('A point.', {
              atMs: required(ms('Since the beginning of the story')),
              value: required(number('The value.', 0, Infinity)),
            }),
          ),
        ),
      }),
    ),
  ),
  rareState: optional(
    object<Required<RunResult>['rareState']>(
      'Where the scenario names the state that it is there for.',
      {
        name: rareName,
        reached: required(boolean('Whether the run came to it.')),
        excused: required(
          boolean('Whether the policy ended the connection first, or kept the fault from happening.'),
        ),
      },
    ),
  ),
  events: required(listOf('The timeline, in order of time.', event)),
});

function pair(description: string, item: Field): Field {
  return required(
    object<ConformanceRow['outcome']>(description, { kernel: item, sim: item }),
  );
}

const conformanceRow = object<ConformanceRow>('One recorded trace.', {
  name: words('Name of the trace.'),
  outcome: pair(
    'How the connection ended.',
    words('An errno name such as ETIMEDOUT, CLOSED, or SURVIVED.'),
  ),
  endMs: pair('When it ended.', msOr('Since t = 0 of the trace', 'it survived')),
  errorMs: required(ms('How far apart the two ends are')),
  packets: required(
    object<ConformanceRow['packets']>('Retransmissions, probes and resets.', {
      kernel: count('How many the real kernel sent.'),
      sim: count('How many the simulated kernel sent.'),
      matched: count('How many agree.'),
      maxErrorMs: required(ms('How far the worst match is off')),
    }),
  ),
  samples: required(
    object<ConformanceRow['samples']>('TCP_INFO and SIOCOUTQ as sampled.', {
      compared: count('Values compared.'),
      agreed: count('Values that agree.'),
    }),
  ),
  pass: required(boolean('Whether the simulated kernel agrees with the recorded one.')),
  remarks: required(listOf('Why it failed, or what was left out.', text('A remark.'))),
});

export const conformanceShape = object<Conformance>('What `conform --json` prints.', {
  schemaVersion: version,
  rows: required(listOf('One row per trace.', conformanceRow)),
});

export const policyListShape = object<PolicyList>('What `policies --json` prints.', {
  schemaVersion: version,
  policies: required(listOf('The built-in policies.', policyShape)),
});

export const scenarioListShape = object<ScenarioList>('What `scenarios --json` prints.', {
  schemaVersion: version,
  scenarios: required(listOf('The built-in scenarios.', scenarioShape)),
});

/** What `tune` returns and `tune --json` prints. Milliseconds everywhere; null = never, or unbounded. */
import { mechanismWords } from '../mechanisms/index.ts';
import { cost, count, ms, msOr, tested, version, words } from '../schema/outputs.ts';
import { environmentSchema } from '../schema/environment.ts';
import { policySchema } from '../policy/schema.ts';
import { verdict } from './verification-schema.ts';
import {
  boolean,
  choice,
  list,
  nullable,
  number,
  object,
  optional,
  text,
  type Canonical,
} from '../schema/words.ts';

export type { Cost } from '../schema/outputs.ts';

const survived = object('A living peer that must be left alone.', {
  scenario: words('Name of the scenario.'),
  silenceMs: ms('For how long it keeps its silence'),
});

const request = object('The request as it was understood.', {
  maxGhostMs: ms('No ghost may live longer'),
  faults: list('Names of the faults that must be noticed.', text('A fault.')),
  survive: list('Who must be left alone.', survived),
  /** The shortest idle time on the path; null = nothing on it forgets. */
  pathIdleMs: msOr('The shortest idle time on the path', 'nothing on it forgets'),
  rttMs: ms('Round trip'),
  /** Kernel settings of every demand; missing: those of each. */
  environment: optional(environmentSchema),
  maxPacketsPerHour: nullable(
    number('Packets per hour that it may cost.', 0, Infinity),
    'no limit',
  ),
  allow: list('Kinds of mechanisms that may be used.', choice('A kind.', mechanismWords)),
});

const row = object('One demand and how the policy meets it.', {
  scenario: words('Name of the scenario.'),
  kind: tested,
  /** Of a fault the most that B may be, of a living peer the least that T may be. */
  limitMs: ms('The most that B may be, or the least that T may be'),
  statedMs: msOr('B, or T, as it is proved', 'unbounded'),
  by: words('The mechanism or kernel rule that decides it.'),
  formula: words('The clocks that add up to it, or a closed form of T.'),
  /** Whether the witnesses agree with what is stated. */
  verdict,
});
/** One demand and how the policy meets it. */
export interface TunedRow extends Canonical<typeof row> {}

const alternative = object('A policy that meets every demand.', {
  policy: policySchema,
  cost,
  dominated: boolean('Another one costs no more of anything, and less of something.'),
});
/** A policy that meets every demand. */
export interface TunedCandidate extends Canonical<typeof alternative> {}

const rejection = object('A way of finding ghosts that cannot meet them.', {
  /** The mechanisms it is made of, e.g. `keepalive + user-timeout`. */
  family: words('The mechanisms it is made of.'),
  reason: words('Why not.'),
});
/** A way of finding ghosts that cannot meet every demand. */
export interface TunedRejection extends Canonical<typeof rejection> {}

const conflict = object('Why no policy exists.', {
  /** The two demands that exclude each other, as the request states them. */
  between: list('The demands that exclude each other.', text('A demand.')),
  message: words('Why they do.'),
  /** What could be met if one demand alone were relaxed; null = relaxing it does not help. */
  nearest: object('What could be met if one demand alone were relaxed.', {
    maxGhostMs: msOr('The shortest life of a ghost', 'that alone does not help'),
    surviveMs: msOr('The longest silence', 'that alone does not help'),
  }),
});
/** Why no policy exists. */
export interface TunedConflict extends Canonical<typeof conflict> {}

export const tuningSchema = object('What `tune --json` prints.', {
  schemaVersion: version,
  seed: words('Seed of the lives that checked it.'),
  runs: count('Random lives per demand.'),
  request,
  /** null = none exists; `conflict` says why. */
  policy: nullable(policySchema, 'none exists'),
  cost: nullable(cost, 'none exists'),
  rows: list('One row per demand.', row),
  alternatives: list('What else meets the demands, the cheapest first.', alternative),
  rejected: list('What does not.', rejection),
  conflict: nullable(conflict, 'there is none'),
});
/** The cheapest policy that meets a request, or why there is none. */
export interface Tuning extends Canonical<typeof tuningSchema> {}

/** The shape of what `tune --json` prints. */
import type {
  Cost,
  Survived,
  TunedCandidate,
  TunedConflict,
  TunedRejection,
  TunedRequest,
  TunedRow,
  Tuning,
} from '../results/tuning.ts';
import { policyShape } from './policy.ts';
import { count, listOf, ms, msOr, version, words } from './results.ts';
import {
  boolean,
  choice,
  nullable,
  number,
  object,
  required,
  text,
  type ObjectShape,
} from './shape.ts';

const cost: ObjectShape = {
  ...object<Cost>('What the policy costs on a connection that lives and is idle.', {
    packetsPerHour: required(number('Packets per hour, both ways.', 0, Infinity)),
    bytesPerHour: required(number('Bytes per hour, both ways.', 0, Infinity)),
    wakeupsPerHour: required(number("Wake-ups of the server's process per hour.", 0, Infinity)),
  }),
  name: 'cost',
};

const policy: ObjectShape = { ...policyShape, name: 'policy' };

const survived = object<Survived>('A living peer that must be left alone.', {
  scenario: words('Name of the scenario.'),
  silenceMs: required(ms('For how long it keeps its silence')),
});

const request = object<TunedRequest>('The request as it was understood.', {
  maxGhostMs: required(ms('No ghost may live longer')),
  faults: required(listOf('Names of the faults that must be noticed.', text('A fault.'))),
  survive: required(listOf('Who must be left alone.', survived)),
  pathIdleMs: msOr('The shortest idle time on the path', 'nothing on it forgets'),
  rttMs: required(ms('Round trip')),
  maxPacketsPerHour: required(
    nullable(number('Packets per hour that it may cost.', 0, Infinity), 'no limit'),
  ),
  allow: required(listOf('Kinds of mechanisms that may be used.', text('A kind.'))),
});

const row = object<TunedRow>('One demand and how the policy meets it.', {
  scenario: words('Name of the scenario.'),
  kind: required(choice('What the scenario tests.', ['fault', 'live'])),
  limitMs: required(ms('The most that B may be, or the least that T may be')),
  statedMs: msOr('B, or T, by closed form', 'unbounded'),
  by: words('The mechanism or kernel rule that decides it.'),
  formula: words("The closed form in the policy's own field names."),
  verdict: required(
    choice('Whether any witness contradicts what is stated.', [
      'agree',
      'ghost-outlived-bound',
      'false-reap',
    ]),
  ),
});

const alternative = object<TunedCandidate>('A policy that meets every demand.', {
  policy: required(policy),
  cost: required(cost),
  dominated: required(boolean('Another one costs no more of anything, and less of something.')),
});

const rejection = object<TunedRejection>('A way of finding ghosts that cannot meet them.', {
  family: words('The mechanisms it is made of.'),
  reason: words('Why not.'),
});

const conflict = object<TunedConflict>('Why no policy exists.', {
  between: required(listOf('The demands that exclude each other.', text('A demand.'))),
  message: words('Why they do.'),
  nearest: required(
    object<TunedConflict['nearest']>('What could be met if one demand alone were relaxed.', {
      maxGhostMs: msOr('The shortest life of a ghost', 'that alone does not help'),
      surviveMs: msOr('The longest silence', 'that alone does not help'),
    }),
  ),
});

export const tuningShape = object<Tuning>('What `tune --json` prints.', {
  schemaVersion: version,
  seed: words('Seed of the lives that checked it.'),
  runs: count('Random lives per demand.'),
  request: required(request),
  policy: required(nullable(policy, 'none exists')),
  cost: required(nullable(cost, 'none exists')),
  rows: required(listOf('One row per demand.', row)),
  alternatives: required(listOf('What else meets the demands, the cheapest first.', alternative)),
  rejected: required(listOf('What does not.', rejection)),
  conflict: required(nullable(conflict, 'there is none')),
});

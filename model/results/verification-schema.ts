/** What `verify` prints, and the certificate that it writes. */
import { count, ms, msOr, tested, version, words } from '../schema/outputs.ts';
import { environmentSchema } from '../schema/environment.ts';
import { policySchema } from '../policy/schema.ts';
import { sysctlsSchema } from '../schema/kernel-settings.ts';
import {
  anything,
  boolean,
  choice,
  list,
  nullable,
  number,
  object,
  optional,
  text,
  textLike,
  union,
  variant,
  type Canonical,
} from '../schema/words.ts';

const intervalSchema = object('Earliest and latest.', {
  minMs: msOr('Earliest', 'never'),
  maxMs: msOr('Latest', 'never, in some phase or life'),
});
const interval = intervalSchema.entries;

const statedBound = (description: string) =>
  object(description, {
    maxMs: msOr('At the most', 'unbounded, or not proved'),
    proved: boolean('Whether it is proved; where it is not, no number is stated.'),
    because: optional(text('Why it is not proved.')),
    by: words('The mechanism or kernel rule that decides it in the worst case.'),
    formula: words('The clocks that add up to it, or a closed form of T.'),
  });
/** B or T as it is stated, with the rule that decides it in the worst case. */
export interface StatedBound extends Canonical<ReturnType<typeof statedBound>> {}

const stated = object('What is stated.', {
  decided: statedBound('B to the decision.'),
  closed: statedBound("B to the descriptor's close."),
  kernelClosed: statedBound('B to the instant the kernel socket leaves ESTABLISHED.'),
  released: statedBound('B to the last byte of kernel memory.'),
  tolerance: statedBound('T: a shorter silence ends no living peer.'),
});

const leg = object('A named clock.', {
  clock: words('Which clock.'),
  ms: ms('How long it runs'),
});
/** One stretch of a worst path: a named clock, and how long it runs. */
export interface PathLeg extends Canonical<typeof leg> {}

const reachedBound = union('B to the decision.', [
  variant('proved', 'No run of the model has a longer ghost.', {
    maxMs: msOr('At the most', 'there is a run that never ends'),
    by: words('What ends the connection on the worst path.'),
    path: list('The worst path: its clocks add up to the bound.', leg),
    steps: count('Steps that were explored.'),
  }),
  variant('not-proved', 'The exploration was cut off, or something is not followed.', {
    reason: words('Why.'),
  }),
]);
/** B to the decision by reachability: over all phases and ages, no run of the model has a longer ghost. */
export type ReachedBound = Canonical<typeof reachedBound>;

const reachedTolerance = union('T.', [
  variant('proved', 'Every shorter silence is survived.', {
    maxMs: msOr('Up to', 'a silence of any length is survived'),
    by: words('What ends the connection in the shortest silence that does.'),
    path: list('The shortest silence, from its beginning to the end, as named clocks.', leg),
    steps: count('Steps that were explored.'),
  }),
  variant('not-proved', 'The exploration was cut off, or something is not followed.', {
    reason: words('Why.'),
    atLeastMs: ms('Up to which length silences were proved to be survived'),
  }),
]);
/** T by reachability: in no run of the model does a shorter silence end a living connection, nor does what follows it. */
export type ReachedTolerance = Canonical<typeof reachedTolerance>;

const reach = object('Reachability: every phase and age at once.', {
  decided: reachedBound,
  tolerance: reachedTolerance,
});

const observed = (description: string) =>
  object(description, {
    lives: count('Simulated lives.'),
    ghostMs: object('From the fault to the decision.', interval),
    undetected: count('Lives in which the policy never decided.'),
    releasedMs: object('From the fault to the release.', interval),
    unreleased: count('Lives in which the kernel never forgot the socket.'),
    prevented: count('Lives in which the policy itself kept the fault from happening.'),
    falseReaps: count('Lives in which a living peer was reaped.'),
    endedAlive: count('Lives in which a living peer was ended, whatever ended it.'),
    watchedMs: count('How long a ghost was watched, ms.'),
    watchedOut: boolean('Whether nobody who could still end a connection has patience for longer.'),
  });
/** What simulated lives showed. */
export interface ObservedLives extends Canonical<ReturnType<typeof observed>> {}

const replay = object('The worst path, played in the simulator.', {
  attainedMs: msOr(
    'How long the ghost of that life lived, or the shortest silence that ended its living peer',
    'nothing ended it',
  ),
  gapMs: nullable(
    number('How far that is from the bound, ms.', -Infinity, Infinity),
    'one of them is without an end',
  ),
  lives: count('Simulated lives that it took to set the phases.'),
  because: optional(text('Why it is further from the bound than a tick of the kernel.')),
});
/** The worst path of B, or the shortest silence of T, played in the simulator. */
export interface ReplayedPath extends Canonical<typeof replay> {}

export const verdict = choice('Whether any witness contradicts what is stated.', [
  'agree',
  'not-proved',
  'ghost-outlived-bound',
  'false-reap',
]);

const witness = choice('A witness.', ['phases', 'sampled', 'replay']);
/** A witness, by the name it has in a verification. */
export type Witness = Canonical<typeof witness>;

const verificationRow = object('A policy on a scenario.', {
  policy: words('Name of the policy.'),
  /** Of a stack: which, who judges or lets go, and on which of its links; 0 is the client's. */
  stack: optional(words('Name of the stack.')),
  party: optional(words('Who judges, or lets go.')),
  link: optional(count("On which link of the stack, the client's first.")),
  scenario: words('Name of the scenario.'),
  kind: tested,
  /** Length of the silence that the scenario holds; null where it holds none. */
  silenceMs: msOr('Length of the silence that this scenario holds', 'it holds none'),
  /** B for the four instants, and T. */
  stated,
  reach,
  phases: observed('The fault or the silence at a grid of instants of the common rhythm.'),
  sampled: observed('The same at random.'),
  /** B's on a fault, T's on a silence. */
  replay: nullable(replay, 'nothing is proved, nothing happens, or no life ends'),
  /** The longest ghost that any witness saw, as a share of B; null where there is no B or no ghost. */
  tightness: nullable(
    number('The longest ghost that any witness saw, as a share of B.', 0, Infinity),
    'no bound or no ghost',
  ),
  /** `agree`: the number that the row is about is proved, and no witness contradicts; `not-proved`: it is not stated, so there is nothing that a witness could contradict. */
  verdict,
  /** Who contradicts what is stated; empty when all agree. */
  against: list('Who contradicts.', witness),
});
/** One scenario under a policy: what is stated, what each witness says, and whether they agree. */
export interface VerificationRow extends Canonical<typeof verificationRow> {}

const withoutOne = object('A policy one of whose mechanisms dies silently.', {
  policy: words('Name of the policy.'),
  mechanism: count('Which of its mechanisms.'),
  kind: words('Kind of the mechanism.'),
  faults: count('Faults among the scenarios whose ghosts the whole policy is proved to find.'),
  endless: list(
    'Of these, where a ghost then lives for ever, as a simulated life has shown: the policy hangs by a thread.',
    words('Name of a scenario.'),
  ),
  longer: list(
    'Where it is proved to be found, but may live longer.',
    words('Name of a scenario.'),
  ),
  unknown: list('Where nothing is proved any more.', words('Name of a scenario.')),
});
/** What becomes of a policy's ghosts when one of its mechanisms dies silently. */
export interface WithoutOne extends Canonical<typeof withoutOne> {}

const verified = {
  schemaVersion: version,
  seed: words('Seed of all lives; the same seed gives the same document.'),
  runs: count('Random lives per row.'),
  phases: count('Points of the grid of phases per row.'),
  /** Missing: each scenario as it is. */
  environment: optional(environmentSchema),
  rows: list('One row per policy and scenario.', verificationRow),
};

export const verificationSchema = object('What `verify --json` prints.', {
  ...verified,
  withoutOne: list('Each mechanism of each policy knocked out in turn.', withoutOne),
});
/** What `verify` returns: every witness beside what is stated, one row per scenario. */
export interface Verification extends Canonical<typeof verificationSchema> {}

const hexDigits = (description: string) =>
  textLike(description, /^[0-9a-f]{64}$/, '64 hexadecimal digits', 64);

const assumed = object('A server kernel that is assumed.', {
  profile: choice('The Linux release whose rules it has.', ['6.12', '6.18']),
  hz: count('Its ticks per second.'),
  sysctls: sysctlsSchema,
});
/** What a proof assumes of the server's kernel. */
export interface Assumed extends Canonical<typeof assumed> {}

export const certificateSchema = object('A verified policy.', {
  ...verified,
  kind: choice('What the file is.', ['certificate']),
  policy: policySchema,
  policyHash: hexDigits('SHA-256 of what the policy does.'),
  engineVersion: words('Version of the decision code that was verified.'),
  modelVersion: count('Version of the model in which B and T were proved.'),
  assumes: list('The machines that the proofs speak of.', assumed),
  sampledOnly: list(
    'Scenarios on which nothing is proved: lives were only sampled.',
    words('Name of a scenario.'),
  ),
  /** Production runs the policy and reads no scenario: who proves anew does. */
  scenarios: list('The scenarios of the rows, as they were.', anything('A scenario.')),
  digest: hexDigits('SHA-256 of the canonical text of all other fields.'),
});
/**
 * A verified policy as one JSON document. Production code takes it in place of the policy and runs
 * exactly what was verified; `checkCertificate` says whether it still is what was issued.
 *
 * The digest guards against mistakes (an edited file, another release), not against forgers: whoever can
 * write the file can write its digest.
 */
export interface Certificate extends Canonical<typeof certificateSchema> {}

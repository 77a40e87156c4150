/** Shapes of what `verify` prints and of the certificate it writes. */
import type { Certificate } from '../certificate/types.ts';
import type {
  ExploredBound,
  ExploredTolerance,
  Interval,
  ObservedLives,
  PathLeg,
  ReachedBound,
  StatedBound,
  Verification,
  VerificationRow,
} from '../results/types.ts';
import { policyShape } from './policy.ts';
import { count, listOf, ms, msOr, version, words } from './results.ts';
import {
  boolean,
  choice,
  nullable,
  number,
  object,
  optional,
  required,
  text,
  union,
} from './shape.ts';
import type { Field } from './shape.ts';

const interval: { readonly [K in keyof Interval]: Field } = {
  minMs: msOr('Earliest', 'never'),
  maxMs: msOr('Latest', 'never, in some phase or life'),
};

const extent = {
  tickMs: required(ms('Tick of the exploration')),
  states: count('Different states that were explored.'),
};

const notApplicable = {
  description: 'This witness has nothing to say here.',
  fields: { reason: words('Why.') },
};

function statedBound(description: string): Field {
  return required(
    object<StatedBound>(description, {
      maxMs: msOr('At the most', 'unbounded, or not proved'),
      proved: required(boolean('Whether it is proved; where it is not, no number is stated.')),
      because: optional(text('Why it is not proved.')),
      by: words('The mechanism or kernel rule that decides it in the worst case.'),
      formula: words("The closed form in the policy's own field names."),
    }),
  );
}

const stated = object<VerificationRow['stated']>('What is stated.', {
  decided: statedBound('B to the decision.'),
  closed: statedBound("B to the descriptor's close."),
  kernelClosed: statedBound('B to the instant the kernel socket leaves ESTABLISHED.'),
  released: statedBound('B to the last byte of kernel memory.'),
  tolerance: statedBound('T: a shorter silence ends no living peer.'),
});

const survived = { maxMs: msOr('Longest silence survived in every phase', 'unbounded'), ...extent };

const exhaustive = object<VerificationRow['exhaustive']>('Every phase explored.', {
  decided: required(
    union<ExploredBound>('B to the decision.', {
      explored: {
        description: 'Over every phase, to one tick.',
        fields: { ...interval, ...extent },
      },
      'not-applicable': notApplicable,
    }),
  ),
  tolerance: required(
    union<ExploredTolerance>('T.', {
      explored: { description: 'Over every phase, to one tick.', fields: survived },
      'at-most': {
        description: 'By how much answers may be late; an outage makes them later than it is long.',
        fields: survived,
      },
      'not-applicable': notApplicable,
    }),
  ),
});

const leg = object<PathLeg>('A named clock.', {
  clock: words('Which clock.'),
  ms: required(ms('How long it runs')),
});

const reach = object<VerificationRow['reach']>('Reachability: every phase and age at once.', {
  decided: required(
    union<ReachedBound>('B to the decision.', {
      proved: {
        description: 'No run of the model has a longer ghost.',
        fields: {
          maxMs: msOr('At the most', 'there is a run that never ends'),
          by: words('What ends the connection on the worst path.'),
          path: required(listOf('The worst path: its clocks add up to the bound.', leg)),
          steps: count('Steps that were explored.'),
        },
      },
      'not-proved': {
        description: 'The exploration was cut off, or something is not followed.',
        fields: { reason: words('Why.') },
      },
    }),
  ),
});

function observed(description: string): Field {
  return required(
    object<ObservedLives>(description, {
      lives: count('Simulated lives.'),
      ghostMs: required(object<Interval>('From the fault to the decision.', interval)),
      undetected: count('Lives in which the policy never decided.'),
      releasedMs: required(object<Interval>('From the fault to the release.', interval)),
      unreleased: count('Lives in which the kernel never forgot the socket.'),
      prevented: count('Lives in which the policy itself kept the fault from happening.'),
      falseReaps: count('Lives in which a living peer was reaped.'),
      endedAlive: count('Lives in which a living peer was ended, whatever ended it.'),
      watchedMs: count('How long a ghost was watched, ms.'),
      watchedOut: required(
        boolean('Whether nobody who could still end a connection has patience for longer.'),
      ),
    }),
  );
}

const verificationRow = object<VerificationRow>('A policy on a scenario.', {
  policy: words('Name of the policy.'),
  scenario: words('Name of the scenario.'),
  kind: required(choice('What the scenario tests.', ['fault', 'live'])),
  silenceMs: msOr('Length of the silence that this scenario holds', 'it holds none'),
  stated: required(stated),
  exhaustive: required(exhaustive),
  reach: required(reach),
  phases: observed('The fault or the silence at a grid of instants of the common rhythm.'),
  sampled: observed('The same at random.'),
  tightness: required(
    nullable(
      number('The longest ghost that any witness saw, as a share of B.', 0, Infinity),
      'no bound or no ghost',
    ),
  ),
  verdict: required(
    choice('Whether any witness contradicts what is stated.', [
      'agree',
      'not-proved',
      'ghost-outlived-bound',
      'false-reap',
    ]),
  ),
  against: required(
    listOf('Who contradicts.', choice('A witness.', ['exhaustive', 'phases', 'sampled'])),
  ),
});

const verification: { readonly [K in keyof Verification]: Field } = {
  schemaVersion: version,
  seed: words('Seed of all lives; the same seed gives the same document.'),
  runs: count('Random lives per row.'),
  phases: count('Points of the grid of phases per row.'),
  rows: required(listOf('One row per policy and scenario.', verificationRow)),
};

export const verificationShape = object<Verification>('What `verify --json` prints.', verification);

const hexDigits = (description: string): Field =>
  required({ ...text(description), pattern: '^[0-9a-f]{64}$', expected: '64 hexadecimal digits' });

export const certificateShape = object<Certificate>('A verified policy.', {
  ...verification,
  kind: required(choice('What the file is.', ['certificate'])),
  policy: required(policyShape),
  policyHash: hexDigits('SHA-256 of what the policy does.'),
  engineVersion: words('Version of the decision code that was verified.'),
  digest: hexDigits('SHA-256 of the canonical text of all other fields.'),
});

/**
 * What the verbs print with `--json` and what the charts are drawn from. Field names are fixed by
 * the published JSON Schemas (`schema/*.json`). Milliseconds everywhere; null = never, or unbounded.
 */

import type { RareState } from '../scenario/coverage-goals.ts';
import type { FigureUnit } from './figures.ts';

/** Exact order statistics of a sample of durations (no interpolation), ms; null without samples. */
export interface Distribution {
  readonly min: number | null;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  readonly samples: number;
}

/** A figure of a story about more than one connection, over all runs: exact order statistics in its unit. */
export interface FleetFigure extends Distribution {
  readonly name: string;
  readonly unit: FigureUnit;
  /** Runs in which it never came to an end. */
  readonly never: number;
}

/** The same of one run; null = never. */
export interface RunFigure {
  readonly name: string;
  readonly unit: FigureUnit;
  readonly value: number | null;
}

/** How many living peers were ended, how soon, and by what. */
export interface EndedAlive {
  readonly count: number;
  readonly samples: number;
  /** The earliest, from its accept(2); null where there is none. */
  readonly earliestMs: number | null;
  /**
   * What ended them, most frequent first, joined by commas: kinds of mechanisms, `kernel ETIMEDOUT` (or another errno),
   * `drain` for the supervisor's kill, `close`; null where there is none.
   */
  readonly by: string | null;
}

/** What one run of a fleet's story shows over time, thinned for charts. */
export interface RunSeries {
  readonly name: string;
  readonly unit: FigureUnit;
  /** In order of time, ms from the beginning of the story. */
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
}

/** One cell of a comparison: a policy on a scenario. */
export interface ComparisonRow {
  readonly policy: string;
  readonly scenario: string;
  readonly kind: 'fault' | 'live';
  /** From the fault to the decision; fault rows only have samples. */
  readonly ghostMs: Distribution & { readonly undetected: number };
  /** From the fault to the last byte of kernel memory. */
  readonly releasedMs: Distribution & { readonly unreleased: number };
  /** Whether the number that the row is about is proved: B to the decision of a fault row, T of a live one. */
  readonly proved: boolean;
  /** Why it is not; absent where it is. */
  readonly because?: string;
  /** B to the decision; null = unbounded, or not proved. */
  readonly boundMs: number | null;
  /** B to the release; null = unbounded, or not proved. */
  readonly releaseBoundMs: number | null;
  readonly releaseProved: boolean;
  /** T for this kind of silence: a shorter one ends no living peer; null = unbounded, or not proved. */
  readonly toleranceMs: number | null;
  readonly toleranceProved: boolean;
  /** The length of the silence this scenario holds; null where there is none. */
  readonly silenceMs: number | null;
  /** Living peers that a verdict hit, the policy's or the kernel's. */
  readonly falseReaps: { readonly count: number; readonly samples: number };
  /**
   * Living peers whose connection was ended, whatever ended it: a verdict, an idle or age limit, a request deadline, a
   * drain, a close; before the fault, where there is one. Without the orderly ends that the scenario calls harmless.
   */
  readonly endedAlive: EndedAlive;
  /** Living peers that were ended in order, where the scenario says that this is no harm. */
  readonly closedInOrder: number;
  /**
   * Whether the faults met every phase of everything that repeats (mechanisms, load, heartbeats, probes) to everything
   * else; if not, `notCovered` says what was missed.
   */
  readonly covered: boolean;
  readonly notCovered?: string;
  /** How long a ghost was watched; `undetected` and `unreleased` count the lives that had not ended by then. */
  readonly watchedMs: number;
  /** Whether nobody who could still end a connection has patience for longer: then those lives never end. */
  readonly watchedOut: boolean;
  /** Runs in which the policy itself kept the fault from happening (a ping refreshed the NAT entry). */
  readonly prevented: number;
  /** What the policy itself causes, per connection and hour of a healthy connection. */
  readonly cost: {
    readonly packetsPerHour: number;
    readonly bytesPerHour: number;
    readonly wakeupsPerHour: number;
  };
  /**
   * The policy itself ends a connection of this load with which nothing is wrong, by its idleness, its age or a verdict:
   * `cost` is that of a life cut short.
   */
  readonly livesShort?: true;
  /** Descriptor stories only: from the first ghost to the first accept that fails with EMFILE. */
  readonly exhaustionMs?: Distribution & { readonly never: number };
  /** The policy waits for answers to requests of its own, and nothing is asked in this story. */
  readonly nothingAsked?: true;
  /** Stories about more than one connection or one caller only: what they say of them. */
  readonly fleet?: readonly FleetFigure[];
  /**
   * Where the scenario names the state that it is there for: how many of the runs that nobody ended before it
   * came to it.
   */
  readonly rareState?: {
    readonly name: RareState;
    readonly reached: number;
    readonly samples: number;
  };
  /** Every ghost time to the decision, ascending, thinned to at most 512 order statistics: for charts. */
  readonly ghostQuantilesMs: readonly number[];
  /** Hash of all that happened in all runs of this cell; equal seeds give equal digests. */
  readonly digest: string;
}

/** Policies × scenarios, every pair one row: what `compare` returns. */
export interface Comparison {
  readonly schemaVersion: 1;
  readonly seed: string;
  readonly runs: number;
  /** What was given and has no effect: kernel settings, deadlines where nothing is asked; empty when there is nothing. */
  readonly warnings: readonly string[];
  readonly rows: readonly ComparisonRow[];
}

/** Who did or met the thing an event tells of. */
export type Where = 'server-app' | 'server-kernel' | 'wire' | 'peer-kernel' | 'peer-app';

/** One line of a run's timeline. Further fields depend on `event`. */
export interface RunEvent {
  readonly atMs: number;
  readonly where: Where;
  readonly event: string;
  readonly [detail: string]: string | number | boolean | null;
}

/**
 * One life and its story: what `simulate` returns. Instants are virtual time in ms from the start of the
 * run; null = not within the watch.
 */
export interface RunResult {
  readonly schemaVersion: 1;
  readonly policy: string;
  readonly scenario: string;
  readonly seed: string;
  readonly outcome: 'reaped' | 'closed' | 'survived' | 'undetected';
  readonly faultAtMs: number | null;
  readonly decidedAtMs: number | null;
  readonly closedAtMs: number | null;
  readonly kernelClosedAtMs: number | null;
  readonly releasedAtMs: number | null;
  readonly reason: string;
  /** How long a ghost was watched. */
  readonly watchedMs: number;
  /** Whether nobody who could still end a connection has patience for longer: then null means never. */
  readonly watchedOut: boolean;
  /**
   * Where the connection of a living peer was ended: from its accept(2) and from the last bytes that the server had read
   * of it until the end, and by what, in the words of `EndedAlive`; null otherwise. `inOrder`: the scenario says that
   * this is no harm.
   */
  readonly endedAlive: {
    readonly afterAcceptMs: number;
    readonly afterLastHeardMs: number;
    readonly by: string;
    readonly inOrder: boolean;
  } | null;
  readonly digest: string;
  /** What was given and has no effect: kernel settings, deadlines where nothing is asked; empty when there is nothing. */
  readonly warnings: readonly string[];
  /** Stories about more than one connection only. */
  readonly fleet?: readonly RunFigure[];
  /** The same stories over time. */
  readonly series?: readonly RunSeries[];
  /**
   * Where the scenario names the state that it is there for. `excused`: the policy ended the connection before it could
   * come, or kept the fault from happening.
   */
  readonly rareState?: {
    readonly name: RareState;
    readonly reached: boolean;
    readonly excused: boolean;
  };
  readonly events: readonly RunEvent[];
}

/** How one recorded kernel trace compares with the simulated kernel. */
export interface ConformanceRow {
  readonly name: string;
  readonly outcome: { readonly kernel: string; readonly sim: string };
  readonly endMs: { readonly kernel: number | null; readonly sim: number | null };
  readonly errorMs: number;
  readonly packets: {
    readonly kernel: number;
    readonly sim: number;
    readonly matched: number;
    readonly maxErrorMs: number;
  };
  readonly samples: { readonly compared: number; readonly agreed: number };
  readonly pass: boolean;
  /** Why it failed, or what was left out of the comparison; empty when all agreed. */
  readonly remarks: readonly string[];
}

/** Recorded kernel traces against the simulated kernel, one row each. */
export interface Conformance {
  readonly schemaVersion: 1;
  readonly rows: readonly ConformanceRow[];
}

/** An end of a witness: earliest and latest over the lives it saw; null = never. */
export interface Interval {
  readonly minMs: number | null;
  readonly maxMs: number | null;
}

/** B or T as it is stated, with the rule that decides it in the worst case. */
export interface StatedBound {
  /** ms; null = unbounded, or not proved. */
  readonly maxMs: number | null;
  readonly proved: boolean;
  /** Why it is not proved; absent where it is. */
  readonly because?: string;
  readonly by: string;
  readonly formula: string;
}

/** A witness that has nothing to say of this row, and why. */
export interface NotApplicable {
  readonly kind: 'not-applicable';
  readonly reason: string;
}

/** Extent of an exploration. */
interface Explored {
  readonly tickMs: number;
  readonly states: number;
}

/** B to the decision by exploration of every phase, to one tick. */
export type ExploredBound = ({ readonly kind: 'explored' } & Interval & Explored) | NotApplicable;

/**
 * T by exploration of every phase, to one tick. `at-most`: by how much answers may be late; what an
 * outage makes of that is up to the kernels' retransmissions, and can only be shorter.
 */
export type ExploredTolerance =
  | ({ readonly kind: 'explored' | 'at-most'; readonly maxMs: number | null } & Explored)
  | NotApplicable;

/** One stretch of a worst path: a named clock, and how long it runs. */
export interface PathLeg {
  readonly clock: string;
  readonly ms: number;
}

/** B to the decision by reachability: over all phases and ages, no run of the model has a longer ghost. */
export type ReachedBound =
  | {
      readonly kind: 'proved';
      /** ms; null = there is a run that never ends. */
      readonly maxMs: number | null;
      /** What ends the connection on the worst path. */
      readonly by: string;
      /** The worst path, from the fault on: its clocks add up to the bound. */
      readonly path: readonly PathLeg[];
      /** Steps that were explored. */
      readonly steps: number;
    }
  | { readonly kind: 'not-proved'; readonly reason: string };

/** What simulated lives showed. */
export interface ObservedLives {
  readonly lives: number;
  /** From the fault to the decision, over the lives in which it came. */
  readonly ghostMs: Interval;
  readonly undetected: number;
  /** From the fault to the release. */
  readonly releasedMs: Interval;
  readonly unreleased: number;
  /** Lives in which the policy itself kept the fault from happening. */
  readonly prevented: number;
  readonly falseReaps: number;
  /** Lives in which a living peer was ended, whatever ended it. */
  readonly endedAlive: number;
  /** How long a ghost was watched. */
  readonly watchedMs: number;
  /** Whether nobody's patience is longer: then what had not ended never does. */
  readonly watchedOut: boolean;
}

/** A witness, by the name it has in a verification. */
export type Witness = 'exhaustive' | 'phases' | 'sampled';

/** One scenario under a policy: what is stated, what each witness says, and whether they agree. */
export interface VerificationRow {
  readonly policy: string;
  readonly scenario: string;
  readonly kind: 'fault' | 'live';
  /** Length of the silence that the scenario holds; null where it holds none. */
  readonly silenceMs: number | null;
  /** B for the four instants, and T. */
  readonly stated: {
    readonly decided: StatedBound;
    readonly closed: StatedBound;
    readonly kernelClosed: StatedBound;
    readonly released: StatedBound;
    readonly tolerance: StatedBound;
  };
  readonly exhaustive: {
    readonly decided: ExploredBound;
    readonly tolerance: ExploredTolerance;
  };
  readonly reach: { readonly decided: ReachedBound };
  /** The fault or the silence at a grid of instants of the common rhythm. */
  readonly phases: ObservedLives;
  /** The same at random. */
  readonly sampled: ObservedLives;
  /** The longest ghost that any witness saw, as a share of B; null where there is no B or no ghost. */
  readonly tightness: number | null;
  /**
   * `agree`: the number that the row is about is proved, and no witness contradicts; `not-proved`: it is not stated, so
   * there is nothing that a witness could contradict.
   */
  readonly verdict: 'agree' | 'not-proved' | 'ghost-outlived-bound' | 'false-reap';
  /** Who contradicts what is stated; empty when all agree. */
  readonly against: readonly Witness[];
}

/** What `verify` returns: every witness beside the closed forms, one row per scenario. */
export interface Verification {
  readonly schemaVersion: 1;
  readonly seed: string;
  /** Random lives per row. */
  readonly runs: number;
  /** Points of the grid of phases per row. */
  readonly phases: number;
  readonly rows: readonly VerificationRow[];
}

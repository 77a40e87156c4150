/**
 * What a shell learns from the process: one number per kind of ending, so that a script can tell a
 * missed threshold from a mistyped flag and a killed client from a surviving ghost.
 */

/** The exit codes. A run that was interrupted or sampled nothing never ends in `Fine`. */
export const ExitCode = {
  /** Everything asked for was done and held. */
  Fine: 0,
  /** A stated threshold (`--max-ghost`, …) failed, or a remark under `--strict`. */
  ThresholdFailed: 1,
  /** Usage, bad input, or a file that cannot be read or written. */
  BadInput: 2,
  /** A living peer was reaped inside the silence that the policy is said to tolerate. */
  FalseReap: 3,
  /** A ghost outlived the bound stated for it. */
  BoundExceeded: 4,
  /** A recorded kernel trace and the simulated kernel disagree. */
  ConformanceFailed: 5,
  /**
   * Nothing was sampled: no run, none of the kind that a threshold speaks of, or none that came to the state that a
   * scenario is there for.
   */
  NothingSampled: 6,
  /** A fault of the program's own (EX_SOFTWARE, sysexits.h). */
  InternalFault: 70,
  /** Interrupted from the keyboard (128 + SIGINT). */
  Interrupted: 130,
} as const;

export type ExitCodeValue = (typeof ExitCode)[keyof typeof ExitCode];

/** What each exit code means, as help lists them. */
export const exitMeanings: readonly (readonly [code: ExitCodeValue, meaning: string])[] = [
  [ExitCode.Fine, 'fine'],
  [ExitCode.ThresholdFailed, 'a threshold failed'],
  [ExitCode.BadInput, 'usage or bad input'],
  [ExitCode.FalseReap, 'a living peer was reaped against a claim'],
  [ExitCode.BoundExceeded, 'a ghost outlived its bound'],
  [ExitCode.ConformanceFailed, 'conformance failed'],
  [ExitCode.NothingSampled, "nothing was sampled, or a scenario's rare state never reached"],
  [ExitCode.InternalFault, 'internal fault'],
  [ExitCode.Interrupted, 'interrupted'],
];

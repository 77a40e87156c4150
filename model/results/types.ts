/** The types of what verbs print with `--json`, as the schemas say it. */
export type {
  Comparison,
  ComparisonRow,
  Conformance,
  ConformanceRow,
  Distribution,
  FleetFigure,
  RaceResult,
  RunEvent,
  RunFigure,
  RunResult,
  RunSeries,
  Where,
} from './schema.ts';
export type {
  Assumed,
  ObservedLives,
  PathLeg,
  ReachedBound,
  ReachedTolerance,
  ReplayedPath,
  StatedBound,
  Verification,
  VerificationRow,
  Witness,
  WithoutOne,
} from './verification-schema.ts';

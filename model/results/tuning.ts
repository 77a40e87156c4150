/** The types of what `tune` returns, as its schema says it. */
export type {
  Cost,
  Survived,
  TunedCandidate,
  TunedConflict,
  TunedRejection,
  TunedRequest,
  TunedRow,
  Tuning,
} from './tuning-schema.ts';

/** The types of what `tune` returns, as its schema says it. */
export type {
  Cost,
  TunedCandidate,
  TunedConflict,
  TunedRejection,
  TunedRow,
  Tuning,
} from './tuning-schema.ts';

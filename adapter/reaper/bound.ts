/**
 * B and T of what runs on this machine: of the tables with what is off taken out, whatever traffic there was and is. No scenario is in
 * it, and so nothing that hangs on a round trip: what keepalive and user timeout add, `bounds` says of `reaper.policy` and a scenario.
 */
import type { Limit, Limits } from '../../model/reaper/index.ts';
import { CLOSE_LIMIT_MS } from './close-limit.ts';

export interface ReaperBound extends Limits {
  /** A connection that either side has begun to close is gone so long afterwards, ms; null = there is no limit. */
  readonly closingMs: number | null;
}

/** @param laterMs how late each is known, where no event tells of it */
export function boundOf(
  { silence, stuck }: Limits,
  laterMs: Readonly<Record<keyof Limits, number>>,
  closeLimitMs: number | null | undefined,
): ReaperBound {
  const known = (limit: Limit, resolutionMs: number): Limit => ({
    ...limit,
    maxMs: limit.maxMs === null ? null : limit.maxMs + resolutionMs,
  });
  return {
    silence: known(silence, laterMs.silence),
    stuck: known(stuck, laterMs.stuck),
    closingMs: closeLimitMs === undefined ? CLOSE_LIMIT_MS : closeLimitMs,
  };
}

/** The races of connections that are kept for a next request, in a sentence each. */
import type { RaceResult } from '../../model/results/types.ts';
import { formatCount, formatMs, formatSeconds } from '../../text/numbers.ts';
import { hanging, printable, SENTENCE_COLUMNS } from '../../text/width.ts';

const again = {
  none: 'nothing is sent again',
  idempotent: 'it sends idempotent ones again (GET, not POST)',
  every: 'it sends each of them again',
} as const;

function raceText(race: RaceResult): string {
  const { pool, end, closesAfterMs, fromMs, toMs, worstGapMs, perMillion, resent } = race;
  const many =
    perMillion < 1
      ? 'less than one of a million'
      : `${formatCount(Math.round(perMillion))} of a million`;
  return `${pool} → ${end}: ${end} closes what has rested for ${formatMs(closesAfterMs)}; a request that leaves ${formatSeconds(fromMs)} s to ${formatSeconds(toMs)} s after the last answer is reset (ECONNRESET; 502 of a proxy): ${many} where a connection has one every ${formatMs(worstGapMs)}, which is the worst; ${again[resent]}`;
}

/** A paragraph each. */
export function raceLines(races: readonly RaceResult[], columns: number): string[] {
  const width = Math.min(columns, SENTENCE_COLUMNS);
  return races.flatMap((race) => hanging(printable(raceText(race)), width, '', '  '));
}

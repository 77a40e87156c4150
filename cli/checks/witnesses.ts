/** What a contradiction between the witnesses of a row means for the exit code, in words. */
import type { ObservedLives, VerificationRow, Witness } from '../../model/results/types.ts';
import { ExitCode } from '../terminal/exit.ts';
import { formatMs } from '../../text/numbers.ts';
import { toleratedSilence, type Failure } from './comparison.ts';

const witnessWords: Readonly<Record<Witness, string>> = {
  phases: 'the grid of phases',
  sampled: 'random lives',
  replay: 'the worst path, played,',
};

/** The longest that a witness saw, where it contradicts the bound of the decision or of the release. */
function livedText(row: VerificationRow, witness: Witness): string {
  if (witness === 'replay') {
    const attainedMs = row.replay?.attainedMs ?? null;
    return attainedMs === null ? 'for good' : formatMs(attainedMs);
  }
  const { ghostMs, undetected }: ObservedLives = row[witness];
  return undetected > 0 ? 'for good' : `up to ${formatMs(ghostMs.maxMs ?? 0)}`;
}

function text(row: VerificationRow, witness: Witness): string {
  const by = witnessWords[witness];
  if (row.verdict === 'false-reap') {
    return `${by} found a living peer reaped, though the policy is said to tolerate ${toleratedSilence(row.stated.tolerance.maxMs)}`;
  }
  const { decided, released } = row.stated;
  const bounds = [decided, released].map(({ maxMs, proved }) =>
    maxMs !== null ? formatMs(maxMs, 'up') : proved ? '∞' : 'no proved length',
  );
  return `${by} found ghosts that live ${livedText(row, witness)}, beyond a bound of ${bounds[0]} to the decision, ${bounds[1]} to the release`;
}

/** A verification in which nothing is proved is none. */
export function nothingProved(rows: readonly VerificationRow[]): Failure[] {
  if (rows.length === 0 || rows.some(({ verdict }) => verdict !== 'not-proved')) return [];
  const reasons = [
    ...new Set(
      rows.flatMap(
        ({ kind, stated }) => (kind === 'fault' ? stated.decided : stated.tolerance).because ?? [],
      ),
    ),
  ];
  return [{ code: ExitCode.NothingSampled, text: `nothing was proved: ${reasons.join('; ')}` }];
}

/** Everything that contradicts a row; empty when all witnesses agree. */
export function failuresOfRow(row: VerificationRow): Failure[] {
  const { policy, scenario, verdict, against } = row;
  const code = verdict === 'false-reap' ? ExitCode.FalseReap : ExitCode.BoundExceeded;
  return against.map((witness) => ({ code, policy, scenario, text: text(row, witness) }));
}

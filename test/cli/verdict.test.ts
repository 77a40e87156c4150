/** Rows to words, statements to exit codes. */
import { describe, expect, it } from 'vitest';
import { ExitCode } from '../../cli/terminal/exit.ts';
import { failuresOf, remarksOn, verdictOf, type Thresholds } from '../../cli/checks/comparison.ts';
import type { ComparisonRow } from '../../model/results/types.ts';
import { faultRow, liveRow } from './support.ts';

const none: Thresholds = { noFalseReaps: false };

function codes(rows: readonly ComparisonRow[], thresholds: Thresholds = none): number[] {
  const comparison = { schemaVersion: 1, seed: '1', runs: 1000, warnings: [], rows } as const;
  return failuresOf(comparison, thresholds).map(({ code }) => code);
}

const blind = faultRow({
  ghostMs: { min: null, p50: null, p99: null, max: null, samples: 0, undetected: 1000 },
  releasedMs: { min: null, p50: null, p99: null, max: null, samples: 0, unreleased: 1000 },
  boundMs: null,
  releaseBoundMs: null,
});
const reaped = { count: 3, samples: 1000 };

describe('verdicts', () => {
  it.each([
    [faultRow(), '✓ frees every ghost'],
    [blind, '✗ never notices'],
    [
      faultRow({ ...blind, prevented: 1000, ghostMs: { ...blind.ghostMs, undetected: 0 } }),
      '✓ kept it from happening',
    ],
    [
      faultRow({ ...blind, ghostMs: { ...faultRow().ghostMs, samples: 990, undetected: 10 } }),
      '✗ found only 990 of 1,000',
    ],
    [faultRow({ boundMs: 59_000 }), '✗ outlived its bound'],
    [liveRow(), '✓ left alone'],
    [liveRow({ falseReaps: reaped, toleranceMs: 5_000 }), '✗ kills 3 of 1,000'],
    [liveRow({ falseReaps: reaped }), '✗ kills 3 of 1,000, against its claim'],
    [liveRow({ falseReaps: { count: 0, samples: 0 } }), '✗ nothing sampled'],
  ])('%#', (row, words) => {
    const { good, text } = verdictOf(row);
    expect(`${good ? '✓' : '✗'} ${text}`).toBe(words);
  });
});

describe('exit codes', () => {
  it('0: nothing stated was false; a policy that never notices is a result, not a failure', () => {
    expect(codes([faultRow(), blind, liveRow()])).toEqual([]);
  });

  it('3: a reap within the tolerance, also where that is unbounded; beyond it is a result', () => {
    expect(codes([liveRow({ falseReaps: reaped })])).toEqual([ExitCode.FalseReap]);
    expect(codes([liveRow({ falseReaps: reaped, toleranceMs: null })])).toEqual([
      ExitCode.FalseReap,
    ]);
    expect(codes([liveRow({ falseReaps: reaped, toleranceMs: 9_001 })])).toEqual([
      ExitCode.FalseReap,
    ]);
    expect(codes([liveRow({ falseReaps: reaped, toleranceMs: 9_000 })])).toEqual([]);
    const open = { toleranceMs: null, toleranceProved: false, proved: false };
    expect(codes([liveRow({ falseReaps: reaped, ...open })])).toEqual([]);
  });

  it('3: a reap before the fault, when nothing was silent yet', () => {
    const early = faultRow({ falseReaps: reaped });
    expect(codes([early])).toEqual([ExitCode.FalseReap]);
    expect(verdictOf(early).text).toBe('kills 3 of 1,000 before the fault');
  });

  it('4: a ghost beyond its bound, to the microsecond, or unnoticed in spite of one', () => {
    expect(codes([faultRow({ boundMs: 59_970 })])).toEqual([]);
    expect(codes([faultRow({ boundMs: 59_969 })])).toEqual([ExitCode.BoundExceeded]);
    expect(codes([faultRow({ ...blind, boundMs: 60_000 })])).toEqual([ExitCode.BoundExceeded]);
    expect(codes([faultRow({ releaseBoundMs: 164_000 })])).toEqual([ExitCode.BoundExceeded]);
  });

  it('6: nothing sampled, or a threshold that nothing speaks to', () => {
    expect(codes([])).toEqual([ExitCode.NothingSampled]);
    expect(codes([liveRow({ falseReaps: { count: 0, samples: 0 } })])).toEqual([
      ExitCode.NothingSampled,
    ]);
    expect(codes([liveRow()], { noFalseReaps: false, maxGhostMs: 1 })).toEqual([
      ExitCode.NothingSampled,
    ]);
    expect(codes([faultRow()], { noFalseReaps: true })).toEqual([ExitCode.NothingSampled]);
  });

  it('1: thresholds on ghosts (sampled or by bound), reaps and packets', () => {
    expect(codes([faultRow()], { noFalseReaps: false, maxGhostMs: 60_000 })).toEqual([]);
    expect(codes([faultRow()], { noFalseReaps: false, maxGhostMs: 59_980 })).toEqual([
      ExitCode.ThresholdFailed,
    ]);
    expect(codes([blind], { noFalseReaps: false, maxGhostMs: 60_000 })).toEqual([
      ExitCode.ThresholdFailed,
    ]);
    const beyond = liveRow({ falseReaps: reaped, toleranceMs: 5_000 });
    expect(codes([beyond], { noFalseReaps: true })).toEqual([ExitCode.ThresholdFailed]);
    expect(codes([faultRow()], { noFalseReaps: false, maxPacketsPerHour: 240 })).toEqual([]);
    expect(codes([faultRow()], { noFalseReaps: false, maxPacketsPerHour: 239 })).toEqual([
      ExitCode.ThresholdFailed,
    ]);
  });

  it('the heaviest comes first: a killed client before a surviving ghost before a threshold', () => {
    const rows = [faultRow({ boundMs: 59_000 }), liveRow({ falseReaps: reaped })];
    expect(codes(rows, { noFalseReaps: true, maxGhostMs: 45_000 })).toEqual([
      ExitCode.FalseReap,
      ExitCode.BoundExceeded,
      ExitCode.ThresholdFailed,
      ExitCode.ThresholdFailed,
    ]);
  });
});

describe('remarks', () => {
  const remarks = (...rows: readonly ComparisonRow[]): readonly string[] =>
    remarksOn({ schemaVersion: 1, seed: '1', runs: 1000, warnings: [], rows });

  it('say what no run can have met, once per policy', () => {
    const row = faultRow({ covered: false, notCovered: 'ping every 7s and sweep every 11s' });
    const said = 'alive-flag-sweep: ping every 7s and sweep every 11s';
    expect(remarks(faultRow())).toEqual([]);
    expect(remarks(row, { ...row, scenario: 'vanish-busy' })).toEqual([said]);
  });

  it('say where the watch was over before everybody’s patience', () => {
    const cut = { ...blind, watchedMs: 86_400_000, watchedOut: false };
    expect(verdictOf(cut).text).toBe('found nothing within the 24.00 h watched');
    expect(remarks(cut)).toEqual(['in 1 row ghosts stood when the watch of 24.00 h was over']);
    expect(remarks({ ...faultRow(), watchedOut: false })).toEqual([]);
  });

  it('a ghost that outlasts a watch shorter than its bound breaks nothing', () => {
    const cut = { ...blind, boundMs: 90_000_000, watchedMs: 86_400_000, watchedOut: false };
    expect(codes([cut])).toEqual([]);
    expect(codes([{ ...cut, boundMs: 86_000_000 }])).toEqual([ExitCode.BoundExceeded]);
  });
});

/** Verdicts and limits of stories about more than one connection, on rows made by hand. */
import { describe, expect, it } from 'vitest';
import { ExitCode } from '../../cli/terminal/exit.ts';
import { fleetWords, parseFleetLimits } from '../../cli/checks/fleet.ts';
import { parseThresholds } from '../../cli/arguments/options.ts';
import { failuresOf, remarksOn, verdictOf } from '../../cli/checks/comparison.ts';
import type { FigureName } from '../../model/results/figures.ts';
import { figures } from '../../model/results/figures.ts';
import type { Comparison, ComparisonRow, FleetFigure } from '../../model/results/types.ts';
import { faultRow, liveRow } from './support.ts';

const RUNS = 10;

/** A figure whose worst run has this value; null = it never ended in any. */
function figure(
  name: FigureName,
  max: number | null,
  never = max === null ? RUNS : 0,
): FleetFigure {
  const samples = RUNS - never;
  return { name, unit: figures[name].unit, min: max, p50: max, p99: max, max, samples, never };
}

function storm(...fleet: FleetFigure[]): ComparisonRow {
  return liveRow({ fleet });
}

const never = storm(
  figure('half served', null),
  figure('all served', null),
  figure('gave up', 0),
  figure('not served', 1_060),
  figure('openings wasted', 143_199),
);
const served = storm(
  figure('half served', 6_000),
  figure('all served', 11_000),
  figure('gave up', 0),
  figure('not served', 0),
  figure('openings wasted', 50),
);

function broken(rows: readonly ComparisonRow[], flags: object): [number, string][] {
  const thresholds = parseThresholds({ falseReaps: true, ...flags });
  if (!thresholds.ok) throw new Error('wrong flags');
  const comparison: Comparison = { schemaVersion: 1, seed: '1', runs: RUNS, warnings: [], rows };
  return failuresOf(comparison, thresholds.value).map(({ code, text }) => [code, text]);
}

describe('what came of a story', () => {
  it.each<[ComparisonRow, boolean, string]>([
    [never, false, '1,060 clients not served again'],
    [served, true, 'all served after 11.0 s'],
    [storm(figure('all served', 9_000), figure('gave up', 7)), false, '7 clients gave up for good'],
    [storm(figure('all served', 9_000, 3)), false, 'not all are served again in 3 of 10 runs'],
    [storm(figure('sessions too many', null)), false, 'sessions too many, without end'],
    [
      storm(figure('drain takes', null), figure('killed at the deadline', 0)),
      false,
      'the stop never ends',
    ],
    [storm(figure('drain takes', 49_530)), true, 'stops after 49.5 s'],
    [storm(figure('call hangs', null)), false, 'the call hangs for ever'],
    // A call that is answered is nothing to speak of.
    [storm(figure('call hangs', 50)), true, 'left alone'],
    [faultRow({ fleet: [figure('longest wait', null)] }), false, 'the seat is never free'],
    [
      faultRow({ exhaustionMs: { ...figure('all served', null), never: RUNS } }),
      true,
      'accept never fails',
    ],
    [
      faultRow({ exhaustionMs: figure('all served', 5_040_000) }),
      false,
      'accept fails after 84.0 min',
    ],
  ])('%#', (row, good, text) => {
    expect(verdictOf(row)).toEqual({ good, text });
  });

  it('is not said where the peer itself was ended', () => {
    const ended = { count: 5, samples: 1000, earliestMs: 25_000, by: 'drain' };
    const row = liveRow({
      fleet: [figure('drain takes', 15_000)],
      endedAlive: ended,
      toleranceProved: false,
    });
    expect(verdictOf(row)).toEqual({ good: false, text: 'ends 5 of 1,000 alive, by drain' });
  });
});

describe('limits', () => {
  it('fail with a plain sentence', () => {
    expect(broken([never], { maxRecovery: '5m' })).toEqual([
      [ExitCode.ThresholdFailed, 'not all are served again; --max-recovery allows 300.0 s'],
    ]);
    expect(broken([served], { maxRecovery: '11s' })).toEqual([]);
    expect(broken([served], { maxRecovery: '10s' })).toEqual([
      [
        ExitCode.ThresholdFailed,
        'all served (from the loss until every client is back): 11.0 s; --max-recovery allows 10.0 s',
      ],
    ]);
    const rolling = storm(figure('rollout takes', 230_000), figure('longest without', 8_900));
    expect(broken([rolling], { maxRecovery: '10s' })).toEqual([]);
    expect(broken([rolling], { maxRecovery: '8s' })).toHaveLength(1);
  });

  it.each<[object, ComparisonRow, string]>([
    [{ maxHang: '30s' }, faultRow({ fleet: [figure('call hangs', 938_900)] }), '938.9 s'],
    [{ maxWait: '1m' }, faultRow({ fleet: [figure('longest wait', 74_800)] }), '74.8 s'],
    [{ maxWait: '9s' }, faultRow({ fleet: [figure('others wait', 10_000)] }), '10.0 s'],
    [{ maxDrain: '30s' }, storm(figure('drain takes', 49_500)), '49.5 s'],
    [{ maxStanding: '3' }, faultRow({ fleet: [figure('ghosts standing', 4)] }), '4 connections'],
    [{ acceptFor: '2h' }, faultRow({ exhaustionMs: figure('all served', 5_040_000) }), '84.0 min'],
  ])('%o', (flags, row, value) => {
    const [failure, ...others] = broken([row], flags);
    expect(others).toEqual([]);
    expect(failure).toEqual([ExitCode.ThresholdFailed, expect.stringContaining(value)]);
    expect(failure?.[1]).toContain(fleetWords(flags)[0]);
  });

  it('hold of nothing where no row speaks of them: that is no pass', () => {
    expect(broken([liveRow()], { maxRecovery: '5m' })).toEqual([
      [ExitCode.NothingSampled, '--max-recovery speaks of restarts; none was sampled'],
    ]);
    // A pool whose entry was closed before anybody asked has no call to time.
    const unasked = faultRow({ fleet: [{ ...figure('call hangs', null), never: 0, samples: 0 }] });
    expect(broken([unasked], { maxHang: '1m' })).toMatchObject([
      [ExitCode.NothingSampled, expect.any(String)],
    ]);
    expect(broken([faultRow()], { acceptFor: '1h' })).toMatchObject([
      [ExitCode.NothingSampled, expect.any(String)],
    ]);
  });

  it('that are none are all reported', () => {
    const parsed = parseFleetLimits({ maxRecovery: '5 minutes', maxStanding: 'few' });
    expect(parsed.ok ? [] : parsed.issues.map(({ path }) => path)).toEqual([
      '--max-recovery',
      '--max-standing',
    ]);
  });
});

describe('a story that ended badly', () => {
  const comparison = (rows: readonly ComparisonRow[]): Comparison => ({
    schemaVersion: 1,
    seed: '1',
    runs: 1_000,
    warnings: [],
    rows,
  });

  it('is remarked on where no limit is held against it', () => {
    const remarks = remarksOn(comparison([never]), {});
    expect(remarks).toEqual([
      expect.stringMatching(
        /: 1,060 clients not served again; no limit speaks of it: --max-recovery$/,
      ),
    ]);
    expect(remarksOn(comparison([never]), { fleet: { maxRecovery: 300_000 } })).toEqual([]);
    expect(remarksOn(comparison([served]), {})).toEqual([]);
  });
});

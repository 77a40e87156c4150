/** One run against what is stated of its policy. */
import { describe, expect, it } from 'vitest';
import { ExitCode } from '../../cli/terminal/exit.ts';
import { failuresOfRun } from '../../cli/checks/run.ts';
import { bounds } from '../../model/bounds/index.ts';
import type { Bounds } from '../../model/bounds/types.ts';
import { presets } from '../../model/policy/index.ts';
import type { RunResult } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { sampleRun } from './support.ts';

const fault = scenarios['vanish-idle'] as Scenario;
const live = scenarios['live-outage-9s'] as Scenario;
const sweep = presets['alive-flag-sweep'];
if (sweep === undefined) throw new Error('the sweep is built in');
const real = bounds(sweep, fault);

function stated(
  decidedMs: number | null,
  releasedMs: number | null,
  toleranceMs: number | null,
): Bounds {
  return {
    ...real,
    decided: { ...real.decided, maxMs: decidedMs },
    released: { ...real.released, maxMs: releasedMs },
    tolerance: { ...real.tolerance, maxMs: toleranceMs },
  };
}

function codes(run: Partial<RunResult>, scenario: Scenario, limits: Bounds): number[] {
  return failuresOfRun({ ...sampleRun(), ...run }, scenario, limits).map(({ code }) => code);
}

describe('a run against its statements', () => {
  // The sample run decides 60 s after its fault and is released 162.2 s after it.
  it('4: beyond a bound, or never in spite of one', () => {
    expect(codes({}, fault, stated(60_000, 162_200, null))).toEqual([]);
    expect(codes({}, fault, stated(59_999, 162_200, null))).toEqual([ExitCode.BoundExceeded]);
    expect(codes({}, fault, stated(60_000, 162_199, null))).toEqual([ExitCode.BoundExceeded]);
    const never = { outcome: 'undetected', decidedAtMs: null, releasedAtMs: null } as const;
    expect(codes(never, fault, stated(60_000, null, null))).toEqual([ExitCode.BoundExceeded]);
    expect(codes(never, fault, stated(null, null, null))).toEqual([]);
  });

  it('3: a living peer within the tolerance, or before its fault', () => {
    const endedAlive = {
      afterLastHeardMs: 9_000,
      afterAcceptMs: 60_000,
      by: 'sweep',
      inOrder: false,
    };
    const reaped = { faultAtMs: null, outcome: 'reaped', endedAlive } as const;
    expect(codes(reaped, live, stated(null, null, 9_001))).toEqual([ExitCode.FalseReap]); // 9 s silent
    expect(codes(reaped, live, stated(null, null, 9_000))).toEqual([]);
    expect(codes(reaped, live, stated(null, null, null))).toEqual([ExitCode.FalseReap]);
    // Whatever ended it, in order too, where the scenario does not call that harmless.
    const closed = { ...reaped, outcome: 'closed' } as const;
    expect(codes(closed, live, stated(null, null, null))).toEqual([ExitCode.FalseReap]);
    const inOrder = { ...closed, endedAlive: { ...endedAlive, inOrder: true } };
    expect(codes(inOrder, live, stated(null, null, null))).toEqual([]);
    expect(codes({ faultAtMs: 70_000, endedAlive }, fault, stated(60_000, null, null))).toEqual([
      ExitCode.FalseReap,
    ]);
  });
});

/**
 * What the charts and the report page are drawn from, and what a chart is: plain JSON on both
 * sides, so that a chart can be written to a file, read by any vega-lite tool, or drawn here.
 */
import type { Bounds } from '../../model/bounds/types.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Comparison, RunResult } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import type { Closing } from '../../text/standing.ts';

/** Any JSON value. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A vega-lite specification, complete in itself: data, sizes, colours and words. */
export type ChartSpec = { readonly [key: string]: Json };

/** One chart with the name its file gets (without an extension) and its words for screen readers. */
export interface Chart {
  /** Lower-case words joined by hyphens, unique in a report, e.g. `detection-vanish-idle`. */
  readonly name: string;
  /** The finding, as the chart's own title states it. */
  readonly title: string;
  /** How to read it: axes, marks, and what it leaves out. */
  readonly reading: string;
  /** What the chart shows, for those who do not see it. */
  readonly description: string;
  readonly spec: ChartSpec;
}

/** B and T of one policy on one scenario, with their derivations. */
export interface CellBounds {
  readonly policy: string;
  readonly scenario: string;
  readonly bounds: Bounds;
}

/** A run that is drawn as a timeline. */
export interface TimelineInput {
  readonly run: RunResult;
  /** B of its scenario where it is proved and finite, from the fault; null otherwise. */
  readonly boundMs: number | null;
  /** For how long it was watched, from the fault. */
  readonly watchMs: number;
}

/** Everything a report page is made of. */
export interface ReportInput {
  /** The version of the package, as in its package.json. */
  readonly version: string;
  /**
   * What the comparison means for the reader, sentence by sentence.
   * Empty where nobody said what he runs: then the charts' own titles stand at the top.
   */
  readonly findings: readonly Closing[];
  readonly comparison: Comparison;
  /** The policies compared, in the order in which they are listed. */
  readonly policies: readonly Policy[];
  /** The scenarios compared, in the order in which they are listed. */
  readonly scenarios: readonly Scenario[];
  /** Single runs, each drawn as a timeline; may be empty. */
  readonly timelines: readonly TimelineInput[];
  /** One run of each policy on each story of many connections, with its series; may be empty. */
  readonly fleetRuns: readonly RunResult[];
  /** Formulas and derivations, cell by cell; cells may be missing. */
  readonly bounds: readonly CellBounds[];
  /** The command that makes the same page again, e.g. `ghostbound report --seed 1 --runs 1000`. */
  readonly command: string;
}

/** The line under every chart's title: what it takes to get the same numbers again. */
export interface Provenance {
  readonly seed: string;
  /** Runs per cell; absent where the chart shows one run. */
  readonly runs?: number;
  readonly version: string;
}

/**
 * What the rows of a comparison mean: a word for each row, and whether a statement that was made (a
 * bound, a tolerance, a threshold) turned out false. Pure: the same rows give the same words.
 */
import { endedAgainstClaim, ONE_US_IN_MS, outlived } from '../../model/results/assertions.ts';
import { decisionSeen, livesOf, missedIn, outlivedBound } from '../../model/results/standing.ts';
import type { Comparison, ComparisonRow } from '../../model/results/types.ts';
import { rareStates } from '../../model/scenario/index.ts';
import type { RunPick } from '../../scenarios/pick.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import {
  beyondLimits,
  fleetOutcome,
  limitFlags,
  limitsOf,
  unspokenLimits,
  type FleetLimits,
} from './fleet.ts';
import { countOf, missedWord } from '../../text/found.ts';
import { formatCount, formatMs, plural } from '../../text/numbers.ts';
import type { Paint } from '../../text/table.ts';

export interface Verdict {
  readonly good: boolean;
  readonly text: string;
}

/** Limits the user states; an absent one is not checked. */
export interface Thresholds {
  /** No ghost may live longer, neither sampled nor by its bound. */
  readonly maxGhostMs?: number | undefined;
  /** No living peer may be ended, whatever ends it, claimed or not. */
  readonly noFalseReaps: boolean;
  /** Packets per hour and connection that the policy itself causes. */
  readonly maxPacketsPerHour?: number | undefined;
  /** What stories about more than one connection may come to. */
  readonly fleet?: FleetLimits;
}

/** Something stated that did not hold. */
export interface Failure {
  readonly code: ExitCodeValue;
  readonly policy?: string;
  readonly scenario?: string;
  readonly text: string;
  /** Which of the cell's runs shows it. */
  readonly shownBy?: RunPick;
}

/** Failures in the order of their weight: the first decides the exit code. */
const byWeight: readonly ExitCodeValue[] = [
  ExitCode.FalseReap,
  ExitCode.BoundExceeded,
  ExitCode.NothingSampled,
  ExitCode.ThresholdFailed,
];

/** Order of failures by weight. */
export function heaviestFirst(a: Failure, b: Failure): number {
  return byWeight.indexOf(a.code) - byWeight.indexOf(b.code);
}

/** Whether a living peer was ended in a silence that the policy is said to tolerate. */
function brokeClaim(row: ComparisonRow): boolean {
  const { endedAlive, silenceMs, toleranceMs: maxMs, toleranceProved: proved } = row;
  return endedAgainstClaim(endedAlive.count, silenceMs, { maxMs, proved });
}

function faultVerdict(row: ComparisonRow): Verdict {
  const total = livesOf(row);
  const missed = missedIn(row);
  if (row.endedAlive.count > 0) {
    return { good: false, text: `${endedText(row)} before the fault` };
  }
  if (outlivedBound(row)) return { good: false, text: 'outlived its bound' };
  if (row.prevented === total) {
    const text =
      row.closedInOrder === total ? 'closed in order before it' : 'kept it from happening';
    return { good: true, text };
  }
  if (missed !== undefined) {
    const asked = row.nothingAsked === true && missed.found === 0 ? ': nothing is asked' : '';
    return { good: false, text: `${missedWord(missed)}${asked}` };
  }
  if (row.releasedMs.unreleased > 0) return { good: false, text: 'noticed, never released' };
  return { good: true, text: 'frees every ghost' };
}

function liveVerdict(row: ComparisonRow): Verdict {
  const { endedAlive, closedInOrder } = row;
  if (endedAlive.count > 0) {
    const text = endedText(row);
    return { good: false, text: brokeClaim(row) ? `${text}, against its claim` : text };
  }
  if (closedInOrder === 0) return { good: true, text: 'left alone' };
  return { good: true, text: `closed in order: ${ofRuns(closedInOrder, endedAlive.samples)}` };
}

/** A verdict kills; whatever else ends the living is named. */
function endedText({ endedAlive, falseReaps }: ComparisonRow): string {
  const { count, samples, by } = endedAlive;
  const ofAll = ofRuns(count, samples);
  return count === falseReaps.count ? `kills ${ofAll}` : `ends ${ofAll} alive, by ${by}`;
}

function ofRuns(count: number, total: number): string {
  return count === total ? 'every one' : countOf(count, total);
}

/** What came of the connection itself. */
function ownVerdict(row: ComparisonRow): Verdict {
  return row.kind === 'fault' ? faultVerdict(row) : liveVerdict(row);
}

/** One row in words. */
export function verdictOf(row: ComparisonRow): Verdict {
  if (livesOf(row) === 0) return { good: false, text: 'nothing sampled' };
  const own = ownVerdict(row);
  return own.good ? (fleetOutcome(row) ?? own) : own;
}

/** What is marked as failed and is neither a ghost that was missed nor a living peer that was ended: `in drain-under-load: …`. */
export function otherFailures(rows: readonly ComparisonRow[]): string[] {
  return rows
    .filter(
      (row) =>
        !verdictOf(row).good &&
        row.endedAlive.count === 0 &&
        missedIn(row) === undefined &&
        !(row.kind === 'fault' && outlivedBound(row)),
    )
    .map((row) => `in ${row.scenario}: ${verdictOf(row).text}`);
}

/** The verdict with its sign: colour only repeats it. */
export function verdictCell(verdict: Verdict): { text: string; paint: Paint } {
  return {
    text: `${verdict.good ? '✓' : '✗'} ${verdict.text}`,
    paint: verdict.good ? 'good' : 'bad',
  };
}

function statementFailures(row: ComparisonRow): Failure[] {
  const { policy, scenario } = row;
  if (livesOf(row) === 0) {
    return [{ code: ExitCode.NothingSampled, policy, scenario, text: 'nothing was sampled' }];
  }
  if (brokeClaim(row)) {
    const tolerance = toleratedSilence(row.toleranceMs);
    const { count, samples, by } = row.endedAlive;
    const text = `ended ${countOf(count, samples)} living peers (${by}), though it is said to tolerate ${tolerance}`;
    return [{ code: ExitCode.FalseReap, policy, scenario, text }];
  }
  return row.kind === 'fault' && outlivedBound(row) ? [boundFailure(row)] : [];
}

/** A proved T in words: what is shorter is survived. */
export function toleratedSilence(toleranceMs: number | null): string {
  if (toleranceMs === 0) return 'no silence';
  return toleranceMs === null ? 'any silence' : `silences below ${formatMs(toleranceMs, 'down')}`;
}

/** How long something lasted, null = for good, and by how much that is too long: both rounded may look alike. */
export function beyondBound(what: string, lastedMs: number | null, boundMs: number): string {
  const limit = `beyond the bound of ${formatMs(boundMs, 'up')}`;
  if (lastedMs === null) return `${what} for good, ${limit}`;
  return `${what} ${formatMs(lastedMs)}, ${limit}: ${formatMs(lastedMs - boundMs, 'up')} too long`;
}

function boundFailure(row: ComparisonRow): Failure {
  const { policy, scenario, ghostMs, releasedMs } = row;
  const decided = outlived(decisionSeen(row), row.boundMs);
  const [bound, seen, endless] = decided
    ? [row.boundMs, ghostMs.max, ghostMs.undetected]
    : [row.releaseBoundMs, releasedMs.max, releasedMs.unreleased];
  const what = decided ? 'a ghost lived' : 'a dead socket stayed in the kernel';
  const text = beyondBound(what, endless > 0 ? null : (seen ?? 0), bound ?? 0);
  return { code: ExitCode.BoundExceeded, policy, scenario, text };
}

/** The longest ghost that was seen. */
function seenWords({ ghostMs, watchedMs, watchedOut }: ComparisonRow): string {
  if (ghostMs.undetected === 0) return formatMs(ghostMs.max ?? 0);
  return watchedOut ? 'for good' : `for more than ${formatMs(watchedMs, 'down')}`;
}

function ghostThreshold(row: ComparisonRow, limitMs: number): Failure[] {
  if (row.kind !== 'fault' || row.prevented === livesOf(row)) return [];
  const { policy, scenario, boundMs, proved } = row;
  const sampled = outlived(decisionSeen(row), limitMs);
  // Where nothing is proved there is only what was seen; `doubtsOn` says so.
  if (!sampled && (!proved || (boundMs !== null && boundMs <= limitMs + ONE_US_IN_MS))) return [];
  const longest = boundMs === null ? 'for good' : formatMs(boundMs, 'up');
  const found = proved ? `a ghost may live ${longest}` : `a ghost lived ${seenWords(row)}`;
  const text = `${found}; --max-ghost allows ${formatMs(limitMs)}`;
  return [{ code: ExitCode.ThresholdFailed, policy, scenario, text, shownBy: 'worst' }];
}

function reapThreshold({ policy, scenario, endedAlive }: ComparisonRow): Failure[] {
  const { count, samples, earliestMs, by } = endedAlive;
  if (count === 0 || earliestMs === null) return [];
  const first = `by ${by}, the first ${formatMs(earliestMs)} after its accept`;
  const text = `ended ${countOf(count, samples)} living peers (${first}); --no-false-reaps allows none`;
  return [{ code: ExitCode.ThresholdFailed, policy, scenario, text, shownBy: 'killed' }];
}

function overheadThreshold({ policy, scenario, cost }: ComparisonRow, limit: number): Failure[] {
  if (cost.packetsPerHour <= limit) return [];
  const text = `costs ${formatCount(cost.packetsPerHour)} packets/h; --max-overhead allows ${formatCount(limit)}/h`;
  return [{ code: ExitCode.ThresholdFailed, policy, scenario, text }];
}

function fleetThresholds(row: ComparisonRow, limits: FleetLimits): Failure[] {
  const { policy, scenario } = row;
  const code = ExitCode.ThresholdFailed;
  return beyondLimits(row, limits).map((text) => ({
    code,
    policy,
    scenario,
    text,
    shownBy: 'worst' as const,
  }));
}

/** A threshold over rows that do not exist holds for nothing: that is no pass. */
function unmeasured(rows: readonly ComparisonRow[], thresholds: Thresholds): Failure[] {
  const nothing = (kind: 'fault' | 'live', flag: string, what: string): Failure[] =>
    rows.some((row) => row.kind === kind)
      ? []
      : [{ code: ExitCode.NothingSampled, text: `${flag} speaks of ${what}; none was sampled` }];
  return [
    ...(thresholds.maxGhostMs === undefined ? [] : nothing('fault', '--max-ghost', 'ghosts')),
    ...(thresholds.noFalseReaps ? nothing('live', '--no-false-reaps', 'living peers') : []),
    ...unspokenLimits(rows, thresholds.fleet ?? {}).map(({ flag, about }) => ({
      code: ExitCode.NothingSampled,
      text: `${flag} speaks of ${about}; none was sampled`,
    })),
  ];
}

/**
 * Scenarios that were not told: no run of any row came to the state that the scenario is there for, though in some
 * rows nobody ended the connection before it, or kept the fault from happening.
 */
function untold(rows: readonly ComparisonRow[]): Failure[] {
  const told = rows.filter(({ rareState }) => rareState !== undefined && rareState.samples > 0);
  const scenarios = [...new Set(told.map(({ scenario }) => scenario))];
  return scenarios.flatMap((scenario) => {
    const states = told.flatMap((row) =>
      row.scenario === scenario && row.rareState !== undefined ? [row.rareState] : [],
    );
    const [first] = states;
    if (first === undefined || states.some(({ reached }) => reached > 0)) return [];
    const samples = states.reduce((sum, state) => sum + state.samples, 0);
    const text = `${scenario}: none of ${plural(samples, 'run')} came to ${first.name}: ${rareStates[first.name]}`;
    return [{ code: ExitCode.NothingSampled, scenario, text }];
  });
}

/** Everything stated that did not hold, heaviest first; empty when all did. */
export function failuresOf({ rows }: Comparison, thresholds: Thresholds): Failure[] {
  const { maxGhostMs, maxPacketsPerHour, noFalseReaps } = thresholds;
  const found = rows.flatMap((row) => [
    ...statementFailures(row),
    ...(maxGhostMs === undefined ? [] : ghostThreshold(row, maxGhostMs)),
    ...(noFalseReaps ? reapThreshold(row) : []),
    ...(maxPacketsPerHour === undefined ? [] : overheadThreshold(row, maxPacketsPerHour)),
    ...fleetThresholds(row, thresholds.fleet ?? {}),
  ]);
  const empty: Failure[] =
    rows.length === 0 ? [{ code: ExitCode.NothingSampled, text: 'no row was compared' }] : [];
  return [...empty, ...found, ...untold(rows), ...unmeasured(rows, thresholds)].toSorted(
    heaviestFirst,
  );
}

/** A remark that counts as a failed threshold. */
export function strictFailure(text: string): Failure {
  return { code: ExitCode.ThresholdFailed, text: `${text} (--strict)` };
}

/** Stories that ended badly while the connection itself was well, and against which no limit is held. */
function unlimited(rows: readonly ComparisonRow[], limits: FleetLimits): string[] {
  const given = new Set(limitFlags(limits));
  return rows.flatMap((row) => {
    const outcome = fleetOutcome(row);
    const flags = limitsOf(row);
    const isSilent = outcome?.good === false && ownVerdict(row).good && flags.length > 0;
    if (!isSilent || flags.some((flag) => given.has(flag))) return [];
    const { policy, scenario } = row;
    return [
      `${policy} on ${scenario}: ${outcome.text}; no limit speaks of it: ${flags.join(', ')}`,
    ];
  });
}

/** With fewer runs the 99th percentile is the largest sample. */
const RUNS_FOR_P99 = 100;

/** Which phases no run can have met, once per policy and reason. */
function notCovered(rows: readonly ComparisonRow[]): string[] {
  const said = rows.flatMap((row) =>
    row.notCovered === undefined ? [] : [`${row.policy}: ${row.notCovered}`],
  );
  return [...new Set(said)];
}

/** Ghosts that stood when the watch was over, while somebody may still end them. */
function cutOff(rows: readonly ComparisonRow[]): string[] {
  const cut = rows.filter(
    ({ watchedOut, ghostMs, releasedMs }) =>
      !watchedOut && ghostMs.undetected + releasedMs.unreleased > 0,
  );
  if (cut.length === 0) return [];
  const longest = formatMs(Math.max(...cut.map(({ watchedMs }) => watchedMs)));
  return [`in ${plural(cut.length, 'row')} ghosts stood when the watch of ${longest} was over`];
}

/** What a reader should know before trusting the rows; each is a failure under `--strict`. */
export function remarksOn(
  { rows, runs, warnings }: Comparison,
  { fleet = {} }: Partial<Thresholds> = {},
): string[] {
  return [
    ...warnings,
    ...(runs < RUNS_FOR_P99 && rows.some(({ kind }) => kind === 'fault')
      ? [`with fewer than ${RUNS_FOR_P99} runs the 99th percentile is the largest sample`]
      : []),
    ...unlimited(rows, fleet),
    ...notCovered(rows),
    ...cutOff(rows),
  ];
}

/** What explains a row and asks nothing of its reader. */
export function asidesOn({ rows }: Comparison): string[] {
  const prevented = rows.filter((row) => row.kind === 'fault' && row.prevented > 0).length;
  if (prevented === 0) return [];
  return [
    `in ${plural(prevented, 'row')} the policy itself kept the fault from happening in some runs`,
  ];
}

/** Rows of which there is only what was seen; a failure under `--strict`. */
export function doubtsOn({ rows }: Comparison): string[] {
  const unproved = rows.filter((row) => !row.proved).length;
  if (unproved === 0) return [];
  return [`in ${plural(unproved, 'row')} nothing is proved: there is only what was seen`];
}

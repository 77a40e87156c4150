/**
 * How the policies of one comparison stand to each other. There is no order among them: who finds ghosts sooner may end
 * more of the living. So a policy is only ever behind another that is as good in everything that was compared (B of
 * every fault, the living that were ended, T, cost) and better in something (Pareto). Pure: the same rows, in whatever
 * order, stand the same.
 */
import { outlived, type Seen } from './assertions.ts';
import { leadingFigures, type FigureUnit } from './figures.ts';
import type { ComparisonRow } from './types.ts';

/** A living peer that was ended, and where. */
export interface EndedIn {
  readonly scenario: string;
  readonly count: number;
  readonly samples: number;
}

/** What is found in which time. */
export interface FoundIn {
  readonly scenario: string;
  readonly boundMs: number;
}

/** What a story came to: its worst run. */
export interface ToldIn {
  readonly scenario: string;
  readonly figure: string;
  readonly unit: FigureUnit;
  /** null = it never came to an end. */
  readonly worst: number | null;
}

/** One policy in everything that was compared; scenarios by name, in the order of the rows. */
export interface Standing {
  readonly policy: string;
  /** Faults of which it may never notice the ghost, by what is proved or by what was seen. */
  readonly never: readonly string[];
  /** Rows in which a ghost lived longer than its stated bound: what is stated there is refuted. */
  readonly outlived: readonly string[];
  /** Faults that it noticed, with no proved bound. */
  readonly unproved: readonly string[];
  /** Faults that it notices within a proved bound that held. */
  readonly found: readonly FoundIn[];
  /** Where a living peer was ended, by whatever: in a silence, before a fault, or with nothing wrong at all. */
  readonly ended: readonly EndedIn[];
  /** Those among them in which nothing was wrong: a quiet or a busy client, as every server has them. */
  readonly endedHealthy: readonly EndedIn[];
  /** Living scenarios in which nobody was ended. */
  readonly kept: readonly string[];
  /** What stories about more than one connection came to, by the figures that they are about. */
  readonly told: readonly ToldIn[];
  /** Middle of the packets per hour over its rows. */
  readonly packetsPerHour: number;
  /** Policies that are as good in everything, and better in something. */
  readonly dominatedBy: readonly string[];
}

/** Longer than this, a bound helps nobody: a connection that haunts for hours. */
export const HOURS_MS = 3_600_000;

/** How many lives of a row were counted. */
export function livesOf(row: ComparisonRow): number {
  if (row.kind === 'live') return row.falseReaps.samples;
  return row.ghostMs.samples + row.ghostMs.undetected + row.prevented;
}

/** Whether a ghost of this row lived longer than the bound stated for its decision or its release. */
export function outlivedBound(row: ComparisonRow): boolean {
  return outlived(decisionSeen(row), row.boundMs) || outlived(releaseSeen(row), row.releaseBoundMs);
}

/** What was seen of the decision. */
export function decisionSeen({ ghostMs, watchedMs }: ComparisonRow): Seen {
  return { maxMs: ghostMs.max, never: ghostMs.undetected, watchedMs };
}

function releaseSeen({ releasedMs, watchedMs }: ComparisonRow): Seen {
  return { maxMs: releasedMs.max, never: releasedMs.unreleased, watchedMs };
}

/** Whether ghosts arose in this row at all: neither ended before, nor kept from arising, in every run. */
function hasGhosts(row: ComparisonRow): boolean {
  return row.kind === 'fault' && row.ghostMs.samples + row.ghostMs.undetected > 0;
}

/** Whether a ghost may stand for ever, by proof or by what was seen. */
export function mayNeverNotice(row: ComparisonRow): boolean {
  if (!hasGhosts(row)) return false;
  return row.ghostMs.undetected > 0 || (row.proved && row.boundMs === null);
}

/** Something that policies are compared by: the classes in order, then the value; the less the better. */
interface Mark {
  readonly rank: number;
  readonly value: number;
}

/** Differences that no table shows decide nothing: durations count as they are printed. */
function shownMs(ms: number, round: (steps: number) => number): number {
  const stepMs = ms < 600_000 ? 100 : ms < 7_200_000 ? 6_000 : 36_000;
  return round(ms / stepMs) * stepMs;
}

/** B: proved and finite, then seen only, then for ever; a row whose peers were ended before has shown nothing. */
function ghostMark(row: ComparisonRow): Mark {
  if (row.endedAlive.count > 0 || row.closedInOrder > 0) return { rank: 3, value: 0 };
  if (!hasGhosts(row)) return { rank: 0, value: 0 };
  if (mayNeverNotice(row) || outlivedBound(row)) return { rank: 3, value: 0 };
  if (!row.proved || row.boundMs === null) {
    return { rank: 2, value: shownMs(row.ghostMs.max ?? 0, Math.ceil) };
  }
  return { rank: 1, value: shownMs(row.boundMs, Math.ceil) };
}

function endedMark({ endedAlive: { count, samples } }: ComparisonRow): Mark {
  return { rank: 0, value: samples === 0 ? 0 : count / samples };
}

/** T: proved, the longer the better; not proved is nothing to rely on. */
function toleranceMark({ toleranceMs, toleranceProved }: ComparisonRow): Mark {
  if (!toleranceProved) return { rank: 1, value: 0 };
  return { rank: 0, value: toleranceMs === null ? -Infinity : -shownMs(toleranceMs, Math.floor) };
}

/** Figures of stories about more than one connection are waits and losses: the less the better. */
function figureMarks({ fleet = [], exhaustionMs }: ComparisonRow): readonly Mark[] {
  const figures = fleet.map(({ max, never }): Mark => ({
    rank: never > 0 ? 1 : 0,
    value: max ?? 0,
  }));
  if (exhaustionMs === undefined) return figures;
  return [...figures, { rank: 0, value: -(exhaustionMs.min ?? Infinity) }];
}

function marksOf(row: ComparisonRow): readonly Mark[] {
  const own =
    row.kind === 'fault' ? [ghostMark(row), endedMark(row)] : [endedMark(row), toleranceMark(row)];
  return [...own, ...figureMarks(row)];
}

/** Negative where `a` is better. */
function compareMarks(a: Mark, b: Mark): number {
  return a.rank - b.rank || (a.value === b.value ? 0 : a.value - b.value);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

/** A policy with all that it is compared by. */
interface Subject {
  readonly policy: string;
  readonly rows: readonly ComparisonRow[];
  readonly packetsPerHour: number;
  readonly marks: ReadonlyMap<string, readonly Mark[]>;
}

function subjectOf(policy: string, rows: readonly ComparisonRow[]): Subject {
  const packetsPerHour = median(rows.map(({ cost }) => cost.packetsPerHour));
  const cost: Mark = { rank: 0, value: Math.round(packetsPerHour) };
  const marks = new Map(rows.map((row) => [row.scenario, marksOf(row)]));
  return { policy, rows, packetsPerHour, marks: new Map([...marks, ['', [cost]]]) };
}

/** Whether `a` is as good as `b` in everything, and better in something. */
function dominates(a: Subject, b: Subject): boolean {
  let better = false;
  for (const [what, marks] of b.marks) {
    const others = a.marks.get(what);
    if (others === undefined) return false;
    for (const [index, mark] of marks.entries()) {
      const order = compareMarks(others[index] ?? mark, mark);
      if (order > 0) return false;
      if (order < 0) better = true;
    }
  }
  return better;
}

function endedIn({ scenario, endedAlive: { count, samples } }: ComparisonRow): EndedIn {
  return { scenario, count, samples };
}

function toldIn({ scenario, fleet = [] }: ComparisonRow): readonly ToldIn[] {
  return fleet
    .filter(({ name, max, never }) => leadingFigures.has(name) && (never > 0 || max !== null))
    .map(({ name, unit, max, never }) => ({
      scenario,
      figure: name,
      unit,
      worst: never > 0 ? null : max,
    }));
}

function standingOf(subject: Subject, all: readonly Subject[]): Standing {
  const { policy, rows, packetsPerHour } = subject;
  const names = (chosen: readonly ComparisonRow[]): string[] =>
    chosen.map(({ scenario }) => scenario);
  const faults = rows.filter(hasGhosts);
  const broken = rows.filter((row) => row.kind === 'fault' && outlivedBound(row));
  const sure = faults.filter((row) => !mayNeverNotice(row) && !broken.includes(row));
  const ended = rows.filter(({ endedAlive }) => endedAlive.count > 0);
  // Who stops has to end his clients some time: that is no hanging up on them.
  const healthy = ended.filter(
    (row) => row.endedAlive.by !== 'drain' && (row.kind === 'fault' || (row.silenceMs ?? 0) === 0),
  );
  return {
    policy,
    never: names(faults.filter(mayNeverNotice)),
    outlived: names(broken),
    unproved: names(sure.filter(({ proved }) => !proved)),
    found: sure.flatMap(({ scenario, proved, boundMs }) =>
      proved && boundMs !== null ? [{ scenario, boundMs }] : [],
    ),
    ended: ended.map(endedIn),
    endedHealthy: healthy.map(endedIn),
    kept: names(rows.filter((row) => row.kind === 'live' && row.endedAlive.count === 0)),
    told: rows.flatMap(toldIn),
    packetsPerHour,
    dominatedBy: all.filter((other) => dominates(other, subject)).map((other) => other.policy),
  };
}

/**
 * Every policy of a comparison, in the order of the rows.
 *
 * @example
 * const { rows } = compare({
 *   policies: [presets['alive-flag-sweep'], presets['sweep-and-pong-timer']],
 *   scenarios: [scenarios['vanish-idle']],
 *   runs: 1,
 *   seed: '1',
 * });
 * // Bounds: 2 · 30 s less half a round trip of 50 ms, and 30 s + 10 s by as much; both send the same pings.
 * standings(rows).map(({ dominatedBy }) => dominatedBy) // => [['sweep-and-pong-timer'], []]
 */
export function standings(rows: readonly ComparisonRow[]): readonly Standing[] {
  const policies = [...new Set(rows.map(({ policy }) => policy))];
  const subjects = policies.map((policy) =>
    subjectOf(
      policy,
      rows.filter((row) => row.policy === policy),
    ),
  );
  return subjects.map((subject) => standingOf(subject, subjects));
}

/** Why nobody should run a policy, whatever it is good at; undefined where nothing speaks against it. */
export type Disqualified = 'ends-healthy' | 'never-notices' | 'takes-hours';

/** Bounds in which nothing is found before hours have gone. */
export function takesHours({ found }: Standing): FoundIn | undefined {
  return found.find(({ boundMs }) => boundMs >= HOURS_MS);
}

/**
 * What a policy never notices though the one that it would replace does; by itself, all of it where it notices nothing.
 * Who hangs up before a fault has noticed nothing.
 */
export function blindTo({ never, found }: Standing, instead?: Standing): readonly string[] {
  if (instead === undefined) return found.length === 0 ? never : [];
  const noticed = new Set([...instead.found.map(({ scenario }) => scenario), ...instead.unproved]);
  return never.filter((scenario) => noticed.has(scenario));
}

/**
 * What speaks against running a policy at all.
 *
 * @param instead what it would replace: who never notices what that one notices is no replacement
 */
export function disqualified(standing: Standing, instead?: Standing): Disqualified | undefined {
  if (standing.endedHealthy.length > 0) return 'ends-healthy';
  if (blindTo(standing, instead).length > 0) return 'never-notices';
  return takesHours(standing) === undefined ? undefined : 'takes-hours';
}

/**
 * The policy that the others are held against: the one that the user runs, else the first against which nothing
 * speaks.
 */
export function baselineOf(all: readonly Standing[], runs?: string): Standing | undefined {
  return (
    all.find(({ policy }) => policy === runs) ??
    all.find((one) => disqualified(one) === undefined) ??
    all[0]
  );
}

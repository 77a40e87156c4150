/**
 * How the policies of one comparison stand to each other. There is no order among them: who finds ghosts sooner may end
 * more of the living. So a policy is only ever behind another that is as good in everything that was compared (B of
 * every fault, the living that were ended and how soon, T, what stories of many came to, cost) and better in something
 * (Pareto). Where a policy hangs up on clients with nothing wrong, nothing else counts for it. Pure: the same rows, in
 * whatever order, stand the same.
 */
import { outlived, type Seen } from './assertions.ts';
import { leadingFigures, type FigureUnit } from './figures.ts';
import type { ComparisonRow } from './types.ts';

/** Living peers that were ended, and where. */
export interface EndedIn {
  readonly scenario: string;
  readonly count: number;
  readonly samples: number;
  /** The earliest, from its accept(2); null where there is none. */
  readonly earliestMs: number | null;
  /** A fault was to come, and the policy did not wait for it. */
  readonly beforeFault: boolean;
}

/** A fault whose ghosts were not all found, or need not be. */
export interface MissedIn {
  readonly scenario: string;
  /** How many were found while they were watched, of how many; all of them where only the proof says that one may last. */
  readonly found: number;
  readonly ghosts: number;
  readonly watchedMs: number;
  /** Nobody who could still find the others has patience for longer. */
  readonly watchedOut: boolean;
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
  /** null = it never came, or never came to an end. */
  readonly worst: number | null;
  /** The story is about it; other figures explain it. */
  readonly leads: boolean;
  /** The later the better: of what should not come at all. */
  readonly lateIsGood: boolean;
}

/** T in a silence of the living; null = there is no limit. */
export interface ToleratedIn {
  readonly scenario: string;
  readonly proved: boolean;
  readonly toleranceMs: number | null;
}

/** What a connection costs under the load of a scenario. */
export interface CostIn {
  readonly scenario: string;
  readonly packetsPerHour: number;
}

/** One policy in everything that was compared; scenarios by name, in the order of the rows. */
export interface Standing {
  readonly policy: string;
  /** Faults whose ghosts it did not all find, or need not find. */
  readonly missed: readonly MissedIn[];
  /** Rows in which a ghost lived longer than its stated bound: what is stated there is refuted. */
  readonly outlived: readonly string[];
  /** Faults that it noticed, with no proved bound. */
  readonly unproved: readonly string[];
  /** Faults that it notices within a proved bound that held; none before which it hung up on a living peer. */
  readonly found: readonly FoundIn[];
  /** Faults that it kept from happening in every run, by its own traffic or by an orderly end that is no harm. */
  readonly prevented: readonly string[];
  /** Living peers that were ended, by whatever, in a silence or with nothing wrong at all. */
  readonly ended: readonly EndedIn[];
  /** Those among them in which nothing was wrong: a quiet or a busy client, as every server has them. */
  readonly endedHealthy: readonly EndedIn[];
  /** Faults before which it had ended living peers. */
  readonly endedBefore: readonly EndedIn[];
  /** Living scenarios in which nobody was ended. */
  readonly kept: readonly string[];
  /** T of every silence that was played. */
  readonly tolerated: readonly ToleratedIn[];
  /** What stories about more than one connection came to. */
  readonly told: readonly ToldIn[];
  /** What it costs, where a connection with nothing wrong lasts. */
  readonly costs: readonly CostIn[];
  /** Middle of the packets per hour over those rows; null where there is none. */
  readonly packetsPerHour: number | null;
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

/** Whether a ghost may stand for ever, by proof or because nobody is left who could find it. */
export function mayLastForever(row: ComparisonRow): boolean {
  if (!hasGhosts(row)) return false;
  const { proved, boundMs, watchedOut, ghostMs } = row;
  return proved ? boundMs === null : watchedOut && ghostMs.undetected > 0;
}

/** What was seen of the ghosts of a row that were not all found, or need not be; undefined where they are. */
export function missedIn(row: ComparisonRow): MissedIn | undefined {
  if (!hasGhosts(row)) return undefined;
  const { scenario, ghostMs, watchedMs, watchedOut } = row;
  if (ghostMs.undetected === 0 && !mayLastForever(row)) return undefined;
  const ghosts = ghostMs.samples + ghostMs.undetected;
  return { scenario, found: ghostMs.samples, ghosts, watchedMs, watchedOut };
}

/** Whether living peers with nothing wrong were ended in this row: before the fault, or with none at all. */
function isHealthyEnd(row: ComparisonRow): boolean {
  const { by, count } = row.endedAlive;
  // Who stops has to end his clients some time: that is no hanging up on them.
  if (count === 0 || by === 'drain') return false;
  return row.kind === 'fault' || (row.silenceMs ?? 0) === 0;
}

/** Whether a connection with nothing wrong does not last under the policy in this scenario. */
export function hangsUp(row: ComparisonRow): boolean {
  return row.livesShort === true || isHealthyEnd(row);
}

/** Something that policies are compared by: the classes in order, then the value; the less the better. */
interface Mark {
  readonly rank: number;
  readonly value: number;
  /** Decides where the value is the same. */
  readonly tie?: number;
}

/** Nothing is worse: what a policy seems to save or to find where it hangs up on everybody. */
const WORST: Mark = { rank: 9, value: 0 };

/** Differences that no table shows decide nothing: durations count as they are printed. */
export function shownMs(ms: number, round: (steps: number) => number): number {
  const stepMs = ms < 600_000 ? 100 : ms < 7_200_000 ? 6_000 : 36_000;
  return round(ms / stepMs) * stepMs;
}

/** B: proved and finite, then seen only, then without bound, then missed; a row whose peers were ended before has shown nothing. */
function ghostMark(row: ComparisonRow): Mark {
  if (row.endedAlive.count > 0 || row.closedInOrder > 0) return { rank: 6, value: 0 };
  if (!hasGhosts(row)) return { rank: 0, value: 0 };
  if (outlivedBound(row)) return { rank: 5, value: 0 };
  const missed = missedIn(row);
  if (missed !== undefined && missed.found < missed.ghosts) {
    return { rank: 4, value: -missed.found / missed.ghosts };
  }
  if (missed !== undefined) return { rank: 3, value: 0 };
  if (!row.proved || row.boundMs === null) {
    return { rank: 2, value: shownMs(row.ghostMs.max ?? 0, Math.ceil) };
  }
  return { rank: 1, value: shownMs(row.boundMs, Math.ceil) };
}

/** How many of the living were ended; of as many, the later the better. */
function endedMark({ endedAlive: { count, samples, earliestMs } }: ComparisonRow): Mark {
  const value = samples === 0 ? 0 : count / samples;
  return { rank: 0, value, tie: earliestMs === null ? 0 : -shownMs(earliestMs, Math.floor) };
}

/** T: proved, the longer the better; not proved is nothing to rely on. */
function toleranceMark({ toleranceMs, toleranceProved }: ComparisonRow): Mark {
  if (!toleranceProved) return { rank: 1, value: 0 };
  return { rank: 0, value: toleranceMs === null ? -Infinity : -shownMs(toleranceMs, Math.floor) };
}

/** Figures of stories about more than one connection are waits and losses: the less the better, but for what should not come. */
function figureMarks(row: ComparisonRow): readonly Mark[] {
  return toldIn(row).map(({ worst, unit, lateIsGood }): Mark => {
    if (worst === null) return { rank: lateIsGood ? 0 : 1, value: lateIsGood ? -Infinity : 0 };
    const shown = unit === 'ms' ? shownMs(worst, lateIsGood ? Math.floor : Math.ceil) : worst;
    return { rank: 0, value: lateIsGood ? -shown : shown };
  });
}

function costMark({ cost }: ComparisonRow): Mark {
  return { rank: 0, value: Math.round(cost.packetsPerHour) };
}

function marksOf(row: ComparisonRow): readonly Mark[] {
  const own = row.kind === 'fault' ? ghostMark(row) : toleranceMark(row);
  const others = [own, ...figureMarks(row), costMark(row)];
  return [endedMark(row), ...(hangsUp(row) ? others.map(() => WORST) : others)];
}

/** Negative where `a` is better. */
function compareMarks(a: Mark, b: Mark): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  return a.value === b.value ? (a.tie ?? 0) - (b.tie ?? 0) : a.value - b.value;
}

/** The middle of the packets per hour over rows in which a connection with nothing wrong lasts; null where there is none. */
export function middleCost(rows: readonly ComparisonRow[]): number | null {
  const costs = rows.filter((row) => !hangsUp(row)).map(({ cost }) => cost.packetsPerHour);
  return costs.toSorted((a, b) => a - b)[Math.floor((costs.length - 1) / 2)] ?? null;
}

/** A policy with all that it is compared by. */
interface Subject {
  readonly policy: string;
  readonly rows: readonly ComparisonRow[];
  readonly marks: ReadonlyMap<string, readonly Mark[]>;
}

function subjectOf(policy: string, rows: readonly ComparisonRow[]): Subject {
  return { policy, rows, marks: new Map(rows.map((row) => [row.scenario, marksOf(row)])) };
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

function endedIn({ kind, scenario, endedAlive }: ComparisonRow): EndedIn {
  const { count, samples, earliestMs } = endedAlive;
  return { scenario, count, samples, earliestMs, beforeFault: kind === 'fault' };
}

/** The figure that tells when descriptors run out: accept(2) should never fail. */
export const EXHAUSTION = 'accept fails';

function toldIn({ scenario, fleet = [], exhaustionMs }: ComparisonRow): readonly ToldIn[] {
  const figures = fleet
    .filter(({ max, never }) => never > 0 || max !== null)
    .map(({ name, unit, max, never }): ToldIn => ({
      scenario,
      figure: name,
      unit,
      worst: never > 0 ? null : max,
      leads: leadingFigures.has(name),
      lateIsGood: false,
    }));
  if (exhaustionMs === undefined) return figures;
  const { min: worst } = exhaustionMs;
  const told = { scenario, unit: 'ms', worst, leads: true, lateIsGood: true } as const;
  return [{ ...told, figure: EXHAUSTION }, ...figures];
}

function standingOf({ policy, rows }: Subject): Omit<Standing, 'dominatedBy'> {
  const names = (chosen: readonly ComparisonRow[]): string[] =>
    chosen.map(({ scenario }) => scenario);
  const faults = rows.filter(({ kind }) => kind === 'fault');
  const living = rows.filter(({ kind }) => kind === 'live');
  const ended = rows.filter(({ endedAlive }) => endedAlive.count > 0);
  const broken = faults.filter(outlivedBound);
  const sure = faults.filter(
    (row) =>
      hasGhosts(row) &&
      missedIn(row) === undefined &&
      !broken.includes(row) &&
      !ended.includes(row),
  );
  const costs = rows
    .filter((row) => !hangsUp(row))
    .map(({ scenario, cost: { packetsPerHour } }) => ({ scenario, packetsPerHour }));
  return {
    policy,
    missed: faults.flatMap((row) => missedIn(row) ?? []),
    outlived: names(broken),
    unproved: names(sure.filter(({ proved }) => !proved)),
    found: sure.flatMap(({ scenario, proved, boundMs }) =>
      proved && boundMs !== null ? [{ scenario, boundMs }] : [],
    ),
    prevented: names(
      faults.filter((row) => row.prevented > 0 && !hasGhosts(row) && !ended.includes(row)),
    ),
    ended: ended.filter(({ kind }) => kind === 'live').map(endedIn),
    endedHealthy: living.filter(isHealthyEnd).map(endedIn),
    endedBefore: faults.filter(isHealthyEnd).map(endedIn),
    kept: names(living.filter((row) => !ended.includes(row))),
    tolerated: living
      .filter((row) => row.silenceMs !== null && row.silenceMs > 0)
      .map(({ scenario, toleranceProved: proved, toleranceMs }) => ({
        scenario,
        proved,
        toleranceMs,
      })),
    told: rows.flatMap(toldIn),
    costs,
    packetsPerHour: middleCost(rows),
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
  return subjects.map((subject) => ({
    ...standingOf(subject),
    dominatedBy: subjects.filter((other) => dominates(other, subject)).map((other) => other.policy),
  }));
}

/** Why nobody should run a policy, whatever it is good at; undefined where nothing speaks against it. */
export type Disqualified = 'ends-healthy' | 'misses' | 'takes-hours';

/** Bounds in which nothing is found before hours have gone. */
export function takesHours({ found }: Standing): FoundIn | undefined {
  return found.find(({ boundMs }) => boundMs >= HOURS_MS);
}

/**
 * What a policy misses though the one that it would replace finds it, or keeps it from happening; by itself, all of it where it
 * finds nothing. Who hangs up before a fault has found nothing.
 */
export function blindTo(
  { missed, found, unproved }: Standing,
  instead?: Standing,
): readonly MissedIn[] {
  if (instead === undefined) return found.length + unproved.length === 0 ? missed : [];
  const noticed = new Set([
    ...instead.found.map(({ scenario }) => scenario),
    ...instead.unproved,
    ...instead.prevented,
  ]);
  return missed.filter(({ scenario }) => noticed.has(scenario));
}

/**
 * What speaks against running a policy at all.
 *
 * @param instead what it would replace: who misses what that one finds is no replacement
 */
export function disqualified(standing: Standing, instead?: Standing): Disqualified | undefined {
  if (standing.endedHealthy.length + standing.endedBefore.length > 0) return 'ends-healthy';
  if (blindTo(standing, instead).length > 0) return 'misses';
  return takesHours(standing) === undefined ? undefined : 'takes-hours';
}

/**
 * The policy that the others are held against: the one that the user runs, else of those against which nothing speaks the
 * one that misses the fewest faults, the first of several.
 */
export function baselineOf(all: readonly Standing[], runs?: string): Standing | undefined {
  const own = all.find(({ policy }) => policy === runs);
  if (own !== undefined) return own;
  const sound = all.filter((one) => disqualified(one) === undefined);
  const fewest = Math.min(...sound.map(({ missed }) => missed.length));
  return sound.find(({ missed }) => missed.length === fewest) ?? all[0];
}

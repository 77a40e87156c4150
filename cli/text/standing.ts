/**
 * How the policies of one comparison stand against each other: who misses fewer ghosts and kills
 * fewer living peers, then who is faster, then who is cheaper; and the one sentence that says it.
 */
import type { Comparison, ComparisonRow } from '../../model/results/types.ts';
import { sampledRuns, verdictOf } from '../verdict.ts';
import { formatCount, formatMs, plural } from '../../text/numbers.ts';

export interface Standing {
  readonly policy: string;
  readonly faults: number;
  /** Fault scenarios in which a ghost may stand for ever. */
  readonly blind: number;
  /** Fault scenarios of which nothing is proved. */
  readonly unproved: number;
  readonly living: number;
  /** Living scenarios in which a peer was reaped. */
  readonly kills: number;
  /** Longest finite bound over the faults that it does notice, ms; null = notices none. */
  readonly worstMs: number | null;
  /** Middle of the packets per hour over all rows. */
  readonly packetsPerHour: number;
}

/** Rows in which the fault really happened: where the policy prevented it there is no ghost to time. */
export function ghostRows(rows: readonly ComparisonRow[]): ComparisonRow[] {
  return rows.filter((row) => row.kind === 'fault' && row.prevented < sampledRuns(row));
}

/** Longest bound of the rows: Infinity where one has none, undefined without rows. */
export function longestBound(rows: readonly ComparisonRow[]): number | undefined {
  const bounds = rows.map(({ boundMs }) => boundMs ?? Infinity);
  return bounds.length === 0 ? undefined : Math.max(...bounds);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

function standingOf(policy: string, rows: readonly ComparisonRow[]): Standing {
  const ghosts = ghostRows(rows);
  const living = rows.filter(({ kind }) => kind === 'live');
  const noticed = ghosts.filter(({ boundMs }) => boundMs !== null);
  const unproved = ghosts.filter(({ proved }) => !proved).length;
  return {
    policy,
    faults: rows.length - living.length,
    blind: ghosts.length - noticed.length - unproved,
    unproved,
    living: living.length,
    kills: living.filter((row) => !verdictOf(row).good).length,
    worstMs: longestBound(noticed) ?? null,
    packetsPerHour: median(rows.map(({ cost }) => cost.packetsPerHour)),
  };
}

function compareStanding(a: Standing, b: Standing): number {
  return (
    a.blind + a.unproved + a.kills - (b.blind + b.unproved + b.kills) ||
    a.kills - b.kills ||
    (a.worstMs ?? Number.MAX_VALUE) - (b.worstMs ?? Number.MAX_VALUE) ||
    a.packetsPerHour - b.packetsPerHour
  );
}

/** All policies, best first; equals stay in the order of the rows. */
export function standings({ rows }: Comparison): Standing[] {
  const names = [...new Set(rows.map(({ policy }) => policy))];
  return names
    .map((policy) =>
      standingOf(
        policy,
        rows.filter((row) => row.policy === policy),
      ),
    )
    .toSorted(compareStanding);
}

function ghostWords({ faults, blind, unproved, worstMs }: Standing): string[] {
  if (faults === 0) return [];
  if (unproved > 0)
    return [`has no proved bound in ${formatCount(unproved)} of ${plural(faults, 'fault')}`];
  const within = worstMs === null ? '' : `within ${formatMs(worstMs, 'up')}`;
  if (blind === 0)
    return [worstMs === null ? 'lets no ghost arise' : `frees every ghost ${within}`];
  if (blind === faults) return [faults === 1 ? 'never notices a ghost' : 'never notices any ghost'];
  const missed = `is blind to ${formatCount(blind)} of ${plural(faults, 'fault')}`;
  return worstMs === null ? [missed] : [missed, `frees the other ghosts ${within}`];
}

function livingWords({ living, kills }: Standing): string[] {
  if (living === 0) return [];
  if (kills === 0) return ['kills no living peer'];
  return [`kills the living in ${formatCount(kills)} of ${plural(living, 'scenario')}`];
}

/** What a policy does, `aside` being said of its speed. */
function words(standing: Standing, aside = ''): string {
  const ghosts = ghostWords(standing).join(' and ');
  const [living] = livingWords(standing);
  if (living === undefined) return ghosts + aside;
  if (ghosts === '') return living + aside;
  const join = standing.kills > 0 ? ', but' : aside === '' ? ' and' : ', and';
  return `${ghosts}${aside}${join} ${living}`;
}

/** How much sooner, or for how much less, than a policy that fails as often; '' when others decide. */
function lead(first: Standing, second: Standing): string {
  const comparable =
    first.blind === second.blind &&
    first.kills === second.kills &&
    first.unproved + second.unproved === 0;
  if (!comparable || first.worstMs === null || second.worstMs === null) return '';
  const ratio = second.worstMs / first.worstMs;
  if (ratio >= 1.005) return `, ${ratio.toFixed(2)} times sooner than ${second.policy}`;
  const cost = `${formatCount(first.packetsPerHour)} against ${formatCount(second.packetsPerHour)} packets/h`;
  return `, as soon as ${second.policy} for ${cost}`;
}

/**
 * The sentence that says who won and by how much.
 *
 * @example
 * const comparison = compare({
 *   policies: [presets['alive-flag-sweep'], presets['sweep-and-pong-timer']],
 *   scenarios: [scenarios['vanish-idle']],
 *   runs: 1,
 *   seed: '1',
 * });
 * // Bounds: 2 · 30 s less half a round trip of 50 ms, and 30 s + 10 s by as much.
 * closingSentence(comparison) // => 'sweep-and-pong-timer frees every ghost within 40.0 s, 1.50 times sooner than alive-flag-sweep.'
 */
export function closingSentence(comparison: Comparison): string {
  const [first, second] = standings(comparison);
  if (first === undefined) return '';
  if (second === undefined) return `${first.policy} ${words(first)}.`;
  const aside = lead(first, second);
  const rest = aside === '' ? `; next is ${second.policy}, which ${words(second)}` : '';
  return `${first.policy} ${words(first, aside)}${rest}.`;
}

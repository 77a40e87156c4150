/**
 * What came of a story about more than one connection, or about one caller: in a word for its row, and against what the
 * user allows. One table of limits: flags, messages and failures are made of it.
 */
import { parseDuration } from '../../model/duration.ts';
import type { Result } from '../../model/issue.ts';
import { figureNames, figures, type FigureName } from '../../model/results/figures.ts';
import type { ComparisonRow, FleetFigure, RunResult } from '../../model/results/types.ts';
import type { Story } from '../../model/scenario/index.ts';
import { formatCount, formatMs, plural } from '../../text/numbers.ts';
import { figureValue } from '../../text/differences.ts';

/** What a limit is held against: figures, or the time until accept(2) fails. */
interface Limit {
  readonly flag: string;
  readonly value: 'duration' | 'count';
  readonly figures: readonly FigureName[];
  /** For help. */
  readonly description: string;
  /** What the rows must be about. */
  readonly about: string;
}

const limitTable = {
  maxRecovery: {
    flag: '--max-recovery',
    value: 'duration',
    figures: ['all served', 'longest without'],
    description: 'fail if after a restart a client may be without a session for longer, e.g. 5m',
    about: 'restarts',
  },
  maxHang: {
    flag: '--max-hang',
    value: 'duration',
    figures: ['call hangs'],
    description: "fail if a pool's caller may wait longer, e.g. 30s",
    about: 'queries of a pool',
  },
  maxWait: {
    flag: '--max-wait',
    value: 'duration',
    figures: ['longest wait', 'others wait'],
    description:
      'fail if those that wait for a ghost, its seat or a blocked send to it, may wait longer, e.g. 1m',
    about: 'those that wait for a seat or behind a blocked send',
  },
  maxDrain: {
    flag: '--max-drain',
    value: 'duration',
    figures: ['drain takes'],
    description: 'fail if a stop may take longer, e.g. 30s',
    about: 'stops',
  },
  maxStanding: {
    flag: '--max-standing',
    value: 'count',
    figures: ['ghosts standing'],
    description: 'fail if more ghosts may stand, e.g. 10',
    about: 'stocks of ghosts',
  },
  acceptFor: {
    flag: '--accept-for',
    value: 'duration',
    figures: [],
    description: 'fail if accept may fail for want of descriptors any sooner, e.g. 24h',
    about: 'descriptors',
  },
} as const satisfies Record<string, Limit>;

type LimitName = keyof typeof limitTable;

/** Every limit by the name of its flag in code. */
export const fleetLimits: Readonly<Record<LimitName, Limit>> = limitTable;
const limitNames = Object.keys(limitTable) as readonly LimitName[];

/** The flags as they were typed. */
export type FleetFlags = { readonly [Name in LimitName]?: string };
/** Limits that the user states: ms or counts; an absent one is not checked. */
export type FleetLimits = { readonly [Name in LimitName]?: number };

const MOST = 1_000_000_000;

function parseCount(text: string, flag: string): Result<number> {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value <= MOST) return { ok: true, value };
  const expected = `a whole number from 0 to ${MOST}`;
  const received = JSON.stringify(text);
  return { ok: false, issues: [{ code: 'bad-option', path: flag, received, expected }] };
}

/** The limits, or every one that is none. */
export function parseFleetLimits(flags: FleetFlags): Result<FleetLimits> {
  const given = limitNames.flatMap((name) => {
    const text = flags[name];
    const { flag, value } = fleetLimits[name];
    if (text === undefined) return [];
    const parsed = value === 'count' ? parseCount(text, flag) : parseDuration(text, flag);
    return [{ name, parsed }];
  });
  const issues = given.flatMap(({ parsed }) => (parsed.ok ? [] : parsed.issues));
  if (issues.length > 0) return { ok: false, issues };
  const entries = given.flatMap(({ name, parsed }) => (parsed.ok ? [[name, parsed.value]] : []));
  return { ok: true, value: Object.fromEntries(entries) as FleetLimits };
}

/** `--max-recovery 5m` and the like, as they were typed. */
export function fleetWords(flags: FleetFlags): string[] {
  return limitNames.flatMap((name) => {
    const text = flags[name];
    return text === undefined ? [] : [fleetLimits[name].flag, text];
  });
}

/** A value of a figure with what it counts. */
export function figureText(
  { name, unit }: Pick<FleetFigure, 'name' | 'unit'>,
  value: number,
): string {
  if (unit !== 'ms') return plural(value, unit.replace(/s$/, ''));
  return figureValue({ figure: name, unit, worst: value });
}

// What came of it.

/** A row as far as its story speaks of more than its connection. */
export type Told = Pick<ComparisonRow, 'fleet' | 'exhaustionMs'>;

/** The same of one run. */
export function toldByRun({ fleet = [], events }: RunResult, story?: Story['kind']): Told {
  const one = (value: number | null): Omit<FleetFigure, 'name' | 'unit'> => {
    const never = value === null ? 1 : 0;
    return { min: value, p50: value, p99: value, max: value, samples: 1 - never, never };
  };
  const failsAtMs = events.find(({ event }) => event === 'accept-fails')?.atMs ?? null;
  return {
    fleet: fleet.map(({ name, unit, value }) => ({ name, unit, ...one(value) })),
    ...(story === 'descriptors' && { exhaustionMs: one(failsAtMs) }),
  };
}

interface Outcome {
  readonly good: boolean;
  readonly text: string;
}

/** In how many of the runs, where not in all. */
function inRuns(count: number, { samples, never }: FleetFigure): string {
  const runs = samples + never;
  return count === runs ? '' : ` in ${formatCount(count)} of ${formatCount(runs)} runs`;
}

function badText(figure: FleetFigure): string | null {
  const { some, never } = figures[figure.name as FigureName];
  if (some !== undefined && figure.never > 0) return `${some}, without end`;
  if (some !== undefined && figure.max !== null && figure.max > 0) {
    return `${formatCount(figure.max)} ${some}`;
  }
  if (never === undefined || figure.never === 0) return null;
  return `${never}${inRuns(figure.never, figure)}`;
}

/** Who is lost for good weighs more than who is late. */
function worstFirst(a: FleetFigure, b: FleetFigure): number {
  const counts = (figure: FleetFigure): number => (figure.unit === 'ms' ? 1 : 0);
  const place = ({ name }: FleetFigure): number => figureNames.indexOf(name as FigureName);
  return counts(a) - counts(b) || place(a) - place(b);
}

function exhaustion({ exhaustionMs }: Told): Outcome | null {
  if (exhaustionMs === undefined) return null;
  const { min } = exhaustionMs;
  if (min === null) return { good: true, text: 'accept never fails' };
  return { good: false, text: `accept fails after ${formatMs(min, 'down')}` };
}

/** What the figures of a row come to; null where they are not what its story is about. */
export function fleetOutcome(row: Told): Outcome | null {
  const ranked = (row.fleet ?? []).toSorted(worstFirst);
  const [bad] = ranked.flatMap((figure) => badText(figure) ?? []);
  if (bad !== undefined) return { good: false, text: bad };
  for (const { name, max } of ranked) {
    const { fine } = figures[name as FigureName];
    if (fine !== undefined && max !== null) {
      return { good: true, text: `${fine} ${formatMs(max)}` };
    }
  }
  return exhaustion(row);
}

// Against what is allowed.

function figureExceeds(figure: FleetFigure, limit: number, flag: string): string[] {
  const { meaning, never } = figures[figure.name as FigureName];
  const words = (value: number): string => figureText(figure, value);
  const allows = `${flag} allows ${words(limit)}`;
  if (figure.never > 0) {
    return [`${never ?? `${figure.name}: without end`}${inRuns(figure.never, figure)}; ${allows}`];
  }
  if (figure.max === null || figure.max <= limit) return [];
  return [`${figure.name} (${meaning}): ${words(figure.max)}; ${allows}`];
}

function acceptFails({ exhaustionMs }: Told, limitMs: number): string[] {
  const minMs = exhaustionMs?.min ?? null;
  if (minMs === null || minMs >= limitMs) return [];
  const flag = fleetLimits.acceptFor.flag;
  return [`accept fails after ${formatMs(minMs, 'down')}; ${flag} wants ${formatMs(limitMs)}`];
}

/** What a row breaks, each in a plain sentence. */
export function beyondLimits(row: Told, limits: FleetLimits): string[] {
  return limitNames.flatMap((name) => {
    const limit = limits[name];
    if (limit === undefined) return [];
    if (name === 'acceptFor') return acceptFails(row, limit);
    const { flag, figures: names } = fleetLimits[name];
    return (row.fleet ?? [])
      .filter((figure) => names.includes(figure.name as FigureName))
      .flatMap((figure) => figureExceeds(figure, limit, flag));
  });
}

/** Limits that speak of what no row is about, each with what that is. */
export function unspokenLimits(
  rows: readonly Told[],
  limits: FleetLimits,
): { readonly flag: string; readonly about: string }[] {
  return limitNames.flatMap((name) => {
    if (limits[name] === undefined) return [];
    const { flag, about, figures: names } = fleetLimits[name];
    const spoken = rows.some(({ fleet = [], exhaustionMs }) =>
      name === 'acceptFor'
        ? exhaustionMs !== undefined
        : fleet.some((figure) => names.includes(figure.name as FigureName) && counted(figure)),
    );
    return spoken ? [] : [{ flag, about }];
  });
}

function counted({ samples, never }: FleetFigure): boolean {
  return samples + never > 0;
}

/** The limits that could be held against a row. */
export function limitsOf(row: Told): readonly string[] {
  return limitNames.flatMap((name) => {
    const { flag, figures: names } = fleetLimits[name];
    const speaks = (row.fleet ?? []).some((figure) => names.includes(figure.name as FigureName));
    return speaks || (name === 'acceptFor' && row.exhaustionMs !== undefined) ? [flag] : [];
  });
}

/** The flags of limits that were given. */
export function limitFlags(limits: FleetLimits): readonly string[] {
  return limitNames.flatMap((name) => (limits[name] === undefined ? [] : [fleetLimits[name].flag]));
}

/**
 * The settings of a built-in policy under the names and in the units of the system it comes from:
 * `pingInterval=10s`, `idle_timeout=60000`, `keepalive=off`.
 */
import { formatDuration, MAX_DURATION_MS, parseDuration } from '../../duration.ts';

/** One setting: how it is read, written and described. */
export interface PresetOption<T> {
  readonly description: string;
  readonly default: T;
  /** What a value looks like, in words. */
  readonly expected: string;
  /** What its values are measured in; of a time, the unit of a bare number. */
  readonly unit: OptionUnit;
  /**
   * From the smallest to the largest value that somebody would choose, in ms, bytes or pieces; null = any is as likely. A
   * value outside is read all the same, and may well be a slip of the unit. Whatever switches the option off is inside.
   */
  readonly plausible: PlausibleRange | null;
  /** undefined = not a value of this option. */
  readonly read: (text: string) => T | undefined;
  /** Where the text can be read and hardly means that: what it says, and what was likelier meant. */
  readonly doubt?: (text: string) => Doubt | undefined;
  /** The shortest text that `read` takes for the value. */
  readonly spell: (value: T) => string;
}

/** A bare number that gives an absurd time. */
export interface Doubt {
  /** As it is read, with its unit. */
  readonly means: string;
  /** As it was probably meant. */
  readonly likelier: string;
}

/** The values that go with a set of options. */
export type ValuesOf<O> = {
  readonly [K in keyof O]: O[K] extends PresetOption<infer T> ? T : never;
};

/** What the values of an option are measured in. */
export type OptionUnit = BareUnit | 'count' | 'bytes' | 'word';
/** What somebody would choose, both ends inside. */
export interface PlausibleRange {
  readonly least: number;
  readonly most: number;
}

/** The system's own unit: what a bare number means. */
export type BareUnit = 'ms' | 's' | 'min';
const UNIT_MS: Readonly<Record<BareUnit, number>> = { ms: 1, s: 1_000, min: 60_000 };

interface DurationLimits {
  readonly bare: BareUnit;
  readonly minMs?: number;
  readonly maxMs?: number;
  /** A whole number of these. */
  readonly multipleOfMs?: number;
  /** What somebody would choose; {@link BEAT_MS} when missing. */
  readonly plausibleMs?: PlausibleRange;
}

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Heartbeats, and the patience with their answers. */
const BEAT_MS: PlausibleRange = { least: SECOND_MS, most: HOUR_MS };
/** How long one write, one answer or one handshake may take. */
export const PATIENCE_MS: PlausibleRange = { least: 100, most: HOUR_MS };
/** How long nothing may happen on a connection, from keep-alive to a tunnel that stands for days. */
export const IDLE_MS: PlausibleRange = { least: SECOND_MS, most: 7 * DAY_MS };
/** How old a connection may grow. */
export const AGE_MS: PlausibleRange = { least: SECOND_MS, most: 30 * DAY_MS };
/** How long a supervisor waits for a process to stop. */
export const STOP_MS: PlausibleRange = { least: 0, most: DAY_MS };
/** The kernel's keepalive: from the shortest that tcp(7) allows to its own default of two hours, and some more. */
export const KEEPALIVE_MS: PlausibleRange = { least: SECOND_MS, most: 6 * HOUR_MS };

/** Milliseconds of a bare number in the system's unit, or of a duration with a unit of its own. */
function readMs(text: string, bare: BareUnit): number | undefined {
  if (/^[0-9]{1,12}(?:[.][0-9]{1,3})?$/.test(text)) return Math.round(Number(text) * UNIT_MS[bare]);
  const parsed = parseDuration(text, '');
  return parsed.ok ? parsed.value : undefined;
}

function within(ms: number, limits: DurationLimits): boolean {
  const { minMs = 1, maxMs = MAX_DURATION_MS, multipleOfMs = 1 } = limits;
  return ms >= minMs && ms <= maxMs && ms % multipleOfMs === 0;
}

function expectedDuration(limits: DurationLimits): string {
  const { bare, minMs = 1, maxMs = MAX_DURATION_MS, multipleOfMs = 1 } = limits;
  const whole = multipleOfMs === 1 ? '' : `, a multiple of ${formatDuration(multipleOfMs)}`;
  return `a duration from ${formatDuration(minMs)} to ${formatDuration(maxMs)}${whole}, such as 30s; a bare number is ${bare}`;
}

function isPlausible(ms: number, { least, most }: PlausibleRange): boolean {
  return ms >= least && ms <= most;
}

/** Whether a bare number that nobody would choose in the system's unit is one in the other: 10 as 10 s, 20000 as 20 s. */
function doubtOf(text: string, { bare, plausibleMs = BEAT_MS }: DurationLimits): Doubt | undefined {
  if (!/^[0-9]{1,12}$/.test(text) || Number(text) === 0) return undefined;
  const otherMs = Number(text) * (bare === 'ms' ? SECOND_MS : 1);
  if (isPlausible(Number(text) * UNIT_MS[bare], plausibleMs)) return undefined;
  if (!isPlausible(otherMs, plausibleMs)) return undefined;
  const unit = { ms: 'ms', s: 's', min: 'm' }[bare];
  return { means: `${text}${unit}`, likelier: formatDuration(otherMs) };
}

/** A time that is always there. */
export function time(
  defaultText: string,
  description: string,
  limits: DurationLimits,
): PresetOption<number> {
  const read = (text: string): number | undefined => {
    const ms = readMs(text, limits.bare);
    return ms !== undefined && within(ms, limits) ? ms : undefined;
  };
  return {
    description,
    default: read(defaultText) as number,
    expected: expectedDuration(limits),
    unit: limits.bare,
    plausible: limits.plausibleMs ?? BEAT_MS,
    read,
    doubt: (text) => doubtOf(text, limits),
    spell: formatDuration,
  };
}

/** Words that switch a time off, beside 0. */
const OFF_WORDS = new Set(['off', 'none', 'None', 'null', 'infinite', 'infinity', '0']);

/** A time that may be switched off: null. */
export function timeOrOff(
  defaultText: string,
  description: string,
  limits: DurationLimits,
): PresetOption<number | null> {
  const read = (text: string): number | null | undefined => {
    if (OFF_WORDS.has(text)) return null;
    const ms = readMs(text, limits.bare);
    if (ms === 0) return null;
    return ms !== undefined && within(ms, limits) ? ms : undefined;
  };
  return {
    description,
    default: read(defaultText) as number | null,
    expected: `${expectedDuration(limits)}; or off`,
    unit: limits.bare,
    plausible: limits.plausibleMs ?? BEAT_MS,
    read,
    doubt: (text) => doubtOf(text, limits),
    spell: (ms) => (ms === null ? 'off' : formatDuration(ms)),
  };
}

/** A whole number from `min` to `max`. */
export function count(
  value: number,
  description: string,
  limits: { readonly min: number; readonly max: number },
): PresetOption<number> {
  return {
    description,
    default: value,
    expected: `a whole number from ${limits.min} to ${limits.max}`,
    unit: 'count',
    plausible: { least: limits.min, most: limits.max },
    read: (text) => {
      const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : NaN;
      return number >= limits.min && number <= limits.max ? number : undefined;
    },
    spell: String,
  };
}

const SIZE = /^([0-9]{1,12})(b|kb|mb|gb)?$/i;
const SIZE_UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 2 ** 10,
  mb: 2 ** 20,
  gb: 2 ** 30,
};
/** More than any server queues for one connection. */
const MAX_SIZE_BYTES = 2 ** 32;

/** A length in bytes, `512kb` or `524288`; `off` or 0 = no limit. */
export function bytesOrOff(value: number | null, description: string): PresetOption<number | null> {
  return {
    description,
    default: value,
    expected: 'bytes such as 65536, 512kb or 64mb; or off',
    unit: 'bytes',
    plausible: { least: 2 ** 10, most: MAX_SIZE_BYTES },
    read: (text) => {
      if (OFF_WORDS.has(text)) return null;
      const match = SIZE.exec(text);
      if (match === null) return undefined;
      const bytes = Number(match[1]) * (SIZE_UNITS[(match[2] ?? 'b').toLowerCase()] ?? 1);
      return bytes >= 1 && bytes <= MAX_SIZE_BYTES ? bytes : undefined;
    },
    spell: (bytes) => (bytes === null ? 'off' : String(bytes)),
  };
}

/** `true` or `false`. */
export function flag(value: boolean, description: string): PresetOption<boolean> {
  return {
    description,
    default: value,
    expected: 'true or false',
    unit: 'word',
    plausible: null,
    read: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
    spell: String,
  };
}

/** One of a few words. */
export function word<const W extends string>(
  value: NoInfer<W>,
  description: string,
  words: readonly W[],
): PresetOption<W> {
  return {
    description,
    default: value,
    expected: `one of ${words.join(', ')}`,
    unit: 'word',
    plausible: null,
    read: (text) => words.find((one) => one === text),
    spell: (one) => one,
  };
}

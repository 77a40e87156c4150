/** Words for single values: texts, numbers, durations, choices. */
import * as v from 'valibot';
import { DURATION_PATTERN, formatDuration, MAX_DURATION_MS, parseDuration } from '../duration.ts';
import { didYouMean } from '../spelling.ts';
import { fault, oneOf, outcome, reading, refused } from './reading.ts';

/** Free text of 1 (or `minLength`) to `maxLength` characters. */
export function text(
  description: string,
  maxLength = 2_000,
  minLength = 1,
): v.GenericSchema<string> {
  const expected = `a text of ${minLength} to ${maxLength} characters`;
  return v.pipe(
    v.string(expected),
    v.minLength(minLength, expected),
    v.maxCodePoints(maxLength, expected),
    v.description(description),
  );
}

/** Text of a form that `expected` says in words. */
export function textLike(
  description: string,
  form: RegExp,
  expected: string,
  maxLength: number,
): v.GenericSchema<string> {
  return v.pipe(
    v.string(expected),
    v.minLength(1, expected),
    v.maxCodePoints(maxLength, expected),
    v.regex(form, expected),
    v.description(description),
  );
}

/** A number between two limits, either of which may be infinite. */
export interface NumberWord extends v.GenericSchema<number> {
  readonly is: 'number';
  readonly limits: { readonly min: number; readonly max: number };
}

/** A number from `min` to `max`. */
export function number(description: string, min: number, max: number): NumberWord {
  return numeric(description, `a number from ${min} to ${max}`, [], min, max);
}

/** A number above `min`, up to `max`. */
export function numberAbove(description: string, min: number, max: number): NumberWord {
  const expected = `a number above ${min}, up to ${max}`;
  return numeric(description, expected, [v.gtValue(min, expected)], -Infinity, max);
}

/** A whole number from `min` to `max`. */
export function integer(description: string, min: number, max: number): NumberWord {
  const expected = `a whole number from ${min} to ${max}`;
  return numeric(description, expected, [v.integer(expected)], min, max);
}

type OfNumber = v.PipeAction<number, number, v.BaseIssue<unknown>>;

function numeric(
  description: string,
  expected: string,
  more: readonly OfNumber[],
  min: number,
  max: number,
): NumberWord {
  const least: readonly OfNumber[] = Number.isFinite(min) ? [v.minValue(min, expected)] : [];
  const most: readonly OfNumber[] = Number.isFinite(max) ? [v.maxValue(max, expected)] : [];
  const said = v.description<number, string>(description);
  // -0 is 0.
  const plain = v.transform((value: number) => value + 0);
  return {
    ...v.pipe(v.number(expected), said, ...more, ...least, ...most, plain),
    is: 'number',
    limits: { min, max },
  };
}

/** A duration: whole milliseconds, or text with a unit. */
export interface DurationWord extends v.GenericSchema<number | string, number> {
  readonly is: 'duration';
  readonly limits: DurationLimits;
}

interface DurationLimits {
  readonly minMs: number;
  readonly maxMs: number;
  /** 1000 where the kernel takes whole seconds. */
  readonly multipleOfMs: number;
}

/** A duration in words. */
export const durationText = v.pipe(
  v.string(),
  v.regex(new RegExp(DURATION_PATTERN)),
  v.examples(['250ms', '30s', '1.5m', '2h']),
  v.description('A length of time with its unit.'),
);

/** A duration from `minMs` (1 ms unless said) to `maxMs` (365 days unless said). */
export function duration(description: string, some: Partial<DurationLimits> = {}): DurationWord {
  const limits = { minMs: 1, maxMs: MAX_DURATION_MS, multipleOfMs: 1, ...some };
  const { minMs, maxMs, multipleOfMs } = limits;
  const range = `${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
  const whole = multipleOfMs === 1 ? [] : [' in whole seconds'];
  const expected = `a duration from ${range}${whole.join('')}, such as "30s", or milliseconds as a number`;
  const bounds: readonly OfNumber[] = [
    v.integer(),
    v.minValue(minMs),
    v.maxValue(maxMs),
    ...whole.map((): OfNumber => v.multipleOf(multipleOfMs)),
  ];
  const ms = v.pipe(v.number(), ...bounds);
  // JSON Schema cannot look into `"30s"`: limits hold there too, but only the word checks them.
  const said = v.description<number | string, string>(
    `${description} ${range}; a number is milliseconds.`,
  );
  const written = v.pipe(
    v.union([ms, durationText]),
    said,
    ms,
    said as v.DescriptionAction<number, string>,
  );
  return reading<DurationWord>(written, { is: 'duration', limits }, (input) => {
    if (typeof input !== 'number' && typeof input !== 'string') {
      return refused('wrong-type', input, expected);
    }
    const parsed = parseDuration(input, '');
    if (!parsed.ok) {
      return outcome(
        input,
        parsed.issues.map(({ code, hint }) => fault(code, input, expected, hint)),
      );
    }
    const value = parsed.value;
    if (value >= minMs && value <= maxMs && value % multipleOfMs === 0) return outcome(value, []);
    const seconds = typeof input === 'number' && value < minMs && value * 1_000 <= maxMs;
    const hint =
      seconds && value > 0 ? `a number is milliseconds; for seconds write "${value}s"` : undefined;
    return refused('out-of-range', input, expected, hint);
  });
}

/** true or false. */
export interface BooleanWord extends v.GenericSchema<boolean> {
  readonly is: 'boolean';
}

export function boolean(description: string): BooleanWord {
  return { ...v.pipe(v.boolean('true or false'), v.description(description)), is: 'boolean' };
}

/** One of a closed list of words or numbers. */
export interface ChoiceWord<T extends string | number> extends v.GenericSchema<T> {
  readonly is: 'choice';
  readonly options: readonly T[];
}

export function choice<const T extends string | number>(
  description: string,
  options: readonly T[],
): ChoiceWord<T> {
  const schema =
    options.length === 1 ? v.literal(options[0] as T) : v.picklist(options as [T, ...T[]]);
  const words = options.filter((option) => typeof option === 'string');
  return reading<ChoiceWord<T>>(
    v.pipe(schema, v.description(description)),
    { is: 'choice', options },
    (input) => {
      if (options.some((option) => option === input)) return outcome(input, []);
      const hint = typeof input === 'string' ? didYouMean(input, words) : undefined;
      return refused('unknown-value', input, oneOf(options), hint);
    },
  );
}

/** Any JSON value: what a patch puts somewhere. */
export const anything = (description: string): v.GenericSchema<unknown> =>
  v.pipe(v.unknown(), v.description(description));

/** A scalar or null of any kind: what the details of a timeline hold. */
export const scalar = (description: string): v.GenericSchema<string | number | boolean | null> =>
  v.pipe(v.union([v.string(), v.number(), v.boolean(), v.null()]), v.description(description));

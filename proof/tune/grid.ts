/** Durations as people set them, and the first or last of them that will do. */

/** Tenths of a second up to ten, halves up to a minute, then whole seconds. */
const STEPS: readonly (readonly [belowMs: number, stepMs: number])[] = [
  [10_000, 100],
  [60_000, 500],
  [Number.POSITIVE_INFINITY, 1_000],
];

/** The durations from `fromMs` to `toMs` that a person would write, ascending. */
export function durations(fromMs: number, toMs: number): readonly number[] {
  const found: number[] = [];
  let ms = 0;
  for (const [belowMs, stepMs] of STEPS) {
    for (; ms < belowMs && ms <= toMs; ms += stepMs) if (ms > 0 && ms >= fromMs) found.push(ms);
  }
  return found;
}

/** The first value that passes, where every one after a passing one passes, too. */
export function first(
  values: readonly number[],
  passes: (value: number) => boolean,
): number | undefined {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (passes(values[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return values[low];
}

/**
 * As {@link first}, for a question that is dearer the greater the value: begins at the first one from
 * `fromMs` and doubles until one passes.
 */
export function firstFrom(
  values: readonly number[],
  fromMs: number,
  passes: (value: number) => boolean,
): number | undefined {
  let begin = values.findIndex((value) => value >= fromMs);
  if (begin < 0) return undefined;
  for (let end = begin; ;) {
    if (passes(values[end] as number)) {
      return first(values.slice(begin, end), passes) ?? values[end];
    }
    if (end === values.length - 1) return undefined;
    begin = end + 1;
    const doubled = 2 * (values[end] as number);
    const next = values.findIndex((value) => value >= doubled);
    end = next < 0 ? values.length - 1 : next;
  }
}

/** The last value that passes, where every one before a passing one passes, too. */
export function last(
  values: readonly number[],
  passes: (value: number) => boolean,
): number | undefined {
  const descending = values.toReversed();
  return first(descending, passes);
}

/** Durations, loads and parties as the messages of lint name them. */
import { formatDuration, MAX_DURATION_MS } from '../duration.ts';
import type { Load } from '../scenario/types.ts';

/** The last digit that a computed duration shows, by its length. */
const STEPS: readonly (readonly [belowMs: number, stepMs: number])[] = [
  [10_000, 1],
  [600_000, 100],
  [7_200_000, 1_000],
  [Number.POSITIVE_INFINITY, 36_000],
];

/** A computed duration from here on is told in hundredths of an hour. */
const HOURS_FROM_MS = 7_200_000;

/** A duration that somebody wrote, exactly; a computed one to three or four digits, rounded as said. */
export function inWords(durationMs: number, rounding?: 'up' | 'down'): string {
  const [, stepMs] = STEPS.find(([belowMs]) => durationMs < belowMs) ?? [0, 1];
  const whole =
    rounding === undefined
      ? Math.round(durationMs)
      : (rounding === 'up' ? Math.ceil(durationMs / stepMs) : Math.floor(durationMs / stepMs)) *
        stepMs;
  const ms = Math.max(0, Math.min(whole, MAX_DURATION_MS));
  if (ms >= HOURS_FROM_MS && (rounding !== undefined || ms % 60_000 !== 0))
    return `${(ms / 3_600_000).toFixed(2)}h`;
  return ms < 120_000 && ms % 1_000 === 0 ? `${ms / 1_000}s` : formatDuration(ms);
}

/** A measured duration: a tenth of a second is enough of it. */
export function measured(durationMs: number): string {
  return inWords(durationMs < 1_000 ? durationMs : Math.round(durationMs / 100) * 100);
}

/** The next round duration at or above: people write 30s, not 29.4s. */
export function roundUp(durationMs: number): number {
  const steps = [100, 500, 1_000, 5_000, 30_000, 300_000];
  const stepMs = steps.findLast((step) => step * 10 <= durationMs) ?? 50;
  return Math.ceil(durationMs / stepMs) * stepMs;
}

/** The next round duration at or below, at least 1 ms. */
export function roundDown(durationMs: number): number {
  const steps = [100, 500, 1_000, 5_000, 30_000, 300_000];
  const stepMs = steps.findLast((step) => step * 10 <= durationMs) ?? 10;
  return Math.max(1, Math.floor(durationMs / stepMs) * stepMs);
}

/** The load in words, as a circumstance. */
export function whileLoad(load: Load): string {
  switch (load.kind) {
    case 'idle':
      return 'while nothing is sent';
    case 'periodic':
      return `while ${load.bytes} bytes go out every ${inWords(load.everyMs)}`;
    case 'saturated':
      return 'while the send path is full';
  }
}

/** What ended a connection, as the end of a sentence: `by its receive-deadline`. */
export function byWhom(by: string): string {
  if (by === '') return 'by nothing';
  if (by.startsWith('kernel ')) return `by the kernel (${by.slice('kernel '.length)})`;
  return `by ${by}`;
}

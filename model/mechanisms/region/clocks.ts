/**
 * The clocks of a region: their names, and what their lengths on one connection hang on.
 * Lengths are each kind's own; here is what several kinds share.
 */

/**
 * The clocks of mechanism i. `first` and `interval` of a mechanism with a rhythm stand on a grid and never drift. Three
 * wake nobody and are only looked at in passing, as a time stamp is: `grace` and `fresh` after what is
 * reported at that very instant, `strike` before it. All others run from the step that starts them.
 */
export type DelayKind =
  | 'first'
  | 'interval'
  | 'pause'
  | 'reply'
  | 'deadline'
  | 'grace'
  | 'strike'
  | 'fresh'
  | 'idle'
  | 'age';
export type DelayName = `${DelayKind}.${number}`;

/** How long each clock runs, ms. */
export type Clocks = Partial<Record<DelayKind, number>>;

/** When the connection opened, and any instant at which the server's shared sweep ticked. */
export interface ReaperPhase {
  readonly startMs: number;
  readonly sharedOriginMs: number;
  /** What the connection's jitters hang on, in [0, 1); the middle when missing. */
  readonly draw?: number;
}

/** What a connection draws of which nobody says otherwise. */
const MIDDLE = 0.5;
const US_PER_MS = 1_000;

/** What the connection's jitters hang on. */
export function drawOf({ draw = MIDDLE }: ReaperPhase): number {
  return draw;
}

/** The clocks of a look that comes again and again. */
export function everyMs(looker: { readonly everyMs: number }): { first: number; interval: number } {
  return { first: looker.everyMs, interval: looker.everyMs };
}

/** Drawn lengths are whole microseconds, as all of the engine's times are. */
export function inWholeUs(ms: number): number {
  return Math.floor(ms * US_PER_MS) / US_PER_MS;
}

/**
 * Time from `now` to the next tick of a clock that ticks at `origin` + k · `interval`, k any integer; never 0.
 * All three in one unit; the result too.
 */
export function untilNextTick(now: number, origin: number, interval: number): number {
  return origin + (Math.floor((now - origin) / interval) + 1) * interval - now;
}

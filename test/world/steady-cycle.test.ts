/** Quiet cycles on a clock of its own: what is played, what is left out, and where it stops. */
import { describe, expect, it } from 'vitest';
import { Unit, type StateWalk } from '../../sim/clock/state-walk.ts';
import { createScheduler } from '../../sim/clock/scheduler.ts';
import { EventLog } from '../../sim/trace/event-log.ts';
import { eventTypes } from '../../sim/trace/event-types.ts';
import { SteadyCycle } from '../../sim/world/steady-cycle.ts';

const S = 1_000_000;

interface Ticks {
  readonly everyUs: number;
  /** Something else happens once, then. */
  readonly onceUs?: number;
  /** What moves in each cycle; nothing unless said otherwise. */
  readonly drift?: (ticks: number) => number;
  readonly edgesUs?: readonly number[];
}

/** A world in which something ticks: how often that was played, how often it was counted, and what was logged. */
function play({ everyUs, onceUs = Infinity, drift = () => 0, edgesUs = [] }: Ticks, left: boolean) {
  const scheduler = createScheduler();
  const log = new EventLog(scheduler, [], false);
  let [played, counted, lastUs, tickedBeforeOnce] = [0, 0, 0, 0];
  const tick = scheduler.slot(() => {
    played += 1;
    counted += 1;
    lastUs = scheduler.nowUs;
    log.note(eventTypes.pingQueued);
    scheduler.arm(tick, scheduler.nowUs + everyUs);
  });
  const once = scheduler.slot(() => {
    tickedBeforeOnce = counted;
    log.note(eventTypes.loadStarted);
  });
  scheduler.reset(0);
  log.begin(0);
  scheduler.arm(once, onceUs);
  scheduler.arm(tick, everyUs);
  const parts = [
    (state: StateWalk) => scheduler.walk(state),
    (state: StateWalk) => log.walk(state),
    (state: StateWalk) => state.same(drift(counted)),
    (state: StateWalk) => {
      counted = state.counts(counted);
      lastUs = state.moves(Unit.Us, lastUs);
    },
  ];
  if (left) new SteadyCycle(scheduler, log, 250, parts).play(1_000 * S, edgesUs, () => false);
  scheduler.run(1_000 * S);
  return { played, told: { counted, lastUs, tickedBeforeOnce, digest: log.digest.hex() } };
}

describe('a cycle that only repeats', () => {
  it.each<[string, Ticks, played: number]>([
    // Two to see it, one before the end, and what does not make a whole cycle.
    ['is left out', { everyUs: 10 * S }, 5],
    ['is left out up to what comes once', { everyUs: 10 * S, onceUs: 505 * S }, 10],
    [
      'is left out up to where it is counted otherwise',
      { everyUs: 10 * S, edgesUs: [505 * S] },
      10,
    ],
    [
      'is left out once what drifts has settled',
      { everyUs: 10 * S, drift: (n) => Math.min(n, 30) },
      60,
    ],
  ])('%s', (_, ticks, played) => {
    const [leaving, playing] = [play(ticks, true), play(ticks, false)];
    expect(leaving.told).toEqual(playing.told);
    expect(leaving.played).toBeLessThanOrEqual(played);
    expect(playing.played).toBe(100);
  });

  it.each<[string, Ticks]>([
    ['something drifts', { everyUs: 10 * S, drift: (ticks) => ticks }],
    ['it is no whole number of ticks', { everyUs: 10 * S + 1 }],
    ['it never pauses', { everyUs: S }],
  ])('is played if %s', (_, ticks) => {
    const [leaving, playing] = [play(ticks, true), play(ticks, false)];
    expect(leaving).toEqual(playing);
  });
});

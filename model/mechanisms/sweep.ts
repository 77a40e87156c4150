/**
 * Alive-flag sweep: at each tick a connection whose flag is still down is reaped; else the flag goes down
 * and, where the policy says so, a ping goes out. A sign of life puts the flag up.
 *
 * With `misses` the flag goes down in steps, and the tick that finds it at the bottom reaps. With `skipAfter` a
 * filter stands between the clock and the flag: a tick after such a sign does nothing. With `skipsFirst` the opening is such a sign.
 */
import {
  boolean,
  choice,
  duration,
  integer,
  optional,
  variant,
  withDefault,
  type Canonical,
} from '../schema/words.ts';
import { life, lost, verdict } from './fields.ts';
import type { MechanismKind } from './kind.ts';
import { raise, type RegionConfig } from './region/chart.ts';
import { untilNextTick } from './region/clocks.ts';
import { lifeMask } from './region/life.ts';
import { cadence, onLife, pingOut, decides } from './region/parts.ts';
import { ANSWERS, anyOf } from './signs.ts';

const schema = variant(
  'sweep',
  'At each tick a connection whose flag is still false is reaped; else flag = false.',
  {
    intervalMs: duration('Time between two sweeps.'),
    timer: withDefault(
      choice('One timer for all connections, or one per connection from its accept.', [
        'shared',
        'per-connection',
      ]),
      'shared',
    ),
    ping: withDefault(boolean('Whether the tick also sends a ping.'), true),
    life: withDefault(life('What sets the flag.'), ['pong']),
    misses: optional(
      integer(
        'Ticks without a sign of life that are forgiven before the one that reaps; 1 when missing.',
        1,
        100,
      ),
    ),
    skipAfter: optional(
      life(
        'Where one of these came since the last tick, the tick neither judges, counts nor pings.',
      ),
    ),
    /** The connection counts as just heard when it opens: the first tick after that does nothing. Missing: the first tick judges and pings like any other. */
    skipsFirst: optional(
      boolean('Whether the first tick after the opening neither judges, counts nor pings.'),
    ),
    /** It looks at connections that are closing, too: one whose peer leaves the closing handshake without an answer is destroyed by the sweep, if nothing ends it sooner. Missing: a connection that is closing is left to the handshake's own limit. */
    whileClosing: optional(
      boolean('Whether it looks at connections that are closing, too, and destroys those.'),
    ),
    verdict,
    lost,
  },
);

/** Alive-flag sweep: at each tick a connection with a false flag is reaped, else flag = false and ping. */
export interface SweepMechanism extends Canonical<typeof schema> {}

const PICTURED: SweepMechanism = {
  kind: 'sweep',
  intervalMs: 30_000,
  timer: 'shared',
  ping: true,
  life: ['pong', 'message'],
};

export const sweep: MechanismKind<typeof schema> = {
  schema,
  carrier: 'loop',
  ends: 'the-dead',
  goesOnWithoutVerdict: true,
  showsWhenLost: false,
  lateTickDelaysNext: true,
  region: sweepRegion,
  clocksMs: ({ intervalMs, timer }, { startMs, sharedOriginMs }) => ({
    first: timer === 'shared' ? untilNextTick(startMs, sharedOriginMs, intervalMs) : intervalMs,
    interval: intervalMs,
  }),
  lifeMask: ({ life }) => lifeMask(life),
  skipsAfter: ({ skipAfter = [] }) => skipAfter,
  signs: ({ life, skipAfter = [] }) => [...life, ...skipAfter],
  sharesTimer: ({ timer }) => timer === 'shared',
  looksAtClosing: ({ whileClosing = false }) => whileClosing,
  asks: ({ ping, intervalMs }) => (ping ? { everyMs: intervalMs, answeredBy: 'websocket' } : null),
  pings: ({ ping, intervalMs, skipAfter = [] }) =>
    ping
      ? {
          pauseMs: { minMs: intervalMs, maxMs: intervalMs },
          firstMs: null,
          putOffBy: skipAfter,
          skips: true,
          onGrid: true,
          fromAnswer: false,
          needsAnswer: false,
        }
      : null,
  endsTheQuiet: ({ ping }) => !ping,
  waits: ({ intervalMs, misses = 1 }) => ({
    ms: misses * intervalMs,
    field: misses === 1 ? 'intervalMs' : 'misses · intervalMs',
    by: 'sweep',
    asks: 'itself',
  }),
  patienceMs: ({ intervalMs, misses = 1 }) => (1 + misses) * intervalMs,
  lastStrikeMs: (one) => {
    const skips = one.skipAfter === undefined && one.skipsFirst !== true ? 1 : 2;
    return skips * (one.intervalMs + sweep.patienceMs(one));
  },
  waitingFor: (one, leastMs) => ({ ...one, intervalMs: Math.max(one.intervalMs, leastMs) }),
  // A sweep that skips a tick after the answer to its own ping does the same again only every second tick.
  cycles: ({ intervalMs, timer, ping, skipAfter = [] }) => {
    const skipsItself = ping && skipAfter.some((sign) => ANSWERS.has(sign));
    return [
      {
        everyMs: skipsItself ? 2 * intervalMs : intervalMs,
        clock: timer === 'shared' ? 'process' : 'connection',
        what: 'sweep',
        speaks: ping,
      },
    ];
  },
  brief: () => 'sweep: flag still false',
  verdict: ({ life, intervalMs }) => `no ${anyOf(life)} between two sweeps ${intervalMs} ms apart`,
  needs: ({ ping }) => (ping ? [{ what: 'ping', answeredBy: 'websocket' }] : []),
  linuxOnly: () => undefined,
  pictures: [
    { title: 'Sweep', mechanism: PICTURED },
    {
      title: 'Sweep that forgives a miss and skips busy connections',
      mechanism: { ...PICTURED, misses: 2, skipAfter: ['message'] },
    },
  ],
};

function sweepRegion(sweep: SweepMechanism, mechanism: number): RegionConfig {
  const { skipAfter = [], skipsFirst = false } = sweep;
  if (sweep.skipAfter === undefined && !skipsFirst) {
    return {
      type: 'parallel',
      states: {
        cadence: cadence(mechanism),
        flag: flag(sweep, mechanism, `tick.${mechanism}`),
      },
    };
  }
  return {
    type: 'parallel',
    states: {
      cadence: cadence(mechanism),
      since: since(skipAfter, skipsFirst, mechanism),
      flag: flag(sweep, mechanism, `judge.${mechanism}`),
    },
  };
}

/** What the tick finds of the flag. */
function flag(
  sweep: SweepMechanism,
  mechanism: number,
  tick: `tick.${number}` | `judge.${number}`,
): RegionConfig {
  const { misses = 1 } = sweep;
  const actions = sweep.ping ? pingOut(mechanism) : [];
  const bottom = sweep.lost === 'verdict' ? { actions } : decides('reap', mechanism);
  const down = Array.from({ length: misses }, (_, index) => {
    const missed = index + 1;
    const judged = missed < misses ? { target: downBy(missed + 1), actions } : bottom;
    return [
      downBy(missed),
      { on: { [tick]: judged, ...onLife(sweep.life, { target: 'up' }) } },
    ] as const;
  });
  return {
    initial: 'up',
    states: {
      up: { on: { [tick]: { target: downBy(1), actions } } },
      ...Object.fromEntries(down),
    },
  };
}

function downBy(missed: number): string {
  return missed === 1 ? 'down' : `down${missed}`;
}

/** Whether a sign that makes the next tick superfluous came since the last one; the opening may be such a sign. */
function since(
  skipAfter: NonNullable<SweepMechanism['skipAfter']>,
  skipsFirst: boolean,
  mechanism: number,
): RegionConfig {
  const tick = `tick.${mechanism}` as const;
  return {
    initial: skipsFirst ? 'busy' : 'quiet',
    states: {
      quiet: {
        on: {
          ...onLife(skipAfter, { target: 'busy' }),
          [tick]: { actions: raise({ type: `judge.${mechanism}` }) },
        },
      },
      busy: { on: { [tick]: 'quiet' } },
    },
  };
}

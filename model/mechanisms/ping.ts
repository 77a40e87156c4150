/**
 * Ping with a reply timer. Two parts: when the next ping goes out, and what is known about the answer.
 *
 * The reply timer runs from the oldest ping that has no answer: a later ping does not restart it, else a
 * cadence shorter than the patience would never judge. A sign of life answers every ping that is out,
 * also one that the send path has not taken yet.
 */
import {
  choice,
  duration,
  nullable,
  optional,
  variant,
  withDefault,
  type Canonical,
} from '../schema/words.ts';
import { granularity, life, lost, replyClock, verdict, type LifeSign } from './fields.ts';
import { assertNever } from '../assert.ts';
import {
  clockFromTick,
  coarseTimer,
  roundedClock,
  tickMs,
  type ClockRange,
} from './granularity.ts';
import type { MechanismKind } from './kind.ts';
import { raise, type RegionConfig } from './region/chart.ts';
import { drawOf, inWholeUs } from './region/clocks.ts';
import { lifeMask } from './region/life.ts';
import { cadence, onLife, pingOut, decides } from './region/parts.ts';
import { ANSWERS, anyOf } from './signs.ts';

const schema = variant('ping', 'A ping per connection and patience for its answer.', {
  intervalMs: duration('Time to the next ping, measured as `after` says.'),
  /** `last-received`: any byte puts the ping off; `last-life`: only what counts as life does. */
  after: withDefault(
    choice('What the interval is measured from.', [
      'last-ping',
      'last-reply',
      'last-received',
      'last-life',
    ]),
    'last-ping',
  ),
  firstMs: optional(duration('Time to the first ping, where it differs.')),
  firstJitterMs: optional(
    duration("Up to so much is added to the first ping's time, drawn per connection."),
  ),
  /** Patience for the answer; null = the ping is sent and nobody waits. */
  replyTimeoutMs: nullable(duration('Patience for the answer.'), 'nobody waits for it'),
  replyClock,
  life: withDefault(life('What counts as the answer.'), ['pong']),
  /** Who answers: the peer's WebSocket library or network service (`websocket`, when missing), or code of the peer's application, which may be paused, throttled or frozen while its library is not. */
  answeredBy: optional(
    choice(
      "Who answers: the peer's WebSocket library or network service (when missing), or its application.",
      ['websocket', 'application'],
    ),
  ),
  granularity,
  verdict,
  lost,
});

/** Ping with a reply timer per connection. */
export interface PingMechanism extends Canonical<typeof schema> {}

const PICTURED: PingMechanism = {
  kind: 'ping',
  intervalMs: 30_000,
  after: 'last-ping',
  replyTimeoutMs: 10_000,
  replyClock: 'enqueued',
  life: ['pong'],
};

export const ping: MechanismKind<typeof schema> = {
  schema,
  carrier: 'loop',
  ends: 'the-dead',
  goesOnWithoutVerdict: true,
  showsWhenLost: false,
  region: pingRegion,
  clocksMs: (one, phase) => {
    const { after, intervalMs, replyTimeoutMs, firstMs = intervalMs, firstJitterMs = 0 } = one;
    const first = firstMs + inWholeUs(drawOf(phase) * firstJitterMs);
    return {
      ...(hasFirst(one) ? { first } : {}),
      ...(after === 'last-ping' ? { interval: intervalMs } : { pause: intervalMs }),
      ...(replyTimeoutMs === null ? {} : { reply: replyTimeoutMs }),
    };
  },
  drawn: ({ firstJitterMs }) =>
    firstJitterMs === undefined ? undefined : { clock: 'first', uptoUs: firstJitterMs * 1_000 },
  lifeMask: ({ life }) => lifeMask(life),
  signs: ({ life }) => life,
  asks: ({ intervalMs, answeredBy = 'websocket' }) => ({ everyMs: intervalMs, answeredBy }),
  pings: (one) => ({
    pauseMs: roundedClock(one.intervalMs, one.granularity),
    firstMs: firstPingMs(one),
    putOffBy: putOffBy(one),
    skips: false,
    onGrid: one.after === 'last-ping',
    fromAnswer: startsWithAnswer(one),
    needsAnswer: one.after === 'last-reply',
  }),
  endsTheQuiet: () => false,
  waits: (one) =>
    one.replyTimeoutMs === null
      ? null
      : {
          ms: replyMs(one).minMs,
          field: 'replyTimeoutMs',
          by: 'ping reply timer',
          asks: 'itself',
        },
  patienceMs: (one) => toNextPingMs(one) + (one.replyTimeoutMs ?? 0) + 2 * tickMs(one),
  lastStrikeMs: (one) => ping.patienceMs(one),
  waitingFor: (one, leastMs) =>
    one.replyTimeoutMs === null
      ? one
      : { ...one, replyTimeoutMs: Math.max(one.replyTimeoutMs, leastMs) },
  cycles: (one) => [
    { everyMs: one.intervalMs, clock: 'connection', what: 'ping', speaks: true },
    ...coarseTimer(one),
  ],
  beginsMs: ({ firstMs = 0, firstJitterMs = 0 }) => firstMs + firstJitterMs,
  brief: () => 'ping: no reply in time',
  verdict: ({ life, replyTimeoutMs }) => `no ${anyOf(life)} within ${replyTimeoutMs} ms of a ping`,
  needs: ({ answeredBy = 'websocket' }) => [{ what: 'ping', answeredBy }],
  linuxOnly: () => undefined,
  pictures: [
    { title: 'Ping, fixed cadence', mechanism: PICTURED },
    {
      title: 'Ping, measured from the last reply',
      mechanism: { ...PICTURED, after: 'last-reply' },
    },
    {
      title: 'Ping, measured from the last byte received',
      mechanism: { ...PICTURED, after: 'last-received' },
    },
    {
      title: 'Ping, measured from the last sign of life',
      mechanism: { ...PICTURED, after: 'last-life' },
    },
    {
      title: 'Ping, with a time of its own for the first',
      mechanism: { ...PICTURED, after: 'last-life', firstMs: 2_000 },
    },
    {
      title: 'Ping, patience from when it was written',
      mechanism: { ...PICTURED, replyClock: 'written' },
    },
    { title: 'Ping, verdict lost', mechanism: { ...PICTURED, lost: 'verdict' } },
  ],
};

/** The first ping's own time; null where it is that of the others. */
function firstPingMs(one: PingMechanism): ClockRange | null {
  const { firstMs, firstJitterMs = 0, intervalMs, granularity } = one;
  if (firstMs === undefined && firstJitterMs === 0) return null;
  const least = roundedClock(firstMs ?? intervalMs, granularity);
  const most = roundedClock((firstMs ?? intervalMs) + firstJitterMs, granularity);
  return { minMs: least.minMs, maxMs: most.maxMs };
}

function putOffBy({ after, life }: PingMechanism): readonly LifeSign[] {
  if (after === 'last-received') return ['any-byte'];
  return after === 'last-life' ? life : [];
}

/** Whether its own pong begins its pause anew. */
function startsWithAnswer({ after, life }: PingMechanism): boolean {
  if (after === 'last-ping') return false;
  return after !== 'last-life' || life.some((sign) => ANSWERS.has(sign));
}

/** Patience for the answer, from when it starts; of a ping that nobody waits for, none. */
export function replyMs({
  replyTimeoutMs,
  granularity,
  after,
  replyClock,
}: PingMechanism): ClockRange {
  const patience = replyTimeoutMs ?? 0;
  // A pause that runs out on the grid sends its ping there.
  const fromTick = granularity !== undefined && after !== 'last-ping' && replyClock === 'enqueued';
  return fromTick ? clockFromTick(patience, granularity) : roundedClock(patience, granularity);
}

/** Whether the time to the first ping is a clock of its own. */
function hasFirst({ after, firstMs, firstJitterMs }: PingMechanism): boolean {
  return after === 'last-ping' || firstMs !== undefined || firstJitterMs !== undefined;
}

function toNextPingMs({ intervalMs, firstMs = 0, firstJitterMs = 0 }: PingMechanism): number {
  return Math.max(intervalMs, firstMs + firstJitterMs);
}

function pingRegion(ping: PingMechanism, mechanism: number): RegionConfig {
  return {
    type: 'parallel',
    states: {
      clock: clock(ping, mechanism),
      answer: answer(ping, mechanism),
    },
  };
}

/** When to ping. */
function clock(ping: PingMechanism, mechanism: number): RegionConfig {
  switch (ping.after) {
    case 'last-ping':
      return cadence(mechanism);
    case 'last-reply':
      return afterReply(ping, mechanism);
    case 'last-received':
      return afterSign(ping, mechanism, (putsOff) => ({ RECEIVED: putsOff }));
    case 'last-life':
      return afterSign(ping, mechanism, (putsOff) => onLife(ping.life, putsOff));
    default:
      return assertNever(ping.after, 'after');
  }
}

/** The pause begins anew. */
interface PutsOff {
  readonly target: 'first' | 'pausing';
  readonly reenter: true;
}
type SignTransitions = Partial<ReturnType<typeof onLife<PutsOff>>> | { RECEIVED: PutsOff };

/** A sign puts the ping off; so does a ping, which gets its own pause. */
function afterSign(
  ping: PingMechanism,
  mechanism: number,
  onSign: (putsOff: PutsOff) => SignTransitions,
): RegionConfig {
  const pings = {
    target: 'pausing',
    reenter: true,
    actions: raise({ type: `tick.${mechanism}` }),
  } as const;
  const pausing = {
    on: onSign({ target: 'pausing', reenter: true }),
    after: { [`pause.${mechanism}`]: pings },
  } as const;
  if (!hasFirst(ping)) {
    return { initial: 'pausing', states: { pausing } };
  }
  return {
    initial: 'first',
    states: {
      // Until a first ping has gone out, its own time holds.
      first: {
        on: onSign({ target: 'first', reenter: true }),
        after: { [`first.${mechanism}`]: pings },
      },
      pausing,
    },
  };
}

/** The pause begins when the ping before is answered. */
function afterReply(ping: PingMechanism, mechanism: number): RegionConfig {
  const pings = {
    target: 'pinged',
    actions: raise({ type: `tick.${mechanism}` }),
  } as const;
  const pausing = { after: { [`pause.${mechanism}`]: pings } } as const;
  const pinged = { on: { [`answered.${mechanism}`]: 'pausing' } } as const;
  if (!hasFirst(ping)) {
    return { initial: 'pausing', states: { pausing, pinged } };
  }
  const first = { after: { [`first.${mechanism}`]: pings } } as const;
  return { initial: 'first', states: { first, pausing, pinged } };
}

/** What the ping has come to. */
function answer(ping: PingMechanism, mechanism: number): RegionConfig {
  const tick = `tick.${mechanism}` as const;
  const actions = pingOut(mechanism);
  const answered = onLife(ping.life, {
    target: 'quiet',
    actions: ping.after === 'last-reply' ? [raise({ type: `answered.${mechanism}` })] : [],
  } as const);
  const pinged = { target: statePinged(ping), actions } as const;
  const pingsAgain = { actions } as const;
  const quiet = { on: { [tick]: pinged } };
  // Nobody counts: no patience, or its verdict is lost. Another ping starts another patience.
  const unanswered = { on: { [tick]: pinged, ...answered } };
  if (ping.replyTimeoutMs === null) {
    return { initial: 'quiet', states: { quiet, unanswered } };
  }
  const waiting = {
    on: { [tick]: pingsAgain, ...answered },
    after: {
      [`reply.${mechanism}`]: ping.lost === 'verdict' ? 'unanswered' : decides('reap', mechanism),
    },
  };
  const unwritten = {
    on: { [tick]: pingsAgain, PING_WRITTEN: 'waiting', ...answered },
  };
  return {
    initial: 'quiet',
    states: {
      quiet,
      ...(ping.replyClock === 'written' ? { unwritten } : {}),
      waiting,
      ...(ping.lost === 'verdict' ? { unanswered } : {}),
    },
  };
}

function statePinged(ping: PingMechanism): 'unanswered' | 'unwritten' | 'waiting' {
  if (ping.replyTimeoutMs === null) return 'unanswered';
  return ping.replyClock === 'written' ? 'unwritten' : 'waiting';
}

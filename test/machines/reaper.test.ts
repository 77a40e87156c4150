import { describe, expect, it } from 'vitest';
import { compileTable } from '../../model/statechart/xstate.ts';
import { hasRegion, lifeMaskOf, skipMaskOf } from '../../model/machines/reaper/index.ts';
import { reaperMachine } from '../../model/machines/reaper/machine.ts';
import { untilNextTick } from '../../model/mechanisms/region/clocks.ts';
import { lifeMask } from '../../model/mechanisms/region/life.ts';
import type { Loss, Mechanism, PingMechanism } from '../../model/policy/types.ts';
import { LifeBit } from '../../model/reaper/types.ts';
import { hostEvents } from '../support/reaper-events.ts';
import { afterTimers, statesWithoutDeadline } from '../statechart/armed.ts';

const losses: readonly (Loss | undefined)[] = [undefined, 'timer', 'verdict'];

const life = ['pong'] as const;

function sweeps(): Mechanism[] {
  return (['shared', 'per-connection'] as const).flatMap((timer) =>
    [true, false].flatMap((ping): Mechanism[] => {
      const sweep = { kind: 'sweep', intervalMs: 30_000, timer, ping, life } as const;
      return [sweep, { ...sweep, misses: 3 }, { ...sweep, skipAfter: ['message', 'drained'] }];
    }),
  );
}

function pings(): Mechanism[] {
  return (['last-ping', 'last-reply', 'last-received', 'last-life'] as const).flatMap((after) =>
    [10_000, null].flatMap((replyTimeoutMs) =>
      (['enqueued', 'written'] as const).flatMap((replyClock): Mechanism[] => {
        const ping = {
          kind: 'ping',
          intervalMs: 30_000,
          after,
          replyTimeoutMs,
          replyClock,
          life,
        } as const;
        return [ping, { ...ping, firstMs: 2_000 }];
      }),
    ),
  );
}

function others(): Mechanism[] {
  const stalls = (['bytes-acked', 'queue', 'application-ack'] as const).map(
    (progress): Mechanism => ({
      kind: 'send-stall',
      progress,
      graceMs: 30_000,
      everyMs: 1_000,
    }),
  );
  return [
    ...stalls,
    { kind: 'pong-timer', timeoutMs: 10_000, replyClock: 'enqueued', life },
    { kind: 'pong-timer', timeoutMs: 10_000, replyClock: 'written', life },
    { kind: 'receive-deadline', timeoutMs: 60_000, life: ['any-byte', 'send-accepted', 'drained'] },
    { kind: 'write-deadline', timeoutMs: 10_000, judgedAt: 'deadline' },
    { kind: 'write-deadline', timeoutMs: 10_000, judgedAt: 'next-send' },
    {
      kind: 'send-queue-limit',
      hardBytes: 2_000,
      softBytes: 1_000,
      softForMs: 60_000,
      everyMs: 1_000,
    },
    { kind: 'ping-strikes', minIntervalMs: 300_000, maxStrikes: 2 },
    { kind: 'request-deadline', timeoutMs: 30_000 },
    { kind: 'borrow-check', timeoutMs: 5_000, freshMs: 500 },
    { kind: 'borrow-check', timeoutMs: 5_000, freshMs: 0 },
    { kind: 'peer-closed', everyMs: 1_000 },
    { kind: 'idle', timeoutMs: 15_000 },
    { kind: 'age', maxMs: 1_800_000 },
  ];
}

/** Every shape a mechanism can have; durations do not change the shape. */
function everyShape(): Mechanism[] {
  return [...sweeps(), ...pings(), ...others()].flatMap((shape) =>
    losses.map((lost) => (lost === undefined ? shape : { ...shape, lost })),
  );
}

function tableOf(mechanism: Mechanism) {
  const all = hostEvents(lifeMaskOf(mechanism), skipMaskOf(mechanism));
  const events = all.filter(({ name }) => name !== 'STOP');
  return compileTable(reaperMachine([mechanism]), { events });
}

describe('the regions of the reaper', () => {
  it.each(everyShape().filter(hasRegion))(
    'always have a deadline, or wait for what only the host or the peer can give: %j',
    (mechanism) => {
      const waiting = statesWithoutDeadline(tableOf(mechanism), afterTimers).map((name) =>
        name.slice(name.indexOf('.') + 1),
      );
      expect(waiting).toEqual(legalWaits(mechanism));
    },
  );

  it('exist only for what probes or decides in the process', () => {
    const probes = new Set<string>([
      'sweep',
      'ping',
      'send-stall',
      'send-queue-limit',
      'peer-closed',
      'borrow-check',
    ]);
    for (const shape of everyShape()) {
      const exists =
        shape.lost === undefined || (shape.lost === 'verdict' && probes.has(shape.kind));
      expect(hasRegion(shape), JSON.stringify(shape)).toBe(exists);
    }
    expect(hasRegion({ kind: 'keepalive', idleMs: 1000, intervalMs: 1000, probes: 1 })).toBe(false);
    expect(hasRegion({ kind: 'user-timeout', timeoutMs: 1000 })).toBe(false);
    expect(hasRegion({ kind: 'handshake-deadline', timeoutMs: 1000 })).toBe(false);
    expect(hasRegion({ kind: 'close-handshake', timeoutMs: null, clock: 'written' })).toBe(false);
    expect(hasRegion({ kind: 'drain', deadlineMs: null })).toBe(false);
  });

  it('can always end: every region that can judge reaches its verdict', () => {
    for (const mechanism of everyShape().filter(hasRegion)) {
      const judges =
        mechanism.lost === undefined &&
        !(mechanism.kind === 'ping' && mechanism.replyTimeoutMs === null);
      expect(tableOf(mechanism).states.includes('over'), JSON.stringify(mechanism)).toBe(judges);
    }
  });
});

/** States in which nothing is awaited that a clock could end. */
function legalWaits(mechanism: Mechanism): string[] {
  switch (mechanism.kind) {
    case 'ping':
      return legalWaitsOfPing(mechanism);
    // No ping is out, or the send path holds it back.
    case 'pong-timer':
      return mechanism.replyClock === 'written'
        ? ['pong-timer-0.quiet', 'pong-timer-0.unwritten']
        : ['pong-timer-0.quiet'];
    // Nothing is blocked, or it has been for too long and nobody sends.
    case 'write-deadline':
      return mechanism.judgedAt === 'next-send'
        ? ['write-deadline-0.clear', 'write-deadline-0.overdue']
        : ['write-deadline-0.clear'];
    // A ping would be no strike.
    case 'ping-strikes':
      return ['free', 'rested0', 'rested1', 'rested2'].map((state) => `ping-strikes-0.${state}`);
    case 'request-deadline':
      return ['request-deadline-0.quiet'];
    // Nobody borrows, or nobody counts how long the test takes.
    case 'borrow-check':
      return mechanism.lost === 'verdict'
        ? ['borrow-check-0.stale', 'borrow-check-0.testing']
        : ['borrow-check-0.stale'];
    default:
      return [];
  }
}

/**
 * Ping that measures from the last reply stops pinging until there is one. It has no deadline while the
 * send path holds the ping back (`pingWritten` ends that), and none once nobody counts any more: without patience,
 * or with a lost verdict, after the patience.
 */
function legalWaitsOfPing(ping: PingMechanism): string[] {
  if (ping.after !== 'last-reply') return [];
  const base = 'ping-0.clock.pinged & answer';
  if (ping.replyTimeoutMs === null) return [`${base}.unanswered`];
  const waits = ping.replyClock === 'written' ? [`${base}.unwritten`] : [];
  return ping.lost === 'verdict' ? [...waits, `${base}.unanswered`] : waits;
}

describe('lifeMask', () => {
  it('takes every bit for any-byte: whatever arrives is made of bytes', () => {
    expect(lifeMask(['matching-pong'])).toBe(LifeBit.Pong);
    expect(lifeMask(['pong'])).toBe(LifeBit.Pong | LifeBit.UnsolicitedPong);
    expect(lifeMask(['message', 'matching-pong'])).toBe(LifeBit.Message | LifeBit.Pong);
    expect(lifeMask(['ping'])).toBe(LifeBit.Ping);
    // Six bits.
    expect(lifeMask(['any-byte'])).toBe(63);
    // Nothing that is read.
    expect(lifeMask(['send-accepted', 'drained'])).toBe(0);
  });
});

describe('untilNextTick', () => {
  it.each([
    // now, origin, interval → (floor((now − origin) / interval) + 1) · interval + origin − now
    [0, 0, 30, 30],
    [29, 0, 30, 1],
    [30, 0, 30, 30],
    [10, 1000, 30, 30],
    [0, 7, 30, 7],
    [0, -7, 30, 23],
  ])('at %i, ticks at %i + k · %i: %i later', (now, origin, interval, later) => {
    expect(untilNextTick(now, origin, interval)).toBe(later);
  });
});

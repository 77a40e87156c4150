import { describe, expect, it } from 'vitest';
import { compileTable } from '../../model/compile/table.ts';
import { hasRegion, lifeMaskOf, reaperMachine } from '../../model/machines/reaper/index.ts';
import { lifeMask, untilNextTick } from '../../model/machines/reaper/vocabulary.ts';
import type { Loss, Mechanism } from '../../model/policy/types.ts';
import { LifeBit } from '../../model/reaper/types.ts';
import { afterTimers, statesWithoutDeadline } from '../compile/armed.ts';

const losses: readonly (Loss | undefined)[] = [undefined, 'timer', 'verdict'];

/** Every shape a mechanism can have; durations do not change the shape. */
function everyShape(): Mechanism[] {
  const shapes: Mechanism[] = [];
  for (const timer of ['shared', 'per-connection'] as const) {
    for (const ping of [true, false]) {
      shapes.push({ kind: 'sweep', intervalMs: 30_000, timer, ping, life: ['pong'] });
    }
  }
  for (const after of ['last-ping', 'last-reply', 'last-received'] as const) {
    for (const replyTimeoutMs of [10_000, null]) {
      for (const replyClock of ['enqueued', 'written'] as const) {
        shapes.push({
          kind: 'ping',
          intervalMs: 30_000,
          after,
          replyTimeoutMs,
          replyClock,
          life: ['pong'],
        });
      }
    }
  }
  for (const progress of ['bytes-acked', 'queue', 'application-ack'] as const) {
    shapes.push({ kind: 'send-stall', progress, graceMs: 30_000, everyMs: 1_000 });
  }
  shapes.push({ kind: 'peer-closed', everyMs: 1_000 });
  shapes.push({ kind: 'idle', timeoutMs: 15_000 });
  shapes.push({ kind: 'age', maxMs: 1_800_000 });
  return shapes.flatMap((shape) =>
    losses.map((lost) => (lost === undefined ? shape : { ...shape, lost })),
  );
}

function tableOf(mechanism: Mechanism) {
  const reading = { mechanism: 0, queueEmpty: false, moved: false, established: true };
  return compileTable(reaperMachine([mechanism]), {
    events: [
      {
        name: 'LIFE',
        event: Object.assign({ type: 'RECEIVED' }, { lifeBits: lifeMaskOf(mechanism) }),
      },
      { name: 'OTHER', event: Object.assign({ type: 'RECEIVED' }, { lifeBits: 0 }) },
      { name: 'PING_WRITTEN', event: { type: 'PING_WRITTEN' } },
      { name: 'MESSAGE_SENT', event: { type: 'MESSAGE_SENT' } },
      {
        name: 'EMPTY',
        event: Object.assign({ type: 'SAMPLED' }, { ...reading, queueEmpty: true }),
      },
      { name: 'MOVED', event: Object.assign({ type: 'SAMPLED' }, { ...reading, moved: true }) },
      { name: 'STUCK', event: Object.assign({ type: 'SAMPLED' }, reading) },
      {
        name: 'LEFT',
        event: Object.assign({ type: 'SAMPLED' }, { ...reading, established: false }),
      },
    ],
  });
}

describe('the regions of the reaper', () => {
  it.each(everyShape().filter(hasRegion))(
    'always have a deadline, or wait for what only the host or the peer can give: %j',
    (mechanism) => {
      const waiting = statesWithoutDeadline(tableOf(mechanism), afterTimers).map((name) =>
        name.slice(name.indexOf('.ping-0.') + 1),
      );
      expect(waiting).toEqual(legalWaits(mechanism));
    },
  );

  it('exist only for what decides in the process', () => {
    const kinds = everyShape().filter((shape) => !hasRegion(shape));
    // Lost timers, and orderly ends that never take effect.
    expect(
      kinds.every(({ lost, kind }) => lost === 'timer' || kind === 'idle' || kind === 'age'),
    ).toBe(true);
    expect(hasRegion({ kind: 'keepalive', idleMs: 1000, intervalMs: 1000, probes: 1 })).toBe(false);
    expect(hasRegion({ kind: 'user-timeout', timeoutMs: 1000 })).toBe(false);
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

/**
 * Ping that measures from the last reply stops pinging until there is one. It has no deadline while the
 * send path holds the ping back (`pingWritten` ends that), and none once nobody counts any more: without patience,
 * or with a lost verdict, after the patience.
 */
function legalWaits(mechanism: Mechanism): string[] {
  if (mechanism.kind !== 'ping' || mechanism.after !== 'last-reply') return [];
  const base = 'ping-0.clock.pinged & answer';
  if (mechanism.replyTimeoutMs === null) return [`${base}.unanswered`];
  const waits = mechanism.replyClock === 'written' ? [`${base}.unwritten`] : [];
  return mechanism.lost === 'verdict' ? [...waits, `${base}.unanswered`] : waits;
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

/** B and T of compiled policies, against what the engine does in silences that are drawn, and against what is known of single mechanisms. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definePolicy, type MechanismInput } from '../../model/policy/index.ts';
import { LifeBit, limitsOf, type Limits } from '../../model/reaper/index.ts';
import { hasRegion } from '../../model/machines/reaper/index.ts';
import type { HostEvent } from '../../model/mechanisms/region/events.ts';
import type { Mechanism } from '../../model/policy/types.ts';
import { cases } from '../support/property.ts';
import { anyMechanisms, GRID_MS, policyOf } from './arbitrary-policy.ts';
import { EngineDriver, type Look } from './engine-driver.ts';

function limits(...mechanisms: MechanismInput[]): Limits {
  return limitsOf(definePolicy({ name: 'under-test', mechanisms }));
}

describe('known limits', () => {
  const s = 1_000;
  it.each<[string, MechanismInput[], number | null, number | null]>([
    ['alive flag', [{ kind: 'sweep', intervalMs: '30s' }], 60 * s, 30 * s],
    ['three misses', [{ kind: 'sweep', intervalMs: '30s', misses: 3 }], 120 * s, 90 * s],
    ['ping', [{ kind: 'ping', intervalMs: '25s', replyTimeoutMs: '10s' }], 35 * s, 10 * s],
    [
      'a ping that what is read puts off: an answer is owed 15 s after the last one at the soonest',
      [{ kind: 'ping', intervalMs: '5s', replyTimeoutMs: '10s', after: 'last-received' }],
      15 * s,
      15 * s,
    ],
    [
      'sweep and pong timer',
      [
        { kind: 'sweep', intervalMs: '30s' },
        { kind: 'pong-timer', timeoutMs: '10s' },
      ],
      40 * s,
      10 * s,
    ],
    ['receive deadline', [{ kind: 'receive-deadline', timeoutMs: '60s' }], 60 * s, 60 * s],
    ['an age ends everybody, and is no verdict', [{ kind: 'age', maxMs: '1h' }], 3_600 * s, null],
    ['messages of ours keep it from being idle', [{ kind: 'idle', timeoutMs: '2m' }], null, null],
    [
      'a ping that is never written is never missed',
      [{ kind: 'ping', intervalMs: '25s', replyTimeoutMs: '10s', replyClock: 'written' }],
      null,
      10 * s,
    ],
    [
      'progress of the send path may be life',
      [{ kind: 'ping', intervalMs: '20s', replyTimeoutMs: '40s', life: ['any-byte', 'drained'] }],
      60 * s,
      40 * s,
    ],
    ['lost', [{ kind: 'sweep', intervalMs: '30s', lost: 'timer' }], null, null],
  ])('silence: %s', (_, mechanisms, maxMs, toleranceMs) => {
    expect(limits(...mechanisms).silence).toMatchObject({ maxMs, toleranceMs });
  });

  it.each<[string, MechanismInput, number | null, number | null]>([
    ['send stall', { kind: 'send-stall', graceMs: '30s' }, 31 * s, 30 * s],
    [
      'a rate is demanded: all may move and it is too little',
      { kind: 'send-stall', graceMs: '30s', minBytes: 1024 },
      31 * s,
      0,
    ],
    ['write deadline', { kind: 'write-deadline', timeoutMs: '10s' }, 10 * s, 10 * s],
    [
      'judged by the next attempt alone',
      { kind: 'write-deadline', timeoutMs: '10s', judgedAt: 'next-send' },
      null,
      10 * s,
    ],
    [
      'a ping says nothing of it',
      { kind: 'ping', intervalMs: '25s', replyTimeoutMs: '10s' },
      null,
      null,
    ],
  ])('stuck: %s', (_, mechanism, maxMs, toleranceMs) => {
    expect(limits(mechanism).stuck).toMatchObject({ maxMs, toleranceMs });
  });

  it('names the mechanism that each is of', () => {
    const { silence } = limits(
      { kind: 'ping', intervalMs: '50s', replyTimeoutMs: '10s' },
      { kind: 'receive-deadline', timeoutMs: '40s' },
    );
    expect(silence).toEqual({ maxMs: 40_000, by: 1, toleranceMs: 10_000, toleranceBy: 0 });
  });
});

const OF_SILENCE: ReadonlySet<string> = new Set([
  'sweep',
  'ping',
  'pong-timer',
  'receive-deadline',
  'age',
]);

/** Policies that judge by signs of life alone, or grow old. */
const silencePolicies = anyMechanisms.map((mechanisms) =>
  mechanisms.filter(({ kind }) => OF_SILENCE.has(kind)),
);

/** What happens so long after what happened before, in steps of a seventh of the grid: never on it, but by chance. */
const STEP_US = (GRID_MS * 1_000) / 7;
const happening = fc.record({
  steps: fc.integer({ min: 0, max: 12 }),
  event: fc.constantFrom<HostEvent>(
    { type: 'RECEIVED', lifeBits: LifeBit.AnyByte },
    { type: 'RECEIVED', lifeBits: LifeBit.AnyByte | LifeBit.Message },
    { type: 'RECEIVED', lifeBits: LifeBit.AnyByte | LifeBit.Pong },
    { type: 'RECEIVED', lifeBits: LifeBit.AnyByte | LifeBit.Ping },
    { type: 'PING_WRITTEN' },
    { type: 'MESSAGE_SENT' },
  ),
});
const past = fc.array(happening, { maxLength: 12 });

interface Ended {
  readonly atUs: number;
  readonly by: string;
}

/** The first verdict in the log. */
function endOf(log: readonly string[]): Ended | undefined {
  for (const line of log) {
    const [at, effect] = line.split(' ');
    if (effect === 'reap' || effect === 'close') return { atUs: Number(at), by: effect };
  }
  return undefined;
}

/** Every mechanism counts this as life. */
const ALL_SIGNS = Object.values(LifeBit).reduce((all, bit) => all | bit, 0);

describe('limits of silence', () => {
  it('B: whatever was read and sent before, the decision comes in time', () => {
    fc.assert(
      fc.property(
        fc.tuple(silencePolicies, past, fc.integer({ min: 0, max: 2_000_000 }), fc.boolean()),
        ([mechanisms, happened, originUs, writes]) => {
          const { silence } = limitsOf(policyOf(...mechanisms));
          if (silence.maxMs === null) return;
          const engine = new EngineDriver(mechanisms, 0, originUs, 0.3);
          let nowUs = 0;
          let beganUs = 0;
          for (const { steps, event } of happened) {
            nowUs += Math.round(steps * STEP_US);
            engine.advance(nowUs);
            if (endOf(engine.log) !== undefined) return;
            engine.tell(event, nowUs);
            if (event.type === 'RECEIVED') beganUs = nowUs;
          }
          const byUs = beganUs + silence.maxMs * 1_000;
          for (let at = nowUs; at <= byUs; at += 90_000) {
            engine.advance(at);
            if (writes) engine.tell({ type: 'MESSAGE_SENT' }, at);
          }
          engine.advance(byUs);
          const end = endOf(engine.log);
          expect(end, `no decision ${silence.maxMs} ms after the last byte`).toBeDefined();
        },
      ),
      cases(80),
    );
  });

  it('T: nobody is ended for a shorter silence', () => {
    fc.assert(
      fc.property(
        fc.tuple(silencePolicies, past, fc.integer({ min: 0, max: 2_000_000 })),
        ([mechanisms, happened, originUs]) => {
          const { silence } = limitsOf(policyOf(...mechanisms));
          const everyUs = silence.toleranceMs === null ? 900_000 : silence.toleranceMs * 1_000 - 1;
          // Their signs are told by the send path, and never by what is read.
          const told = mechanisms.every(
            (one) => !hasRegion(one) || !('life' in one) || hearsAll(one),
          );
          if (!told || everyUs < 1_000) return;
          const engine = new EngineDriver(mechanisms, 0, originUs, 0.7);
          let nowUs = 0;
          let lifeUs = 0;
          for (const { steps, event } of [...happened, ...happened, ...happened]) {
            nowUs += Math.round(steps * STEP_US);
            while (lifeUs + everyUs <= nowUs) {
              lifeUs += everyUs;
              engine.advance(lifeUs);
              engine.tell({ type: 'RECEIVED', lifeBits: ALL_SIGNS }, lifeUs);
            }
            engine.advance(nowUs);
            if (event.type !== 'RECEIVED') engine.tell(event, nowUs);
          }
          expect(endOf(engine.log)?.by).not.toBe('reap');
        },
      ),
      cases(80),
    );
  });
});

function hearsAll(mechanism: Mechanism): boolean {
  return (
    'life' in mechanism &&
    mechanism.life.some((sign) => sign !== 'send-accepted' && sign !== 'drained')
  );
}

describe('limits of a stuck send path', () => {
  const stalls = fc.record({
    kind: fc.constant('send-stall' as const),
    progress: fc.constantFrom('bytes-acked' as const, 'queue' as const),
    graceMs: fc.integer({ min: 1, max: 12 }).map((n) => n * GRID_MS),
    everyMs: fc.integer({ min: 1, max: 12 }).map((n) => n * GRID_MS),
  });

  it('B and T: so long after the last progress the decision comes, and not sooner', () => {
    fc.assert(
      fc.property(
        fc.tuple(
          stalls,
          fc.integer({ min: 0, max: 5_000_000 }),
          fc.integer({ min: 1, max: 90_000 }),
        ),
        ([stall, stuckUs, everyUs]) => {
          const { stuck } = limitsOf(policyOf(stall));
          const look: Look = (nowUs) => {
            const moved = Math.floor(Math.min(nowUs, stuckUs) / everyUs);
            return {
              queueBytes: 1_000 + moved,
              userQueueBytes: 0,
              bytesAcked: moved,
              established: true,
            };
          };
          const engine = new EngineDriver([stall]);
          engine.advance(stuckUs + (stuck.maxMs ?? 0) * 1_000, look);
          const lastUs = Math.floor(stuckUs / everyUs) * everyUs;
          const atUs = endOf(engine.log)?.atUs ?? Infinity;
          expect(atUs - lastUs).toBeLessThanOrEqual((stuck.maxMs ?? 0) * 1_000);
          expect(atUs - lastUs).toBeGreaterThanOrEqual((stuck.toleranceMs ?? 0) * 1_000);
        },
      ),
      cases(80),
    );
  });
});

/** A host that leaves looks out while nothing is queued decides as one that makes them all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Mechanism } from '../../model/policy/types.ts';
import { asMany } from '../support/effort.ts';
import { cases } from '../support/property.ts';
import { GRID_MS } from './arbitrary-policy.ts';
import { EngineDriver, type Look } from './engine-driver.ts';

const END_US = 20_000_000;

const gridMs = fc.integer({ min: 1, max: 12 }).map((n) => n * GRID_MS);
const lookers: fc.Arbitrary<Mechanism> = fc.oneof(
  fc.record({
    kind: fc.constant('send-stall' as const),
    progress: fc.constantFrom('bytes-acked' as const, 'queue' as const),
    graceMs: gridMs,
    everyMs: gridMs,
  }),
  fc.record({
    kind: fc.constant('send-queue-limit' as const),
    hardBytes: fc.constant(null),
    softBytes: fc.constant(400),
    softForMs: gridMs,
    everyMs: gridMs,
  }),
);
const ping: Mechanism = {
  kind: 'ping',
  intervalMs: 700,
  after: 'last-ping',
  replyTimeoutMs: null,
  replyClock: 'enqueued',
  life: ['pong'],
};

/** From when to when something is queued, one after the other; the last for ever. */
const queued = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 3_000_000 }), fc.integer({ min: 1, max: 900_000 })), {
    minLength: 1,
    maxLength: 5,
  })
  .map((spans) => {
    let at = 0;
    return spans.map(([pause, lasts], index) => {
      const from = at + pause;
      at = from + lasts;
      return { from, to: index === spans.length - 1 ? Infinity : at };
    });
  });

const verdicts = (log: readonly string[]): string[] => log.filter((line) => !/ sample /.test(line));

describe('looks that are left out', () => {
  it('change no verdict, and no ping', () => {
    let left = 0;
    fc.assert(
      fc.property(
        fc.array(lookers, { minLength: 1, maxLength: 2 }),
        queued,
        (mechanisms, spans) => {
          const look: Look = (nowUs) => {
            const waits = spans.some(({ from, to }) => from <= nowUs && nowUs < to);
            const bytes = waits ? 1_000 : 0;
            // Acknowledged at the end of each span, so that one after another is no stall of the first.
            const acked = spans.filter(({ to }) => to <= nowUs).length;
            return {
              queueBytes: bytes,
              userQueueBytes: bytes,
              bytesAcked: acked,
              established: true,
            };
          };
          const all = new EngineDriver([...mechanisms, ping]);
          all.advance(END_US, look);
          const resting = new EngineDriver([...mechanisms, ping]);
          const { reaper } = resting;
          const writes = spans.map(({ from }) => from);
          for (let nowUs = 0; nowUs < END_US;) {
            const isQuiet = look(nowUs).queueBytes === 0 && reaper.rests;
            const due = isQuiet ? reaper.restingDeadlineUs : reaper.deadlineUs;
            const write = writes.find((at) => at > nowUs) ?? Infinity;
            nowUs = Math.min(due, isQuiet ? write : Infinity, END_US);
            if (isQuiet) reaper.rouse(nowUs - 1);
            if (due <= nowUs) resting.call(nowUs, look);
          }
          expect(verdicts(resting.log)).toEqual(verdicts(all.log));
          left += all.log.length - resting.log.length;
        },
      ),
      cases(200),
    );
    expect(left).toBeGreaterThan(asMany(200));
  });
});

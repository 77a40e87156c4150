/** Random mechanisms on a coarse grid of times, so that deadlines often fall on one instant. */
import fc from 'fast-check';
import type { LifeSign, Loss, Mechanism, Policy } from '../../model/policy/types.ts';

/** Times are multiples of this, ms. */
export const GRID_MS = 100;

const gridMs = fc.integer({ min: 1, max: 12 }).map((n) => n * GRID_MS);
const life = fc.subarray<LifeSign>(['pong', 'message', 'any-byte'], { minLength: 1 });
const lost = fc.option(fc.constantFrom<Loss>('timer', 'verdict'), { nil: undefined, freq: 4 });

const healthy: fc.Arbitrary<Mechanism> = fc.oneof(
  fc.record({
    kind: fc.constant('sweep' as const),
    intervalMs: gridMs,
    timer: fc.constantFrom('shared' as const, 'per-connection' as const),
    ping: fc.boolean(),
    life,
  }),
  fc.record({
    kind: fc.constant('ping' as const),
    intervalMs: gridMs,
    after: fc.constantFrom('last-ping' as const, 'last-reply' as const, 'last-received' as const),
    replyTimeoutMs: fc.option(gridMs),
    replyClock: fc.constantFrom('enqueued' as const, 'written' as const),
    life,
  }),
  fc.record({
    kind: fc.constant('send-stall' as const),
    progress: fc.constantFrom('bytes-acked' as const, 'queue' as const, 'application-ack' as const),
    graceMs: gridMs,
    everyMs: gridMs,
  }),
  fc.record({ kind: fc.constant('peer-closed' as const), everyMs: gridMs }),
  fc.record({ kind: fc.constant('idle' as const), timeoutMs: gridMs.map((ms) => ms * 2) }),
  fc.record({ kind: fc.constant('age' as const), maxMs: gridMs.map((ms) => ms * 10) }),
);

export const anyMechanism: fc.Arbitrary<Mechanism> = fc
  .tuple(healthy, lost)
  .map(([mechanism, loss]) => (loss === undefined ? mechanism : { ...mechanism, lost: loss }));

export const anyMechanisms = fc.array(anyMechanism, { minLength: 1, maxLength: 4 });

/** A policy of these mechanisms. */
export function policyOf(...mechanisms: readonly Mechanism[]): Policy {
  return { schemaVersion: 1, name: 'under-test', title: 'under test', mechanisms };
}

/** Random mechanisms on a coarse grid of times, so that deadlines often fall on one instant. */
import fc from 'fast-check';
import type {
  Granularity,
  LifeSign,
  Loss,
  Mechanism,
  PingMechanism,
  Policy,
} from '../../model/policy/types.ts';

/** Times are multiples of this, ms. */
export const GRID_MS = 100;

const gridMs = fc.integer({ min: 1, max: 12 }).map((n) => n * GRID_MS);
const life = fc.subarray<LifeSign>(
  ['pong', 'matching-pong', 'ping', 'message', 'any-byte', 'send-accepted', 'drained'],
  { minLength: 1, maxLength: 3 },
);
const lost = fc.option(fc.constantFrom<Loss>('timer', 'verdict'), { nil: undefined, freq: 4 });
const granularity: fc.Arbitrary<Granularity> = fc.record({
  everyMs: fc.integer({ min: 1, max: 5 }).map((n) => n * GRID_MS),
  direction: fc.constantFrom('up' as const, 'down' as const),
  grid: fc.constantFrom('process' as const, 'connection' as const),
});

/** Some of `optional` beside all of `required`. */
function some<R extends object, O extends object>(
  required: { [K in keyof R]: fc.Arbitrary<R[K]> },
  optional: { [K in keyof O]: fc.Arbitrary<O[K]> },
): fc.Arbitrary<R & Partial<O>> {
  const requiredKeys = Object.keys(required) as (keyof (R & O))[];
  const all = { ...required, ...optional } as { [K in keyof (R & O)]: fc.Arbitrary<(R & O)[K]> };
  return fc.record(all, { requiredKeys }) as fc.Arbitrary<R & Partial<O>>;
}

const sweep: fc.Arbitrary<Mechanism> = some(
  {
    kind: fc.constant('sweep' as const),
    intervalMs: gridMs,
    timer: fc.constantFrom('shared' as const, 'per-connection' as const),
    ping: fc.boolean(),
    life,
  },
  { misses: fc.integer({ min: 1, max: 3 }), skipAfter: life },
);

const ping: fc.Arbitrary<Mechanism> = some(
  {
    kind: fc.constant('ping' as const),
    intervalMs: gridMs,
    after: fc.constantFrom<PingMechanism['after']>(
      'last-ping',
      'last-reply',
      'last-received',
      'last-life',
    ),
    replyTimeoutMs: fc.option<number, null>(gridMs, { nil: null }),
    replyClock: fc.constantFrom('enqueued' as const, 'written' as const),
    life,
  },
  { firstMs: gridMs, firstJitterMs: gridMs, granularity },
);

/** One has patience with the pings of the others. */
const pinging: fc.Arbitrary<Mechanism> = fc.oneof(
  sweep,
  ping,
  fc.record({
    kind: fc.constant('pong-timer' as const),
    timeoutMs: gridMs,
    replyClock: fc.constantFrom('enqueued' as const, 'written' as const),
    life,
  }),
);

const others: fc.Arbitrary<Mechanism> = fc.oneof(
  some(
    { kind: fc.constant('receive-deadline' as const), timeoutMs: gridMs, life },
    { granularity },
  ),
  some(
    {
      kind: fc.constant('write-deadline' as const),
      timeoutMs: gridMs,
      judgedAt: fc.constantFrom('deadline' as const, 'next-send' as const),
    },
    { granularity },
  ),
  fc.record({
    kind: fc.constant('send-queue-limit' as const),
    hardBytes: fc.constantFrom(null, 800),
    softBytes: fc.constantFrom(null, 400),
    softForMs: gridMs,
    everyMs: gridMs,
  }),
  fc.record({
    kind: fc.constant('ping-strikes' as const),
    minIntervalMs: gridMs.map((ms) => ms * 5),
    maxStrikes: fc.constantFrom(0, 0, 1, 2, 3),
  }),
  fc.record({ kind: fc.constant('request-deadline' as const), timeoutMs: gridMs }),
  fc.record({
    kind: fc.constant('borrow-check' as const),
    timeoutMs: gridMs,
    freshMs: fc.oneof(fc.constant(0), gridMs),
  }),
  some(
    {
      kind: fc.constant('send-stall' as const),
      progress: fc.constantFrom(
        'bytes-acked' as const,
        'queue' as const,
        'application-ack' as const,
      ),
      graceMs: gridMs,
      everyMs: gridMs,
    },
    { minBytes: fc.constantFrom(1, 2, 300) },
  ),
  fc.record({ kind: fc.constant('peer-closed' as const), everyMs: gridMs }),
  some(
    { kind: fc.constant('idle' as const), timeoutMs: gridMs.map((ms) => ms * 2) },
    { granularity },
  ),
  some(
    { kind: fc.constant('age' as const), maxMs: gridMs.map((ms) => ms * 10) },
    { jitterPercent: fc.constantFrom(10, 50, 100) },
  ),
);

const healthy = fc.oneof({ weight: 1, arbitrary: pinging }, { weight: 2, arbitrary: others });

export const anyMechanism: fc.Arbitrary<Mechanism> = fc
  .tuple(healthy, lost)
  .map(([mechanism, loss]) => (loss === undefined ? mechanism : { ...mechanism, lost: loss }));

export const anyMechanisms = fc.oneof(
  { weight: 4, arbitrary: fc.array(anyMechanism, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.array(pinging, { minLength: 2, maxLength: 3 }) },
  // Alone, before any other has ended it: the verdicts of those that take long are seen.
  { weight: 3, arbitrary: others.map((one) => [one]) },
);

/** A policy of these mechanisms. */
export function policyOf(...mechanisms: readonly Mechanism[]): Policy {
  return { schemaVersion: 1, name: 'under-test', title: 'under test', mechanisms };
}

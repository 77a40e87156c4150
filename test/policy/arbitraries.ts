/** Random policies as users write them, and ways to spoil or reorder a JSON value. */
import * as fc from 'fast-check';

/** A duration within limits, as a number or as text that means the same. */
function durationJson(minMs: number, maxMs: number, stepMs = 1): fc.Arbitrary<number | string> {
  return fc
    .tuple(fc.integer({ min: minMs / stepMs, max: maxMs / stepMs }), fc.boolean())
    .map(([steps, asText]) => (asText ? `${steps * stepMs}ms` : steps * stepMs));
}

const hourMs = 3_600_000;
const some = durationJson(1, hourMs);
const seconds = durationJson(1_000, 32_767_000, 1_000);
const life = fc.uniqueArray(fc.constantFrom('pong', 'message', 'any-byte'), { minLength: 1 });
const lost = fc.constantFrom('timer', 'verdict');

function mechanism(
  kind: string,
  required: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
): fc.Arbitrary<Record<string, unknown>> {
  const all = { kind: fc.constant(kind), ...required, ...optional, lost };
  return fc.record(all, {
    requiredKeys: ['kind', ...Object.keys(required)] as ('kind' | 'lost')[],
    noNullPrototype: true,
  });
}

const mechanismJson = fc.oneof(
  mechanism(
    'sweep',
    { intervalMs: some },
    { timer: fc.constantFrom('shared', 'per-connection'), ping: fc.boolean(), life },
  ),
  mechanism(
    'ping',
    { intervalMs: some, replyTimeoutMs: fc.option(some) },
    {
      after: fc.constantFrom('last-ping', 'last-reply', 'last-received'),
      replyClock: fc.constantFrom('enqueued', 'written'),
      life,
    },
  ),
  mechanism('keepalive', {
    idleMs: seconds,
    intervalMs: seconds,
    probes: fc.integer({ min: 1, max: 127 }),
  }),
  mechanism('user-timeout', { timeoutMs: durationJson(1, 2 ** 31 - 1) }),
  mechanism(
    'send-stall',
    { graceMs: some },
    { progress: fc.constantFrom('bytes-acked', 'queue', 'application-ack'), everyMs: some },
  ),
  mechanism('peer-closed', {}, { everyMs: some }),
  mechanism('idle', { timeoutMs: some }),
  mechanism('age', { maxMs: some }),
  mechanism('drain', { deadlineMs: fc.option(durationJson(0, hourMs)) }),
);

const once = new Set<unknown>(['keepalive', 'user-timeout', 'drain']);
const mechanismsJson = fc
  .array(mechanismJson, { maxLength: 5 })
  .map((list) =>
    list.filter(
      ({ kind }, index) =>
        !once.has(kind) || list.findIndex((other) => other['kind'] === kind) === index,
    ),
  );

const prose = fc.string({ minLength: 1, maxLength: 40 });

/** Any policy that the parser must take. */
export const policyJson: fc.Arbitrary<Record<string, unknown>> = fc.record(
  {
    schemaVersion: fc.constant(1),
    name: fc.stringMatching(/^[a-z0-9]{1,8}([.-][a-z0-9]{1,8}){0,3}$/),
    title: prose,
    claim: prose,
    truth: prose,
    source: prose,
    mechanisms: mechanismsJson,
  },
  { requiredKeys: ['name', 'mechanisms'], noNullPrototype: true },
);

/** The same value with the keys of every object in another order. */
export function shuffled(value: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(value)) return fc.tuple(...value.map(shuffled));
  if (typeof value !== 'object' || value === null) return fc.constant(value);
  const entries = Object.entries(value);
  return fc
    .tuple(
      fc.shuffledSubarray(entries, { minLength: entries.length }),
      fc.tuple(...entries.map(([, field]) => shuffled(field))),
    )
    .map(([order, fields]) =>
      Object.fromEntries(
        order.map(([key]) => [key, fields[entries.findIndex(([k]) => k === key)]]),
      ),
    );
}

const junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    'sweep',
    'pong',
    '30s',
    '0ms',
    -1,
    0,
    0.5,
    1,
    1e12,
    [],
    {},
  ),
  fc.integer({ min: -10, max: 40_000_000 }),
  fc.string({ maxLength: 5 }),
);
const junkKey = fc.constantFrom(
  'extra',
  'kind',
  'lost',
  '__proto__',
  'constructor',
  '$schema',
  'Kind',
);

/** The value with one thing spoilt somewhere: a field replaced, dropped or added. */
export function spoilt(value: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(value)) {
    const inside = value.map((item, index) => spoilt(item).map((bad) => value.with(index, bad)));
    return fc.oneof(junk, fc.constant([...value, ...value]), ...inside);
  }
  if (typeof value !== 'object' || value === null) return junk;
  const record = value as Record<string, unknown>;
  const inside = Object.keys(record).flatMap((key) => [
    spoilt(record[key]).map((bad) => Object.assign({}, record, { [key]: bad })),
    fc.constant(Object.fromEntries(Object.entries(record).filter(([other]) => other !== key))),
  ]);
  const added = fc
    .tuple(junkKey, junk)
    .map(([key, bad]) => Object.fromEntries([...Object.entries(record), [key, bad]]));
  return fc.oneof(added, ...inside);
}

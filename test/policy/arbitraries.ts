/** Random policies as users write them, and ways to spoil or reorder a JSON value. */
import * as fc from 'fast-check';
import { tapeChoices } from '../../scenarios/swarm/choices.ts';
import { drawnPolicyJson } from '../../scenarios/swarm/policies.ts';

type Json = Record<string, unknown>;

<<<<<<< HEAD
const hourMs = 3_600_000;
const some = durationJson(1, hourMs);
const seconds = durationJson(1_000, 32_767_000, 1_000);
const life = fc.uniqueArray(
  fc.constantFrom(
    'pong',
    'matching-pong',
    'ping',
    'message',
    'any-byte',
    'send-accepted',
    'drained',
  ),
  { minLength: 1 },
);
const lost = fc.constantFrom('timer', 'verdict');
const verdict = fc.constantFrom('destroy', 'reset', 'close', 'flush');
const replyClock = fc.constantFrom('enqueued', 'written');
const granularity = fc.record(
  {
    everyMs: some,
    direction: fc.constantFrom('up', 'down'),
    grid: fc.constantFrom('process', 'connection'),
  },
  { requiredKeys: ['everyMs'], noNullPrototype: true },
);

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

const pinging = [
  mechanism(
    'sweep',
    { intervalMs: some },
    {
      timer: fc.constantFrom('shared', 'per-connection'),
      ping: fc.boolean(),
      life,
      misses: fc.integer({ min: 1, max: 100 }),
      skipAfter: life,
      whileClosing: fc.boolean(),
      verdict,
    },
  ),
  mechanism(
    'ping',
    { intervalMs: some, replyTimeoutMs: fc.option(some) },
    {
      after: fc.constantFrom('last-ping', 'last-reply', 'last-received', 'last-life'),
      firstMs: some,
      firstJitterMs: some,
      replyClock,
      life,
      answeredBy: fc.constantFrom('websocket', 'application'),
      granularity,
      verdict,
    },
  ),
  mechanism('pong-timer', { timeoutMs: some }, { replyClock, life, verdict }),
];

const deadlines = [
  mechanism('receive-deadline', { timeoutMs: some }, { life, granularity, verdict }),
  mechanism(
    'write-deadline',
    { timeoutMs: some },
    { judgedAt: fc.constantFrom('deadline', 'next-send'), granularity, verdict },
  ),
  mechanism('handshake-deadline', { timeoutMs: some }, { granularity, verdict }),
  mechanism('request-deadline', { timeoutMs: some }, { verdict }),
  mechanism('borrow-check', { timeoutMs: some }, { freshMs: durationJson(0, hourMs), verdict }),
  mechanism(
    'close-handshake',
    { timeoutMs: fc.option(durationJson(0, hourMs)) },
    { clock: replyClock },
  ),
  mechanism('idle', { timeoutMs: some }, { granularity }),
  mechanism('age', { maxMs: some }, { jitterPercent: fc.nat(100) }),
  mechanism('drain', { deadlineMs: fc.option(durationJson(0, hourMs)) }),
];

const bytes = fc.option(fc.integer({ min: 1, max: 2 ** 32 }));
const limits = [
  mechanism(
    'send-queue-limit',
    { hardBytes: bytes },
    { softBytes: bytes, softForMs: some, everyMs: some, verdict },
  ),
  mechanism('ping-strikes', { minIntervalMs: some }, { maxStrikes: fc.nat(100), verdict }),
  mechanism(
    'send-stall',
    { graceMs: some },
    {
      progress: fc.constantFrom('bytes-acked', 'queue', 'application-ack'),
      everyMs: some,
      verdict,
    },
  ),
  mechanism('peer-closed', {}, { everyMs: some, verdict }),
];

const kernelOptions = [
  mechanism('keepalive', {
    idleMs: seconds,
    intervalMs: seconds,
    probes: fc.integer({ min: 1, max: 127 }),
  }),
  mechanism('user-timeout', { timeoutMs: durationJson(1, 2 ** 31 - 1) }),
];

const mechanismJson = fc.oneof(...pinging, ...deadlines, ...limits, ...kernelOptions);

const peerHeartbeat = fc.record(
  {
    everyMs: some,
    sign: fc.constantFrom('ping', 'pong', 'message'),
    bytes: fc.integer({ min: 1, max: 65_536 }),
    sentBy: fc.constantFrom('websocket', 'application'),
  },
  { requiredKeys: ['everyMs'], noNullPrototype: true },
);

const once = new Set<unknown>(['keepalive', 'user-timeout', 'close-handshake', 'drain']);
const mechanismsJson = fc
  .array(mechanismJson, { maxLength: 5 })
  .map((list) =>
    list.filter(
      ({ kind }, index) =>
        !once.has(kind) || list.findIndex((other) => other['kind'] === kind) === index,
    ),
=======
/** Every duration as text that means the same. */
function withTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      name.endsWith('Ms') && typeof field === 'number' ? `${field}ms` : withTexts(field),
    ]),
>>>>>>> c158eba (One source of drawn policies for swarm and properties; properties seeded by the commit or GHOSTBOUND_SEED; what is proved, in one table)
  );
}

/** What a policy does, drawn as the swarm draws it; shorter tapes and smaller words are plainer policies. */
const drawn: fc.Arbitrary<Json> = fc
  .tuple(fc.array(fc.nat(), { maxLength: 120 }), fc.boolean(), fc.boolean())
  .map(([tape, wild, asText]) => {
    const json = drawnPolicyJson(tapeChoices(tape), wild ? 'wild' : 'written');
    return (asText ? withTexts(json) : json) as Json;
  });

const prose = fc.string({ minLength: 1, maxLength: 40 });

const head: fc.Arbitrary<Json> = fc.record(
  {
    schemaVersion: fc.constant(1),
    name: fc.stringMatching(/^[a-z0-9]{1,8}([.-][a-z0-9]{1,8}){0,3}$/),
    title: prose,
    claim: prose,
    truth: prose,
    source: prose,
  },
  { requiredKeys: ['name'], noNullPrototype: true },
);

/** Any policy that the parser must take. */
export const policyJson: fc.Arbitrary<Json> = fc
  .tuple(head, drawn)
  .map(([said, does]) => ({ ...said, ...does }));

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

/** Random policies as users write them, and ways to spoil or reorder a JSON value. */
import * as fc from 'fast-check';
import { tapeChoices } from '../../scenarios/swarm/choices.ts';
import { drawnPolicyJson } from '../../scenarios/swarm/policies.ts';

type Json = Record<string, unknown>;

/** Every duration as text that means the same. */
function withTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      name.endsWith('Ms') && typeof field === 'number' ? `${field}ms` : withTexts(field),
    ]),
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

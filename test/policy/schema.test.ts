/** The published JSON Schemas and the parsers come from one description: they must agree on everything. */
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import type { JsonSchema } from '@valibot/to-json-schema';
import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../model/duration.ts';
import { formatIssue, type Result } from '../../model/issue.ts';
import { parsePolicy, presets } from '../../model/policy/index.ts';
import { parseScenario } from '../../model/scenario/index.ts';
import { jsonSchemas as schemas, schemaText } from '../../scripts/json-schemas.ts';
import { shareParts } from '../../scripts/shared-parts.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { policyJson, spoilt } from './arbitraries.ts';
import { cases } from '../support/property.ts';

const ajv = new Ajv2020({
  strict: true,
  allErrors: true,
  strictTypes: false,
  strictRequired: false,
});
const validators = Object.fromEntries(
  Object.entries(schemas).map(([name, schema]) => [name, ajv.compile(schema as object)]),
);
const validator = (name: string): ValidateFunction => {
  const found = validators[name];
  if (found === undefined) throw new Error(`no schema ${name}`);
  return found;
};

/** Text that means a duration, as the number it means: there the schema can check limits too. */
function inMilliseconds(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => inMilliseconds(item));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([k, field]) => [k, inMilliseconds(field, k)]);
    return Object.fromEntries(entries) as unknown;
  }
  if (typeof value !== 'string' || !key.endsWith('Ms')) return value;
  const ms = parseDuration(value, key);
  return ms.ok ? ms.value : value;
}

/** Why parser and schema disagree about the value; null when they agree. */
function disagreement(
  parse: (json: unknown, origin: string) => Result<unknown>,
  validate: ValidateFunction,
  json: unknown,
): string | null {
  if (parse(json, '').ok && !validate(json)) return ajv.errorsText(validate.errors);
  const numbers = inMilliseconds(json);
  const parsed = parse(numbers, '');
  if (validate(numbers) === parsed.ok) return null;
  // What fields that are right cannot say together is the parser's business: the schema speaks of fields.
  if (!parsed.ok && parsed.issues.every(({ code }) => code === 'not-played')) return null;
  return parsed.ok ? ajv.errorsText(validate.errors) : parsed.issues.map(formatIssue).join('; ');
}

describe('parser and schema agree', () => {
  test('on policies, good and spoilt', () => {
    fc.assert(
      fc.property(policyJson, (json) => {
        expect(parsePolicy(json, '')).toMatchObject({ ok: true });
        expect(disagreement(parsePolicy, validator('policy'), json)).toBeNull();
      }),
      cases(100),
    );
    fc.assert(
      fc.property(policyJson.chain(spoilt), (json) => {
        expect(disagreement(parsePolicy, validator('policy'), json)).toBeNull();
      }),
      cases(2_000),
    );
  });

  test('on scenarios, good and spoilt', () => {
    const builtIn = fc.constantFrom(...Object.values(scenarios));
    fc.assert(
      fc.property(builtIn.chain(spoilt), (json) => {
        expect(disagreement(parseScenario, validator('scenario'), json)).toBeNull();
      }),
      cases(2_000),
    );
  });
});

describe('schemas of outputs', () => {
  test('lists of everything built in fit theirs', () => {
    const policies = { schemaVersion: 1, policies: Object.values(presets) };
    expect(validator('policies')(policies), ajv.errorsText(validator('policies').errors)).toBe(
      true,
    );
    const all = { schemaVersion: 1, scenarios: Object.values(scenarios) };
    expect(validator('scenarios')(all), ajv.errorsText(validator('scenarios').errors)).toBe(true);
  });

  test('a timeline entry may carry details, and only scalars', () => {
    const run = {
      schemaVersion: 1,
      policy: 'none',
      scenario: 'vanish-idle',
      seed: '1',
      outcome: 'undetected',
      faultAtMs: 12.5,
      decidedAtMs: null,
      closedAtMs: null,
      kernelClosedAtMs: null,
      releasedAtMs: null,
      reason: '',
      endedAlive: null,
      watchedMs: 0,
      watchedOut: true,
      digest: '0',
      warnings: [],
      events: [{ atMs: 0, where: 'wire', event: 'segment', bytes: 2, flags: 'S' }],
    };
    const validate = validator('run');
    expect(validate(run), ajv.errorsText(validate.errors)).toBe(true);
    expect(validate({ ...run, events: [{ atMs: 0, where: 'wire', event: 'x', y: {} }] })).toBe(
      false,
    );
    expect(validate({ ...run, extra: 1 })).toBe(false);
    expect(validate({ ...run, outcome: 'vanished' })).toBe(false);
  });
});

describe('schema files', () => {
  const folder = new URL('../../schema/', import.meta.url);

  test('are what npm run generate would write', async () => {
    for (const [name, schema] of Object.entries(schemas)) {
      const file = readFileSync(new URL(`${name}.json`, folder), 'utf8');
      expect(file, `schema/${name}.json is stale: npm run generate`).toBe(await schemaText(schema));
    }
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    expect(names.toSorted()).toEqual(
      Object.keys(schemas)
        .map((name) => `${name}.json`)
        .toSorted(),
    );
  });

  test('every field says what it is', () => {
    const undescribed: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      const { properties = {}, $defs = {} } = node as Record<string, Record<string, object>>;
      for (const [name, field] of Object.entries({ ...properties, ...$defs })) {
        const said = ['description', 'anyOf', 'const', '$ref'].some((key) => key in field);
        if (!said) undescribed.push(`${path}.${name}`);
      }
      for (const [key, child] of Object.entries(node)) visit(child, `${path}/${key}`);
    };
    for (const [name, schema] of Object.entries(schemas)) visit(schema, name);
    expect(undescribed).toEqual([]);
  });
});

describe('parts of a schema that occur more than once', () => {
  /** With each reference replaced by what it refers to. */
  function inlined(schema: object): object {
    const { $defs = {}, ...rest } = schema as { $defs?: Record<string, unknown> };
    const follow = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      if (Array.isArray(value)) return value.map(follow);
      const { $ref, ...own } = value as Record<string, unknown>;
      const part = typeof $ref === 'string' ? follow($defs[$ref.slice('#/$defs/'.length)]) : {};
      const followed = Object.entries(own).map(([key, one]) => [key, follow(one)]);
      return { ...(part as object), ...Object.fromEntries(followed) };
    };
    return follow(rest) as object;
  }

  test.each(Object.entries(schemas))('%s: are written once, and mean the same', (_name, schema) => {
    const whole = inlined(schema);
    expect(JSON.stringify(whole)).not.toContain('$ref');
    expect(inlined(shareParts(whole))).toEqual(whole);
  });

  test('data that looks like a schema, and properties named like keywords, stay themselves', () => {
    const long = {
      type: 'string' as const,
      description: 'longer than what refers to it would be, so that it is worth a name',
    };
    const schema: JsonSchema = {
      type: 'object',
      properties: { default: long, first: long, enum: { type: 'array', items: long } },
      default: long,
      examples: [long, long],
    };
    expect(shareParts(schema)).toEqual({
      ...schema,
      properties: {
        default: { $ref: '#/$defs/first' },
        first: { $ref: '#/$defs/first' },
        enum: { type: 'array', items: { $ref: '#/$defs/first' } },
      },
      $defs: { first: long },
    });
  });
});

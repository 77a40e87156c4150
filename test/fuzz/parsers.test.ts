/**
 * Every parser on input that nobody writes on purpose: it answers with a value or with issues, never throws, and each issue
 * says where, what was there and what may stand there, on one line. What is right comes back as it was.
 */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  certify,
  checkCertificate,
  formatIssue,
  parseStack,
  builtInStacks,
  parsePolicy,
  parseScenario,
  presets,
  scenarios,
  selectPolicies,
  selectScenarios,
  swarmScenario,
  verify,
  type Issue,
  type Result,
} from '../../index.ts';
import { parseJson } from '../../cli/files/json.ts';
import { parseKernelTrace } from '../../lab/conform/parse.ts';
import { parseDuration } from '../../model/duration.ts';
import { catalogue } from '../../model/policy/index.ts';
import { parseSeed } from '../../sim/random.ts';
import { policyJson } from '../policy/arbitraries.ts';
import { cases } from '../support/property.ts';
import { anyJson, anyValue, mutatedText, nested } from './inputs.ts';

const ORIGIN = 'fuzz.json';

/** An issue quotes what it found, and what may stand there instead: never the whole document. */
const LONGEST_LINE = 4_000;

// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f]/;

/** What is wrong with an issue; undefined = nothing. */
function fault(issue: Issue, origin: string): string | undefined {
  const { code, path, expected, received } = issue;
  const line = formatIssue(issue);
  if (!/^[a-z]+(-[a-z]+)*$/.test(code)) return `the code ${code} is none`;
  if (!path.startsWith(origin)) return `${path} does not say where`;
  if (received === '') return `it does not say what was there: ${line}`;
  if (expected === '') return `it does not say what to write: ${line}`;
  if (line.length > LONGEST_LINE) return `${line.length} characters: ${line.slice(0, 200)}`;
  if (UNPRINTABLE.test(line)) return `it is not one line of text: ${JSON.stringify(line)}`;
  return undefined;
}

/** What is wrong with an answer; undefined = nothing. */
function faults(result: Result<unknown>, origin: string): string | undefined {
  if (result.ok) return undefined;
  if (result.issues.length === 0) return 'refused without a reason';
  return result.issues.map((issue) => fault(issue, origin)).find((found) => found !== undefined);
}

interface Parser {
  readonly parse: (json: unknown, origin: string) => Result<unknown>;
  readonly valid: fc.Arbitrary<unknown>;
}

const folder = new URL('../kernel-traces/', import.meta.url);
const traces = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));

function certificate(): unknown {
  const [policy, scenario] = [presets['alive-flag-sweep'], scenarios['vanish-idle']];
  if (policy === undefined || scenario === undefined) throw new Error('both are built in');
  const found = verify(policy, { scenarios: [scenario], runs: 2, phases: 2 });
  return JSON.parse(JSON.stringify(certify(policy, found)));
}

const drawnScenario = fc.nat(9_999).map((index) => swarmScenario(1n, `swarm-${index}`));

const parsers: Readonly<Record<string, Parser>> = {
  parsePolicy: { parse: parsePolicy, valid: policyJson },
  parseScenario: {
    parse: parseScenario,
    valid: fc.oneof(fc.constantFrom(...Object.values(scenarios)), drawnScenario),
  },
  parseStack: { parse: parseStack, valid: fc.constantFrom(...builtInStacks()) },
  checkCertificate: { parse: checkCertificate, valid: fc.constant(certificate()) },
};

describe.each(Object.entries(parsers))('%s', (_, { parse, valid }) => {
  it('takes what is right, and takes what it gave again', () => {
    fc.assert(
      fc.property(valid, (json) => {
        const once = parse(JSON.parse(JSON.stringify(json)), ORIGIN);
        expect(once.ok ? undefined : once.issues.map(formatIssue)).toBeUndefined();
        expect(once.ok && parse(JSON.parse(JSON.stringify(once.value)), ORIGIN)).toEqual(once);
      }),
      cases(100),
    );
  });

  it('answers any JSON with a value or with issues that help', () => {
    fc.assert(
      fc.property(anyJson(valid), (json) => {
        expect(faults(parse(json, ORIGIN), ORIGIN)).toBeUndefined();
      }),
      cases(700),
    );
  });

  it('answers what no JSON can hold in the same way', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(faults(parse(value, ORIGIN), ORIGIN)).toBeUndefined();
      }),
      cases(300),
    );
  });
});

describe('a document deeper than any stack', () => {
  const lists = nested(200_000, (inner) => [inner]);
  const objects = nested(200_000, (inner) => ({ mechanisms: inner, hops: inner, fault: inner }));
  it.each(Object.entries(parsers))('is refused by %s', (_name, { parse }) => {
    for (const document of [lists, objects]) {
      const answer = parse(document, ORIGIN);
      expect(answer.ok).toBe(false);
      expect(faults(answer, ORIGIN)).toBeUndefined();
    }
  });
});

describe('parseKernelTrace', () => {
  it('answers a mutated recording with a trace or with issues that help', () => {
    const documents = traces.filter(({ length }) => length < 40_000);
    const small = fc.constantFrom(...documents).map((text) => JSON.parse(text) as unknown);
    fc.assert(
      fc.property(anyJson(small), (json) => {
        const text = JSON.stringify(json);
        expect(faults(parseKernelTrace(text, ORIGIN), ORIGIN)).toBeUndefined();
      }),
      cases(80),
    );
  });

  it('answers any text', () => {
    const texts = mutatedText(fc.constantFrom(...traces.filter(({ length }) => length < 20_000)));
    fc.assert(
      fc.property(texts, (text) => {
        expect(faults(parseKernelTrace(text, ORIGIN), ORIGIN)).toBeUndefined();
      }),
      cases(100),
    );
  });
});

describe('text', () => {
  const names = Object.keys(presets);
  const options = catalogue.flatMap(({ policy, options: all }) =>
    all.map((option) => `${policy.name}(${option.name}=30s)`),
  );
  const expression = fc.oneof(
    fc.constantFrom(...names),
    fc.constantFrom('@all', '@founding', '@server', ...options),
  );
  const duration = fc
    .tuple(fc.integer({ min: 0, max: 99_999 }), fc.constantFrom('ms', 's', 'm', 'h', '.5s', ''))
    .map(([count, unit]) => `${count}${unit}`);
  const seed = fc.oneof(
    fc.bigInt(0n, 2n ** 64n - 1n).map(String),
    fc.bigInt(0n, 2n ** 64n - 1n).map((value) => `0x${value.toString(16)}`),
  );

  it.each<[string, (text: string) => Result<unknown>, fc.Arbitrary<string>, string]>([
    ['an expression for policies', selectPolicies, expression, ''],
    [
      'an expression for scenarios',
      selectScenarios,
      fc.constantFrom(...Object.keys(scenarios)),
      '',
    ],
    ['a duration', (text) => parseDuration(text, ORIGIN), duration, ORIGIN],
    ['a seed', (text) => parseSeed(text, ORIGIN), seed, ORIGIN],
    ['a JSON file', (text) => parseJson(text, ORIGIN), fc.json(), ORIGIN],
  ])('%s is read, or refused with issues that help', (_, parse, valid, origin) => {
    fc.assert(
      fc.property(fc.oneof(mutatedText(valid), fc.string({ unit: 'binary' })), (text) => {
        expect(faults(parse(text), origin)).toBeUndefined();
      }),
      cases(200),
    );
  });
});

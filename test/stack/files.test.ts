/** Stacks as files: JSON, JSON with comments, YAML; the schema and the parser agree; chains are refused with the line to write. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { stacksFor } from '../../cli/arguments/stacks.ts';
import { formatIssue } from '../../model/issue.ts';
import { formatStack, parseStack } from '../../model/stack/index.ts';
import { spoilt } from '../policy/arbitraries.ts';
import { SEED } from '../support/seed.ts';

const folder = mkdtempSync(join(tmpdir(), 'ghostbound-stacks-'));
afterAll(() => rmSync(folder, { recursive: true }));

function said(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  const read = stacksFor([path]);
  if (!read.ok) return read.issues.map(formatIssue).join('\n').replaceAll(`${folder}/`, '');
  return formatStack(read.value[0]?.thing as never) ?? '';
}

const full = {
  $schema: 'https://unpkg.com/ghostbound/schema/stack.json',
  schemaVersion: 1,
  name: 'edge',
  title: 'Browser to pod',
  parties: [
    { system: 'browser', name: 'the page', options: { heartbeat: '30s', sends: 'flat-out' } },
    { system: 'nginx', options: { proxy_read_timeout: 75, so_keepalive: true, pool: '60s' } },
    { policy: { name: 'mine', mechanisms: [{ kind: 'age', maxMs: 60_000 }] } },
  ],
  links: [
    { rttMs: 80, jitterMs: 5, lossPercent: 1, boxes: [{ system: 'nat', options: { idle: '5m' } }] },
    { boxes: [] },
  ],
  orchestrator: { system: 'kubernetes', options: { preStop: '5s' } },
  lint: { off: [{ rule: 'linux-only', because: 'it runs on Linux' }] },
};

const stack = '{ "name": "s", "parties": [{ "system": "browser" }, { "system": "ws" }] }';

describe('a file', () => {
  it.each([
    ['a.json', stack, 'browser > ws'],
    ['a.jsonc', stack.replace('{', '{ // mine\n'), 'browser > ws'],
    [
      'a.yaml',
      'name: s\nparties:\n  - system: browser\n  - { system: ws, options: { interval: 10s } }\n',
      'browser > ws(interval=10s)',
    ],
    ['b.yml', 'name: s\nparties: [\n', 'b.yml: line 3 column 1: received'],
    [
      'c.yaml',
      'name: s\nparties:\n - system: browser\n - system: wz\n',
      'c.yaml: parties[1].system: received "wz"; expected a server',
    ],
    [
      'd.json',
      '{ "name": "s", "parties": [{ "system": "ws" }] }',
      'd.json: parties: received a list of length 1',
    ],
    [
      'e.json',
      '{ "name": "s", "parties": [{}, { "system": "ws" }] }',
      'e.json: parties[0]: takes a system or a policy',
    ],
    [
      'f.json',
      '{ "name": "s", "parties": [{ "system": "client" }, { "system": "ws" }], "links": [] }',
      'f.json: links: received 0; expected 1 links',
    ],
    [
      'g.json',
      '{ "name": "c", "rttMs": 5, "hops": [{ "kind": "client", "heartbeatMs": "30s" }, { "kind": "proxy", "name": "x", "idleMs": "60s" }, { "kind": "server", "preset": "ws(interval=10s)" }, { "kind": "orchestrator", "graceMs": "30s" }] }',
      "(write 'client(heartbeat=30s) > path(rtt=5ms) > proxy(idle=60s) > ws(interval=10s) @ kubernetes(terminationGracePeriodSeconds=30s)')",
    ],
    [
      'h.json',
      '{ "name": "p", "mechanisms": [] }',
      'h.json: this is a policy; --stack reads a stack',
    ],
  ])('%s', (name, text, expected) => {
    expect(said(name, text)).toContain(expected);
  });

  it('of a policy stands in a line', () => {
    const path = join(folder, 'mine.json');
    writeFileSync(path, '{ "name": "mine", "mechanisms": [] }');
    const read = stacksFor([`browser > aws-alb > ${path}`]);
    expect(read.ok && read.value[0]?.thing.parties[2]?.policy?.name).toBe('mine');
  });
});

describe('schema/stack.json', () => {
  const text = readFileSync(new URL('../../schema/stack.json', import.meta.url), 'utf8');
  const ajv = new Ajv2020({ strict: false });
  const validate = ajv.compile(JSON.parse(text) as object);
  /** Which systems there are and what they take is beyond a schema, and so is what a duration's text means. */
  const beyond = new Set([
    'unknown-system',
    'wrong-role',
    'unknown-option',
    'bad-option',
    'not-one',
    'bad-length',
    'doubtful-unit',
  ]);

  it('takes what the parser takes', () => {
    const read = parseStack(full, '');
    expect(read.ok ? [] : read.issues.map(formatIssue)).toEqual([]);
    expect(validate(full), ajv.errorsText(validate.errors)).toBe(true);
  });

  it('refuses what the parser refuses for a field of its own', () => {
    fc.assert(
      fc.property(spoilt(full), (json) => {
        const read = parseStack(json, '');
        const ofField = (read.ok ? [] : read.issues).some(
          ({ code, received, path }) =>
            !beyond.has(code) &&
            !path.includes('.options') &&
            !(code === 'out-of-range' && received.startsWith('"')),
        );
        if (!read.ok && !ofField) return;
        expect(validate(json), ajv.errorsText(validate.errors)).toBe(read.ok);
      }),
      { seed: SEED, numRuns: 1_000 },
    );
  });
});

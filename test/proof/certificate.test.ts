/** Certificates: what was issued is accepted, and nothing else is. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../model/canonical-json.ts';
import {
  certificateDigest,
  checkCertificate,
  type Certificate,
} from '../../model/certificate/index.ts';
import { InputError } from '../../model/issue.ts';
import { presets, type Policy } from '../../model/policy/index.ts';
import type { Verification } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { certify } from '../../proof/certificate.ts';
import { verify } from '../../proof/verify.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { shuffled, spoilt } from '../policy/arbitraries.ts';
import { SEED } from '../support/seed.ts';

const policy = presets['engine.io-v4-server'] as Policy;
const chosen = ['vanish-idle', 'frozen-saturated', 'live-outage-9s'].map(
  (name) => scenarios[name] as Scenario,
);

let found: Verification;
let issued: Certificate;
/** As it is read from a file. */
let json: Record<string, unknown>;
beforeAll(() => {
  found = verify(policy, { scenarios: chosen, runs: 5, phases: 4 });
  issued = certify(policy, found);
  json = JSON.parse(JSON.stringify(issued)) as Record<string, unknown>;
});

/** The changed document with the digest that belongs to it: what an honest mistake cannot do. */
function resigned(changes: object): object {
  const changed = { ...json, ...changes };
  return { ...changed, digest: certificateDigest(changed) };
}

function paths(document: unknown): string[] {
  const checked = checkCertificate(document, 'c.json');
  return checked.ok ? [] : checked.issues.map(({ path }) => path);
}

describe('a certificate', () => {
  it('is accepted as it was issued, in any order of fields', () => {
    expect(checkCertificate(json, '')).toEqual({ ok: true, value: issued });
    fc.assert(
      fc.property(shuffled(json), (other) => {
        expect(paths(other)).toEqual([]);
      }),
      { seed: SEED, numRuns: 20 },
    );
  });

  it('is refused with any change of meaning anywhere in it', () => {
    fc.assert(
      fc.property(spoilt(json), (other) => {
        fc.pre(canonicalJson(other) !== canonicalJson(json));
        expect(paths(other)).not.toEqual([]);
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });

  it('says which field does not fit, also where the digest was made to', () => {
    const mechanisms = [{ ...policy.mechanisms[0], replyTimeoutMs: 19_999 }];
    expect(paths({ ...json, policy: { ...policy, mechanisms } })).toEqual([
      'c.json: policyHash',
      'c.json: digest',
    ]);
    expect(paths({ ...json, seed: '2' })).toEqual(['c.json: digest']);
    expect(paths(resigned({ policy: { ...policy, mechanisms } }))).toEqual(['c.json: policyHash']);
    expect(paths(resigned({ engineVersion: '0-0' }))).toEqual(['c.json: engineVersion']);
    expect(paths(resigned({ schemaVersion: 2 }))).toEqual(['c.json: schemaVersion']);
    const [row, ...rest] = issued.rows;
    expect(paths(resigned({ rows: [{ ...row, verdict: 'false-reap' }, ...rest] }))).toEqual([
      'c.json: rows[0].verdict',
    ]);
    expect(paths(resigned({ rows: [{ ...row, policy: 'other' }, ...rest] }))).toEqual([
      'c.json: rows[0].policy',
    ]);
  });

  it('is not issued for what a witness contradicts, for another policy, or for nothing', () => {
    const [row, ...rest] = found.rows;
    if (row === undefined) throw new Error('there is a row');
    const rows = [{ ...row, verdict: 'false-reap' as const }, ...rest];
    expect(() => certify(policy, { ...found, rows })).toThrow('false-reap on vanish-idle');
    expect(() => certify(presets['none'] as Policy, found)).toThrow(InputError);
    expect(() => certify(policy, { ...found, rows: [] })).toThrow('at least one scenario');
  });
});

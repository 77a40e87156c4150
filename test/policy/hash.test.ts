/** SHA-256 against the standard's examples and against OpenSSL; the policy's fingerprint on top of it. */
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../model/canonical-json.ts';
import {
  definePolicy,
  parsePolicy,
  policyHash,
  presets,
  type Policy,
} from '../../model/policy/index.ts';
import { sha256Hex } from '../../model/sha256.ts';
import { policyJson, shuffled } from './arbitraries.ts';
import { cases } from '../support/property.ts';

describe('sha256Hex', () => {
  // NIST, Secure Hash Standard examples (SHA-256).
  test.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('of %j', (text, digest) => {
    expect(sha256Hex(text)).toBe(digest);
  });

  test('is what OpenSSL says, at every length around the block borders', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        expect(sha256Hex(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
      }),
      cases(300),
    );
    for (let length = 0; length <= 130; length++) {
      const text = 'x'.repeat(length);
      expect(sha256Hex(text)).toBe(createHash('sha256').update(text).digest('hex'));
    }
  });
});

describe('canonicalJson', () => {
  test('sorts keys at every depth and leaves lists alone', () => {
    const value = { b: [{ d: 1, c: null }], a: 'é', u: undefined };
    expect(canonicalJson(value)).toBe('{"a":"é","b":[{"c":null,"d":1}]}');
  });
});

describe('policyHash', () => {
  test('does not see key order or how a duration was written', () => {
    fc.assert(
      fc.property(
        policyJson.chain((json) => fc.tuple(fc.constant(json), shuffled(json))),
        (pair) => {
          const [one, other] = pair.map((json) => parsePolicy(json, ''));
          expect(one?.ok && other?.ok && policyHash(one.value) === policyHash(other.value)).toBe(
            true,
          );
        },
      ),
      cases(100),
    );
    const seconds = definePolicy({ name: 'a', mechanisms: [{ kind: 'sweep', intervalMs: '30s' }] });
    const number = definePolicy({ name: 'b', mechanisms: [{ kind: 'sweep', intervalMs: 30_000 }] });
    expect(policyHash(seconds)).toBe(policyHash(number));
  });

  test('sees every change of what a policy does', () => {
    const policies = Object.values(presets);
    // Some systems do the same as another: Go's keepalive is here under two names.
    const acts = ({ mechanisms, peerHeartbeat, orderlyEnd }: Policy): string =>
      JSON.stringify([mechanisms, peerHeartbeat, orderlyEnd]);
    const distinct = new Set(policies.map(acts));
    expect(distinct.size).toBeGreaterThan(50);
    expect(new Set(policies.map(policyHash)).size).toBe(distinct.size);
    for (const policy of policies) {
      const twins = policies.filter((other) => policyHash(other) === policyHash(policy));
      expect(new Set(twins.map(acts)).size, policy.name).toBe(1);
    }
  });
});

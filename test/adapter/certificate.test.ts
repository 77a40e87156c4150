/** Production takes a certificate in place of the policy, and refuses one that was changed. */
import { beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { attachReaper, InputError, type Certificate } from '../../adapter/ws.ts';
import { presets, type Policy } from '../../model/policy/index.ts';
import { certify } from '../../proof/certificate.ts';
import { verify } from '../../proof/verify.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';

const policy = presets['alive-flag-sweep'] as Policy;
let certificate: Certificate;
beforeAll(() => {
  const on = { scenarios: [scenarios['vanish-idle'] as Scenario], runs: 5, phases: 4 };
  certificate = certify(policy, verify(policy, on));
});

function attach(document: unknown): Policy {
  const server = new WebSocketServer({ noServer: true });
  const reaper = attachReaper(server, document as Certificate);
  reaper.detach();
  server.close();
  return reaper.policy;
}

function refusal(document: unknown): InputError {
  try {
    attach(document);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('attachReaper', () => {
  it('runs the policy of a certificate, as it is read from a file', () => {
    expect(attach(JSON.parse(JSON.stringify(certificate)))).toEqual(policy);
  });

  it.each([
    ['policyHash', () => ({ ...certificate, policy: presets['grpc-5s-1s'] })],
    ['engineVersion', () => ({ ...certificate, engineVersion: '0-0' })],
    ['digest', () => ({ ...certificate, runs: 1_000_000 })],
    ['schemaVersion', () => ({ ...certificate, schemaVersion: 2 })],
    ['policy', () => ({ ...certificate, policy: undefined })],
  ])(
    'refuses one whose %s does not fit, by name, and leaves the server alone',
    (field, changed) => {
      const { issues } = refusal(changed());
      expect(issues.map(({ path }) => path)).toContain(`certificate: ${field}`);
    },
  );
});

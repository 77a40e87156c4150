/** Production takes a certificate in place of the policy, and refuses one that was changed. */
import { beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  attachReaper,
  InputError,
  type Certificate,
  type ReaperOptions,
} from '../../adapter/ws.ts';
import { definePolicy, presets, type Policy } from '../../model/policy/index.ts';
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

function attach(document: unknown, options: ReaperOptions<WebSocket> = {}): Policy {
  const server = new WebSocketServer({ noServer: true });
  const reaper = attachReaper(server, document as Certificate, options);
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

  it('refuses one of a policy that cannot run here as a whole, unless told otherwise', () => {
    const partly = definePolicy({
      name: 'partly',
      mechanisms: [...policy.mechanisms, { kind: 'handshake-deadline', timeoutMs: '10s' }],
    });
    const on = { scenarios: [scenarios['vanish-idle'] as Scenario], runs: 5, phases: 4 };
    const issued = certify(partly, verify(partly, on));
    const [issue, ...others] = refusal(issued).issues;
    expect(others).toEqual([]);
    expect(issue?.path).toBe('policy: mechanisms[1] (handshake-deadline)');
    expect(issue?.hint).toContain('not what was verified');
    expect(attach(issued, { requireAll: false }).mechanisms).toHaveLength(2);
    expect(attach(partly)).toBeDefined();
    expect(() => attach(partly, { requireAll: true })).toThrow(InputError);
  });

  it.each([
    ['policyHash', () => ({ ...certificate, policy: presets['grpc-5s-1s'] })],
    ['engineVersion', () => ({ ...certificate, engineVersion: '0-0' })],
    ['digest', () => ({ ...certificate, runs: 1_000_000 })],
    ['schemaVersion', () => ({ ...certificate, schemaVersion: 2 })],
    ['policy', () => ({ ...certificate, policy: undefined })],
    ['rows', () => ({ ...certificate, rows: [] })],
  ])(
    'refuses one whose %s does not fit, by name, and leaves the server alone',
    (field, changed) => {
      const { issues } = refusal(changed());
      expect(issues.map(({ path }) => path)).toContain(`certificate: ${field}`);
    },
  );
});

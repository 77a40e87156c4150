/** Production takes a certificate in place of the policy, and refuses one that was changed. */
import { beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  attachReaper,
  InputError,
  type Certificate,
  type ReaperOptions,
} from '../../adapter/ws.ts';
import { sysctlOfThisMachine } from '../../adapter/reaper/machine.ts';
import { certificateDigest } from '../../model/certificate/index.ts';
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

describe('a certificate of other machines', () => {
  // The settings of this machine, but for one that is never so small.
  const here = (name: string, assumed: number): number => sysctlOfThisMachine(name) ?? assumed;
  const issuedFor = (change: Readonly<Record<string, number>>): Certificate => {
    const assumes = certificate.assumes.map((one) => {
      const own = Object.entries(one.sysctls).map(([name, value]) => [name, here(name, value)]);
      return { ...one, sysctls: { ...Object.fromEntries(own), ...change } };
    });
    const changed = { ...certificate, assumes };
    return { ...changed, digest: certificateDigest(changed) };
  };

  it('is refused, with the setting that differs; told otherwise, it is a warning', () => {
    expect(attach(issuedFor({}))).toEqual(policy);
    if (sysctlOfThisMachine('net.ipv4.tcp_retries2') === undefined) return;
    const other = issuedFor({ 'net.ipv4.tcp_retries2': 3 });
    const [issue, ...others] = refusal(other).issues;
    expect(others).toEqual([]);
    expect(issue).toMatchObject({
      code: 'other-machine',
      path: 'certificate: assumes net.ipv4.tcp_retries2',
    });
    const warnings: string[] = [];
    attach(other, { requireAll: false, onWarning: ({ code }) => warnings.push(code) });
    expect(warnings).toEqual(['other-machine']);
  });

  it('leaves what cannot be known to the status: the tick', () => {
    const server = new WebSocketServer({ noServer: true });
    const certified = attachReaper(server, issuedFor({}));
    expect(certified.status.unchecked[0]).toBe('HZ = 250 (no process can read it)');
    certified.detach();
    const bare = attachReaper(server, policy);
    expect(bare.status.unchecked).toEqual([]);
    bare.detach();
    server.close();
  });
});

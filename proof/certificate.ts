/** Certificates issued: a verification without contradictions, bound to its policy and decision code. */
import { certificateDigest, type Certificate } from '../model/certificate/index.ts';
import { InputError, type Issue } from '../model/issue.ts';
import { policyHash } from '../model/policy/index.ts';
import type { Policy } from '../model/policy/types.ts';
import { engineVersion } from '../model/reaper/version.ts';
import type { Verification } from '../model/results/types.ts';

function objections({ name }: Policy, { rows }: Verification): Issue[] {
  if (rows.every(({ verdict }) => verdict === 'not-proved')) {
    const expected = 'at least one scenario on which something is proved';
    const received = rows.length === 0 ? '[]' : 'nothing proved';
    return [{ code: 'nothing-verified', path: 'verification.rows', expected, received }];
  }
  return rows.flatMap(({ policy, scenario, verdict }, index) => {
    const path = `verification.rows[${index}]`;
    if (policy !== name) {
      const expected = `a row of ${JSON.stringify(name)}`;
      return [{ code: 'other-policy', path, expected, received: JSON.stringify(policy) }];
    }
    if (verdict === 'agree' || verdict === 'not-proved') return [];
    const received = `${verdict} on ${scenario}`;
    return [{ code: 'not-proved', path, expected: 'witnesses that agree', received }];
  });
}

/**
 * Makes the certificate of a verified policy, which production takes in place of the policy.
 *
 * @param verification what `verify` returned for this very policy; scenarios on which nothing is proved are left out
 * @throws InputError when a witness contradicts, or nothing is proved
 * @example
 * const policy = presets['engine.io-v4-server'];
 * const found = verify(policy, { scenarios: [scenarios['vanish-idle']], runs: 10 });
 * const certificate = certify(policy, found);
 * certificate.policyHash === policyHash(policy) // => true
 * certificate.rows[0].stated.decided.formula // => 'intervalMs + rttMs + replyTimeoutMs − rttMs / 2'
 */
export function certify(policy: Policy, verification: Verification): Certificate {
  const issues = objections(policy, verification);
  if (issues.length > 0) throw new InputError(issues);
  const { schemaVersion, seed, runs, phases, environment } = verification;
  const rows = verification.rows.filter(({ verdict }) => verdict === 'agree');
  const body = {
    schemaVersion,
    kind: 'certificate',
    policy,
    policyHash: policyHash(policy),
    engineVersion: engineVersion(policy),
    seed,
    runs,
    phases,
    ...(environment !== undefined && { environment }),
    rows,
  } as const;
  return { ...body, digest: certificateDigest(body) };
}

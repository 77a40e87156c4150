/** Certificates issued: a verification without contradictions, bound to its policy and decision code. */
import { certificateDigest, type Certificate } from '../model/certificate/index.ts';
import { assumedOf } from '../model/certificate/assumptions.ts';
import { InputError, type Issue } from '../model/issue.ts';
import { policyHash } from '../model/policy/index.ts';
import type { Policy } from '../model/policy/types.ts';
import { MODEL_VERSION } from '../model/reach/version.ts';
import { engineVersion } from '../model/reaper/version.ts';
import type { Verification } from '../model/results/types.ts';
import type { Scenario } from '../model/scenario/types.ts';
import { scenarios as builtInScenarios } from '../scenarios/catalog/index.ts';

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
 * @param verification what `verify` returned for this very policy; scenarios on which nothing is proved are only named
 * @param scenarios those on which it was verified; the built-in ones unless said otherwise
 * @throws InputError when a witness contradicts, or nothing is proved
 * @example
 * const policy = presets['engine.io-v4-server'];
 * const found = verify(policy, { scenarios: [scenarios['vanish-idle']], runs: 10 });
 * const certificate = certify(policy, found);
 * certificate.policyHash === policyHash(policy) // => true
 * certificate.rows[0].stated.decided.proved // => true
 */
export function certify(
  policy: Policy,
  verification: Verification,
  scenarios: readonly Scenario[] = Object.values(builtInScenarios),
): Certificate {
  const issues = objections(policy, verification);
  if (issues.length > 0) throw new InputError(issues);
  const { schemaVersion, seed, runs, phases, environment } = verification;
  const rows = verification.rows.filter(({ verdict }) => verdict === 'agree');
  const proved = rows.map(({ scenario: name }) => {
    const scenario = scenarios.find((one) => one.name === name);
    if (scenario !== undefined) return scenario;
    const expected = 'the scenario of every row';
    throw new InputError([{ code: 'unknown-name', path: 'scenarios', expected, received: name }]);
  });
  const body = {
    schemaVersion,
    kind: 'certificate',
    policy,
    policyHash: policyHash(policy),
    engineVersion: engineVersion(policy),
    modelVersion: MODEL_VERSION,
    assumes: assumedOf(proved),
    sampledOnly: verification.rows.flatMap(({ scenario, verdict }) =>
      verdict === 'not-proved' ? [scenario] : [],
    ),
    scenarios: proved,
    seed,
    runs,
    phases,
    ...(environment !== undefined && { environment }),
    rows,
  } as const;
  return { ...body, digest: certificateDigest(body) };
}

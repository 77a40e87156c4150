/**
 * No error and no warning that a simulated life does not show: the life that a finding names is played again, and what
 * the finding says of it is looked up in its result. Every built-in policy, and random ones.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presets, parsePolicy } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Finding } from '../../model/lint/index.ts';
import type { RunResult } from '../../model/results/types.ts';
import { lint } from '../../proof/lint/index.ts';
import { simulate } from '../../scenarios/run.ts';
import { policyJson } from '../policy/arbitraries.ts';
import { asMany } from '../support/effort.ts';
import { share } from '../support/share.ts';

const RANDOM_POLICIES = asMany(12);
/** On a machine that others use as well. */
const LONG_MS = 600_000;
const SEED = 20_261_130;

/** Whether the result of a run is what a finding says must be seen, read from what everybody can read. */
function shows(run: RunResult, finding: Finding): boolean {
  const { expect: expected } = finding;
  const { faultAtMs, decidedAtMs, outcome, endedAlive } = run;
  switch (expected?.kind) {
    case 'ended-alive':
      return endedAlive !== null && !endedAlive.inOrder;
    case 'never-noticed':
      return outcome === 'undetected';
    case 'never-closed':
      return decidedAtMs !== null && run.closedAtMs === null;
    case 'ghost-longer-than':
      if (faultAtMs === null) return false;
      return decidedAtMs === null || decidedAtMs - faultAtMs > expected.ms;
    case 'path-forgets':
      return faultAtMs !== null;
    case 'stop-longer-than': {
      const takes = run.fleet?.find(({ name }) => name === 'drain takes');
      return takes !== undefined && (takes.value ?? Infinity) > expected.ms;
    }
    default:
      return false;
  }
}

/** Findings that nothing shows. */
function unshown(policy: Policy): readonly string[] {
  return lint(policy).flatMap((finding) => {
    const { rule, severity, played, scenario, seed, index } = finding;
    if (severity === 'note') return [];
    if (played === undefined || scenario === undefined) return [`${rule}: no life`];
    if (seed === undefined || index === undefined) return [`${rule}: no run`];
    const run = simulate(played, scenario, { seed, run: index });
    return shows(run, finding) ? [] : [`${policy.name} ${rule}: ${run.outcome}, ${run.reason}`];
  });
}

describe('every error and warning is shown by the life that it names', () => {
  it('of every built-in policy', { timeout: LONG_MS }, () => {
    expect(share(Object.values(presets), 8).flatMap(unshown)).toEqual([]);
  });

  it(`of ${RANDOM_POLICIES} random policies, seed ${SEED}`, { timeout: LONG_MS }, () => {
    let findings = 0;
    fc.assert(
      fc.property(policyJson, (json) => {
        const parsed = parsePolicy(json, '');
        fc.pre(parsed.ok);
        findings += lint(parsed.value).length;
        expect(unshown(parsed.value)).toEqual([]);
      }),
      { seed: SEED, numRuns: RANDOM_POLICIES },
    );
    expect(findings).toBeGreaterThan(RANDOM_POLICIES);
  });

  it('and named policies that were once accused wrongly are acquitted', () => {
    for (const name of ['gorilla-chat', 'centrifuge', 'signalr-send-timeout', 'kestrel']) {
      const rules = lint(presets[name] as Policy).map(({ rule }) => rule);
      expect(rules, name).not.toContain('kills-healthy-client');
    }
  });
});

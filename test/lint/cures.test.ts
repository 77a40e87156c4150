/**
 * Cures are tried: the patch that a finding carries is applied, and the finding is gone, and nothing worse than it has
 * come. Every built-in policy, random ones, and the public cases.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineChain, type Chain } from '../../model/chain/index.ts';
import { cured, severities, type Finding } from '../../model/lint/index.ts';
import { parsePolicy, presets } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { lint } from '../../proof/lint/index.ts';
import { policyJson } from '../policy/arbitraries.ts';
import { chains } from './chains.ts';
import { share } from '../support/share.ts';

const RANDOM_POLICIES = Number(process.env['GHOSTBOUND_LINT_POLICIES'] ?? 10);
/** On a machine that others use as well. */
const LONG_MS = 600_000;
const SEED = Number(process.env['GHOSTBOUND_LINT_SEED'] ?? 20_261_131);

const weight = ({ severity }: Finding): number => severities.indexOf(severity);

/** What is wrong with the cure of each finding. */
function failures(subject: Policy | Chain): readonly string[] {
  const before = lint(subject);
  return before.flatMap((finding) => {
    if (finding.cure === undefined) return [];
    const after = cured(subject, finding.cure);
    const said = `${subject.name}, ${finding.rule}`;
    if (!after.ok) return [`${said}: ${after.issues[0]?.path ?? ''} is no policy or chain`];
    const found = lint(after.value);
    const stays = found.some(({ rule, path }) => rule === finding.rule && path === finding.path);
    const worse = found.filter(
      (one) =>
        weight(one) < weight(finding) &&
        !before.some(({ rule, severity }) => rule === one.rule && severity === one.severity),
    );
    return [
      ...(stays ? [`${said}: still there`] : []),
      ...worse.map(({ rule, severity }) => `${said}: ${severity} ${rule} has come`),
    ];
  });
}

describe('after the cure', () => {
  it(
    'of every built-in policy the finding is gone and nothing worse has come',
    { timeout: LONG_MS },
    () => {
      expect(share(Object.values(presets), 5).flatMap(failures)).toEqual([]);
    },
  );

  it.each(Object.entries(chains))('of %s', (_name, input) => {
    expect(failures(defineChain(input))).toEqual([]);
  });

  it(`of ${RANDOM_POLICIES} random policies, seed ${SEED}`, { timeout: LONG_MS }, () => {
    fc.assert(
      fc.property(policyJson, (json) => {
        const parsed = parsePolicy(json, '');
        fc.pre(parsed.ok);
        expect(failures(parsed.value)).toEqual([]);
      }),
      { seed: SEED, numRuns: RANDOM_POLICIES },
    );
  });
});

describe('after the cure that worked in the public case', () => {
  const rules = (chain: Chain): readonly string[] => lint(chain).map(({ rule }) => rule);

  it('JuliaWeb/HTTP.jl#1331: a pool that lets go after 90 s, or a heartbeat of 30 s', () => {
    const path = new Set([
      'pool-outlives-path',
      'path-forgets-before-ping',
      'path-idle-below-two-heartbeats',
    ]);
    const http = chains['http-jl'];
    if (http === undefined) throw new Error('no such chain');
    expect(rules(defineChain(http))).toContain('pool-outlives-path');
    const [client, ...others] = http.hops;
    for (const change of [{ poolIdleMs: '90s' }, { heartbeatMs: '30s' }]) {
      const hops = [{ ...client, ...change }, ...others] as typeof http.hops;
      expect(rules(defineChain({ ...http, hops })).filter((rule) => path.has(rule))).toEqual([]);
    }
  });
});

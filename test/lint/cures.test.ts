/**
 * Cures are tried: the patch that a finding carries is applied, and the finding is gone, and nothing worse than it has
 * come. Every built-in policy, random ones, and the public cases.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cured, severities, type Finding } from '../../model/lint/index.ts';
import { parsePolicy, presets } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { lint } from '../../proof/lint/index.ts';
import type { Stack } from '../../model/stack/index.ts';
import { policyJson } from '../policy/arbitraries.ts';
import { stacks } from './public-stacks.ts';
import { stackOf } from '../support/stack-of.ts';
import { asMany } from '../support/effort.ts';
import { share } from '../support/share.ts';

const RANDOM_POLICIES = asMany(4);
/** On a machine that others use as well. */
const LONG_MS = 600_000;
const SEED = 20_261_131;

const weight = ({ severity }: Finding): number => severities.indexOf(severity);

/** What is wrong with the cure of each finding. */
function failures(subject: Policy | Stack): readonly string[] {
  const before = lint(subject);
  return before.flatMap((finding) => {
    if (finding.cure === undefined) return [];
    const after = cured(subject, finding.cure);
    const said = `${subject.name}, ${finding.rule}`;
    if (!after.ok) return [`${said}: ${after.issues[0]?.path ?? ''} is no policy or stack`];
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
      expect(share(Object.values(presets), 32).flatMap(failures)).toEqual([]);
    },
  );

  it.each(share(Object.entries(stacks), 4))('of %s', (_name, stack) => {
    expect(failures(stack)).toEqual([]);
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
  const heavy = (line: string): readonly string[] =>
    lint(stackOf(line)).flatMap(({ rule, severity }) => (severity === 'note' ? [] : [rule]));

  it.each([
    // JuliaWeb/HTTP.jl#1331: a pool that lets go after 90 s, or a heartbeat of 30 s.
    [
      'pool-outlives-path',
      'client(pool=infinity) > azure-lb > none',
      'client(pool=90s) > azure-lb > none',
    ],
    [
      'pool-outlives-path',
      'client(pool=infinity) > azure-lb > none',
      'client(pool=infinity, heartbeat=30s) > azure-lb > none',
    ],
    // Node behind an ALB: keepAliveTimeout above the idle timeout.
    [
      'server-closes-before-pool',
      'browser > aws-alb > node',
      'browser > aws-alb > node(keepAliveTimeout=65s)',
    ],
    // envoyproxy/go-control-plane#449: pings as rare as MinTime allows.
    [
      'ping-faster-than-min-time',
      'client(heartbeat=30s) > grpc',
      'client(heartbeat=30s) > grpc(MinTime=10s)',
    ],
    // nextcloud/HaRP#115: timeout tunnel supersedes timeout client.
    [
      'path-forgets-before-ping',
      'client > haproxy(client=30s) > ws(interval=60s)',
      'client > haproxy(client=30s, tunnel=1h) > ws(interval=60s)',
    ],
  ])('%s: %s', (rule, before, after) => {
    expect(heavy(before)).toContain(rule);
    expect(heavy(after)).not.toContain(rule);
  });
});

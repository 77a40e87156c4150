/**
 * Lint: what is wrong with a policy, or with a chain of timeouts, before anything runs.
 *
 * Rules about one policy ask its closed forms what becomes of ghosts and of the living; rules about a chain hold
 * one hop's time against another's. A rule fires where its inequality holds, and says so with the numbers.
 */
import type { Chain } from '../chain/types.ts';
import type { Policy } from '../policy/types.ts';
import { blindSpotRules } from './rules/blind-spots.ts';
import { bothEndsRules } from './rules/both-ends.ts';
import { kernelRules } from './rules/kernel.ts';
import { livingRules } from './rules/living.ts';
import { lossRules } from './rules/loss.ts';
import { pathRules } from './rules/path.ts';
import { drainRules, shutdownRules } from './rules/shutdown.ts';
import { timingRules } from './rules/timing.ts';
import { chainSubject, policySubject, type ChainSubject, type PolicySubject } from './subject.ts';
import type { ChainRule, Finding, PolicyRule, Problem, Severity } from './types.ts';

export type { Finding, Severity } from './types.ts';

/** Every severity, the worst first. */
export const severities: readonly Severity[] = ['error', 'warning', 'note'];

/** Rules that look at a policy, alone or as a chain's server has it. */
export const policyRules: readonly PolicyRule[] = [
  ...blindSpotRules,
  ...kernelRules,
  ...livingRules,
  ...timingRules,
  ...lossRules,
  ...drainRules,
];

/** Rules that look at how the hops of a chain fit together. */
export const chainRules: readonly ChainRule[] = [...pathRules, ...bothEndsRules, ...shutdownRules];

type Rule = PolicyRule | ChainRule;

interface Fired {
  readonly rule: Rule;
  readonly problems: readonly Problem[];
}

function fired(policy: PolicySubject, chain: ChainSubject | undefined): readonly Fired[] {
  const own = policyRules.map((rule) => ({ rule, problems: rule.check(policy) }));
  const between =
    chain === undefined ? [] : chainRules.map((rule) => ({ rule, problems: rule.check(chain) }));
  return [...between, ...own].filter(({ problems }) => problems.length > 0);
}

/** Whether a rule found the worst that it can find. */
function inFull({ rule, problems }: Fired): boolean {
  return problems.some(({ severity = rule.severity }) => severity === rule.severity);
}

/** The findings of all rules that fired, without those that another one states more closely. */
function findingsOf(subject: string, all: readonly Fired[]): readonly Finding[] {
  const names = new Set(all.filter(inFull).map(({ rule }) => rule.name));
  return all
    .filter(({ rule }) => rule.yieldsTo?.some((name) => names.has(name)) !== true)
    .flatMap(({ rule, problems }) =>
      problems.map(({ path, message, remedy, severity = rule.severity }) => {
        const { name, source } = rule;
        const sentence = message.replace(/^the /, 'The ');
        return { subject, rule: name, severity, path, message: sentence, remedy, source };
      }),
    )
    .toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

/**
 * Holds a policy, or a chain of timeouts, against every rule.
 *
 * @param subject a policy, of `presets` or made by `definePolicy`; or a chain made by `defineChain`
 * @returns the findings, the worst first; none when every rule holds
 * @example
 * const chain = defineChain({
 *   name: 'orders',
 *   hops: [
 *     { kind: 'client', name: 'the pool', poolIdleMs: '30m' },
 *     { kind: 'middlebox', name: 'the NAT', idleMs: '5m' },
 *     { kind: 'server', preset: 'keepalive-10-5-3-user-timeout-20s', platform: 'linux' },
 *   ],
 * });
 * const [worst] = lint(chain);
 * worst.rule // => 'pool-outlives-path'
 * worst.path // => 'hops[0].poolIdleMs'
 * lint(presets['user-timeout-20s'])[0].rule // => 'user-timeout-without-keepalive'
 */
export function lint(subject: Policy | Chain): readonly Finding[] {
  if ('hops' in subject) {
    const chain = chainSubject(subject);
    return findingsOf(subject.name, fired(chain.served, chain));
  }
  return findingsOf(subject.name, fired(policySubject(subject), undefined));
}

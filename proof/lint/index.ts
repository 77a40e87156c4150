/**
 * Lint: what is wrong with a policy, or with a stack. Every error and every warning has been seen in a
 * simulated life before it is said, and names that life; what no life shows is at most a note.
 */
import { InputError, type Issue, type Result } from '../../model/issue.ts';
import {
  questions,
  ruleNames,
  severities,
  type Finding,
  type Problem,
  type Proposal,
  type Question,
  type Showing,
} from '../../model/lint/index.ts';
import type { Policy, RuleOff } from '../../model/policy/types.ts';
import type { Environment } from '../../model/scenario/environment.ts';
import { hopsOf, lineFor, type Stack } from '../../model/stack/index.ts';
import { unknownName } from '../../model/select.ts';
import { formatSeed, parseSeed, seedWords } from '../../sim/random.ts';
import { play } from './play.ts';

/** What can be held against the rules. */
export type LintSubject = Policy | Stack;

export interface LintOptions {
  /** Of the lives that are played, as everywhere; '1' unless said otherwise. */
  readonly seed?: bigint | string;
  /** Rules that are switched off, beside those that the policy or stack itself switches off. */
  readonly off?: readonly RuleOff[];
  /** Path and kernels, in the place of the subject's own. */
  readonly environment?: Environment;
}

/** A finding that was not asked for, and why. */
export interface Suppressed extends Finding {
  readonly because: string;
}

/** What was found, and what was switched off. */
export interface Linted {
  readonly findings: readonly Finding[];
  readonly suppressed: readonly Suppressed[];
}

/** A rule's name that there is, or an issue that names the nearest ones. */
function offIssues(off: readonly RuleOff[], path: (index: number) => string): readonly Issue[] {
  return off.flatMap(({ rule }, index) =>
    ruleNames.includes(rule) ? [] : [{ ...unknownName(path(index), rule, ruleNames, 'rules') }],
  );
}

/** The rules that a policy, or a stack and the policies of its parties, switch off. */
function offOf(subject: LintSubject): readonly RuleOff[] {
  const policies =
    'parties' in subject
      ? subject.parties.flatMap(({ policy }) => (policy === undefined ? [] : [policy]))
      : [];
  return [subject, ...policies].flatMap(({ lint: settings }) => settings?.off ?? []);
}

/** The rules that a subject and its caller switch off, each with its reason. */
function switchedOff(
  subject: Policy | Stack,
  asked: readonly RuleOff[],
): Result<ReadonlyMap<string, string>> {
  const own = offOf(subject);
  const issues = [
    ...offIssues(own, (index) => `${subject.name}: lint.off[${index}].rule`),
    ...offIssues(asked, () => '--off'),
  ];
  if (issues.length > 0) return { ok: false, issues };
  const pairs = [...own, ...asked].map(({ rule, because }) => [rule, because] as const);
  return { ok: true, value: new Map(pairs) };
}

interface Told {
  readonly problem: Problem;
  readonly showing?: Showing;
}

/** What a proposal comes to once it is played. */
function told({ trials, otherwise }: Proposal, seed: bigint): Told | null {
  const words = seedWords(seed);
  for (const trial of trials) {
    let problem: Problem | null = null;
    const shown = play(trial, words, ({ seen }) => {
      problem = trial.tell(seen);
      return problem !== null;
    });
    if (shown === null || problem === null) continue;
    const { policy, scenario, expect } = trial;
    const { index } = shown;
    return {
      problem,
      showing: { played: policy, scenario, expect, seed: formatSeed(seed), index },
    };
  }
  return otherwise === undefined ? null : { problem: { ...otherwise, severity: 'note' } };
}

/** A cure that only sets options, as the lines to write. */
function linesOf(subject: Policy | Stack, cure: Finding['cure']): { readonly write?: string } {
  if (!('parties' in subject) || cure === undefined) return {};
  const hops = hopsOf(subject);
  const lines = cure.map(({ op, path, value }) => {
    const [, place, option] = /^(.*)\/options\/([^/]+)$/.exec(path) ?? [];
    const hop = hops.find((one) => one.place === place);
    return op === 'add' && hop !== undefined && option !== undefined
      ? lineFor(hop, option, String(value))
      : undefined;
  });
  const isWhole = lines.length > 0 && lines.every((line) => line !== undefined);
  return isWhole ? { write: lines.join('; ') } : {};
}

function finding(subject: Policy | Stack, { rule }: Question, { problem, showing }: Told): Finding {
  const { path, message, remedy, severity = rule.severity, cure } = problem;
  return {
    subject: subject.name,
    rule: rule.name,
    severity,
    path,
    message: message.replace(/^[a-z]/, (letter) => letter.toUpperCase()),
    remedy,
    ...(cure === undefined ? {} : { cure }),
    ...linesOf(subject, cure),
    source: rule.source,
    ...showing,
  };
}

/** All findings, without those of rules that yield to one that found the worst it can find. */
function found(
  subject: Policy | Stack,
  seed: bigint,
  environment: Environment | undefined,
): readonly Finding[] {
  const inFull = new Set<string>();
  return questions(subject, environment).flatMap((question) => {
    const { rule, proposals } = question;
    if (rule.yieldsTo?.some((name) => inFull.has(name)) === true) return [];
    const findings = proposals().flatMap((proposal) => {
      const one = told(proposal, seed);
      return one === null ? [] : [finding(subject, question, one)];
    });
    if (findings.some(({ severity }) => severity === rule.severity)) inFull.add(rule.name);
    return findings;
  });
}

/**
 * Holds a policy, or a stack, against every rule.
 *
 * @param subject a policy, of `presets` or made by `definePolicy`; or a stack made by `defineStack`
 * @returns the findings, the worst first, each error and warning with the life that shows it; and those of rules that
 *   are switched off
 * @throws InputError when the seed is none, or a rule that is switched off does not exist
 */
export function lintWith(subject: Policy | Stack, options: LintOptions = {}): Linted {
  const seed = parseSeed(options.seed ?? '1', 'seed');
  if (!seed.ok) throw new InputError(seed.issues);
  const off = switchedOff(subject, options.off ?? []);
  if (!off.ok) throw new InputError(off.issues);
  const sorted = found(subject, seed.value, options.environment).toSorted(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity),
  );
  return {
    findings: sorted.filter(({ rule }) => !off.value.has(rule)),
    suppressed: sorted.flatMap((one) => {
      const because = off.value.get(one.rule);
      return because === undefined ? [] : [{ ...one, because }];
    }),
  };
}

/**
 * Holds a policy, or a stack, against every rule. Each error and each warning has been seen in a simulated
 * life, which it names: `simulate(played, scenario, { seed, run: index })` plays it again.
 *
 * @param subject a policy, of `presets` or made by `definePolicy`; or a stack made by `defineStack`
 * @returns the findings, the worst first; none when every rule holds
 * @throws InputError when the policy or stack switches a rule off that does not exist
 * @example
 * const stack = defineStack({
 *   name: 'orders',
 *   parties: [{ system: 'hikari' }, { system: 'ws', options: { platform: 'linux' } }],
 *   links: [{ boxes: [{ system: 'nat', options: { idle: '5m' } }] }],
 * });
 * lint(stack).filter(({ severity }) => severity === 'error') // => []
 * const [worst] = lint(presets['user-timeout-20s']);
 * worst.rule // => 'user-timeout-without-keepalive'
 * simulate(worst.played, worst.scenario, { seed: worst.seed, run: worst.index }).outcome // => 'undetected'
 */
export function lint(subject: Policy | Stack, options: LintOptions = {}): readonly Finding[] {
  return lintWith(subject, options).findings;
}

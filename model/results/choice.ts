/**
 * What a comparison means for somebody who runs one of its policies: what each of the others would do better and worse,
 * which are no choice and why, and which are behind another in everything. No winner: what is better depends on what is
 * lost for it.
 */
import {
  baselineOf,
  blindTo,
  disqualified,
  standings,
  takesHours,
  type Disqualified,
  type EndedIn,
  type FoundIn,
  type Standing,
  type ToldIn,
} from './standing.ts';
import type { ComparisonRow } from './types.ts';

/** One thing in which a policy differs from the one that is run. Bounds in ms; a share as it was counted. */
export type Difference =
  | {
      readonly kind: 'sooner' | 'later';
      readonly scenario: string;
      readonly boundMs: number;
      readonly insteadMs: number;
    }
  | {
      readonly kind: 'notices' | 'never-notices' | 'outlives-bound' | 'not-proved';
      readonly scenario: string;
    }
  | {
      readonly kind: 'ends-fewer' | 'ends-more';
      readonly scenario: string;
      readonly ended: EndedIn;
      readonly instead: EndedIn;
    }
  | {
      readonly kind: 'story-better' | 'story-worse';
      readonly told: ToldIn;
      readonly instead: ToldIn;
    }
  | {
      readonly kind: 'cheaper' | 'dearer';
      readonly packetsPerHour: number;
      readonly insteadPacketsPerHour: number;
    };

const better: ReadonlySet<Difference['kind']> = new Set([
  'sooner',
  'notices',
  'ends-fewer',
  'story-better',
  'cheaper',
]);

/** What one would run instead: what is gained by it, and what is lost. */
export interface Replacement {
  readonly policy: string;
  readonly gains: readonly Difference[];
  readonly losses: readonly Difference[];
}

/** What speaks against a policy, and where it shows. */
export interface NoChoice {
  readonly policy: string;
  readonly why: Disqualified;
  readonly ended: readonly EndedIn[];
  readonly never: readonly string[];
  readonly slow: FoundIn | undefined;
}

export interface Choice {
  /** The policy that the others are held against. */
  readonly baseline: Standing;
  /** Whether the user named it. */
  readonly named: boolean;
  /** What speaks against it; undefined where nothing does. */
  readonly against: NoChoice | undefined;
  /** Policies that gain something, and are behind no other one that is a choice. */
  readonly replacements: readonly Replacement[];
  readonly noChoices: readonly NoChoice[];
  /** Policies behind others in everything, with those others. */
  readonly dominated: readonly { readonly policy: string; readonly by: readonly string[] }[];
}

/** A count that no table shows decides nothing. */
const STEP_MS = 100;

function soonerOrLater(one: Standing, base: Standing): Difference[] {
  return one.found.flatMap(({ scenario, boundMs }): Difference[] => {
    const instead = base.found.find((found) => found.scenario === scenario);
    if (instead === undefined || Math.abs(boundMs - instead.boundMs) < STEP_MS) return [];
    const kind = boundMs < instead.boundMs ? 'sooner' : 'later';
    return [{ kind, scenario, boundMs, insteadMs: instead.boundMs }];
  });
}

function noticing(one: Standing, base: Standing): Difference[] {
  const of = (
    kind: 'notices' | 'never-notices' | 'outlives-bound' | 'not-proved',
    names: readonly string[],
  ) => names.map((scenario): Difference => ({ kind, scenario }));
  const noticed = ({ found, unproved }: Standing): readonly string[] => [
    ...found.map(({ scenario }) => scenario),
    ...unproved,
  ];
  const isFound = new Set(base.found.map(({ scenario }) => scenario));
  return [
    ...of(
      'notices',
      noticed(one).filter((name) => base.never.includes(name)),
    ),
    ...of('never-notices', blindTo(one, base)),
    ...of('outlives-bound', one.outlived),
    ...of(
      'not-proved',
      one.unproved.filter((name) => isFound.has(name)),
    ),
  ];
}

function shareOf({ count, samples }: EndedIn): number {
  return samples === 0 ? 0 : count / samples;
}

function ending(one: Standing, base: Standing): Difference[] {
  const scenarios = [...new Set([...one.ended, ...base.ended].map(({ scenario }) => scenario))];
  return scenarios.flatMap((scenario): Difference[] => {
    const own = one.ended.find((ended) => ended.scenario === scenario);
    const theirs = base.ended.find((ended) => ended.scenario === scenario);
    const samples = (own ?? theirs)?.samples ?? 0;
    const none: EndedIn = { scenario, count: 0, samples };
    const ended = own ?? none;
    const instead = theirs ?? none;
    if (shareOf(ended) === shareOf(instead)) return [];
    const kind = shareOf(ended) < shareOf(instead) ? 'ends-fewer' : 'ends-more';
    return [{ kind, scenario, ended, instead }];
  });
}

/** Differences that no table shows decide nothing. */
function isAlike(a: ToldIn, b: ToldIn): boolean {
  if (a.worst === null || b.worst === null) return a.worst === b.worst;
  return Math.abs(a.worst - b.worst) < (a.unit === 'ms' ? STEP_MS : 1);
}

function telling(one: Standing, base: Standing): Difference[] {
  return one.told.flatMap((told): Difference[] => {
    const instead = base.told.find(
      ({ scenario, figure }) => scenario === told.scenario && figure === told.figure,
    );
    if (instead === undefined || isAlike(told, instead)) return [];
    const isBetter = (told.worst ?? Infinity) < (instead.worst ?? Infinity);
    return [{ kind: isBetter ? 'story-better' : 'story-worse', told, instead }];
  });
}

function costing(one: Standing, base: Standing): Difference[] {
  const [packetsPerHour, insteadPacketsPerHour] = [one.packetsPerHour, base.packetsPerHour];
  if (Math.round(packetsPerHour) === Math.round(insteadPacketsPerHour)) return [];
  const kind = packetsPerHour < insteadPacketsPerHour ? 'cheaper' : 'dearer';
  return [{ kind, packetsPerHour, insteadPacketsPerHour }];
}

function replacementOf(one: Standing, base: Standing): Replacement {
  const all = [
    ...soonerOrLater(one, base),
    ...noticing(one, base),
    ...ending(one, base),
    ...telling(one, base),
    ...costing(one, base),
  ];
  return {
    policy: one.policy,
    gains: all.filter(({ kind }) => better.has(kind)),
    losses: all.filter(({ kind }) => !better.has(kind)),
  };
}

function noChoiceOf(one: Standing, base?: Standing): NoChoice | undefined {
  const why = disqualified(one, base);
  if (why === undefined) return undefined;
  return {
    policy: one.policy,
    why,
    ended: one.endedHealthy,
    never: blindTo(one, base),
    slow: takesHours(one),
  };
}

/**
 * What the rows of a comparison mean for who runs one of its policies.
 *
 * @param runs the name of the policy that the user runs, where one was named
 * @returns undefined where nothing was compared
 * @example
 * const { rows } = compare({
 *   policies: [presets['alive-flag-sweep'], presets['sweep-and-pong-timer'], presets['none']],
 *   scenarios: [scenarios['vanish-idle']],
 *   runs: 1,
 *   seed: '1',
 * });
 * const { replacements, noChoices } = choiceOf(rows, 'alive-flag-sweep');
 * replacements.map(({ policy, gains, losses }) => [policy, gains[0].kind, losses.length]) // => [['sweep-and-pong-timer', 'sooner', 0]]
 * noChoices.map(({ policy, why }) => [policy, why]) // => [['none', 'never-notices']]
 */
export function choiceOf(rows: readonly ComparisonRow[], runs?: string): Choice | undefined {
  const all = standings(rows);
  const baseline = baselineOf(all, runs);
  if (baseline === undefined) return undefined;
  const others = all.filter((one) => one !== baseline);
  const noChoices = others.flatMap((one) => noChoiceOf(one, baseline) ?? []);
  const isNoChoice = new Set(noChoices.map(({ policy }) => policy));
  const replacements = others
    .filter(({ policy }) => !isNoChoice.has(policy))
    .filter(({ dominatedBy }) => dominatedBy.every((by) => isNoChoice.has(by)))
    .map((one) => replacementOf(one, baseline))
    .filter(({ gains }) => gains.length > 0);
  return {
    baseline,
    named: baseline.policy === runs,
    against: noChoiceOf(baseline),
    replacements,
    noChoices,
    dominated: all
      .filter(({ dominatedBy }) => dominatedBy.length > 0)
      .map(({ policy, dominatedBy }) => ({ policy, by: dominatedBy })),
  };
}

/**
 * What a comparison means for somebody who runs one of its policies: what each of the others would do better and worse,
 * which are no choice and why, and which are behind another in everything. No winner: what is better depends on what is
 * lost for it.
 */
import {
  baselineOf,
  blindTo,
  disqualified,
  shownMs,
  standings,
  takesHours,
  type Disqualified,
  type EndedIn,
  type FoundIn,
  type MissedIn,
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
      readonly kind: 'finds-more' | 'finds-fewer';
      readonly scenario: string;
      /** What either missed; null = all were found, or kept from arising. */
      readonly missed: MissedIn | null;
      readonly instead: MissedIn | null;
    }
  | {
      readonly kind: 'proved' | 'not-proved' | 'outlives-bound' | 'prevents' | 'lets-happen';
      readonly scenario: string;
    }
  | {
      readonly kind: 'ends-fewer' | 'ends-more' | 'ends-later' | 'ends-sooner';
      readonly scenario: string;
      readonly ended: EndedIn;
      readonly instead: EndedIn;
    }
  | {
      readonly kind: 'tolerates-more' | 'tolerates-less';
      readonly scenario: string;
      /** null = any silence. */
      readonly toleranceMs: number | null;
      readonly insteadMs: number | null;
    }
  | {
      readonly kind: 'tolerance-proved' | 'tolerance-not-proved';
      readonly scenario: string;
    }
  | {
      readonly kind: 'story-better' | 'story-worse';
      readonly told: ToldIn;
      readonly instead: ToldIn;
    }
  | {
      readonly kind: 'cheaper' | 'dearer';
      readonly scenario: string;
      readonly packetsPerHour: number;
      readonly insteadPacketsPerHour: number;
    };

const better: ReadonlySet<Difference['kind']> = new Set([
  'sooner',
  'finds-more',
  'proved',
  'prevents',
  'ends-fewer',
  'ends-later',
  'tolerates-more',
  'tolerance-proved',
  'story-better',
  'cheaper',
]);

/** What one would run instead: what is gained by it, and what is lost. */
export interface Replacement {
  readonly policy: string;
  /** Middle of its packets per hour over what was compared; null where no connection with nothing wrong lasts. */
  readonly packetsPerHour: number | null;
  readonly gains: readonly Difference[];
  readonly losses: readonly Difference[];
}

/** What speaks against a policy, and where it shows. */
export interface NoChoice {
  readonly policy: string;
  readonly why: Disqualified;
  /** Clients with nothing wrong that it hung up on, and those before a fault. */
  readonly endedHealthy: readonly EndedIn[];
  readonly endedBefore: readonly EndedIn[];
  readonly missed: readonly MissedIn[];
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

/** Bounds that are printed alike decide nothing. */
function soonerOrLater(one: Standing, base: Standing): Difference[] {
  return one.found.flatMap(({ scenario, boundMs }): Difference[] => {
    const instead = base.found.find((found) => found.scenario === scenario);
    if (instead === undefined) return [];
    const [own, theirs] = [boundMs, instead.boundMs].map((ms) => shownMs(ms, Math.ceil));
    if (own === undefined || theirs === undefined || own === theirs) return [];
    return [
      { kind: own < theirs ? 'sooner' : 'later', scenario, boundMs, insteadMs: instead.boundMs },
    ];
  });
}

/** How much of a fault was found: all within a bound, all that was seen, or a share. */
function foundShare(missed: MissedIn | null, isBounded: boolean): number {
  if (missed === null) return isBounded ? 3 : 2;
  return missed.found === missed.ghosts ? 2 : missed.found / missed.ghosts;
}

function boundedIn({ found }: Standing): ReadonlySet<string> {
  return new Set(found.map(({ scenario }) => scenario));
}

function noticed({ found, unproved }: Standing): readonly string[] {
  return [...found.map(({ scenario }) => scenario), ...unproved];
}

/** Where ghosts arose under both: who found more of them. */
function finding(one: Standing, base: Standing): Difference[] {
  const missedBy = ({ missed }: Standing, name: string): MissedIn | null =>
    missed.find(({ scenario }) => scenario === name) ?? null;
  const of = (standing: Standing): Set<string> =>
    new Set([...noticed(standing), ...standing.missed.map(({ scenario }) => scenario)]);
  const others = of(base);
  const both = [...of(one)].filter((scenario) => others.has(scenario));
  return both.flatMap((scenario): Difference[] => {
    const [missed, instead] = [missedBy(one, scenario), missedBy(base, scenario)];
    if (missed === null && instead === null) return [];
    const more =
      foundShare(missed, boundedIn(one).has(scenario)) -
      foundShare(instead, boundedIn(base).has(scenario));
    if (more === 0) return [];
    return [{ kind: more > 0 ? 'finds-more' : 'finds-fewer', scenario, missed, instead }];
  });
}

function proving(one: Standing, base: Standing): Difference[] {
  const of = (
    kind: 'proved' | 'not-proved' | 'outlives-bound' | 'prevents' | 'lets-happen',
    names: readonly string[],
  ) => names.map((scenario): Difference => ({ kind, scenario }));
  const [own, theirs] = [boundedIn(one), boundedIn(base)];
  const arose = ({ missed, outlived, ...rest }: Standing): Set<string> =>
    new Set([
      ...noticed({ missed, outlived, ...rest }),
      ...outlived,
      ...missed.map(({ scenario }) => scenario),
    ]);
  const [ownGhosts, theirGhosts] = [arose(one), arose(base)];
  return [
    ...of(
      'prevents',
      one.prevented.filter((name) => theirGhosts.has(name)),
    ),
    ...of(
      'lets-happen',
      base.prevented.filter((name) => ownGhosts.has(name)),
    ),
    ...of('outlives-bound', one.outlived),
    ...of(
      'proved',
      base.unproved.filter((name) => own.has(name)),
    ),
    ...of(
      'not-proved',
      one.unproved.filter((name) => theirs.has(name)),
    ),
  ];
}

function shareOf({ count, samples }: EndedIn): number {
  return samples === 0 ? 0 : count / samples;
}

/** How many of the living are ended, and of as many, how soon. */
function ending(one: Standing, base: Standing): Difference[] {
  const [own, theirs] = [one, base].map(({ ended, endedBefore }) => [...ended, ...endedBefore]);
  const all = [...(own ?? []), ...(theirs ?? [])];
  const scenarios = [...new Set(all.map(({ scenario }) => scenario))];
  return scenarios.flatMap((scenario): Difference[] => {
    const samples = all.find((ended) => ended.scenario === scenario)?.samples ?? 0;
    const beforeFault = all.some((ended) => ended.scenario === scenario && ended.beforeFault);
    const none: EndedIn = { scenario, count: 0, samples, earliestMs: null, beforeFault };
    const ended = own?.find((found) => found.scenario === scenario) ?? none;
    const instead = theirs?.find((found) => found.scenario === scenario) ?? none;
    if (shareOf(ended) !== shareOf(instead)) {
      const kind = shareOf(ended) < shareOf(instead) ? 'ends-fewer' : 'ends-more';
      return [{ kind, scenario, ended, instead }];
    }
    const [first, theirFirst] = [ended, instead].map(({ earliestMs }) =>
      shownMs(earliestMs ?? 0, Math.floor),
    );
    if (first === undefined || theirFirst === undefined || first === theirFirst) return [];
    return [{ kind: first > theirFirst ? 'ends-later' : 'ends-sooner', scenario, ended, instead }];
  });
}

/** T of a silence, where it is not said already by who is ended in it. */
function tolerating(one: Standing, base: Standing, ends: readonly Difference[]): Difference[] {
  const isSaid = (kind: Difference['kind'], name: string): boolean =>
    ends.some((told) => told.kind === kind && 'scenario' in told && told.scenario === name);
  return one.tolerated.flatMap(({ scenario, proved, toleranceMs }): Difference[] => {
    const instead = base.tolerated.find((other) => other.scenario === scenario);
    if (instead === undefined || (!proved && !instead.proved)) return [];
    if (proved !== instead.proved) {
      return [{ kind: proved ? 'tolerance-proved' : 'tolerance-not-proved', scenario }];
    }
    const [own, theirs] = [toleranceMs, instead.toleranceMs].map((ms) =>
      ms === null ? Infinity : shownMs(ms, Math.floor),
    );
    if (own === undefined || theirs === undefined || own === theirs) return [];
    const kind = own > theirs ? 'tolerates-more' : 'tolerates-less';
    if (isSaid(own > theirs ? 'ends-fewer' : 'ends-more', scenario)) return [];
    return [{ kind, scenario, toleranceMs, insteadMs: instead.toleranceMs }];
  });
}

/** Differences that no table shows decide nothing. */
function shownFigure({ worst, unit, lateIsGood }: ToldIn): number {
  if (worst === null) return Infinity;
  return unit === 'ms' ? shownMs(worst, lateIsGood ? Math.floor : Math.ceil) : worst;
}

function telling(one: Standing, base: Standing): Difference[] {
  return one.told.flatMap((told): Difference[] => {
    const instead = base.told.find(
      ({ scenario, figure }) => scenario === told.scenario && figure === told.figure,
    );
    if (instead === undefined) return [];
    const [own, theirs] = [shownFigure(told), shownFigure(instead)];
    if (own === theirs) return [];
    const isBetter = own < theirs !== told.lateIsGood;
    return [{ kind: isBetter ? 'story-better' : 'story-worse', told, instead }];
  });
}

function costing(one: Standing, base: Standing): Difference[] {
  return one.costs.flatMap(({ scenario, packetsPerHour }): Difference[] => {
    const instead = base.costs.find((other) => other.scenario === scenario);
    if (instead === undefined) return [];
    const { packetsPerHour: insteadPacketsPerHour } = instead;
    if (Math.round(packetsPerHour) === Math.round(insteadPacketsPerHour)) return [];
    const kind = packetsPerHour < insteadPacketsPerHour ? 'cheaper' : 'dearer';
    return [{ kind, scenario, packetsPerHour, insteadPacketsPerHour }];
  });
}

function replacementOf(one: Standing, base: Standing): Replacement {
  const ends = ending(one, base);
  const all = [
    ...soonerOrLater(one, base),
    ...finding(one, base),
    ...proving(one, base),
    ...ends,
    ...tolerating(one, base, ends),
    ...telling(one, base),
    ...costing(one, base),
  ];
  return {
    policy: one.policy,
    packetsPerHour: one.packetsPerHour,
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
    endedHealthy: one.endedHealthy,
    endedBefore: one.endedBefore,
    missed: blindTo(one, base),
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
 * noChoices.map(({ policy, why }) => [policy, why]) // => [['none', 'misses']]
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

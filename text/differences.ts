/** What a policy would do better or worse than the one that is run, in numbers that stand in the table above the words. */
import type { Difference } from '../model/results/choice.ts';
import type { EndedIn, ToldIn } from '../model/results/standing.ts';
import { countOf, missedHalves } from './found.ts';
import { formatList } from './lists.ts';
import { formatCount, formatMs, formatShare } from './numbers.ts';

/** A column of the table above the words; a figure's is called by its name. */
export type ShownColumn =
  'bound' | 'living ended' | 'earliest' | 'tolerance' | 'packets/h' | (string & {});

/** How the table above the words looks: what it has no room for is not quoted. */
export interface Shown {
  /** Whether a column is shown for a scenario. */
  readonly shows: (column: ShownColumn, scenario: string) => boolean;
  /** What a policy costs: scenario by scenario, or the middle over all of them; absent where it is not shown. */
  readonly costs?: 'each' | 'middle';
  /** What else the table marks as failed, of a policy that is alone in it. */
  readonly failed?: readonly string[];
}

/** More names of what is better are cut short: they stand in the table. What is worse is named in full. */
export const MOST_GAINS_NAMED = 3;

/** Figures beyond the ones that stories are about: so many are told. */
const MOST_OTHER_FIGURES = 2;

/** Costs that differ by less than this share are not worth a word. */
const LEAST_COST_SHARE = 0.02;

export function shareText({ count, samples }: EndedIn): string {
  return formatShare(count, samples);
}

/** All names, or the first ones and how many more. */
export function named(names: readonly string[], most = Infinity): string {
  if (names.length <= most) return formatList(names);
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

export function groups<T>(all: readonly T[], key: (one: T) => string): T[][] {
  const found = new Map<string, T[]>();
  for (const one of all) found.set(key(one), [...(found.get(key(one)) ?? []), one]);
  return [...found.values()];
}

/** The differences that can be of one of the kinds. */
type OfKind<K extends Difference['kind'], D = Difference> = D extends {
  readonly kind: infer Kind;
}
  ? [K & Kind] extends [never]
    ? never
    : D
  : never;

function ofKind<K extends Difference['kind']>(all: readonly Difference[], ...kinds: K[]) {
  return all.filter((one): one is OfKind<K> => (kinds as string[]).includes(one.kind));
}

/** Before and behind the names of the scenarios of which the same is said. */
type Halves = readonly [string, string];

/** One phrase for all scenarios of which the same is said. */
export function phrases<T extends { readonly scenario: string }>(
  all: readonly T[],
  halvesOf: (one: T) => Halves,
  most?: number,
): string[] {
  return groups(all, (one) => halvesOf(one).join('|')).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const [before, behind] = halvesOf(first);
    const names = group.map(({ scenario }) => scenario);
    return [`${before} ${named(names, most)}${behind}`];
  });
}

/** `finds vanish-idle within 45.1 s, not 60.0 s`. */
function boundWords(all: readonly Difference[], { shows }: Shown, most?: number): string[] {
  return phrases(
    ofKind(all, 'sooner', 'later'),
    ({ kind, scenario, boundMs, insteadMs }) =>
      shows('bound', scenario)
        ? ['finds', ` within ${formatMs(boundMs, 'up')}, not ${formatMs(insteadMs, 'up')}`]
        : ['finds', ` ${kind}`],
    most,
  );
}

/** `notices vanish-idle`, `finds only 2 of 200 in wedged-send-path, not 5 of 200`. */
function foundHalves({ kind, missed, instead }: OfKind<'finds-more' | 'finds-fewer'>): Halves {
  const [before, behind] =
    missed !== null
      ? missedHalves(missed)
      : instead?.found === instead?.ghosts
        ? (['has a bound for', ''] as const)
        : instead?.found === 0
          ? (['notices', ''] as const)
          : (['finds every one in', ''] as const);
  const isPart = instead !== null && instead.found > 0 && instead.found < instead.ghosts;
  const not = isPart ? countOf(instead.found, instead.ghosts) : 'none';
  const isTold = isPart || (kind === 'finds-more' && missed !== null);
  return [before, isTold ? `${behind}, not ${not}` : behind];
}

function foundWords(all: readonly Difference[], most?: number): string[] {
  return phrases(ofKind(all, 'finds-more', 'finds-fewer'), foundHalves, most);
}

function scenarioWords(
  all: readonly Difference[],
  kind: OfKind<
    | 'proved'
    | 'not-proved'
    | 'outlives-bound'
    | 'prevents'
    | 'lets-happen'
    | 'tolerance-proved'
    | 'tolerance-not-proved'
  >['kind'],
  halves: Halves,
  most?: number,
): string[] {
  return phrases(ofKind(all, kind), () => halves, most);
}

/** `ends 41 % in live-outage-9s, not 0 %`. */
function endedWords(all: readonly Difference[], { shows }: Shown): string[] {
  // Shares that are printed alike are in the table; in a sentence they would read as a contradiction.
  const differ = ofKind(all, 'ends-fewer', 'ends-more').filter(
    ({ ended, instead }) => shareText(ended) !== shareText(instead),
  );
  const shares = phrases(differ, ({ scenario, ended, instead }): Halves => {
    const who = ended.count === 0 ? 'nobody' : shareText(ended);
    return [
      `ends ${who} ${ended.beforeFault ? 'before the fault in' : 'in'}`,
      `, not ${instead.count > 0 || shows('living ended', scenario) ? shareText(instead) : 'none'}`,
    ];
  });
  const instants = phrases(
    ofKind(all, 'ends-later', 'ends-sooner'),
    ({ kind, scenario, ended, instead }): Halves => {
      const [own, theirs] = [ended, instead].map(({ earliestMs }) =>
        formatMs(earliestMs ?? 0, 'down'),
      );
      return shows('earliest', scenario)
        ? ['ends the first in', ` after ${own}, not ${theirs}`]
        : ['ends the first in', kind === 'ends-later' ? ' later' : ' sooner'];
    },
  );
  return [...shares, ...instants];
}

function silenceText(toleranceMs: number | null): string {
  if (toleranceMs === null) return 'any silence';
  return toleranceMs === 0 ? 'none' : formatMs(toleranceMs, 'down');
}

/** `tolerates 16.3 s in live-outage-9s, not 8.1 s`. */
function toleranceWords(all: readonly Difference[], { shows }: Shown, most?: number): string[] {
  return phrases(
    ofKind(all, 'tolerates-more', 'tolerates-less'),
    ({ kind, scenario, toleranceMs, insteadMs }) =>
      shows('tolerance', scenario)
        ? [`tolerates ${silenceText(toleranceMs)} in`, `, not ${silenceText(insteadMs)}`]
        : [`tolerates ${kind === 'tolerates-more' ? 'more' : 'less'} in`, ''],
    most,
  );
}

/** How long a call hung is told in the seconds that callers report, up to an hour of them. */
const SECONDS_UP_TO_MS = 3_600_000;

/** A value of a figure as people read it, without what it counts: its name says so. */
export function figureValue({
  figure,
  unit,
  worst,
}: Pick<ToldIn, 'figure' | 'unit' | 'worst'>): string {
  if (worst === null) return unit === 'ms' ? 'never' : '∞';
  if (unit !== 'ms') return formatCount(worst);
  const inSeconds = figure === 'call hangs' && worst < SECONDS_UP_TO_MS;
  return inSeconds ? `${(worst / 1000).toFixed(1)} s` : formatMs(worst);
}

/** `in drain-with-ghosts drain takes 15.0 s, not never`. */
function storyWords(all: readonly Difference[], { shows }: Shown): string[] {
  const told = ofKind(all, 'story-better', 'story-worse');
  const others = told.filter(({ told: { leads } }) => !leads);
  const said = [
    ...told.filter(({ told: { leads } }) => leads),
    ...others.slice(0, MOST_OTHER_FIGURES),
  ];
  const left = others.length - MOST_OTHER_FIGURES;
  return [
    ...groups(said, (one) => one.told.scenario).map((group) => {
      const scenario = group[0]?.told.scenario ?? '';
      if (!group.every(({ told: { figure } }) => shows(figure, scenario))) {
        const how = group[0]?.kind === 'story-better' ? 'better' : 'worse';
        return `does ${how} in ${scenario} (${group.map(({ told: { figure } }) => figure).join(', ')})`;
      }
      const figures = group.map(
        ({ told: own, instead }) =>
          `${own.figure} ${figureValue(own)}, not ${figureValue(instead)}`,
      );
      return `in ${scenario} ${formatList(figures)}`;
    }),
    ...(left > 0 ? [`${left} more of what these stories count`] : []),
  ];
}

function rangeText(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map(formatCount);
  return least === most ? `${least}` : `${least} to ${most}`;
}

/** What a policy costs beside what the one that is run costs. */
export interface Costs {
  readonly own: number | null;
  readonly instead: number | null;
  /** In how many scenarios it could be compared. */
  readonly scenarios: number;
}

/** `sends 698 packets/h in vanish-idle, not 360`. */
function costWords(
  all: readonly Difference[],
  kind: 'cheaper' | 'dearer',
  { costs, shows }: Shown,
  { own, instead, scenarios }: Costs,
): string[] {
  const told = ofKind(all, kind).filter(
    ({ packetsPerHour, insteadPacketsPerHour }) =>
      Math.abs(packetsPerHour - insteadPacketsPerHour) >=
      LEAST_COST_SHARE * Math.max(packetsPerHour, insteadPacketsPerHour),
  );
  if (told.length === 0) return [];
  if (costs === 'middle') {
    if (own === null || instead === null) return [];
    const isSo = kind === 'cheaper' ? own < instead : own > instead;
    return isSo ? [`sends ${formatCount(own)} packets/h, not ${formatCount(instead)}`] : [];
  }
  const where =
    told.length === scenarios
      ? ''
      : ` in ${named(
          told.map(({ scenario }) => scenario),
          MOST_GAINS_NAMED,
        )}`;
  if (costs === undefined || told.some(({ scenario }) => !shows('packets/h', scenario))) {
    return [`sends ${kind === 'cheaper' ? 'fewer' : 'more'} packets${where}`];
  }
  const owns = rangeText(told.map(({ packetsPerHour }) => packetsPerHour));
  const theirs = rangeText(told.map(({ insteadPacketsPerHour }) => insteadPacketsPerHour));
  return [`sends ${owns} packets/h${where}, not ${theirs}`];
}

export function differenceWords(
  all: readonly Difference[],
  cost: 'cheaper' | 'dearer',
  shown: Shown,
  costs: Costs,
  most?: number,
): string[] {
  return [
    ...scenarioWords(all, 'outlives-bound', ['outlives its bound in', '']),
    ...foundWords(all, most),
    ...scenarioWords(all, 'prevents', ['keeps', ' from happening'], most),
    ...scenarioWords(all, 'lets-happen', ['does not keep', ' from happening']),
    ...boundWords(all, shown, most),
    ...endedWords(all, shown),
    ...toleranceWords(all, shown, most),
    ...storyWords(all, shown),
    ...scenarioWords(all, 'proved', ['has a proved bound for', ''], most),
    ...scenarioWords(all, 'not-proved', ['has no proved bound for', '']),
    ...scenarioWords(all, 'tolerance-proved', ['has a proved tolerance in', ''], most),
    ...scenarioWords(all, 'tolerance-not-proved', ['has no proved tolerance in', '']),
    ...costWords(all, cost, shown, costs),
  ];
}

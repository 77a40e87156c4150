/**
 * The last words of a comparison: what each policy would do better and worse than the one that is run, in numbers that
 * stand in the table above. Of a single policy: what it fails, by name.
 */
import type { Choice, Difference, NoChoice, Replacement } from '../model/results/choice.ts';
import type { EndedIn, Standing, ToldIn } from '../model/results/standing.ts';
import { formatList } from './lists.ts';
import { formatCount, formatMs, formatShare } from './numbers.ts';

/** How the table above the words looks: whether it shows the bound of every scenario. */
export interface Shown {
  readonly bounds: boolean;
  /** Whether it shows what each policy costs. */
  readonly costs: boolean;
  /** What else the table marks as failed, of a policy that is alone in it. */
  readonly failed?: readonly string[];
}

/** More names of what is better are cut short: they stand in the table. What is worse is named in full. */
const MOST_GAINS_NAMED = 3;

/** Replacements beyond these are named only. */
const MOST_REPLACEMENTS = 8;

/** A policy in a sentence; one name is a word of the language. */
function policyText(policy: string): string {
  return policy === 'none' ? "'none'" : policy;
}

function shareText({ count, samples }: EndedIn): string {
  return formatShare(count, samples);
}

function endedText(ended: EndedIn): string {
  return `${ended.scenario} (${shareText(ended)})`;
}

function named(scenarios: readonly string[], most = Infinity): string {
  if (scenarios.length <= most) return formatList(scenarios);
  return `${scenarios.slice(0, most).join(', ')} and more`;
}

function groups<T>(all: readonly T[], key: (one: T) => string): T[][] {
  const found = new Map<string, T[]>();
  for (const one of all) found.set(key(one), [...(found.get(key(one)) ?? []), one]);
  return [...found.values()];
}

type OfKind<K extends Difference['kind']> = Extract<Difference, { readonly kind: K }>;

function ofKind<K extends Difference['kind']>(all: readonly Difference[], ...kinds: K[]) {
  return all.filter((one): one is OfKind<K> => (kinds as string[]).includes(one.kind));
}

/** `finds vanish-idle within 45.1 s, not 60.0 s`. */
function boundWords(all: readonly Difference[], { bounds }: Shown, most?: number): string[] {
  const timed = ofKind(all, 'sooner', 'later');
  if (!bounds) {
    return groups(timed, ({ kind }) => kind).map((group) => {
      const names = named(
        group.map(({ scenario }) => scenario),
        most,
      );
      return `finds ${names} ${group[0]?.kind ?? ''}`;
    });
  }
  const within = ({ boundMs, insteadMs }: (typeof timed)[number]): string =>
    `within ${formatMs(boundMs, 'up')}, not ${formatMs(insteadMs, 'up')}`;
  return groups(timed, within).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const names = named(
      group.map(({ scenario }) => scenario),
      most,
    );
    return [`finds ${names} ${within(first)}`];
  });
}

function scenarioWords(
  all: readonly Difference[],
  kind: 'notices' | 'never-notices' | 'outlives-bound' | 'not-proved',
  words: (names: string) => string,
  most?: number,
): string[] {
  const names = ofKind(all, kind).map(({ scenario }) => scenario);
  return names.length === 0 ? [] : [words(named(names, most))];
}

/** `ends 41 % in live-outage-9s, not 0 %`. */
function endedWords(all: readonly Difference[]): string[] {
  const told = ofKind(all, 'ends-fewer', 'ends-more');
  const how = ({ ended, instead }: (typeof told)[number]): string =>
    ended.count === 0
      ? `ends nobody in|, not ${shareText(instead)}`
      : `ends ${shareText(ended)} in|, not ${shareText(instead)}`;
  return groups(told, how).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const [before, after] = how(first).split('|');
    return [`${before} ${formatList(group.map(({ scenario }) => scenario))}${after}`];
  });
}

/** How long a call hung is told in the seconds that callers report, up to an hour of them. */
const SECONDS_UP_TO_MS = 3_600_000;

/** A value of a figure as people read it. */
export function figureValue({ figure, unit, worst }: Omit<ToldIn, 'scenario'>): string {
  if (worst === null) return unit === 'ms' ? 'never' : '∞';
  if (unit !== 'ms') return `${formatCount(worst)} ${unit}`;
  const inSeconds = figure === 'call hangs' && worst < SECONDS_UP_TO_MS;
  return inSeconds ? `${(worst / 1000).toFixed(1)} s` : formatMs(worst);
}

/** `drain takes 15.0 s in drain-with-ghosts, not never`. */
function storyWords(all: readonly Difference[]): string[] {
  return ofKind(all, 'story-better', 'story-worse').map(({ told, instead }) => {
    const { figure, scenario } = told;
    return `${figure} in ${scenario}: ${figureValue(told)}, not ${figureValue(instead)}`;
  });
}

function costWords(all: readonly Difference[], { costs }: Shown): string[] {
  return ofKind(all, 'cheaper', 'dearer').map(({ kind, packetsPerHour, insteadPacketsPerHour }) => {
    if (!costs) return `sends ${kind === 'cheaper' ? 'fewer' : 'more'} packets`;
    return `sends ${formatCount(packetsPerHour)} packets/h, not ${formatCount(insteadPacketsPerHour)}`;
  });
}

function differenceWords(all: readonly Difference[], shown: Shown, most?: number): string {
  return [
    ...scenarioWords(all, 'never-notices', (names) => `never notices ${names}`),
    ...scenarioWords(all, 'outlives-bound', (names) => `outlives its bound in ${names}`),
    ...boundWords(all, shown, most),
    ...scenarioWords(all, 'notices', (names) => `notices ${names}`, most),
    ...endedWords(all),
    ...storyWords(all),
    ...scenarioWords(all, 'not-proved', (names) => `has no proved bound for ${names}`),
    ...costWords(all, shown),
  ].join('; ');
}

function replacementWords({ policy, gains, losses }: Replacement, shown: Shown): string {
  const won = differenceWords(gains, shown, MOST_GAINS_NAMED);
  if (losses.length === 0) return `${policyText(policy)} ${won}; loses nothing here.`;
  return `${policyText(policy)} ${won}; but ${differenceWords(losses, shown)}.`;
}

/** Names of policies that one reason keeps out, each with where it shows. */
function noChoiceWords(
  all: readonly NoChoice[],
  why: NoChoice['why'],
  reason: string,
  where: (one: NoChoice) => string,
): string[] {
  const told = all.filter((one) => one.why === why);
  if (told.length === 0) return [];
  return [
    `${reason}: ${told.map((one) => `${policyText(one.policy)} (${where(one)})`).join(', ')}.`,
  ];
}

function against({ noChoices, baseline }: Choice, shown: Shown): string[] {
  return [
    ...noChoiceWords(noChoices, 'ends-healthy', 'Hang up on clients with nothing wrong', (one) =>
      one.ended
        .slice(0, MOST_GAINS_NAMED)
        .map((ended) => `${ended.scenario} ${shareText(ended)}`)
        .join(', '),
    ),
    ...noChoiceWords(
      noChoices,
      'never-notices',
      `Never notice what ${policyText(baseline.policy)} notices`,
      ({ never }) => named(never, MOST_GAINS_NAMED),
    ),
    ...noChoiceWords(noChoices, 'takes-hours', 'Need an hour or more', ({ slow }) =>
      slow === undefined
        ? ''
        : shown.bounds
          ? `${slow.scenario} within ${formatMs(slow.boundMs, 'up')}`
          : slow.scenario,
    ),
  ];
}

function dominatedWords({ dominated }: Choice): string[] {
  if (dominated.length === 0) return [];
  const pairs = dominated.map(
    ({ policy, by }) => `${policyText(policy)} (by ${named(by.map(policyText), MOST_GAINS_NAMED)})`,
  );
  return [
    `Dominated, as another is no worse in anything compared and better in something: ${pairs.join('; ')}.`,
  ];
}

/** One policy alone: what it fails, by name; nothing is compared. */
export function singleWords(standing: Standing, shown: Shown): string {
  const { policy, never, outlived, unproved, found, ended, kept } = standing;
  const longestMs = Math.max(...found.map(({ boundMs }) => boundMs));
  const failed = never.length + outlived.length + unproved.length > 0;
  const within = shown.bounds ? ` within ${formatMs(longestMs, 'up')}` : '';
  const rest = failed ? 'every other fault' : 'every fault';
  const words = [
    ...(never.length === 0 ? [] : [`may never notice ${formatList(never)}`]),
    ...(outlived.length === 0 ? [] : [`outlives its bound in ${formatList(outlived)}`]),
    ...(found.length === 0 ? [] : [`finds ${rest}${within}`]),
    ...(unproved.length === 0 ? [] : [`has no proved bound for ${formatList(unproved)}`]),
    ...(ended.length === 0 ? [] : [`ends living peers in ${formatList(ended.map(endedText))}`]),
    ...(ended.length === 0 && kept.length > 0 ? ['ended no living peer'] : []),
    ...(shown.failed ?? []),
  ];
  return words.length === 0
    ? `${policyText(policy)}: nothing to find, nobody to end.`
    : `${policyText(policy)} ${words.join('; ')}.`;
}

/** What speaks against the policy that is run. */
function speaking(against: NoChoice | undefined): string {
  if (against === undefined) return '';
  if (against.why === 'ends-healthy') {
    const where = against.ended.slice(0, MOST_GAINS_NAMED).map(endedText);
    return `, which hangs up on clients with nothing wrong in ${formatList(where)}`;
  }
  return against.why === 'never-notices'
    ? ', which notices nothing'
    : ', which needs an hour or more';
}

/**
 * What a comparison means, each line a paragraph.
 *
 * @param shown what the table above shows
 */
export function closingWords(choice: Choice, policies: number, shown: Shown): readonly string[] {
  const { baseline, named: chosen, replacements, noChoices } = choice;
  if (policies === 1) return [singleWords(baseline, shown)];
  const hint = chosen ? '' : ' (name yours first, and the others are held against it)';
  const told = replacements.slice(0, MOST_REPLACEMENTS).map((one) => replacementWords(one, shown));
  const others = replacements.slice(MOST_REPLACEMENTS).map(({ policy }) => policyText(policy));
  const more = others.length === 0 ? [] : [`So do, each in its way: ${others.join(', ')}.`];
  const nothing =
    noChoices.length + 1 === policies ? 'nothing here is a choice.' : 'nothing here does better.';
  return [
    `Instead of ${policyText(baseline.policy)}${speaking(choice.against)}${hint}:${told.length === 0 ? ` ${nothing}` : ''}`,
    ...told.map((line) => `  ${line}`),
    ...more.map((line) => `  ${line}`),
    ...against(choice, shown),
    ...dominatedWords(choice),
  ];
}

/**
 * The last words of a comparison: what each policy would do better and worse than the one that is run, in numbers that
 * stand in the table above. Of a single policy: what it fails, by name.
 */
import type { Choice, NoChoice, Replacement } from '../model/results/choice.ts';
import type { EndedIn, MissedIn, Standing } from '../model/results/standing.ts';
import { dominatedWords, policyText } from './dominated.ts';
import {
  MOST_GAINS_NAMED,
  differenceWords,
  groups,
  named,
  phrases,
  shareText,
  type Costs,
  type Shown,
} from './differences.ts';
import { missedHalves } from './found.ts';
import { formatList } from './lists.ts';
import { formatMs } from './numbers.ts';

/** Replacements beyond these are named only. */
const MOST_REPLACEMENTS = 5;

function endedText(ended: EndedIn): string {
  return `${ended.scenario} (${shareText(ended)})`;
}

/** Another policy in the place of the one that is run. */
export interface Alternative {
  readonly policy: string;
  /** What it does better, and what worse, each a phrase without its subject: `finds vanish-idle within 40.0 s, not 60.0 s`. */
  readonly better: readonly string[];
  readonly worse: readonly string[];
  /** Nothing is worse, however little. */
  readonly losesNothing: boolean;
  /** The policy of which the same was said before; better and worse are empty then. */
  readonly sameAs?: string;
}

/** A sentence of what a comparison means, and the policies of which it speaks. */
export interface Closing {
  readonly sentence: string;
  readonly alternatives: readonly Alternative[];
}

/** `sweep-and-pong-timer finds vanish-idle within 40.0 s, not 60.0 s; but ends 70 % in live-outage-29s, not 42 %.` */
export function alternativeText({
  policy,
  better,
  worse,
  losesNothing,
  sameAs,
}: Alternative): string {
  if (sameAs !== undefined) return `${policy}: the same as ${sameAs}.`;
  const but = worse.length > 0 ? `; but ${worse.join('; ')}` : '';
  return `${policy} ${better.join('; ')}${but}${losesNothing ? '; loses nothing compared here' : ''}.`;
}

/** What changes with a replacement. Costs that differ too little for a word are nothing to name, and still no reason to say that nothing is lost. */
function alternativeOf(
  { policy, gains, losses, packetsPerHour }: Replacement,
  { packetsPerHour: instead, costs: baseline }: Standing,
  shown: Shown,
): Alternative {
  const costs: Costs = { own: packetsPerHour, instead, scenarios: baseline.length };
  return {
    policy: policyText(policy),
    better: differenceWords(gains, 'cheaper', shown, costs, MOST_GAINS_NAMED),
    worse: differenceWords(losses, 'dearer', shown, costs),
    losesNothing: losses.length === 0,
  };
}

/** Names of policies that one reason keeps out, with where it shows; those of whom the same is said stand together. */
function noChoiceWords(
  told: readonly NoChoice[],
  reason: string,
  where: (one: NoChoice) => string,
): string[] {
  if (told.length === 0) return [];
  return [
    `${reason}: ${groups(told, where)
      .map((group) => {
        const names = formatList(group.map(({ policy }) => policyText(policy)));
        return `${names} (${group.slice(0, 1).map(where).join('')})`;
      })
      .join('; ')}.`,
  ];
}

/** `live-idle 100 %, live-active 41 % and 2 more`. */
function endings(ended: readonly EndedIn[]): string {
  const texts = ended.map((one) => `${one.scenario} ${shareText(one)}`);
  if (texts.length <= MOST_GAINS_NAMED) return texts.join(', ');
  return named(texts, MOST_GAINS_NAMED);
}

/** `never notices vanish-idle; finds only 2 of 200 in wedged-send-path`. */
export function missedText(missed: readonly MissedIn[], most?: number): string {
  return phrases(missed, missedHalves, most).join('; ');
}

function isEndless({ found, ghosts }: MissedIn): boolean {
  return found === ghosts;
}

function against({ noChoices, baseline }: Choice, { shows }: Shown): string[] {
  const because = (why: NoChoice['why']): readonly NoChoice[] =>
    noChoices.filter((one) => one.why === why);
  const ending = because('ends-healthy');
  const missing = because('misses');
  const may = missing.some(({ missed }) => missed.some(isEndless)) ? 'Miss, or may miss,' : 'Miss';
  return [
    ...noChoiceWords(
      ending.filter(({ endedHealthy }) => endedHealthy.length > 0),
      'Hang up on clients with nothing wrong',
      ({ endedHealthy }) => endings(endedHealthy),
    ),
    ...noChoiceWords(
      ending.filter(({ endedHealthy }) => endedHealthy.length === 0),
      'End living clients before the fault comes',
      ({ endedBefore }) => endings(endedBefore),
    ),
    ...noChoiceWords(missing, `${may} what ${policyText(baseline.policy)} does not`, ({ missed }) =>
      missedText(missed, MOST_GAINS_NAMED),
    ),
    ...noChoiceWords(because('takes-hours'), 'Need an hour or more', ({ slow }) => {
      if (slow === undefined) return '';
      const { scenario, boundMs } = slow;
      return shows('bound', scenario) ? `${scenario} within ${formatMs(boundMs, 'up')}` : scenario;
    }),
  ];
}

/** `every fault`, or what is left of them once the others are named. */
function foundByOne(standing: Standing, shown: Shown): string[] {
  const { missed, outlived, unproved, prevented, endedBefore, found } = standing;
  const longest = found.reduce((a, b) => (b.boundMs > a.boundMs ? b : a), found[0] ?? NOTHING);
  if (found.length === 0) return [];
  const others =
    missed.length + outlived.length + unproved.length + prevented.length + endedBefore.length;
  const within = shown.shows('bound', longest.scenario)
    ? ` within ${formatMs(longest.boundMs, 'up')}`
    : '';
  return [`finds every ${others > 0 ? 'other fault' : 'fault'}${within}`];
}

const NOTHING = { scenario: '', boundMs: 0 };

/** One policy alone: what it fails, by name; nothing is compared. */
export function singleWords(standing: Standing, shown: Shown): string {
  const { policy, missed, outlived, unproved, prevented, ended, endedBefore, kept } = standing;
  const words = [
    ...(missed.length === 0 ? [] : [missedText(missed)]),
    ...(outlived.length === 0 ? [] : [`outlives its bound in ${formatList(outlived)}`]),
    ...(endedBefore.length === 0
      ? []
      : [`ends living peers before the fault in ${formatList(endedBefore.map(endedText))}`]),
    ...(prevented.length === 0 ? [] : [`keeps ${formatList(prevented)} from happening`]),
    ...foundByOne(standing, shown),
    ...(unproved.length === 0 ? [] : [`has no proved bound for ${formatList(unproved)}`]),
    ...(ended.length === 0 ? [] : [`ends living peers in ${formatList(ended.map(endedText))}`]),
    ...(ended.length + endedBefore.length === 0 && kept.length > 0 ? ['ended no living peer'] : []),
    ...(shown.failed ?? []),
  ];
  return words.length === 0
    ? `${policyText(policy)}: nothing to find, nobody to end.`
    : `${policyText(policy)} ${words.join('; ')}.`;
}

/** What speaks against the policy that is run. */
function speaking(told: NoChoice | undefined): string {
  if (told === undefined) return '';
  switch (told.why) {
    case 'ends-healthy': {
      const { endedHealthy, endedBefore } = told;
      return endedHealthy.length > 0
        ? `, which hangs up on clients with nothing wrong (${endings(endedHealthy)})`
        : `, which ends living clients before the fault comes (${endings(endedBefore)})`;
    }
    case 'misses':
      return `, which ${missedText(told.missed, MOST_GAINS_NAMED)}`;
    case 'takes-hours':
      return `, which needs an hour or more in ${told.slow?.scenario ?? ''}`;
  }
}

/** What was said of one policy already is not said of the next. */
function asOthers(all: readonly Alternative[]): readonly Alternative[] {
  const said = new Map<string, string>();
  return all.map((one) => {
    const words = alternativeText({ ...one, policy: '' });
    const sameAs = said.get(words);
    if (sameAs !== undefined) return { ...one, better: [], worse: [], sameAs };
    said.set(words, one.policy);
    return one;
  });
}

/**
 * What a comparison means, sentence by sentence.
 *
 * @param shown what the table above shows
 */
export function closingWords(choice: Choice, policies: number, shown: Shown): readonly Closing[] {
  const { baseline, named: chosen, replacements, noChoices } = choice;
  const alone = (sentence: string): Closing => ({ sentence, alternatives: [] });
  if (policies === 1) return [alone(singleWords(baseline, shown))];
  const hint = chosen ? '' : ' (name yours first, and the others are held against it)';
  const told = asOthers(
    replacements
      .map((one) => alternativeOf(one, baseline, shown))
      .filter(({ better }) => better.length > 0),
  );
  const others = told.slice(MOST_REPLACEMENTS).map(({ policy }) => policy);
  const nothing =
    noChoices.length + 1 === policies ? 'nothing here is a choice.' : 'nothing here does better.';
  return [
    {
      sentence: `Instead of ${policyText(baseline.policy)}${speaking(choice.against)}${hint}:${told.length === 0 ? ` ${nothing}` : ''}`,
      alternatives: told.slice(0, MOST_REPLACEMENTS),
    },
    ...(others.length === 0 ? [] : [alone(`Also better in something: ${formatList(others)}.`)]),
    ...against(choice, shown).map(alone),
    ...dominatedWords(choice.dominated).map(alone),
  ];
}

/** The same as lines, each a paragraph; those of the alternatives are indented. */
export function closingParagraphs(words: readonly Closing[]): readonly string[] {
  return words.flatMap(({ sentence, alternatives }) => [
    sentence,
    ...alternatives.map((one) => `  ${alternativeText(one)}`),
  ]);
}

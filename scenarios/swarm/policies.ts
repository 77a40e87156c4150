/**
 * Random policies, drawn from the schema itself: every kind of mechanism, every field, and those that will
 * be added. Two styles: what people write (one to three mechanisms, whole seconds, few options) and what the schema
 * allows (up to four, from 50 ms to ten minutes, any option).
 */
import { assert } from '../../model/assert.ts';
import { between, oneOf, type Choices } from '../../model/faults/choices.ts';
import type { PolicyInput } from '../../model/policy/types.ts';
import { definePolicy } from '../../model/policy/index.ts';
import type { MechanismKind, Policy } from '../../model/policy/types.ts';
import { mechanismSchema } from '../../model/mechanisms/index.ts';
import { peerHeartbeatSchema, policySchema } from '../../model/policy/schema.ts';
import type {
  DurationWord,
  Fields,
  KnownWord,
  ListWord,
  NumberWord,
  ObjectWord,
  VariantWord,
  Word,
} from '../../model/schema/words.ts';
import { Draws, seedWords } from '../../sim/random.ts';
import { drawnChoices } from './choices.ts';

/** `written`: as people write policies; `wild`: as the schema allows them. */
export type PolicyStyle = 'written' | 'wild';

interface Habits {
  readonly mostMechanisms: number;
  /** How often an option is set that may be left out, %. */
  readonly optionPercent: number;
  /** How often a mechanism is lost, %. */
  readonly lostPercent: number;
  readonly heartbeatPercent: number;
  readonly durationMs: (choices: Choices) => number;
  /** Kinds that come most of the time; none = all alike. */
  readonly usual: readonly MechanismKind[];
}

/** How often one of the usual kinds is drawn, %; else any. */
const USUAL_PERCENT = 65;

/** Times that people write. */
const WRITTEN_S = [
  30, 10, 5, 20, 15, 60, 25, 2, 1, 3, 45, 40, 90, 120, 8, 7, 12, 35, 50, 4,
] as const;

const habits: Readonly<Record<PolicyStyle, Habits>> = {
  written: {
    mostMechanisms: 3,
    optionPercent: 15,
    lostPercent: 3,
    heartbeatPercent: 15,
    durationMs: (choices) => oneOf(choices, WRITTEN_S) * 1_000,
    usual: ['ping', 'sweep', 'keepalive', 'receive-deadline', 'user-timeout', 'pong-timer'],
  },
  wild: {
    mostMechanisms: 4,
    optionPercent: 35,
    lostPercent: 8,
    heartbeatPercent: 25,
    durationMs: (choices) => between(choices, 50, 600_000),
    usual: [],
  },
};

/** Counts and sizes above this are as good as without a limit. */
const MOST_COUNTED = 1_000_000;

function drawDuration(
  { limits: { minMs, maxMs, multipleOfMs } }: DurationWord,
  choices: Choices,
  style: Habits,
): number {
  const ms = Math.round(style.durationMs(choices) / multipleOfMs) * multipleOfMs;
  return Math.min(maxMs, Math.max(minMs, ms, multipleOfMs));
}

/** Small numbers are counts and as likely as one another; large ones are sizes. */
function drawNumber({ limits: { min, max } }: NumberWord, choices: Choices): number {
  const most = Math.min(max, MOST_COUNTED);
  if (most <= 200) {
    const few = min + choices.below(Math.min(5, most - min + 1));
    return choices.chance(10) ? min + choices.below(most - min + 1) : few;
  }
  return Math.max(min, between(choices, 100, most));
}

function drawList(
  { item, limits: { minItems, maxItems, unique } }: ListWord<Word>,
  choices: Choices,
  style: Habits,
): unknown {
  const count = Math.max(
    minItems,
    Math.min(maxItems, choices.chance(40) ? 2 + choices.below(2) : 1),
  );
  const items = Array.from({ length: count }, () => draw(item, choices, style));
  return unique ? [...new Set(items)] : items;
}

function drawField(name: string, field: Fields[string], choices: Choices, style: Habits): unknown {
  if (field.type !== 'exact_optional') return draw(field as Word, choices, style);
  const percent = name === 'lost' ? style.lostPercent : style.optionPercent;
  const { wrapped } = field as unknown as { readonly wrapped: Word };
  return choices.chance(percent) ? draw(wrapped, choices, style) : undefined;
}

function drawObject(
  { entries }: Pick<ObjectWord, 'entries'>,
  choices: Choices,
  style: Habits,
): object {
  const drawn = Object.entries(entries).map(([name, field]): [string, unknown] => [
    name,
    drawField(name, field, choices, style),
  ]);
  return Object.fromEntries(drawn.filter(([, value]) => value !== undefined));
}

function drawVariant(
  options: readonly VariantWord[],
  choices: Choices,
  { usual }: Habits,
): VariantWord {
  const kindOf = ({ entries }: VariantWord): string => String(entries.kind.options[0]);
  const kinds =
    usual.length > 0 && !choices.chance(100 - USUAL_PERCENT) ? usual : options.map(kindOf);
  const kind = oneOf(choices, kinds);
  const variant = options.find((option) => kindOf(option) === kind);
  assert(variant !== undefined, 'every usual kind is one of the schema');
  return variant;
}

function draw(word: Word, choices: Choices, style: Habits): unknown {
  const known = word as KnownWord;
  switch (known.is) {
    case 'duration':
      return drawDuration(known, choices, style);
    case 'number':
      return drawNumber(known, choices);
    case 'boolean':
      return choices.below(2) === 0;
    case 'choice':
      return oneOf(choices, known.options);
    case 'nullable':
      return choices.chance(20) ? null : draw(known.wrapped, choices, style);
    case 'list':
      return drawList(known, choices, style);
    case 'object':
      return drawObject(known, choices, style);
    case 'union':
      return drawObject(drawVariant(known.options, choices, style), choices, style);
  }
}

/** Of a kind that a policy may have once, the first counts. */
function withoutRepeats(
  list: readonly { readonly kind: string }[],
  once: readonly string[],
): object[] {
  return list.filter(
    ({ kind }, index) =>
      !once.includes(kind) || list.findIndex((other) => other.kind === kind) === index,
  );
}

/** What a policy does, as its file says it: any that the schema allows may come. */
export function drawnPolicyJson(
  choices: Choices,
  style: PolicyStyle,
): Pick<PolicyInput, 'mechanisms' | 'peerHeartbeat'> {
  const habit = habits[style];
  const count = 1 + choices.below(habit.mostMechanisms);
  const drawn = Array.from({ length: count }, () => draw(mechanismSchema, choices, habit)) as {
    readonly kind: string;
  }[];
  const list = withoutRepeats(drawn, policySchema.entries.mechanisms.limits.atMostOne);
  const beats = choices.chance(habit.heartbeatPercent);
  return {
    mechanisms: list,
    ...(beats && { peerHeartbeat: draw(peerHeartbeatSchema, choices, habit) }),
  } as Pick<PolicyInput, 'mechanisms' | 'peerHeartbeat'>;
}

/** No connection of any run has this number, nor a drawn scenario: its draws belong to nobody else. */
const SWARM_CONNECTION = 0x7fff_fffe;

const NAME = /^swarm-policy-(\d{1,10})$/;

/** The highest index of a drawn policy. */
const LAST_INDEX = 2 ** 31 - 1;

function policyAt(seed: bigint, index: number): Policy {
  const draws = new Draws();
  draws.reset(seedWords(seed), index, SWARM_CONNECTION);
  const style = index % 2 === 0 ? 'written' : 'wild';
  const name = `swarm-policy-${index}`;
  const title =
    style === 'written' ? 'Drawn, as people write policies' : 'Drawn, as the schema allows';
  return definePolicy({ ...drawnPolicyJson(drawnChoices(draws, 0), style), name, title });
}

/**
 * The policy of the swarm that a name means under a seed: even ones as people write them, odd ones as the schema allows.
 *
 * @param name `swarm-policy-` and an index: `swarm-policy-17`
 * @returns null where the name is none of the swarm's
 * @example
 * swarmPolicy(1n, 'swarm-policy-3').name // => 'swarm-policy-3'
 * swarmPolicy(1n, 'socket.io') // => null
 */
export function swarmPolicy(seed: bigint, name: string): Policy | null {
  const index = Number(NAME.exec(name)?.[1] ?? Infinity);
  return index > LAST_INDEX || name !== `swarm-policy-${index}` ? null : policyAt(seed, index);
}

/**
 * The first policies of a seed's swarm.
 *
 * @param count how many, at least 1
 * @example
 * swarmPolicies(1n, 2).map(({ name }) => name) // => ['swarm-policy-0', 'swarm-policy-1']
 */
export function swarmPolicies(seed: bigint, count: number): readonly Policy[] {
  return Array.from({ length: count }, (_, index) => policyAt(seed, index));
}

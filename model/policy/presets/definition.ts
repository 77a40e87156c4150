/**
 * A built-in policy: what a system does, as a function of that system's own settings. With none of them
 * set it is the policy of that name; with some it is another, whose name says which.
 */
import { assert } from '../../assert.ts';
import type { PolicyInput } from '../types.ts';
import { definePolicy } from '../parse.ts';
import type { Policy } from '../types.ts';
import type { Doubt, OptionUnit, PlausibleRange, PresetOption, ValuesOf } from './options.ts';
import type { Runtime } from './runtimes/runtime.ts';

type NoOptions = Readonly<Record<never, never>>;

/** What a preset is about; each is a `@tag` that selects its members. */
export type PresetTag =
  /** The systems that Ghostbound grew from, with their variants. */
  | 'founding'
  | 'server'
  | 'client'
  | 'proxy'
  | 'pool'
  | 'kernel'
  | 'drain'
  /** Its connections carry requests, and may be closed between two of them. */
  | 'requests'
  /** A limit on what is sent, beside another reaper of the same system. */
  | 'send-limit';

/** A setting as it is shown. */
export interface OptionDescription {
  readonly name: string;
  readonly default: string;
  readonly description: string;
  readonly expected: string;
  /** What its values are measured in; of a time, the unit of a bare number. */
  readonly unit: OptionUnit;
  /** What somebody would choose, in ms, bytes or pieces; outside, a slip of the unit is likely. null = no such range. */
  readonly plausible: PlausibleRange | null;
}

/** Under which conditions a system does what a preset says, and what it does besides. */
export interface Conditions {
  /** What has to be so: versions, settings that are taken for granted, what the peer does. At least one. */
  readonly assumes: readonly string[];
  /** The socket options that the system's language or library sets by itself; they are part of the policy. */
  readonly runtime: Runtime;
  /** What the system does and this policy does not say, and in which direction that errs. */
  readonly notModelled: readonly string[];
}

/** One built-in policy with its settings. */
export interface Preset extends Conditions {
  /** With every setting at its default. */
  readonly policy: Policy;
  readonly aliases: readonly string[];
  readonly tags: readonly PresetTag[];
  readonly options: readonly OptionDescription[];
  /**
   * The policy with some settings.
   *
   * @param name what it is called without its settings: the preset's name or one of its aliases
   * @param texts option → what the user wrote
   */
  readonly configured: (name: string, texts: ReadonlyMap<string, string>) => Policy | BadOption;
}

/** The first setting that cannot be taken, and what would have been. */
export interface BadOption {
  readonly option: string;
  readonly expected: string;
  /** It could be taken, but a slip of the unit is likelier. */
  readonly doubt?: Doubt;
}

export function isBadOption(value: Policy | BadOption): value is BadOption {
  return 'option' in value;
}

interface PresetInput<O> extends Omit<Conditions, 'notModelled'> {
  readonly notModelled?: readonly string[];
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly tags: readonly PresetTag[];
  readonly title: string;
  readonly claim: string;
  readonly truth: string;
  readonly source: string;
  readonly options: O;
  /** Its connections are its own, and it opens another when it needs one: an orderly end harms nobody. */
  readonly orderlyEnd?: 'harmless';
  readonly mechanisms: (values: ValuesOf<O>) => PolicyInput['mechanisms'];
  readonly peerHeartbeat?: (values: ValuesOf<O>) => PolicyInput['peerHeartbeat'];
}

/** Defines one built-in policy. */
export function definePreset<O>(input: PresetInput<O>): Preset {
  const options = optionsOf(input);
  const defaults = Object.fromEntries(options.map(([name, option]) => [name, option.default]));
  const { name, title, claim, truth, source } = input;
  return {
    policy: definePolicy({ name, title, claim, truth, source, ...actsOf(input, defaults) }),
    assumes: input.assumes,
    runtime: input.runtime,
    notModelled: input.notModelled ?? [],
    aliases: input.aliases ?? [],
    tags: input.tags,
    options: options.map(([optionName, option]) => describe(optionName, option)),
    configured: (as, texts) => configured(input, as, texts),
  };
}

/** A policy without settings of its own. */
export function fixedPreset(
  input: Omit<PresetInput<NoOptions>, 'options' | 'mechanisms'> & {
    readonly mechanisms: PolicyInput['mechanisms'];
  },
): Preset {
  const { mechanisms, ...rest } = input;
  return definePreset({ ...rest, options: {}, mechanisms: () => mechanisms });
}

/** The settings by name; each reads and spells its own kind of value. */
function optionsOf<O>({ options }: PresetInput<O>): readonly [string, PresetOption<unknown>][] {
  return Object.entries(options as Readonly<Record<string, PresetOption<unknown>>>);
}

function describe(name: string, option: PresetOption<unknown>): OptionDescription {
  const { description, expected, unit, plausible } = option;
  return { name, default: option.spell(option.default), description, expected, unit, plausible };
}

/** What the system sets by itself, and of the runtime's socket options those that it leaves alone. */
function withRuntime(
  own: PolicyInput['mechanisms'],
  { mechanisms }: Runtime,
): PolicyInput['mechanisms'] {
  return [...own, ...mechanisms.filter(({ kind }) => own.every((one) => one.kind !== kind))];
}

function actsOf<O>(
  { mechanisms, peerHeartbeat, runtime, orderlyEnd }: PresetInput<O>,
  values: Readonly<Record<string, unknown>>,
): Pick<PolicyInput, 'mechanisms' | 'peerHeartbeat' | 'orderlyEnd'> {
  const heartbeat = peerHeartbeat?.(values as ValuesOf<O>);
  return {
    mechanisms: withRuntime(mechanisms(values as ValuesOf<O>), runtime),
    ...(heartbeat === undefined ? {} : { peerHeartbeat: heartbeat }),
    ...(orderlyEnd !== undefined && { orderlyEnd }),
  };
}

function configured<O>(
  input: PresetInput<O>,
  as: string,
  texts: ReadonlyMap<string, string>,
): Policy | BadOption {
  const options = optionsOf(input);
  const values: Record<string, unknown> = {};
  const set: string[] = [];
  for (const [name, option] of options) {
    const text = texts.get(name);
    const doubt = text === undefined ? undefined : option.doubt?.(text);
    if (doubt !== undefined) return { option: name, expected: option.expected, doubt };
    const value = text === undefined ? option.default : option.read(text);
    if (value === undefined) return { option: name, expected: option.expected };
    values[name] = value;
    if (option.spell(value) !== option.spell(option.default))
      set.push(`${name}=${option.spell(value)}`);
  }
  assert(
    [...texts.keys()].every((name) => Object.hasOwn(values, name)),
    'unknown options are refused before',
  );
  const acts = actsOf(input, values);
  const { title, claim, truth, source } = input;
  // What is claimed and true of the defaults need not be so of other settings.
  if (set.length === 0) return definePolicy({ name: as, title, claim, truth, source, ...acts });
  const spelled = set.join(',');
  return definePolicy({
    name: `${as}(${spelled})`,
    title: `${title}, with ${set.join(', ')}`,
    source,
    ...acts,
  });
}

/** Options as a table: what each is called, how it is read, and which facts follow from its value. */
import type { Result } from '../issue.ts';
import type { PresetOption } from '../policy/presets/options.ts';
import { failed, type Facts, type Settings, type SystemOption } from './facts.ts';

/** One option with what follows from it. */
export interface FactOption {
  readonly description: string;
  /** As it is shown; '' where it is not set unless somebody does. */
  readonly default: string;
  /** The facts of a text, or what would have been a value. */
  readonly read: (text: string) => Partial<Facts> | { readonly expected: string };
  /** The shortest text of the same value. */
  readonly spell: (text: string) => string;
}

/** An option of which facts follow. */
export function fact<T>(option: PresetOption<T>, facts: (value: T) => Partial<Facts>): FactOption {
  const known = (text: string): boolean =>
    option.doubt?.(text) === undefined && option.read(text) !== undefined;
  return {
    description: option.description,
    default: '',
    read: (text) => {
      const doubt = option.doubt?.(text);
      if (doubt !== undefined) {
        return {
          expected: `a unit: ${text} would be ${doubt.means}; ${doubt.likelier} is likelier`,
        };
      }
      const value = option.read(text);
      return value === undefined ? { expected: option.expected } : facts(value);
    },
    spell: (text) => (known(text) ? option.spell(option.read(text) as T) : text),
  };
}

/** The same with a value that holds where nothing is set. */
export function factWithDefault<T>(
  option: PresetOption<T>,
  facts: (value: T) => Partial<Facts>,
): FactOption {
  return { ...fact(option, facts), default: option.spell(option.default) };
}

export type OptionTable = Readonly<Record<string, FactOption>>;

export function described(table: OptionTable): readonly SystemOption[] {
  return Object.entries(table).map(([name, { description, default: usual }]) => ({
    name,
    default: usual,
    description,
  }));
}

/** The facts that settings make, those that hold without them first; or the first that is no value. */
export function factsOf(table: OptionTable, settings: Settings): Result<Partial<Facts>> {
  const facts: Partial<Facts> = {};
  for (const [name, option] of Object.entries(table)) {
    const text = settings.get(name) ?? option.default;
    if (text === '' && !settings.has(name)) continue;
    const read = option.read(text);
    if ('expected' in read) {
      const { expected } = read;
      return failed({ code: 'bad-option', path: name, received: JSON.stringify(text), expected });
    }
    Object.assign(facts, read);
  }
  return { ok: true, value: facts };
}

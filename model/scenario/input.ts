/** A scenario as people write it in code: durations as text or milliseconds, defaults left out. */
import type { FaultScenario, LiveScenario, Story } from './types.ts';

/** Fields that end in `Ms` may also be text such as `'30s'`, at any depth. */
type Written<T> = T extends object
  ? {
      readonly [K in keyof T]: K extends `${string}Ms`
        ? T[K] | string
        : T[K] extends readonly string[]
          ? T[K]
          : Written<T[K]>;
    }
  : T;
type Defaulted<T, K extends PropertyKey> = Omit<T, K> & Partial<Pick<T, K & keyof T>>;

/** Settings that fall back as a whole or field by field. */
interface Settings {
  readonly path?: Written<FaultScenario['path']>;
  readonly server?: Written<Partial<FaultScenario['server']>>;
  readonly kernel?: Partial<FaultScenario['kernel']>;
}
type DefaultedKey = 'schemaVersion' | 'title' | 'tags' | 'load' | 'watchMs';

/** Fields of a story that fall back. */
type DefaultedOfStory =
  | ('baseMs' | 'factor' | 'maxMs' | 'attempts' | 'attemptTimeoutMs' | 'teardown')
  | ('drainMs' | 'drain' | 'pauseMs' | 'balancing');
type StoryInput<T> = T extends Story ? Written<Defaulted<T, DefaultedOfStory>> : never;

type InputOf<T extends FaultScenario | LiveScenario> = Written<
  Defaulted<Omit<T, keyof Settings | 'story'>, DefaultedKey>
> &
  Settings & { readonly story?: StoryInput<Story> };

/** A scenario as {@link defineScenario} takes it. */
export type ScenarioInput = InputOf<FaultScenario> | InputOf<LiveScenario>;

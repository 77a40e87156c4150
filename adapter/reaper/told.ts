/** Who is told of a verdict, and what: `onReap`, and those who observe. */
import type { Policy } from '../../model/policy/types.ts';
import type { Hooks } from '../safety/hooks.ts';
import { nowUs } from './alarm.ts';
import type { ReapEvent } from './options.ts';
import type { Watched } from './watched.ts';

type Listener<S> = (event: ReapEvent<S>) => unknown;

export class Told<S> {
  readonly #policy: Policy;
  readonly #hooks: Hooks;
  readonly #onReap: Listener<S> | undefined;
  readonly #observers: Set<Listener<S>>;

  constructor(
    policy: Policy,
    hooks: Hooks,
    onReap: Listener<S> | undefined,
    previous: Told<S> | undefined,
  ) {
    this.#observers = previous === undefined ? new Set() : previous.#observers;
    this.#policy = policy;
    this.#hooks = hooks;
    this.#onReap = onReap;
  }

  /** See the handle's `observe`. */
  observe(observer: Listener<S>): () => void {
    const own: Listener<S> = (event) => observer(event);
    this.#observers.add(own);
    return () => this.#observers.delete(own);
  }

  /** Whether there is anybody to tell. */
  get isHeard(): boolean {
    return this.#onReap !== undefined || this.#observers.size > 0;
  }

  eventOf(
    { socket, raw, remoteAddress, label, sample, openedUs, lastReceivedUs }: Watched<S>,
    verdict: ReapEvent<S>['verdict'],
    mechanismIndex: number | undefined,
    reason: string,
  ): ReapEvent<S> {
    const atUs = nowUs();
    return {
      socket,
      verdict,
      policy: this.#policy.name,
      mechanism: this.#policy.mechanisms[mechanismIndex ?? -1]?.kind ?? 'kernel',
      mechanismIndex,
      reason,
      openMs: (atUs - openedUs) / 1000,
      silentMs: (atUs - lastReceivedUs) / 1000,
      sample,
      label,
      remoteAddress: remoteAddress ?? raw.remoteAddress,
    };
  }

  announce(event: ReapEvent<S>): void {
    this.#hooks.run(() => this.#onReap?.(event));
    for (const observer of this.#observers) this.#hooks.run(() => observer(event));
  }
}

/** Typed events. A listener that throws, or rejects, hurts neither the client nor the next listener. */
import { contain } from '../safety/contain.ts';

/** Listeners by event; `Events` maps the name of each event to what is told with it. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(detail: never) => unknown>>();
  readonly #failed: (event: keyof Events, error: unknown) => void;

  /** `failed` is told what a listener throws or rejects with; must not throw. */
  constructor(failed: (event: keyof Events, error: unknown) => void) {
    this.#failed = failed;
  }

  /** Calls `listener` at each such event until the function answered is called; twice given, it is called twice. */
  on<Name extends keyof Events>(
    name: Name,
    listener: (detail: Events[Name]) => unknown,
  ): () => void {
    const own = (detail: Events[Name]): unknown => listener(detail);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(own));
    return () => {
      listeners.delete(own);
    };
  }

  /** Whether anybody listens for `name`. */
  has(name: keyof Events): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  emit<Name extends keyof Events>(name: Name, detail: Events[Name]): void {
    // A copy: listeners come and go while they are told.
    for (const listener of Array.from(this.#listeners.get(name) ?? [])) {
      contain(
        () => (listener as (detail: Events[Name]) => unknown)(detail),
        (error) => {
          this.#failed(name, error);
        },
      );
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}

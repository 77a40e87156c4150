/** Typed events. A listener that throws hurts neither the client nor the next listener. */

/** Listeners by event; `Events` maps the name of each event to what is told with it. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(detail: never) => void>>();
  readonly #onThrow: (error: unknown) => void;

  /** `onThrow` is told what a listener throws. */
  constructor(onThrow: (error: unknown) => void) {
    this.#onThrow = onThrow;
  }

  /** Calls `listener` at each such event until the function answered is called; twice given, it is called twice. */
  on<Name extends keyof Events>(name: Name, listener: (detail: Events[Name]) => void): () => void {
    const own = (detail: Events[Name]): void => {
      listener(detail);
    };
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
      try {
        (listener as (detail: Events[Name]) => void)(detail);
      } catch (error) {
        this.#onThrow(error);
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}

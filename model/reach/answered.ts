/** Cells of which B or T was proved already: whoever asks again of the same policy and scenario has the same answer. */
import type { Policy } from '../policy/types.ts';
import type { Scenario } from '../scenario/types.ts';

interface Answer<A> {
  readonly answer: A;
  /** With fewer steps it might have been cut off, and with more it is the same. */
  readonly leastWork: number;
  readonly mostWork: number;
  readonly hasStart: boolean;
}

/** Answers that need not be found again, as long as somebody holds the policy and the scenario. */
export class Answered<A extends { readonly start: unknown }> {
  readonly #cells = new WeakMap<Policy, WeakMap<Scenario, Answer<A>>>();

  /** What is known of a cell to whoever allows so many steps; undefined = it has to be explored. */
  of(policy: Policy, scenario: Scenario, work: number, asksStart: boolean): A | undefined {
    const known = this.#cells.get(policy)?.get(scenario);
    if (known === undefined || work < known.leastWork || work > known.mostWork) return undefined;
    if (!asksStart) return { ...known.answer, start: null };
    return known.hasStart ? known.answer : undefined;
  }

  keep(policy: Policy, scenario: Scenario, answer: Answer<A>): void {
    const cells = this.#cells.get(policy) ?? new WeakMap<Scenario, Answer<A>>();
    this.#cells.set(policy, cells);
    cells.set(scenario, answer);
  }
}

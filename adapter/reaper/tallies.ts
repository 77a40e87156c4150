/** What each mechanism has done so far, and in what state it is: the status page of one reaper. */
import type { Need } from '../../model/mechanisms/kind.ts';
import type { Policy } from '../../model/policy/types.ts';
import { assert } from '../../model/assert.ts';
import type { Refusal } from '../kernel/types.ts';
import { drainState, needsOne, type MechanismStatus } from './mechanisms.ts';

/** Counters of one mechanism. */
interface Tally {
  reaped: number;
  refused: number;
  lastRefusal: Refusal;
}

export class Tallies {
  readonly #policy: Policy;
  readonly #stated: readonly Pick<MechanismStatus, 'state' | 'reason'>[];
  readonly #tallies: readonly Tally[];

  /** @param stated the state of each mechanism of `policy`, by its index */
  constructor(policy: Policy, stated: readonly Pick<MechanismStatus, 'state' | 'reason'>[]) {
    this.#policy = policy;
    this.#stated = stated;
    this.#tallies = policy.mechanisms.map(() => ({
      reaped: 0,
      refused: 0,
      lastRefusal: undefined,
    }));
  }

  /** Connections that the policy has ended. */
  get reaped(): number {
    return this.#tallies.reduce((sum, tally) => sum + tally.reaped, 0);
  }

  /** The mechanism with this index has ended a connection. */
  ended(index: number): void {
    const tally = this.#tallies[index];
    assert(tally !== undefined, 'a verdict names its mechanism');
    tally.reaped += 1;
  }

  /** On one connection, the mechanisms that need this could not do their work. */
  refused(what: Need['what'], refusal: string): void {
    this.#policy.mechanisms.forEach((mechanism, index) => {
      const tally = this.#tallies[index];
      if (tally === undefined || mechanism.lost !== undefined) return;
      if (!needsOne(mechanism, what)) return;
      tally.refused += 1;
      tally.lastRefusal = refusal;
    });
  }

  /** @param drainMs the deadline of the shutdown under way, null = for ever; undefined before there is one */
  states(drainMs: number | null | undefined): MechanismStatus[] {
    return this.#policy.mechanisms.map((mechanism, index) => {
      const stated = drainState(mechanism, drainMs) ?? this.#stated[index];
      const tally = this.#tallies[index];
      assert(stated !== undefined && tally !== undefined, 'one state and tally per mechanism');
      return { index, kind: mechanism.kind, ...stated, ...tally };
    });
  }
}

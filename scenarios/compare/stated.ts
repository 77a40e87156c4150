/**
 * What is stated of a cell of the grid beside what its runs yield: B, release and T. Plain data, so that any thread can
 * work it out; policies that differ in their names alone have the same.
 */
import { bounds, type Bounds } from '../../model/bounds/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { ComparisonRow } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';

/** The fields of a row that are about what is promised. */
export type Stated = Pick<
  ComparisonRow,
  | 'proved'
  | 'because'
  | 'boundMs'
  | 'releaseBoundMs'
  | 'releaseProved'
  | 'toleranceMs'
  | 'toleranceProved'
>;

/** A cell whose statement is asked for, by position of its policy and its scenario. */
export interface StatedCell {
  readonly policy: number;
  readonly scenario: number;
}

/** Works out what is stated of a policy on a scenario. */
export function stateCell(policy: Policy, scenario: Scenario): Stated {
  return statedOf(scenario, bounds(policy, scenario));
}

/** What a row says of B and T. */
export function statedOf({ kind }: Scenario, { decided, released, tolerance }: Bounds): Stated {
  // Of a living peer nobody becomes a ghost: there the row is about T.
  const { proved, because } = kind === 'fault' ? decided : tolerance;
  return {
    proved,
    ...(because !== undefined && { because }),
    boundMs: decided.maxMs,
    releaseBoundMs: released.maxMs,
    releaseProved: released.proved,
    toleranceMs: tolerance.maxMs,
    toleranceProved: tolerance.proved,
  };
}

/** What a policy does, without what it is called and what is told of it. */
function worksOf({ mechanisms, peerHeartbeat }: Policy): string {
  return JSON.stringify([mechanisms, peerHeartbeat]);
}

/** The statements of a grid: each is worked out once, here or wherever somebody else has. */
export class Statements {
  readonly #policies: readonly Policy[];
  readonly #scenarios: readonly Scenario[];
  /** Per policy, the first one that does the same. */
  readonly #leaders: readonly number[];
  readonly #known = new Map<number, Stated>();

  constructor(policies: readonly Policy[], scenarios: readonly Scenario[]) {
    this.#policies = policies;
    this.#scenarios = scenarios;
    const first = new Map<string, number>();
    this.#leaders = policies.map((policy, position) => {
      const works = worksOf(policy);
      const leader = first.get(works) ?? position;
      first.set(works, leader);
      return leader;
    });
  }

  /** The cells that have to be worked out for all others to be known. */
  cells(): readonly StatedCell[] {
    return this.#scenarios.flatMap((_, scenario) =>
      this.#leaders.flatMap((leader, policy) => (leader === policy ? [{ policy, scenario }] : [])),
    );
  }

  /** The first policy that does the same as this one. */
  leaderOf(policy: number): number {
    return this.#leaders[policy] as number;
  }

  /** Somebody has worked out one of {@link Statements.cells}. */
  add(cell: StatedCell, stated: Stated): void {
    this.#known.set(this.#keyOf(cell), stated);
  }

  of(cell: StatedCell): Stated {
    const key = this.#keyOf(cell);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const { policy, scenario } = cell;
    const stated = stateCell(
      this.#policies[policy] as Policy,
      this.#scenarios[scenario] as Scenario,
    );
    this.#known.set(key, stated);
    return stated;
  }

  #keyOf({ policy, scenario }: StatedCell): number {
    return this.leaderOf(policy) * this.#scenarios.length + scenario;
  }
}

/**
 * Quiescence: two ways in which a watch can be over before its time. Nothing can change any more, or all that follows is
 * like what was seen.
 */
import { faultKindOf } from '../../model/faults/index.ts';
import { isOfReaper, kindOf } from '../../model/mechanisms/index.ts';
import type { Mechanism, Policy } from '../../model/policy/types.ts';
import { rhythmOf } from '../../model/rhythm/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import type { Digest } from '../digest.ts';
import type { Nat } from '../network/nat.ts';

/** A middlebox that keeps an idle flow for longer than this is not watched to the end where the policy keeps it busy. */
const LONG_IDLE_MS = 3_600_000;

/** After so many cycles a rhythm has been seen. */
const CYCLES_SEEN = 4;

/** Since when a life's digest has stood still. */
/** Whether the reaper ends connections by it that nothing is wrong with. */
function endsInOrder(mechanism: Mechanism): boolean {
  return isOfReaper(mechanism) && kindOf(mechanism).ends === 'in-order';
}

export class Quiescence {
  #a = 0;
  #b = 0;
  #sinceUs = NaN;

  /** Whether nothing that a digest tells has happened for longer than `patienceUs`. */
  lastsLonger(patienceUs: number, digest: Digest, nowUs: number): boolean {
    if (digest.a !== this.#a || digest.b !== this.#b) {
      this.#a = digest.a;
      this.#b = digest.b;
      this.#sinceUs = nowUs;
      return false;
    }
    return nowUs - this.#sinceUs > patienceUs;
  }
}

/**
 * Whether the policy's own rhythm has been seen to keep a flow in the table of a middlebox, which forgets it only
 * after many such cycles: the next days are like the first minutes. A policy that ends connections by their
 * idleness or age is played to that end.
 */
export class KeptAlive {
  readonly #nat: Nat | null;
  /** Infinity where that is not the story. */
  readonly #cycleUs: number;

  constructor(policy: Policy, scenario: Scenario, nat: Nat | null) {
    const instant =
      scenario.kind === 'fault' ? faultKindOf(scenario.fault).instant(scenario.fault) : null;
    const idleMs = instant?.by === 'box' ? instant.idleMs : 0;
    const ends = policy.mechanisms.some(endsInOrder);
    // The kernel rounds its timers up, by an eighth at most.
    const cycleUs = 2 * rhythmOf(policy, scenario).longestMs * 1000;
    const fits = idleMs >= LONG_IDLE_MS && CYCLES_SEEN * cycleUs <= idleMs * 1000;
    this.#nat = nat;
    this.#cycleUs = fits && !ends ? cycleUs : Infinity;
  }

  /** Whether the watch may end for it. */
  get mayEnd(): boolean {
    return this.#cycleUs !== Infinity;
  }

  /** Only while the server serves: what is left of a connection that was decided goes on to its end. */
  isSeen(nowUs: number, isServing: boolean): boolean {
    const nat = this.#nat;
    if (!isServing || nat === null || nat.forgotten || this.#cycleUs === Infinity) return false;
    return nowUs > CYCLES_SEEN * this.#cycleUs && nat.lastPacketUs > nowUs - this.#cycleUs;
  }
}

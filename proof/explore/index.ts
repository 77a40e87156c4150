/**
 * The exhaustive witness: B and T of what the process itself decides, found by playing the compiled
 * reaper through every phase, in ticks that divide every duration. It knows nothing of the closed forms.
 */
import { boundingEnding, endingsOf } from '../../model/bounds/compose.ts';
import { situationOf } from '../../model/bounds/situate.ts';
import { policyOn } from '../../model/scenario/degraded-policy.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { ExploredBound, ExploredTolerance, NotApplicable } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { explorableFault, explorableSilence } from './applies.ts';
import { exploreGhosts } from './ghosts.ts';
import { TooManyStates } from './healthy.ts';
import { settingOf } from './setting.ts';
import { exploreSilence } from './silences.ts';

/** A kernel rule or option that may end the ghost before the process does; null when none can. */
function kernelFirst(policy: Policy, scenario: Scenario, maxMs: number | null): string | null {
  if (scenario.kind === 'live') return null;
  const endings = endingsOf(situationOf(policy, scenario)).filter(
    ({ manner, minMs }) =>
      manner === 'kernel' && minMs !== null && (maxMs === null || minMs <= maxMs),
  );
  return endings.length === 0 ? null : boundingEnding(endings).by;
}

function msOf(us: number): number | null {
  return us === Infinity ? null : us / 1000;
}

/** A policy under exploration. Scenarios that look the same to its process share one. */
export class Explorer {
  readonly #policy: Policy;
  readonly #known = new Map<string, unknown>();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** B to the decision, over every phase of the fault. */
  bound(scenario: Scenario): ExploredBound {
    const policy = policyOn(this.#policy, scenario.server.broken);
    const explorable = explorableFault(policy, scenario);
    if ('reason' in explorable) return { kind: 'not-applicable', reason: explorable.reason };
    const { trouble } = explorable;
    const setting = settingOf(policy, scenario);
    const lives = this.#once(['ghosts', setting, trouble], () => exploreGhosts(setting, trouble));
    if ('reason' in lives) return lives;
    const maxMs = msOf(lives.maxUs);
    const kernel = kernelFirst(policy, scenario, maxMs);
    if (kernel !== null) {
      return { kind: 'not-applicable', reason: `the kernel may decide first: ${kernel}` };
    }
    const tickMs = setting.tickUs / 1000;
    return { kind: 'explored', minMs: msOf(lives.minUs), maxMs, tickMs, states: lives.states };
  }

  /** T against the scenario's silence, over every phase in which it may begin. */
  tolerance(scenario: Scenario): ExploredTolerance {
    const policy = policyOn(this.#policy, scenario.server.broken);
    const explorable = explorableSilence(policy, scenario);
    if ('reason' in explorable) return { kind: 'not-applicable', reason: explorable.reason };
    const { trouble, atMost } = explorable;
    // An orderly end is no reap, and after it there is none.
    const mechanisms = policy.mechanisms.filter(({ kind }) => kind !== 'idle' && kind !== 'age');
    const setting = settingOf({ ...policy, mechanisms }, scenario);
    const survived = this.#once(['silence', setting, trouble], () =>
      exploreSilence(setting, trouble),
    );
    if ('reason' in survived) return survived;
    const { maxUs, states } = survived;
    const kind = atMost ? 'at-most' : 'explored';
    return { kind, maxMs: msOf(maxUs), tickMs: setting.tickUs / 1000, states };
  }

  /** A state space that is too large becomes a reason; everything else that is thrown is a bug. */
  #once<T>(question: unknown, explore: () => T): T | NotApplicable {
    const key = JSON.stringify(question);
    const known = this.#known.get(key) as T | NotApplicable | undefined;
    if (known !== undefined) return known;
    let answer: T | NotApplicable;
    try {
      answer = explore();
    } catch (error) {
      if (!(error instanceof TooManyStates)) throw error;
      answer = { kind: 'not-applicable', reason: error.message };
    }
    this.#known.set(key, answer);
    return answer;
  }
}

/**
 * De-duplication of a grid: which chunks of runs have to be played, and for which other policies they count as well.
 *
 * Duplicates: policies that differ in nothing that a scenario can bring out live the same lives there, byte for byte.
 * A deadline for draining matters only where a server is shut down; a mechanism whose timer is lost matters nowhere.
 *
 * Likely duplicates: policies that differ in something that need not come about. A mechanism whose verdict is lost
 * differs from a whole one from its first verdict on: where the whole one gave none, both have lived the same lives;
 * where it gave one, the likely duplicate's chunk is played as well.
 */
import { kindOf } from '../../model/mechanisms/index.ts';
import type { Mechanism, Policy } from '../../model/policy/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { noDifferences } from '../../sim/server/observed-differences.ts';
import type { ObservedDifferences } from '../../sim/server/observed-differences.ts';
import { watchMs } from '../watch.ts';
import type { CellPart, Chunk, ChunkPlayed } from './part.ts';

/** A policy, by position, that the runs of a played chunk count for unless they came to one of these differences. */
interface LikelyDuplicate {
  readonly policy: number;
  readonly unless: ObservedDifferences;
}

/** A chunk to be played, and the other policies (by position) for which its runs count as well. */
export interface Play {
  readonly chunk: Chunk;
  readonly duplicates: readonly number[];
  readonly likelyDuplicates: readonly LikelyDuplicate[];
}

/** The plays of a grid. It grows when a play has come to a difference from a likely duplicate. */
export class PlayQueue {
  readonly #waiting: Play[];
  readonly #policies: readonly Policy[];
  readonly #leaders: readonly (readonly number[])[];

  /** @param chunks as `planChunks` cuts them */
  constructor(
    policies: readonly Policy[],
    scenarios: readonly Scenario[],
    chunks: readonly Chunk[],
  ) {
    this.#policies = policies;
    this.#leaders = scenarios.map((scenario) => leadersOn(scenario, policies));
    const differences = policies.map((played) =>
      policies.map((other) => differenceBetween(played, other)),
    );
    const likely = scenarios.map((scenario, s) =>
      likelyDuplicatesOn(scenario, policies, this.#leadersOf(s), differences),
    );
    this.#waiting = chunks.flatMap((chunk) => {
      const here = likely[chunk.scenario] as LikelyDuplicates;
      const isLeader = this.#leadersOf(chunk.scenario)[chunk.policy] === chunk.policy;
      if (!isLeader || here.likelyDuplicates.has(chunk.policy)) return [];
      return [this.#play(chunk, here.of.get(chunk.policy) ?? [])];
    });
    // The first one is taken from the end.
    this.#waiting.reverse();
  }

  /** How many plays are waiting. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Takes the next play; undefined when none is waiting. */
  next(): Play | undefined {
    return this.#waiting.pop();
  }

  /** A play is over: the parts of all policies that it stands for. */
  played(play: Play, { part, observed }: ChunkPlayed): readonly CellPart[] {
    const counted = [...play.duplicates];
    for (const { policy, unless } of play.likelyDuplicates) {
      const stand = this.#play({ ...play.chunk, policy }, []);
      if (cameTo(observed, unless)) this.#waiting.push(stand);
      else counted.push(policy, ...stand.duplicates);
    }
    return [part, ...counted.map((policy) => ({ ...part, chunk: { ...part.chunk, policy } }))];
  }

  #play(chunk: Chunk, likelyDuplicates: readonly LikelyDuplicate[]): Play {
    const leader = this.#leadersOf(chunk.scenario);
    const duplicates = this.#policies.flatMap((_, policy) =>
      leader[policy] === chunk.policy && policy !== chunk.policy ? [policy] : [],
    );
    return { chunk, duplicates, likelyDuplicates };
  }

  #leadersOf(scenario: number): readonly number[] {
    return this.#leaders[scenario] as readonly number[];
  }
}

function cameTo(observed: ObservedDifferences, unless: ObservedDifferences): boolean {
  return (
    (observed.verdicts & unless.verdicts) !== 0 ||
    (observed.measuresDiffer && unless.measuresDiffer)
  );
}

// Duplicates.

/** Per policy the first one in the list that lives the same lives on the scenario. */
function leadersOn(scenario: Scenario, policies: readonly Policy[]): readonly number[] {
  const observed = policies.map((policy) => visibleSettings(scenario, policy));
  return policies.map((policy, position) => {
    const likely = observed.indexOf(observed[position] as string);
    if (likely === position) return position;
    return sameWatch(policies[likely] as Policy, policy, scenario) ? likely : position;
  });
}

function sameWatch(a: Policy, b: Policy, scenario: Scenario): boolean {
  return watchMs(a, scenario) === watchMs(b, scenario);
}

/** What of a policy matters on the scenario: mechanisms, each with its place (verdicts are told by it), and what the peer sends. */
function visibleSettings(scenario: Scenario, policy: Policy): string {
  return JSON.stringify([
    policy.mechanisms
      .map((mechanism, place) => [place, mechanism])
      .filter(([, mechanism]) => affects(scenario, mechanism as Mechanism)),
    policy.peerHeartbeat,
  ]);
}

function affects(scenario: Scenario, mechanism: Mechanism): boolean {
  const kind = kindOf(mechanism);
  if (kind.carrier === 'supervisor') return scenario.story.kind === 'drain';
  return mechanism.lost !== 'timer' || kind.showsWhenLost;
}

// Likely duplicates.

interface LikelyDuplicates {
  /** Policies whose runs another one's may stand for. */
  readonly likelyDuplicates: ReadonlySet<number>;
  /** Their likely duplicates, by the policies that are played. */
  readonly of: ReadonlyMap<number, readonly LikelyDuplicate[]>;
}

/**
 * One step only: what stands for a likely duplicate is itself played for certain.
 *
 * @param differences by played policy and other one: `differenceBetween` them
 */
function likelyDuplicatesOn(
  scenario: Scenario,
  policies: readonly Policy[],
  leader: readonly number[],
  differences: readonly (readonly (ObservedDifferences | null)[])[],
): LikelyDuplicates {
  const likelyDuplicates = new Set<number>();
  const of = new Map<number, LikelyDuplicate[]>();
  const leaders = policies.flatMap((_, p) => (leader[p] === p ? [p] : []));
  for (const policy of leaders) {
    if (of.has(policy)) continue;
    for (const played of leaders) {
      const unless = differences[played]?.[policy] ?? null;
      if (unless === null || played === policy || likelyDuplicates.has(played)) continue;
      if (!sameWatch(policies[played] as Policy, policies[policy] as Policy, scenario)) continue;
      likelyDuplicates.add(policy);
      of.set(played, [...(of.get(played) ?? []), { policy, unless }]);
      break;
    }
  }
  return { likelyDuplicates, of };
}

/** What the runs of `played` must not come to if `other` is to live the same; null = more than is kept count of. */
function differenceBetween(played: Policy, other: Policy): ObservedDifferences | null {
  const unless = noDifferences();
  if (played.mechanisms.length !== other.mechanisms.length) return null;
  if (JSON.stringify(played.peerHeartbeat) !== JSON.stringify(other.peerHeartbeat)) return null;
  for (const [place, mechanism] of played.mechanisms.entries()) {
    const its = other.mechanisms[place] as Mechanism;
    if (sameButVerdictLost(mechanism, its)) unless.verdicts |= 1 << place;
    else if (sameButOtherMeasure(mechanism, its) && sampleTogether(played))
      unless.measuresDiffer = true;
    else if (!same(mechanism, its)) return null;
  }
  return unless;
}

/** The same mechanism, but nobody acts on what it finds. */
function sameButVerdictLost(mechanism: Mechanism, its: Mechanism): boolean {
  const kind = kindOf(mechanism);
  // Others do nothing at all then.
  if (kind.region === undefined || !kind.goesOnWithoutVerdict) return false;
  return mechanism.lost === undefined && same({ ...mechanism, lost: 'verdict' }, its);
}

/** The same watchdog on the send path, but of the two measures of the kernel it takes the other one. */
function sameButOtherMeasure(mechanism: Mechanism, its: Mechanism): boolean {
  if (!('progress' in mechanism) || !('progress' in its)) return false;
  if (mechanism.progress === 'application-ack' || its.progress === 'application-ack') return false;
  return same({ ...mechanism, progress: its.progress }, its);
}

/** Whether all that sample the socket do so at the same instants: then the last sample is everybody's last. */
function sampleTogether({ mechanisms }: Policy): boolean {
  const rhythms = new Set<number>();
  for (const mechanism of mechanisms) {
    const kind = kindOf(mechanism);
    const everyMs = kind.looksEveryMs?.(mechanism);
    if (everyMs === undefined) continue;
    // It samples in the process's own loop, which may be suspended while the watchdog's is not.
    if (kind.carrier !== 'watchdog') return false;
    rhythms.add(everyMs);
  }
  return rhythms.size === 1;
}

function same(a: Mechanism, b: Mechanism): boolean {
  const byName = (mechanism: Mechanism) =>
    JSON.stringify(Object.entries(mechanism).toSorted(([x], [y]) => (x < y ? -1 : 1)));
  return byName(a) === byName(b);
}

/**
 * Which chunks of a grid have to be played, and for whom else they count.
 *
 * Twins: policies that a scenario cannot tell apart live the same lives there, byte for byte. A
 * deadline for draining shows only where a server is shut down; a mechanism whose timer is lost
 * shows nowhere.
 *
 * Lookalikes: policies that a scenario could tell apart, but only by something that need not come
 * about. A mechanism whose verdict is lost differs from a whole one from its first verdict on, so
 * where the whole one gave none, both have lived the same lives; where it gave one, the lookalike's
 * chunk is played as well.
 */
import type { Mechanism, Policy } from '../../model/policy/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { nothingShown } from '../../sim/server/observed-differences.ts';
import type { Shown } from '../../sim/server/observed-differences.ts';
import { watchMs } from '../watch.ts';
import type { CellPart, Chunk, ChunkPlayed } from './part.ts';

/** A policy, by position, that lives a played chunk's lives unless they came to one of these. */
interface Lookalike {
  readonly policy: number;
  readonly unless: Shown;
}

/** A chunk to be played, and the other policies (by position) for which its runs count as well. */
export interface Play {
  readonly chunk: Chunk;
  readonly twins: readonly number[];
  readonly lookalikes: readonly Lookalike[];
}

/** The plays of a grid. It grows when a play has come to what tells it from a lookalike. */
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
    const tells = policies.map((played) => policies.map((other) => whatTells(played, other)));
    const likenesses = scenarios.map((scenario, s) =>
      likenessesOn(scenario, policies, this.#leadersOf(s), tells),
    );
    this.#waiting = chunks.flatMap((chunk) => {
      const likeness = likenesses[chunk.scenario] as Likenesses;
      const isLeader = this.#leadersOf(chunk.scenario)[chunk.policy] === chunk.policy;
      if (!isLeader || likeness.lookalikes.has(chunk.policy)) return [];
      return [this.#play(chunk, likeness.of.get(chunk.policy) ?? [])];
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
  played(play: Play, { part, shown }: ChunkPlayed): readonly CellPart[] {
    const counted = [...play.twins];
    for (const { policy, unless } of play.lookalikes) {
      const stand = this.#play({ ...play.chunk, policy }, []);
      if (cameTo(shown, unless)) this.#waiting.push(stand);
      else counted.push(policy, ...stand.twins);
    }
    return [part, ...counted.map((policy) => ({ ...part, chunk: { ...part.chunk, policy } }))];
  }

  #play(chunk: Chunk, lookalikes: readonly Lookalike[]): Play {
    const leader = this.#leadersOf(chunk.scenario);
    const twins = this.#policies.flatMap((_, policy) =>
      leader[policy] === chunk.policy && policy !== chunk.policy ? [policy] : [],
    );
    return { chunk, twins, lookalikes };
  }

  #leadersOf(scenario: number): readonly number[] {
    return this.#leaders[scenario] as readonly number[];
  }
}

function cameTo(shown: Shown, unless: Shown): boolean {
  return (
    (shown.verdicts & unless.verdicts) !== 0 || (shown.measuresDiffer && unless.measuresDiffer)
  );
}

// Twins.

/** Per policy the first one in the list that the scenario cannot tell from it. */
function leadersOn(scenario: Scenario, policies: readonly Policy[]): readonly number[] {
  const shown = policies.map((policy) => shownBy(scenario, policy));
  return policies.map((policy, position) => {
    const likely = shown.indexOf(shown[position] as string);
    if (likely === position) return position;
    return sameWatch(policies[likely] as Policy, policy, scenario) ? likely : position;
  });
}

function sameWatch(a: Policy, b: Policy, scenario: Scenario): boolean {
  return watchMs(a, scenario) === watchMs(b, scenario);
}

/** What the scenario can show: mechanisms, each with its place (verdicts are told by it), and what the peer sends. */
function shownBy(scenario: Scenario, policy: Policy): string {
  return JSON.stringify([
    policy.mechanisms
      .map((mechanism, place) => [place, mechanism])
      .filter(([, mechanism]) => shows(scenario, mechanism as Mechanism)),
    policy.peerHeartbeat,
  ]);
}

function shows(scenario: Scenario, mechanism: Mechanism): boolean {
  if (mechanism.kind === 'drain') return scenario.story.kind === 'drain';
  if (mechanism.lost !== 'timer') return true;
  switch (mechanism.kind) {
    // Acknowledgements of the application flow even if nobody looks at them any more.
    case 'send-stall':
    // Without its own time limit a handshake does not get the usual one, but none.
    case 'handshake-deadline':
    case 'close-handshake':
      return true;
    default:
      return false;
  }
}

// Lookalikes.

interface Likenesses {
  /** Policies whose runs another one's may stand for. */
  readonly lookalikes: ReadonlySet<number>;
  /** Their lookalikes, by the policies that are played. */
  readonly of: ReadonlyMap<number, readonly Lookalike[]>;
}

/**
 * One step only: what stands for a lookalike is itself played for certain.
 *
 * @param tells by played policy and other one: what `whatTells` says
 */
function likenessesOn(
  scenario: Scenario,
  policies: readonly Policy[],
  leader: readonly number[],
  tells: readonly (readonly (Shown | null)[])[],
): Likenesses {
  const lookalikes = new Set<number>();
  const of = new Map<number, Lookalike[]>();
  const leaders = policies.flatMap((_, p) => (leader[p] === p ? [p] : []));
  for (const policy of leaders) {
    if (of.has(policy)) continue;
    for (const played of leaders) {
      const unless = tells[played]?.[policy] ?? null;
      if (unless === null || played === policy || lookalikes.has(played)) continue;
      if (!sameWatch(policies[played] as Policy, policies[policy] as Policy, scenario)) continue;
      lookalikes.add(policy);
      of.set(played, [...(of.get(played) ?? []), { policy, unless }]);
      break;
    }
  }
  return { lookalikes, of };
}

/** What the lives of `played` must not come to if `other` is to live the same; null = more than can be told. */
function whatTells(played: Policy, other: Policy): Shown | null {
  const unless = nothingShown();
  if (played.mechanisms.length !== other.mechanisms.length) return null;
  if (JSON.stringify(played.peerHeartbeat) !== JSON.stringify(other.peerHeartbeat)) return null;
  for (const [place, mechanism] of played.mechanisms.entries()) {
    const its = other.mechanisms[place] as Mechanism;
    if (losesVerdict(mechanism, its)) unless.verdicts |= 1 << place;
    else if (measuresElse(mechanism, its) && looksTogether(played)) unless.measuresDiffer = true;
    else if (!same(mechanism, its)) return null;
  }
  return unless;
}

/** The same mechanism, but nobody acts on what it finds. Others than these do nothing at all then. */
function losesVerdict(mechanism: Mechanism, its: Mechanism): boolean {
  switch (mechanism.kind) {
    case 'sweep':
    case 'ping':
    case 'send-stall':
    case 'peer-closed':
      return mechanism.lost === undefined && same({ ...mechanism, lost: 'verdict' }, its);
    default:
      return false;
  }
}

/** The same watchdog on the send path, but of the two measures of the kernel it takes the other one. */
function measuresElse(mechanism: Mechanism, its: Mechanism): boolean {
  if (mechanism.kind !== 'send-stall' || its.kind !== 'send-stall') return false;
  if (mechanism.progress === 'application-ack' || its.progress === 'application-ack') return false;
  return same({ ...mechanism, progress: its.progress }, its);
}

/** Whether all that look at the socket do so at the same instants: then the last look is everybody's last. */
function looksTogether({ mechanisms }: Policy): boolean {
  const rhythms = new Set<number>();
  for (const mechanism of mechanisms) {
    // It looks in the process's own loop, which may stand still while the watchdog's does not.
    if (mechanism.kind === 'send-queue-limit') return false;
    if (mechanism.kind === 'send-stall' || mechanism.kind === 'peer-closed') {
      rhythms.add(mechanism.everyMs);
    }
  }
  return rhythms.size === 1;
}

function same(a: Mechanism, b: Mechanism): boolean {
  const byName = (mechanism: Mechanism) =>
    JSON.stringify(Object.entries(mechanism).toSorted(([x], [y]) => (x < y ? -1 : 1)));
  return byName(a) === byName(b);
}

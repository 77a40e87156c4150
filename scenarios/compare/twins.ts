/**
 * Policies that a scenario cannot tell apart live the same lives there, byte for byte, so their runs
 * are played once. A deadline for draining shows only where a server is shut down; a mechanism whose
 * timer is lost shows nowhere.
 */
import type { Mechanism, Policy } from '../../model/policy/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { watchMs } from '../watch.ts';
import type { CellPart, Chunk } from './part.ts';

/** A chunk to be played, and the other policies (by position) for which its runs count as well. */
export interface Play {
  readonly chunk: Chunk;
  readonly twins: readonly number[];
}

/**
 * What of a grid's chunks has to be played.
 *
 * @param chunks as `planChunks` cuts them
 * @returns plays whose parts, by `partsOf`, are those of all chunks
 */
export function planPlays(
  policies: readonly Policy[],
  scenarios: readonly Scenario[],
  chunks: readonly Chunk[],
): readonly Play[] {
  const leaders = scenarios.map((scenario) => leadersOn(scenario, policies));
  const plays: Play[] = [];
  for (const chunk of chunks) {
    const leader = leaders[chunk.scenario] ?? [];
    if (leader[chunk.policy] !== chunk.policy) continue;
    const twins = policies.flatMap((_, policy) =>
      leader[policy] === chunk.policy && policy !== chunk.policy ? [policy] : [],
    );
    plays.push({ chunk, twins });
  }
  return plays;
}

/** The parts of all policies that a play stands for. */
export function partsOf({ twins }: Play, part: CellPart): readonly CellPart[] {
  return [part, ...twins.map((policy) => ({ ...part, chunk: { ...part.chunk, policy } }))];
}

/** Per policy the first one in the list that the scenario cannot tell from it. */
function leadersOn(scenario: Scenario, policies: readonly Policy[]): readonly number[] {
  const shown = policies.map((policy) => shownBy(scenario, policy));
  return policies.map((policy, position) => {
    const likely = shown.indexOf(shown[position] as string);
    if (likely === position) return position;
    const same = watchMs(policies[likely] as Policy, scenario) === watchMs(policy, scenario);
    return same ? likely : position;
  });
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

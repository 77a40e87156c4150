/** The end that a shutdown brings: the supervisor kills the process at the drain's deadline. */
import { judges } from '../../mechanisms/in-force.ts';
import type { DrainMechanism } from '../../policy/types.ts';
import { never, type Ending } from '../ends/ending.ts';
import { type Situation } from '../situation.ts';

/** When the supervisor ends a ghost that a drain waits for; null where nobody shuts down. */
export function drainEnding(situation: Situation, drain: DrainMechanism): Ending | null {
  const { story } = situation.scenario;
  const by = 'drain deadline';
  if (story.kind !== 'drain') return null;
  if (!judges(drain)) return never(by, 'The deadline is lost: the shutdown waits for ever.');
  if (drain.deadlineMs === null) return never(by, 'The shutdown waits for its ghosts for ever.');
  const atMs = story.sigtermAfterMs + drain.deadlineMs;
  return {
    minMs: atMs,
    maxMs: atMs,
    manner: 'destroy',
    inFlight: false,
    by,
    formula: 'sigtermAfterMs + deadlineMs',
    derivation:
      'SIGTERM comes sigtermAfterMs after the fault; the drain waits for the ghost until the supervisor sends SIGKILL.',
  };
}

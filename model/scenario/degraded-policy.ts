/**
 * What is left of a policy on a server that is broken in a way it does not know of: the reaper's timers
 * inside the process have died, or the connection is missing from the reaper's list.
 *
 * The kernel's options, the supervisor, a watchdog outside the process, and the timers of a handshake, which
 * belong to the connection and not to the reaper, go on.
 */
import type { ServerFault } from './types.ts';
import { kindOf } from '../mechanisms/index.ts';
import type { Loss, Mechanism, Policy } from '../policy/types.ts';

/** Whether the mechanism is judged by a timer of the reaper inside the server's process. */
function runsInProcess(mechanism: Mechanism): boolean {
  const { carrier } = kindOf(mechanism);
  return carrier === 'loop' || carrier === 'write';
}

function losing(mechanism: Mechanism, lost: Loss): Mechanism {
  if (!runsInProcess(mechanism) || mechanism.lost === 'timer') return mechanism;
  return { ...mechanism, lost };
}

/**
 * The policy as it works on a server with this fault: of a stopped reaper the mechanisms inside the process
 * lose their timers, of a missed connection their verdicts.
 */
export function policyOn(policy: Policy, broken: ServerFault | undefined): Policy {
  const lost =
    broken?.kind === 'reaper-stopped'
      ? 'timer'
      : broken?.kind === 'connection-missed'
        ? 'verdict'
        : undefined;
  if (lost === undefined) return policy;
  return {
    ...policy,
    mechanisms: policy.mechanisms.map((mechanism) => losing(mechanism, lost)),
  };
}

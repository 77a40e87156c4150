/**
 * Which thread of the server each mechanism runs in. Sweeps, pings, idle and age timers live in the
 * process that reads the socket; a watchdog on the send path or on the TCP state is there because
 * that process can be stuck, so it runs outside of it (a thread of its own that holds no lock).
 */
import { compileReaper } from '../../model/reaper/index.ts';
import type { CompiledReaper } from '../../model/reaper/types.ts';
import type { Mechanism, Policy } from '../../model/policy/types.ts';

/** Part of a policy, compiled, with the index of each of its mechanisms in the whole. */
export interface PolicyPart {
  readonly reaper: CompiledReaper;
  readonly mechanisms: readonly number[];
}

export interface PolicyParts {
  readonly inside: PolicyPart;
  readonly outside: PolicyPart;
}

function runsOutside(mechanism: Mechanism): boolean {
  return mechanism.kind === 'send-stall' || mechanism.kind === 'peer-closed';
}

/** Splits a policy by thread; every mechanism is in exactly one part. */
export function splitByThread(policy: Policy): PolicyParts {
  return {
    inside: part(policy, (mechanism) => !runsOutside(mechanism)),
    outside: part(policy, runsOutside),
  };
}

function part(policy: Policy, belongs: (mechanism: Mechanism) => boolean): PolicyPart {
  const mechanisms = policy.mechanisms.flatMap((mechanism, index) =>
    belongs(mechanism) ? [index] : [],
  );
  const reaper = compileReaper({ ...policy, mechanisms: policy.mechanisms.filter(belongs) });
  return { reaper, mechanisms };
}

/**
 * Which thread of the server each mechanism runs in. Sweeps, pings, idle and age timers live in the
 * process that reads the socket; a watchdog on the send path or on the TCP state is there because
 * that process can be stuck, so it runs outside of it (a thread of its own that holds no lock).
 */
import { compileReaper } from '../../model/reaper/index.ts';
import type { CompiledReaper } from '../../model/reaper/types.ts';
import type {
  Mechanism,
  PeerClosedMechanism,
  Policy,
  SendStallMechanism,
} from '../../model/policy/types.ts';

/** Part of a policy, compiled, with the index of each of its mechanisms in the whole. */
export interface PolicyPart {
  readonly reaper: CompiledReaper;
  readonly mechanisms: readonly number[];
  /** Rhythm in µs at which all of it looks at the socket and does nothing else; null = no such rhythm. */
  readonly lookEveryUs: number | null;
  /** Whether its patience with the peer's application runs from each message to the acknowledgement. */
  readonly waitsForAnswers: boolean;
}

export interface PolicyParts {
  readonly inside: PolicyPart;
  readonly outside: PolicyPart;
}

function runsOutside(mechanism: Mechanism): mechanism is SendStallMechanism | PeerClosedMechanism {
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
  const own = policy.mechanisms.filter(belongs);
  return {
    reaper: compileReaper({ ...policy, mechanisms: own }),
    mechanisms,
    lookEveryUs: lookEveryUs(own),
    waitsForAnswers: own.some(
      (mechanism) => mechanism.kind === 'send-stall' && mechanism.progress === 'application-ack',
    ),
  };
}

/** One rhythm for all. */
function lookEveryUs(mechanisms: readonly Mechanism[]): number | null {
  const rhythms = new Set<number | null>();
  for (const mechanism of mechanisms) {
    if (mechanism.lost === 'timer') continue;
    rhythms.add(runsOutside(mechanism) ? mechanism.everyMs * 1000 : null);
  }
  const [only] = rhythms;
  return rhythms.size === 1 && only !== undefined ? only : null;
}

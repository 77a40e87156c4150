/**
 * T of a whole policy: the shortest of the silences that its mechanisms, and the kernel's rules,
 * survive. A silence up to T turns into a reap in no phase.
 *
 * A fault has its silence too: the same thing, but with an end. A peer that vanished could have come
 * back (an outage), a frozen one could have thawed; so the B of such a fault stands against a T, and
 * no detector has the one below the other.
 */
import { assertNever } from '../assert.ts';
import type { Policy } from '../policy/types.ts';
import type { Fault, Scenario } from '../scenario/types.ts';
import { outageTolerances } from './outage.ts';
import { silenceTolerances, type Stall } from './silence.ts';
import type { Tolerance } from './types.ts';

/** What the peer goes through, as far as T is concerned. */
type Trial = { readonly kind: 'outage' } | Stall | null;

/** The silence that a fault would be if it ended. */
function twinOf(fault: Fault): Trial {
  switch (fault.kind) {
    case 'vanish':
    case 'unreachable':
    case 'host-sleep':
    case 'network-change':
    case 'link-down':
    case 'nat-expiry':
      return { kind: 'outage' };
    case 'freeze':
    case 'page-freeze':
    case 'tunnel-dead':
      return { kind: 'frozen' };
    case 'crash':
    case 'close':
    case 'half-close':
    case 'close-unanswered':
    case 'handshake-abandoned':
    case 'reboot':
      return null;
    default:
      return assertNever(fault, 'fault');
  }
}

function trialOf(scenario: Scenario): Trial {
  if (scenario.kind === 'fault') return twinOf(scenario.fault);
  return scenario.silence.kind === 'outage' ? { kind: 'outage' } : scenario.silence;
}

/**
 * T of a policy on a scenario.
 *
 * @returns `maxMs` null = no length of this silence is taken for death
 */
export function toleranceOf(policy: Policy, scenario: Scenario): Tolerance {
  const trial = trialOf(scenario);
  const unbounded: Tolerance = {
    maxMs: null,
    by: 'nothing',
    formula: '∞',
    derivation:
      trial === null
        ? 'The peer, or its host, says that it is gone: there is no silence to survive.'
        : 'No mechanism of the policy and no rule of the kernel takes this silence for death.',
  };
  if (trial === null) return unbounded;
  const tolerances =
    trial.kind === 'outage'
      ? outageTolerances(policy, scenario)
      : silenceTolerances(policy, scenario, trial);
  return tolerances.reduce(
    (least, one) =>
      (one.maxMs ?? Number.POSITIVE_INFINITY) < (least.maxMs ?? Number.POSITIVE_INFINITY)
        ? one
        : least,
    unbounded,
  );
}

/**
 * T of a whole policy: the shortest of the silences that its mechanisms, and the kernel's rules,
 * survive. A silence up to T turns into a reap in no phase.
 *
 * A fault has its silence too: the same thing, but with an end. A peer that vanished could have come
 * back (an outage), a frozen one could have thawed; so the B of such a fault stands against a T, and
 * no detector has the one below the other.
 */
import { faultKindOf } from '../faults/index.ts';
import type { Twin } from '../faults/kind.ts';
import type { Policy } from '../policy/types.ts';
import type { Fault, Scenario } from '../scenario/types.ts';
import { policyOn } from '../scenario/degraded-policy.ts';
import { boxSpeaks } from './ends/half-closed.ts';
import { lossTolerances } from './silences/loss-tolerance.ts';
import { orderlyTolerance } from './silences/orderly.ts';
import { outageTolerances } from './silences/outage.ts';
import { silenceTolerances, type Stall } from './silences/silence.ts';
import type { ToleranceForm } from './types.ts';

/** What the peer goes through, as far as T is concerned. */
type Trial = { readonly kind: 'outage' } | { readonly kind: 'asleep' } | Stall | null;

const twins: Readonly<Record<Twin, Trial>> = {
  outage: { kind: 'outage' },
  'host-sleep': { kind: 'asleep' },
  'process-pause': { kind: 'frozen' },
  'page-freeze': { kind: 'page-freeze', lengthMs: 0 },
};

/** The silence that a fault would be if it ended. */
function twinOf(fault: Fault): Trial {
  const twin = faultKindOf(fault).asSilence(fault);
  const isToldByBox = fault.kind === 'nat-expiry' && boxSpeaks(fault);
  return twin === null || isToldByBox ? null : twins[twin];
}

function trialOf(scenario: Scenario): Trial {
  if (scenario.kind === 'fault') return twinOf(scenario.fault);
  const { silence } = scenario;
  if (silence.kind === 'outage') return { kind: 'outage' };
  return silence.kind === 'host-sleep' ? { kind: 'asleep' } : silence;
}

function tolerancesOf(policy: Policy, scenario: Scenario, trial: Trial): readonly ToleranceForm[] {
  if (trial === null) return [];
  const survived =
    trial.kind === 'outage' || trial.kind === 'asleep'
      ? outageTolerances(policy, scenario, trial.kind === 'asleep')
      : silenceTolerances(policy, scenario, trial);
  const orderly = policy.mechanisms.flatMap(
    (mechanism) => orderlyTolerance(mechanism, policy, scenario) ?? [],
  );
  return [...survived, ...orderly, ...lossTolerances(policy, scenario)];
}

function least(tolerances: readonly ToleranceForm[], otherwise: ToleranceForm): ToleranceForm {
  return tolerances.reduce(
    (shortest, one) =>
      (one.maxMs ?? Number.POSITIVE_INFINITY) < (shortest.maxMs ?? Number.POSITIVE_INFINITY)
        ? one
        : shortest,
    otherwise,
  );
}

/** A stall of the server's own loop, from the silence's instant, takes its length from what is left for it. */
function besideStall(policy: Policy, scenario: Scenario, tolerance: ToleranceForm): ToleranceForm {
  const { broken } = scenario.server;
  if (broken?.kind !== 'loop-stalled') return tolerance;
  const { lengthMs } = broken;
  const stall = { kind: 'server-stall', lengthMs } as const;
  const alone = least(silenceTolerances(policy, scenario, stall), UNBOUNDED);
  const derivation = (of: ToleranceForm): string =>
    `${of.derivation} The event loop stalls for ${lengthMs} ms at the same time.`;
  if (alone.maxMs !== null && alone.maxMs < lengthMs) {
    return { maxMs: 0, by: alone.by, formula: '0', derivation: derivation(alone) };
  }
  if (tolerance.maxMs === null) return tolerance;
  return {
    maxMs: Math.max(0, tolerance.maxMs - lengthMs),
    by: tolerance.by,
    formula: `${tolerance.formula} − stall`,
    derivation: derivation(tolerance),
  };
}

const UNBOUNDED: ToleranceForm = {
  maxMs: null,
  by: 'nothing',
  formula: '∞',
  derivation: 'No mechanism of the policy and no rule of the kernel takes this silence for death.',
};

const SAID: ToleranceForm = {
  ...UNBOUNDED,
  derivation:
    'The peer, its host or a box in between says that it is gone: there is no silence to survive.',
};

/**
 * T of a policy on a scenario.
 *
 * @returns `maxMs` null = no length of this silence is taken for death; 0 = not even the shortest one is
 *   certain to be survived, and perhaps not even none at all
 */
export function toleranceOf(stated: Policy, scenario: Scenario): ToleranceForm {
  const trial = trialOf(scenario);
  const policy = policyOn(stated, scenario.server.broken);
  if (trial === null) {
    // There is no silence to survive; but who reaps the healthy promises nothing either.
    return least(tolerancesOf(policy, scenario, { kind: 'none' }), SAID);
  }
  const shortest = least(tolerancesOf(policy, scenario, trial), UNBOUNDED);
  return besideStall(policy, scenario, shortest);
}

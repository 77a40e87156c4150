/**
 * T on a path that loses packets. Each transmission, and each answer, may be lost again, so a finite patience is
 * only a matter of luck: no silence, however short, is certain to be survived, and T is 0. How likely a reap is, the
 * derivation says; how often it happens, a simulation.
 *
 * The kernel's own patience is long: where all of its retransmissions fail with a chance below one in 10^12, that
 * is taken for never.
 */
import { judges, keepaliveOf, userTimeoutOf } from '../../mechanisms/in-force.ts';
import { serverLoad } from '../../scenario/load.ts';
import type { Mechanism, Policy } from '../../policy/types.ts';
import type { Scenario } from '../../scenario/types.ts';
import { NEGLIGIBLE, roundTripLoss } from '../kernel/chance.ts';
import { kernelRules } from '../kernel/kernel-rules.ts';
import { patiences, type Patience } from '../../signs/patience.ts';
import { pingers, sourcesOf } from '../../signs/sources.ts';
import type { ToleranceForm } from '../types.ts';

/** Transmissions of one segment within a time: the first, the loss probe, and timeouts that double. */
function transmissionsWithin(scenario: Scenario, patienceMs: number): number {
  const even = kernelRules({ ...scenario, path: { rttMs: scenario.path.rttMs } });
  const rtoMs = even.rto.min * even.tickMs;
  return patienceMs < rtoMs ? 1 : 2 + Math.floor(Math.log2(patienceMs / rtoMs));
}

function none(by: string, derivation: string): ToleranceForm {
  return { maxMs: 0, by, formula: '0', derivation };
}

function unlucky(scenario: Scenario, { by, ms }: Patience): ToleranceForm {
  const transmissions = transmissionsWithin(scenario, ms);
  const chance = roundTripLoss(scenario) ** transmissions;
  return none(
    by,
    `Whatever is awaited may be lost each of the about ${transmissions} times that it is sent within ${ms} ms; on this path that happens to one in ${(1 / chance).toPrecision(1)} of them, with no silence at all.`,
  );
}

/** Whether the server has something in flight on this connection now and then. */
function sends(policy: Policy, scenario: Scenario): boolean {
  const answersPings = sourcesOf(policy, scenario).some(
    (source) => source.kind === 'heartbeat' && source.sign === 'ping',
  );
  const plateau = scenario.kind === 'live' && scenario.silence.kind === 'plateau';
  const writes = plateau || serverLoad(scenario).kind !== 'idle';
  return answersPings || writes || pingers(policy).length > 0;
}

/** Mechanisms whose clock a lost segment, or pings bunched behind one, can run out. */
function dependsOnProgress({ kind }: Mechanism): boolean {
  switch (kind) {
    case 'send-stall':
    case 'write-deadline':
    case 'send-queue-limit':
    case 'request-deadline':
    case 'borrow-check':
    case 'ping-strikes':
      return true;
    default:
      return false;
  }
}

/** What loss leaves of T; empty on a path that loses nothing. */
export function lossTolerances(policy: Policy, scenario: Scenario): readonly ToleranceForm[] {
  if ((scenario.path.lossPercent ?? 0) === 0) return [];
  const found = patiences(policy, scenario).map((patience) => unlucky(scenario, patience));
  const inFlight = sends(policy, scenario);
  for (const mechanism of policy.mechanisms) {
    if (judges(mechanism) && dependsOnProgress(mechanism) && inFlight) {
      const by = mechanism.kind.replaceAll('-', ' ');
      found.push(
        none(by, 'A segment may be lost each time it is sent, and nothing moves meanwhile.'),
      );
    }
  }
  return [...found, ...kernelLoss(policy, scenario, inFlight)];
}

function kernelLoss(
  policy: Policy,
  scenario: Scenario,
  inFlight: boolean,
): readonly ToleranceForm[] {
  const { retries2 } = kernelRules(scenario);
  const lost = roundTripLoss(scenario);
  const found: ToleranceForm[] = [];
  if (inFlight && userTimeoutOf(policy) !== null) {
    found.push(
      none(
        'TCP_USER_TIMEOUT',
        'A segment may be lost each time it is sent until the timeout is over.',
      ),
    );
  } else if (inFlight && lost ** (retries2 + 1) > NEGLIGIBLE) {
    found.push(
      none(
        'tcp_retries2',
        'On this path a segment may be lost each of the times that Linux sends it.',
      ),
    );
  }
  const keepalive = keepaliveOf(policy);
  if (keepalive !== null && lost ** keepalive.probes > NEGLIGIBLE) {
    found.push(none('keepalive', 'All the probes, or their answers, may be lost in a row.'));
  }
  return found;
}

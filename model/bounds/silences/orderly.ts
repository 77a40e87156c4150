/**
 * T of rules that are no verdicts about the peer, and end the living all the same: a limit on idleness and one on age.
 * Where scenario or policy say that an orderly end is no harm, one that is carried out in order ends nobody.
 */
import { roundedClock } from '../../mechanisms/granularity.ts';
import { judges } from '../../mechanisms/in-force.ts';
import { serverLoad } from '../../scenario/load.ts';
import { addedMs } from '../../scenario/path.ts';
import type { IdleMechanism, Mechanism, Policy } from '../../policy/types.ts';
import { orderlyEndIsHarmless } from '../../scenario/orderly-end.ts';
import type { Scenario } from '../../scenario/types.ts';
import { isLife, sourcesOf } from '../../signs/sources.ts';
import type { ToleranceForm } from '../types.ts';

/** The longest time between two messages, either way, while all is well; null = there are none. */
function messageGapMs(policy: Policy, scenario: Scenario): number | null {
  const received = sourcesOf(policy, scenario).flatMap((source) =>
    source.kind !== 'pong' && isLife(source, ['message']) ? (source.everyMs ?? []) : [],
  );
  const load = serverLoad(scenario);
  const sent = load.kind === 'periodic' ? [load.everyMs] : load.kind === 'saturated' ? [0] : [];
  const gaps = [...received, ...sent];
  return gaps.length === 0 ? null : Math.min(...gaps) + 2 * addedMs(scenario.path);
}

function idleTolerance(
  idle: IdleMechanism,
  policy: Policy,
  scenario: Scenario,
): ToleranceForm | null {
  const by = 'idle';
  const { minMs } = roundedClock(idle.timeoutMs, idle.granularity);
  const gapMs = messageGapMs(policy, scenario);
  if (gapMs === null || gapMs >= minMs) {
    return {
      maxMs: 0,
      by,
      formula: '0',
      derivation:
        gapMs === null
          ? 'Nobody sends a message, so the limit ends the living like the dead.'
          : `Messages are ${gapMs} ms apart, and the limit does not wait for the next one.`,
    };
  }
  if (scenario.kind === 'live' && scenario.silence.kind === 'none') return null;
  return {
    maxMs: minMs - gapMs,
    by,
    formula: 'timeoutMs − time between messages',
    derivation: `Messages are up to ${gapMs} ms apart; what a silence swallows leaves the rest of the limit.`,
  };
}

/** T of a limit on idleness or age; null where it ends no living peer. */
export function orderlyTolerance(
  mechanism: Mechanism,
  policy: Policy,
  scenario: Scenario,
): ToleranceForm | null {
  if (mechanism.kind !== 'idle' && mechanism.kind !== 'age') return null;
  if (!judges(mechanism)) return null;
  if (scenario.kind === 'live' && orderlyEndIsHarmless(scenario, policy)) return null;
  if (mechanism.kind === 'idle') return idleTolerance(mechanism, policy, scenario);
  return {
    maxMs: 0,
    by: 'age',
    formula: '0',
    derivation: 'Whoever reaches the age is ended, however lively.',
  };
}

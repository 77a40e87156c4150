/**
 * A whole policy: every mechanism contributes an end, and so do the kernel's rules, which nobody can
 * lose. B is the earliest of them.
 */
import type { Mechanism } from '../policy/types.ts';
import { drainEnding } from './drain.ts';
import { earliest, never, type Ending, type Span } from './ending.ts';
import { farewellEnding } from './farewell.ts';
import { inFlightEnding } from './in-flight.ts';
import { keepaliveEnding } from './keepalive.ts';
import { ageEnding, idleEnding } from './orderly.ts';
import { pingEnding } from './ping.ts';
import { sendStallEnding } from './send-stall.ts';
import { keepaliveOf, type Situation } from './situation.ts';
import { sweepEnding } from './sweep.ts';

/** What one mechanism contributes; null where the kernel's rules speak for it. */
function mechanismEnding(situation: Situation, mechanism: Mechanism): Ending | null {
  switch (mechanism.kind) {
    case 'sweep':
      return sweepEnding(situation, mechanism);
    case 'ping':
      return pingEnding(situation, mechanism);
    case 'keepalive':
      // Set twice, the last one counts.
      return mechanism === keepaliveOf(situation.policy) || mechanism.lost !== undefined
        ? keepaliveEnding(situation, mechanism)
        : null;
    case 'send-stall':
      return sendStallEnding(situation, mechanism);
    case 'peer-closed':
      return never(
        'peer closed',
        'The socket stays ESTABLISHED until the kernel gives up, and then the error comes first.',
      );
    case 'idle':
      return idleEnding(situation, mechanism);
    case 'age':
      return ageEnding(situation, mechanism);
    case 'drain':
      return drainEnding(situation, mechanism);
    default:
      return null;
  }
}

/** Everything that can end the connection, the kernel's rules last. */
export function endingsOf(situation: Situation): readonly Ending[] {
  const farewell = farewellEnding(situation);
  if (farewell !== null && farewell.manner === 'peer') return [farewell];
  const own = situation.policy.mechanisms
    .map((mechanism) => mechanismEnding(situation, mechanism))
    .filter((ending) => ending !== null);
  const kernel = inFlightEnding(situation);
  return farewell === null ? [...own, kernel] : [...own, farewell, kernel];
}

/** The ending whose maximum is the least: the one that bounds the ghost. */
export function boundingEnding(endings: readonly Ending[]): Ending {
  const nothing = never('nothing', endings.map((ending) => ending.derivation).join(' '));
  return endings.reduce(
    (least, ending) =>
      (ending.maxMs ?? Number.POSITIVE_INFINITY) < (least.maxMs ?? Number.POSITIVE_INFINITY)
        ? ending
        : least,
    nothing,
  );
}

/** The endings that come first in some phase, each cut off where the bound has come. */
export function possibleEndings(endings: readonly Ending[]): readonly Ending[] {
  const bound = endings.reduce<Span>(earliest, { minMs: null, maxMs: null });
  return endings
    .filter(
      (ending) => ending.minMs !== null && (bound.maxMs === null || ending.minMs <= bound.maxMs),
    )
    .map((ending) => ({ ...ending, ...earliest({ minMs: null, maxMs: bound.maxMs }, ending) }));
}

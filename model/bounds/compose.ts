/** B of a whole policy: the earliest of what its mechanisms and the kernel's rules contribute. */
import type { Mechanism } from '../policy/types.ts';
import { earliest, never, type Ending } from './ending.ts';
import { inFlightEnding } from './in-flight.ts';
import { keepaliveEnding, keepaliveOf } from './keepalive.ts';
import { pingEnding } from './ping.ts';
import type { Situation } from './situation.ts';
import { sweepEnding } from './sweep.ts';

/** What one mechanism contributes on its own; null for those that do not end single connections. */
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
    case 'user-timeout':
    case 'send-stall':
    case 'peer-closed':
    case 'idle':
    case 'age':
    case 'drain':
      return null;
  }
}

/** Everything that can end the connection, the kernel's rules last. */
export function endingsOf(situation: Situation): readonly Ending[] {
  const own = situation.policy.mechanisms
    .map((mechanism) => mechanismEnding(situation, mechanism))
    .filter((ending): ending is Ending => ending !== null);
  return [...own, inFlightEnding(situation)];
}

/** The ending that bounds the ghost: the one with the least maximum; its minimum is the least of all. */
export function firstEnding(endings: readonly Ending[]): Ending {
  const later = (a: Ending, b: Ending): Ending =>
    (b.maxMs ?? Number.POSITIVE_INFINITY) < (a.maxMs ?? Number.POSITIVE_INFINITY) ? b : a;
  const first = endings.reduce(
    later,
    never('nothing', 'No mechanism of the policy and no rule of the kernel sees this.'),
  );
  const span = endings.reduce(earliest, first);
  if (first.maxMs !== null || endings.length === 0) return { ...first, ...span };
  return { ...first, ...span, derivation: endings.map((e) => e.derivation).join(' ') };
}

/**
 * Ends that are no verdicts, which meet ghosts and the living alike: a connection that carried no message, either
 * way, for a time; and one that has reached an age.
 */
import { clockText } from '../mechanisms/clock-text.ts';
import { roundedClock } from '../../mechanisms/granularity.ts';
import { judges } from '../../mechanisms/in-force.ts';
import { serverLoad } from '../../scenario/load.ts';
import type { AgeMechanism, IdleMechanism } from '../../policy/types.ts';
import { hangsInPing } from '../life/blocked.ts';
import { fillMs, userRoomBytes } from '../kernel/buffers.ts';
import { latest, mannerOf, never, plus, seldom, type Ending, type Span } from './ending.ts';
import { fromOpening } from './opening.ts';
import { lastHeard } from '../life/signs.ts';
import { type Situation } from '../situation.ts';
import { firstQuery } from '../kernel/unacked.ts';
import { windowCloses } from '../kernel/window.ts';

const HANGS = 'The thread whose timer this is waits in a ping for the lock of the blocked send.';

/** The last message either way; null = there never was one. A writer stops when its queue is full. */
function lastUse(situation: Situation): Span | null {
  const { scenario, rules } = situation;
  const load = serverLoad(scenario);
  const received = lastHeard(situation, ['message']);
  if (load.kind === 'idle') return received;
  const window = situation.kernelAnswers ? windowCloses(situation) : null;
  if (load.kind === 'saturated') {
    return { minMs: -2 * rules.rttMs, maxMs: window?.closed.maxMs ?? rules.rttMaxMs };
  }
  // Who reads on lets the writer go on.
  if (situation.kernelAnswers && window === null) return { minMs: null, maxMs: null };
  const stuck = window?.stuck ?? situation.unacked?.since;
  const full = plus(
    stuck ?? { minMs: 0, maxMs: 0 },
    fillMs(scenario, load, userRoomBytes(scenario)),
  );
  return received === null ? full : latest(full, received);
}

/** The end of an entry's idleness after its first query, where that leaves before the entry has been idle for too long. */
function askedAgain({ scenario }: Situation, patience: Span): Span | null {
  const query = firstQuery(scenario);
  if (query === null || scenario.story.kind !== 'pool') return null;
  const endsFirst = patience.maxMs !== null && patience.maxMs < scenario.story.idleMs;
  return endsFirst ? null : plus(query.since, patience);
}

/** The first as far as its beginning goes, and the later of the two ends. */
function latestOf(span: Span, other: Span | null): Span {
  if (other === null || span.maxMs === null || other.maxMs === null) return span;
  return { ...span, maxMs: Math.max(span.maxMs, other.maxMs) };
}

/** When the rule about idleness ends a ghost. */
export function idleEnding(situation: Situation, idle: IdleMechanism): Ending {
  const by = 'idle';
  if (!judges(idle)) return never(by, 'The idle timer is lost.');
  const last = lastUse(situation);
  const patience = roundedClock(idle.timeoutMs, idle.granularity);
  const used = latestOf(
    last === null ? fromOpening(patience) : plus(last, patience),
    askedAgain(situation, patience),
  );
  // Messages further apart than this leave the end to any of the gaps between them.
  const { load } = situation.scenario;
  const rare = load.kind === 'periodic' && load.everyMs >= patience.minMs;
  const span = rare ? { minMs: 0, maxMs: used.maxMs } : used;
  const manner = idle.verdict === undefined ? 'orderly' : mannerOf(idle);
  if (hangsInPing(situation, span.maxMs)) return seldom(by, HANGS, span.minMs, manner, false);
  return {
    ...span,
    manner,
    inFlight: false,
    by,
    formula: clockText('timeoutMs', idle.granularity),
    derivation:
      'Counted from the last message either way, or from the opening; the fault may come right after it.',
  };
}

/** When the rule about age ends a ghost. */
export function ageEnding(situation: Situation, age: AgeMechanism): Ending {
  const by = 'age';
  if (!judges(age)) return never(by, 'The age timer is lost.');
  const { maxMs, jitterPercent = 0 } = age;
  const eitherWayMs = (maxMs * jitterPercent) / 100;
  const span = { minMs: maxMs - eitherWayMs, maxMs: maxMs + eitherWayMs };
  const manner = age.verdict === undefined ? 'orderly' : mannerOf(age);
  const opened = fromOpening(span);
  if (hangsInPing(situation, span.maxMs)) return seldom(by, HANGS, opened.minMs, manner, false);
  return {
    ...opened,
    manner,
    inFlight: false,
    by,
    formula: jitterPercent === 0 ? 'maxMs' : 'maxMs · (1 + jitterPercent / 100)',
    derivation: 'Counted from the opening; the fault may come right after it.',
  };
}

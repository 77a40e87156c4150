/**
 * Limits on the send path: how long user space may hold what the kernel does not take, and how much. Both see
 * only a path that is blocked: a quiet ghost, or one whose buffers still have room, they never meet.
 */
import { clockText } from './clock-text.ts';
import { roundedClock } from '../../mechanisms/granularity.ts';
import type { Periodic } from '../../signs/queue.ts';
import { judges } from '../../mechanisms/in-force.ts';
import { serverLoad } from '../../scenario/load.ts';
import type { SendQueueLimitMechanism, WriteDeadlineMechanism } from '../../policy/types.ts';
import { hangsInPing, lastTaken } from '../life/blocked.ts';
import { fillMs, userRoomBytes } from '../kernel/buffers.ts';
import {
  earliest,
  mannerOf,
  never,
  plus,
  seldom,
  shift,
  type Ending,
  type Span,
} from '../ends/ending.ts';
import { type Situation } from '../situation.ts';

const DEADLINE = 'write deadline';
const LIMIT = 'send queue limit';

const HANGS = 'The thread that judges waits in a ping for the lock of the blocked send.';

/**
 * When user space begins to hold something for good: the write after the last one that is taken whole. A
 * saturated path may have been blocked before the fault, and is blocked again when the last room is filled.
 */
function blockedSince(situation: Situation): Span | null {
  const taken = lastTaken(situation);
  const load = serverLoad(situation.scenario);
  if (taken === null || load.kind !== 'periodic') return taken;
  return { minMs: taken.minMs, maxMs: taken.maxMs === null ? null : taken.maxMs + load.everyMs };
}

/** Writes that still find room in user space once the kernel takes no more; the writer stops when it is full. */
function attemptsMs({ scenario }: Situation, load: Periodic): number {
  return (Math.floor(userRoomBytes(scenario) / load.bytes) - 1) * load.everyMs;
}

/**
 * When a limit on the time that the send path is blocked reaps a ghost. The clock belongs to the write itself, so a lock
 * that the writer holds does not stop it.
 */
export function writeDeadlineEnding(
  situation: Situation,
  deadline: WriteDeadlineMechanism,
): Ending {
  if (!judges(deadline)) return never(DEADLINE, 'The deadline is lost: its timer does not run.');
  const since = blockedSince(situation);
  if (since === null) {
    return never(DEADLINE, 'The kernel takes all that is written, so nothing waits in user space.');
  }
  const { timeoutMs, granularity, judgedAt } = deadline;
  const atDeadline = plus(since, roundedClock(timeoutMs, granularity));
  const field = clockText('timeoutMs', granularity);
  const common = { manner: mannerOf(deadline), inFlight: true, by: DEADLINE } as const;
  const from = `from ${since.minMs} to ${since.maxMs} ms after the fault`;
  if (judgedAt === 'deadline') {
    return {
      ...atDeadline,
      ...common,
      formula: `blocked + ${field}`,
      derivation: `User space begins to hold what the kernel no longer takes ${from}, and the clock runs.`,
    };
  }
  const load = serverLoad(situation.scenario);
  const patience = roundedClock(timeoutMs, granularity);
  if (load.kind !== 'periodic' || attemptsMs(situation, load) <= patience.maxMs + load.everyMs) {
    const why =
      'The clock runs out, but only the next attempt to send would look at it, and a full queue takes no further message.';
    return seldom(DEADLINE, why, atDeadline.minMs, common.manner, true);
  }
  return {
    ...plus(atDeadline, { minMs: 0, maxMs: load.everyMs }),
    ...common,
    formula: `blocked + ${field} + next write`,
    derivation: `User space begins to hold what the kernel no longer takes ${from}; the first write after the clock has run out reaps.`,
  };
}

/** Since when user space holds more than so much; null = never, or not for certain. */
function overSince(situation: Situation, limitBytes: number): Span | null {
  const { scenario, rules } = situation;
  const load = serverLoad(scenario);
  if (load.kind === 'idle') return null;
  // The writer goes on while user space holds less than it may.
  if (limitBytes >= userRoomBytes(scenario)) return null;
  const taken = lastTaken(situation);
  if (taken === null) return null;
  if (load.kind === 'saturated') return { minMs: 0, maxMs: taken.maxMs };
  const before = fillMs(scenario, load, 0);
  const until = fillMs(scenario, load, limitBytes);
  return plus(taken, {
    minMs: Math.max(0, until.minMs - before.maxMs),
    maxMs: until.maxMs - before.minMs + load.everyMs + rules.tickMs,
  });
}

/** When a limit on what user space holds reaps a ghost. Only a look judges. */
export function sendQueueLimitEnding(situation: Situation, limit: SendQueueLimitMechanism): Ending {
  if (!judges(limit)) return never(LIMIT, 'The limit is lost: nobody looks, or nobody acts.');
  const { hardBytes, softBytes, softForMs, everyMs } = limit;
  const hard = hardBytes === null ? null : overSince(situation, hardBytes);
  const soft = softBytes === null ? null : overSince(situation, softBytes);
  if (hard === null && soft === null) {
    return never(LIMIT, 'User space never holds more than the limit: the writer stops before it.');
  }
  const look: Span = { minMs: 0, maxMs: everyMs };
  const softLooks = Math.ceil(softForMs / everyMs) * everyMs;
  const spans = [
    ...(hard === null ? [] : [plus(hard, look)]),
    ...(soft === null ? [] : [shift(plus(soft, look), softLooks)]),
  ];
  // Once more than the soft limit is held in health, its clock may already run.
  const saturated = serverLoad(situation.scenario).kind === 'saturated';
  const span = spans.reduce(earliest);
  const judged = saturated ? { minMs: 0, maxMs: span.maxMs } : span;
  if (hangsInPing(situation, judged.maxMs)) {
    return seldom(LIMIT, HANGS, judged.minMs, mannerOf(limit), true);
  }
  const byHard = hard !== null && (soft === null || spans[0]?.maxMs === span.maxMs);
  return {
    ...judged,
    manner: mannerOf(limit),
    inFlight: true,
    by: LIMIT,
    formula: byHard
      ? 'more than hardBytes waits + everyMs'
      : 'more than softBytes waits + ⌈softForMs / everyMs⌉ · everyMs + everyMs',
    derivation: `The path takes no more, so what the application goes on to write stays in user space; the look that finds too much of it ${
      byHard ? 'reaps.' : 'starts the clock, and the first look at which that is over reaps.'
    }`,
  };
}

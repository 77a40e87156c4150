/** The send path after a fault: from when on the kernel takes no more, and what that holds up. */
import { serverLoad } from '../../scenario/load.ts';
import { fillMs } from '../kernel/buffers.ts';
import { plus, type Span } from '../ends/ending.ts';
import { type Situation } from '../situation.ts';
import { pingers } from '../../signs/sources.ts';
import { loadUnacked } from '../kernel/unacked.ts';
import { windowCloses } from '../kernel/window.ts';

/**
 * The last write that the kernel takes whole, ms after the fault: from the next one on user space holds
 * something. null = that never comes. A saturating sender's user space always held something.
 */
export function lastTaken(situation: Situation): Span | null {
  const { scenario, rules, kernelAnswers, lateMs } = situation;
  const load = serverLoad(scenario);
  if (load.kind === 'idle') return null;
  const window = kernelAnswers ? windowCloses(situation) : null;
  if (kernelAnswers && window === null) return null;
  if (load.kind === 'saturated') {
    // Acknowledgements make room for as long as they come.
    const lastMs = window === null ? lateMs + rules.rttMaxMs : window.closed.maxMs;
    return { minMs: Number.NEGATIVE_INFINITY, maxMs: lastMs };
  }
  const lost = loadUnacked(situation)?.since;
  const stuck = window?.stuck ?? lost ?? { minMs: 0, maxMs: load.everyMs };
  return plus(stuck, fillMs(scenario, load, 0));
}

/** Whether the kernel may have stopped taking anything before `byMs` after the fault; null = ever. */
export function mayBlockBefore(situation: Situation, byMs: number | null): boolean {
  const taken = lastTaken(situation);
  if (taken === null) return false;
  return byMs === null || (taken.minMs ?? Number.POSITIVE_INFINITY) <= byMs;
}

/**
 * Whether the thread that judges may hang in its own ping before `byMs`: a blocked send holds the lock for ever,
 * the ping waits for it, and every timer of that thread waits behind the ping.
 */
export function hangsInPing(situation: Situation, byMs: number | null): boolean {
  const { scenario, policy } = situation;
  return (
    scenario.server.sendPath === 'locked' &&
    pingers(policy).length > 0 &&
    mayBlockBefore(situation, byMs)
  );
}

/**
 * B and T by reachability: the compiled reaper × the kernel's timer rules × path × peer × fault or silence, every phase at once. It takes nothing from
 * the simulator; what it abstracts from is told in docs/reach.md.
 */
export { isFoundWithin, reachBound } from './bound.ts';
export { inARow } from './explain.ts';
export { isSurvived, reachTolerance } from './tolerance.ts';
export type { Leg, ProvedBound, ReachBound, ReachTolerance, Start } from './types.ts';

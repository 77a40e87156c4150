/** The lanes of a timeline, and the tracks within each. */
import type { Where } from '../../model/results/types.ts';

export const TIMERS = 'timers of the server';
export const LANES: readonly { readonly where: Where | null; readonly name: string }[] = [
  { where: 'server-app', name: 'server application' },
  { where: null, name: TIMERS },
  { where: 'server-kernel', name: 'server kernel' },
  { where: 'wire', name: 'wire' },
  { where: 'peer-kernel', name: 'peer kernel' },
  { where: 'peer-app', name: 'peer application' },
];
/** Tracks within a lane, from its top: names of marks, three for marks, names of marks again. */
export const TRACKS = ['a', 'b', 'c', 'd', 'e'] as const;
export type Track = (typeof TRACKS)[number];

export const LANE_NAME_PX = 11;
export const MARK_NAME_PX = 10;

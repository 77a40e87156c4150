/** The loads under which a silence is meant where only its length is given. */
import type { Load } from '../schema/load.ts';

export const IDLE: Load = { kind: 'idle' };
export const BUSY: Load = { kind: 'periodic', bytes: 1_024, everyMs: 500, direction: 'server' };
export const SATURATED: Load = { kind: 'saturated', messageBytes: 65_536 };

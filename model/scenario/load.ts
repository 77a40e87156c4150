/** Which end of a connection a load makes speak, and how often. */
import type { Load, Scenario } from './types.ts';

/** What the server's application sends: nothing where only the client talks. */
export function serverLoad({ load }: Scenario): Load {
  return load.kind === 'periodic' && load.direction === 'client' ? { kind: 'idle' } : load;
}

/** The client's own messages, if the load has any: their period, ms. */
export function clientMessagePeriodMs({ load }: Scenario): number | null {
  return load.kind === 'periodic' && load.direction !== 'server' ? load.everyMs : null;
}

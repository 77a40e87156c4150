/** Which end of a connection a load makes speak, and how often. */
import type { Load, Scenario } from './types.ts';

/** What the server's application sends: nothing where only the client talks. */
export function serverLoad({ load }: Scenario): Load {
  return load.kind === 'periodic' && load.direction === 'client' ? { kind: 'idle' } : load;
}

/** The messages of the server's application, where it sends one every so often: their period, ms. */
export function serverMessagePeriodMs({ load }: Pick<Scenario, 'load'>): number | null {
  return load.kind === 'periodic' && load.direction !== 'client' ? load.everyMs : null;
}

/** The client's own messages, if the load has any: their period, ms. */
export function clientMessagePeriodMs({ load }: Scenario): number | null {
  return load.kind === 'periodic' && load.direction !== 'server' ? load.everyMs : null;
}

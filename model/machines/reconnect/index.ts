/** The reconnecting client: machine, table, and the arithmetic of its waits. */
import { compileTable } from '../../compile/table.ts';
import type { Table } from '../../compile/table.ts';
import type { ReconnectPolicy } from './backoff.ts';
import { reconnectEvents, reconnectMachine } from './machine.ts';

/**
 * The client under a policy as a dense table. The count of attempts is part of the state's name; its wait is
 * {@link backoffMs} of that count.
 */
export function reconnectTable(policy: ReconnectPolicy): Table {
  return compileTable(reconnectMachine, {
    events: reconnectEvents.map((name) => ({ name, event: { type: name } })),
    input: { policy },
  });
}

export { attemptsUntilCap, backoffMs } from './backoff.ts';
export type { ReconnectPolicy } from './backoff.ts';
export { reconnectEvents, reconnectMachine } from './machine.ts';

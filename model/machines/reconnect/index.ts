/** The reconnecting client: chart, table, and the arithmetic of its waits. */
import { compileChart } from '../../statechart/chart.ts';
import type { Table } from '../../statechart/table.ts';
import { attemptsUntilCap } from './backoff.ts';
import type { ReconnectPolicy } from './backoff.ts';
import { reconnectChart, reconnectEvents, reconnectMeaning } from './chart.ts';

const compiled = new Map<string, Table>();

/**
 * The client under a policy as a dense table, compiled once for all policies that count alike. The count of attempts is
 * part of the state's name; its wait is {@link backoffMs} of that count.
 */
export function reconnectTable(policy: ReconnectPolicy): Table {
  const { maxAttempts } = policy;
  // Its states are known by where the count stops; how long the waits are is not in it.
  const key = maxAttempts === null ? `no limit, ${attemptsUntilCap(policy)}` : `${maxAttempts}`;
  let table = compiled.get(key);
  if (table === undefined) {
    table = compileChart(reconnectChart, reconnectMeaning(policy), {
      events: reconnectEvents.map((name) => ({ name, event: { type: name } })),
    });
    compiled.set(key, table);
  }
  return table;
}

export { attemptsUntilCap, backoffMs } from './backoff.ts';
export type { ReconnectPolicy } from './backoff.ts';
export { reconnectEvents, type ReconnectEventName } from './chart.ts';

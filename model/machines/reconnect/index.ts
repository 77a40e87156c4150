/** The reconnecting client: chart, table, and the arithmetic of its waits. */
import { compileChart } from '../../statechart/chart.ts';
import type { Table } from '../../statechart/table.ts';
import { attemptsUntilCap } from './backoff.ts';
import type { ReconnectPolicy } from './backoff.ts';
import { reconnectChart, reconnectEvents, reconnectMeaning } from './chart.ts';

const compiled = new Map<string, Table>();

/**
 * The client under a policy as a dense table, compiled once for all policies that count alike. The count of attempts is
 * part of the state's name ({@link attemptsOf}); its wait is {@link backoffMs} of that count.
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

/** The attempts that a row of {@link reconnectTable} stands for. */
export function attemptsOf(state: string): number {
  return Number(/ attempt=(\d+)$/.exec(state)?.[1] ?? 0);
}

export { attemptsUntilCap, backoffMs, jitterKinds } from './backoff.ts';
export type { ReconnectPolicy } from './backoff.ts';
export { reconnectEvents, type ReconnectEventName } from './chart.ts';

/** The WebSocket endpoint of RFC 6455: its machine, and one table per role. */
import { compileTable } from '../../compile/table.ts';
import type { Table } from '../../compile/table.ts';
import { webSocketEvents, webSocketMachine } from './machine.ts';
import type { WebSocketRole } from './machine.ts';

const compiled = new Map<WebSocketRole, Table>();

/** The endpoint as a dense table, compiled at the first call for its role and kept. */
export function webSocketTable(role: WebSocketRole): Table {
  let table = compiled.get(role);
  if (table === undefined) {
    table = compileTable(webSocketMachine, {
      events: webSocketEvents.map((name) => ({ name, event: { type: name } })),
      input: { role },
    });
    compiled.set(role, table);
  }
  return table;
}

export { webSocketEvents, webSocketMachine } from './machine.ts';
export type { WebSocketRole } from './machine.ts';

/** The WebSocket endpoint of RFC 6455: its machine, and one table per role. */
import { compileTable } from '../../statechart/xstate.ts';
import type { Table } from '../../statechart/table.ts';
import { webSocketEvents, webSocketMachine } from './machine.ts';
import type { WebSocketDelayName, WebSocketEventName, WebSocketRole } from './machine.ts';

export type WebSocketTable = Table<string, WebSocketEventName | WebSocketDelayName>;

const compiled = new Map<WebSocketRole, WebSocketTable>();

/** The endpoint as a dense table, compiled at the first call for its role and kept. */
export function webSocketTable(role: WebSocketRole): WebSocketTable {
  let table = compiled.get(role);
  if (table === undefined) {
    table = compileTable<string, WebSocketEventName | WebSocketDelayName>(webSocketMachine, {
      events: webSocketEvents.map((name) => ({ name, event: { type: name } })),
      input: { role },
    });
    compiled.set(role, table);
  }
  return table;
}

export { CloseCode } from './close-code.ts';
export { webSocketEvents, webSocketIgnores, webSocketMachine } from './machine.ts';
export { defaultWebSocketTimeouts } from './timeouts.ts';
export type { WebSocketDelayName, WebSocketEventName, WebSocketRole } from './machine.ts';

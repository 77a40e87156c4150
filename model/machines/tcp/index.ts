/** TCP: the machine of RFC 9293 with Linux's distinctions, its words, and the table that runs. */
import { compileTable } from '../../statechart/xstate.ts';
import type { Table } from '../../statechart/table.ts';
import { tcpMachine } from './machine.ts';
import { tcpEvents, tcpStates } from './vocabulary.ts';
import type { TcpEventName, TcpStateName } from './vocabulary.ts';

let compiled: Table<TcpStateName, TcpEventName> | undefined;

/**
 * The TCP machine as a dense table, compiled at the first call and kept: row order {@link tcpStates},
 * column order {@link tcpEvents}.
 *
 * @example
 * const { next, events, stateIndex, eventIndex, states } = tcpTable();
 * const to = next[stateIndex.ESTABLISHED * events.length + eventIndex.RCV_FIN];
 * states[to] // => 'CLOSE_WAIT'
 */
export function tcpTable(): Table<TcpStateName, TcpEventName> {
  compiled ??= compileTable<TcpStateName, TcpEventName>(tcpMachine, {
    events: tcpEvents.map((name) => ({ name, event: { type: name } })),
    states: tcpStates,
  });
  return compiled;
}

export { tcpMachine } from './machine.ts';
export { tcpActions, tcpEvents, tcpiStateCode, tcpStates } from './vocabulary.ts';
export type { TcpEventName, TcpStateName } from './vocabulary.ts';

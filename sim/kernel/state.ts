/**
 * State changes of the connection (RFC 9293 §3.3.2): each goes through the compiled TCP machine, and an edge that is not in the machine is a
 * bug here, never a fact about the network.
 */
import { assert } from '../../model/assert.ts';
import { NO_EDGE } from '../../model/statechart/table.ts';
import {
  tcpEvents,
  tcpiStateCode,
  tcpStates,
  tcpTable,
  type TcpEventName,
} from '../../model/machines/tcp/index.ts';
import type { Sock } from './tcp-sock.ts';
import type { TcpStateCode } from './types.ts';

const table = tcpTable();
const width = tcpEvents.length;

/** tcpi_state by row of the table. */
const stateCodes = tcpStates.map((name) => tcpiStateCode[name] as TcpStateCode);

/** Names of the rules for traces: `RETRANSMISSION_TIMED_OUT` reads `retransmission-timed-out`. */
const reasons = tcpEvents.map((name) => name.toLowerCase().replaceAll('_', '-'));

/** Row of the machine in which a socket is made. */
export const CLOSED = table.stateIndex.CLOSED;

/** Moves the socket along the machine. */
export function step(sk: Sock, event: TcpEventName): void {
  const column = table.eventIndex[event];
  const next = table.next[sk.machine * width + column] as number;
  if (next === NO_EDGE) {
    assert(false, `no edge ${event} from ${tcpStates[sk.machine]}`);
  }
  const from = sk.state;
  const to = stateCodes[next] as TcpStateCode;
  sk.machine = next;
  sk.state = to;
  if (from === to) return;
  const { observer } = sk.kernel;
  if (observer !== undefined) observer.stateChanged(sk.handle, from, to, reasons[column] as string);
}

/** Puts the socket back to the beginning without an event: power loss, or a new life. */
export function resetState(sk: Sock): void {
  sk.machine = CLOSED;
  sk.state = stateCodes[CLOSED] as TcpStateCode;
}

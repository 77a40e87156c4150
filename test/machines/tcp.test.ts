import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_EDGE } from '../../model/statechart/table.ts';
import {
  tcpActions,
  tcpEvents,
  tcpiStateCode,
  tcpMachine,
  tcpStates,
  tcpTable,
} from '../../model/machines/tcp/index.ts';
import type { TcpEventName, TcpStateName } from '../../model/machines/tcp/index.ts';
import { drawnSteps, expectSameSteps } from '../statechart/actor-driver.ts';
import { statesWithoutDeadline } from '../statechart/armed.ts';
import type { TimerReading } from '../statechart/armed.ts';
import { asMany } from '../support/effort.ts';
import { cases } from '../support/property.ts';

const table = tcpTable();

function step(from: TcpStateName, event: TcpEventName): { to: string; does: string[] } {
  const at = table.stateIndex[from] * table.events.length + table.eventIndex[event];
  const next = table.next[at] ?? NO_EDGE;
  const effects = table.effectLists[table.effectList[at] ?? 0] ?? [];
  return {
    to: next === NO_EDGE ? 'ignored' : (table.states[next] ?? ''),
    does: effects.map((effect) => (effect.kind === 'action' ? effect.name : effect.kind)),
  };
}

/** RFC 9293 Figure 5, one row per arrow; `sends` is what stands below the line. */
const figure5: readonly [TcpStateName, TcpEventName, TcpStateName, readonly string[]][] = [
  ['CLOSED', 'LISTEN', 'LISTEN', []],
  ['CLOSED', 'CONNECT', 'SYN_SENT', ['sendSyn']],
  ['LISTEN', 'CLOSE', 'CLOSED', []],
  ['LISTEN', 'CONNECT', 'SYN_SENT', ['sendSyn']],
  ['LISTEN', 'RCV_SYN', 'SYN_RECEIVED.passive', ['sendSynAck']],
  ['SYN_SENT', 'CLOSE', 'CLOSED', []],
  ['SYN_SENT', 'RCV_SYN', 'SYN_RECEIVED.active', ['sendSynAck']],
  ['SYN_SENT', 'RCV_SYN_ACK', 'ESTABLISHED', ['sendAck']],
  // Note 1: back to LISTEN only where it came from there.
  ['SYN_RECEIVED.passive', 'RCV_RST', 'LISTEN', []],
  ['SYN_RECEIVED.active', 'RCV_RST', 'CLOSED', []],
  ['SYN_RECEIVED.passive', 'RCV_ACK_OF_SYN', 'ESTABLISHED', []],
  ['SYN_RECEIVED.active', 'RCV_ACK_OF_SYN', 'ESTABLISHED', []],
  ['SYN_RECEIVED.passive', 'CLOSE', 'FIN_WAIT_1.orphan', ['sendFin']],
  ['ESTABLISHED', 'CLOSE', 'FIN_WAIT_1.orphan', ['sendFin']],
  ['ESTABLISHED', 'RCV_FIN', 'CLOSE_WAIT', ['sendAck']],
  ['FIN_WAIT_1.orphan', 'RCV_ACK_OF_FIN', 'FIN_WAIT_2.orphan', []],
  ['FIN_WAIT_1.owned', 'RCV_ACK_OF_FIN', 'FIN_WAIT_2.owned', []],
  ['FIN_WAIT_1.orphan', 'RCV_FIN', 'CLOSING.orphan', ['sendAck']],
  ['FIN_WAIT_1.owned', 'RCV_FIN', 'CLOSING.owned', ['sendAck']],
  // Note 2.
  ['FIN_WAIT_1.orphan', 'RCV_FIN_AND_ACK_OF_FIN', 'TIME_WAIT', ['sendAck']],
  ['FIN_WAIT_1.owned', 'RCV_FIN_AND_ACK_OF_FIN', 'TIME_WAIT', ['sendAck']],
  ['FIN_WAIT_2.orphan', 'RCV_FIN', 'TIME_WAIT', ['sendAck']],
  ['FIN_WAIT_2.owned', 'RCV_FIN', 'TIME_WAIT', ['sendAck']],
  ['FIN_WAIT_2.light', 'RCV_FIN', 'TIME_WAIT', ['sendAck']],
  ['CLOSING.orphan', 'RCV_ACK_OF_FIN', 'TIME_WAIT', []],
  ['CLOSING.owned', 'RCV_ACK_OF_FIN', 'TIME_WAIT', []],
  ['CLOSE_WAIT', 'CLOSE', 'LAST_ACK.orphan', ['sendFin']],
  ['LAST_ACK.orphan', 'RCV_ACK_OF_FIN', 'CLOSED', []],
  ['LAST_ACK.owned', 'RCV_ACK_OF_FIN', 'CLOSED', []],
  ['TIME_WAIT', 'TIME_WAIT_EXPIRED', 'CLOSED', []],
];

describe('the TCP machine', () => {
  it.each(figure5)('RFC 9293 Figure 5: %s, %s → %s', (from, event, to, sends) => {
    const { to: got, does } = step(from, event);
    expect(got).toBe(to);
    expect(does.filter((name) => name.startsWith('send'))).toEqual(sends);
  });

  // RFC 9293 §3.10.7.4, second and fourth: a reset ends every synchronized state; §3.10.5: so does ABORT.
  it.each(tcpStates.filter((name) => !/^(CLOSED|LISTEN|SYN_RECEIVED)/.test(name)))(
    'a reset ends %s',
    (state) => expect(step(state, 'RCV_RST').to).toBe('CLOSED'),
  );

  it.each([
    'SYN_RECEIVED.passive',
    'ESTABLISHED',
    'FIN_WAIT_1.owned',
    'FIN_WAIT_2.owned',
    'CLOSE_WAIT',
  ] as const)('ABORT in %s resets the peer', (state) =>
    expect(step(state, 'ABORT')).toEqual({ to: 'CLOSED', does: ['stopAllTimers', 'sendRst'] }),
  );

  it('says goodbye only when keepalive gives up (tcp_keepalive_timer), never from the write timer (tcp_write_err)', () => {
    expect(step('ESTABLISHED', 'KEEPALIVE_TIMED_OUT').does).toContain('sendRst');
    for (const event of [
      'RETRANSMISSION_TIMED_OUT',
      'ZERO_WINDOW_PROBES_EXHAUSTED',
      'USER_TIMED_OUT',
    ] as const) {
      expect(step('ESTABLISHED', event)).toEqual({
        to: 'CLOSED',
        does: ['stopAllTimers', 'reportTimeout'],
      });
    }
  });

  it('tells nobody what happens to an orphan', () => {
    for (const state of tcpStates.filter((name) => /orphan|light/.test(name))) {
      for (const event of tcpEvents) {
        expect(step(state, event).does.filter((name) => name.startsWith('report'))).toEqual([]);
      }
    }
  });

  it('asks for every effect of its vocabulary somewhere, and for no other', () => {
    const asked = table.effectLists
      .flat()
      .map((effect) => (effect.kind === 'action' ? effect.name : ''));
    expect([...new Set(asked)].toSorted()).toEqual([...tcpActions].toSorted());
  });

  it('keeps the listener when a half-open request dies', () => {
    expect(step('SYN_RECEIVED.passive', 'RETRANSMISSION_TIMED_OUT').to).toBe('LISTEN');
    expect(step('SYN_RECEIVED.active', 'RETRANSMISSION_TIMED_OUT').to).toBe('CLOSED');
  });

  it('has the tcpi_state codes of include/net/tcp_states.h', () => {
    // enum: ESTABLISHED 1, SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE, CLOSE_WAIT, LAST_ACK, LISTEN, CLOSING 11
    const order =
      'ESTABLISHED SYN_SENT SYN_RECEIVED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT CLOSED CLOSE_WAIT LAST_ACK LISTEN CLOSING';
    for (const state of tcpStates) {
      expect(tcpiStateCode[state]).toBe(order.split(' ').indexOf(state.split('.')[0] ?? '') + 1);
    }
  });

  it('has a timer running in every state but those that may legally last for ever', () => {
    // Nobody there, nobody called; idle without keepalive; two that wait for an application.
    const legal = ['CLOSED', 'LISTEN', 'ESTABLISHED', 'FIN_WAIT_2.owned', 'CLOSE_WAIT'];
    expect(statesWithoutDeadline(table, namedTimers)).toEqual(legal);
    const untagged = table.states.filter((_, state) => table.tags[state]?.length === 0);
    expect(untagged).toEqual(legal);
  });

  it('is the same as its table, event by event', () => {
    const events = tcpEvents.map((name) => ({ name, event: { type: name } }));
    const subject = { machine: tcpMachine, table, events, delaysMs: {} };
    let steps = 0;
    fc.assert(
      fc.property(drawnSteps, (draws) => {
        steps += expectSameSteps(subject, draws);
      }),
      cases(300),
    );
    expect(steps).toBeGreaterThan(asMany(300));
  });
});

/** The TCP machine names its timers in actions: `startTimeWaitTimer`, `stopAllTimers`. */
const namedTimers: TimerReading = (effect, running) => {
  if (effect.kind !== 'action') return;
  const [, verb, timer] = /^(start|stop)(\w+?)Timers?$/.exec(effect.name) ?? [];
  if (verb === 'start') running.add(timer ?? '');
  else if (timer === 'All') running.clear();
  else if (verb === 'stop') running.delete(timer ?? '');
};

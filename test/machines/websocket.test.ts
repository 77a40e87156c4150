import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectKey } from '../../model/statechart/effects.ts';
import { NO_EDGE } from '../../model/statechart/table.ts';
import type { Table } from '../../model/statechart/table.ts';
import {
  webSocketEvents,
  webSocketIgnores,
  webSocketMachine,
  webSocketTable,
} from '../../model/machines/websocket/index.ts';
import type { WebSocketRole } from '../../model/machines/websocket/index.ts';
import { drawnSteps, expectSameSteps } from '../statechart/actor-driver.ts';
import { afterTimers, runningTimers, statesWithoutDeadline } from '../statechart/armed.ts';
import { asMany } from '../support/effort.ts';
import { cases } from '../support/property.ts';

/** Plays events by name on the table; gives the last state and all effects. */
function play(role: WebSocketRole, events: readonly string[]): { state: string; does: string[] } {
  const table: Table = webSocketTable(role);
  let state = table.initial;
  const does: string[] = [];
  for (const name of events) {
    const cell = state * table.events.length + (table.eventIndex[name] ?? NaN);
    const next = table.next[cell] ?? NaN;
    if (next === NO_EDGE) continue;
    state = next;
    const effects = table.effectLists[table.effectList[cell] ?? 0] ?? [];
    does.push(...effects.filter(({ kind }) => kind === 'action').map(effectKey));
  }
  return { state: table.states[state] ?? '', does };
}

/** Every edge of a table with its effects, as the docs print them. */
function cellsOf(table: Table): { from: string; to: string; effects: string[] }[] {
  return [...table.next].flatMap((to, cell) => {
    if (to === NO_EDGE) return [];
    const effects = (table.effectLists[table.effectList[cell] ?? 0] ?? []).map(effectKey);
    const from = table.states[Math.floor(cell / table.events.length)] ?? '';
    return [{ from, to: table.states[to] ?? '', effects }];
  });
}

describe('the WebSocket endpoint', () => {
  it('RFC 6455 §7.1.1: after both Close frames the server ends the transport, the client waits', () => {
    const opened = ['HANDSHAKE_SUCCEEDED', 'RCV_CLOSE'];
    expect(play('server', opened).does).toEqual(['reportOpen', 'echoClose', 'closeTcp']);
    expect(play('client', opened).does).toEqual(['reportOpen', 'echoClose']);
    const began = ['HANDSHAKE_SUCCEEDED', 'CLOSE_REQUESTED', 'RCV_CLOSE'];
    expect(play('server', began).does).toEqual(['reportOpen', 'sendClose', 'closeTcp']);
    expect(play('client', [...began, 'TCP_CLOSED'])).toEqual({
      state: 'CLOSED_CLEANLY',
      does: ['reportOpen', 'sendClose', 'releaseTcp', 'reportClosed'],
    });
  });

  it('§7.1.5: without a Close frame the code is 1006', () => {
    expect(play('server', ['HANDSHAKE_SUCCEEDED', 'TCP_CLOSED'])).toEqual({
      state: 'CLOSED_ABNORMALLY',
      does: ['reportOpen', 'releaseTcp', 'reportAbnormal'],
    });
  });

  it('§5.5.1: a second Close is not sent', () => {
    const twice = ['HANDSHAKE_SUCCEEDED', 'CLOSE_REQUESTED', 'CLOSE_REQUESTED', 'RCV_CLOSE'];
    expect(play('client', twice).does.filter((name) => name.endsWith('Close'))).toEqual([
      'sendClose',
    ]);
  });

  it('§5.5.2: a ping is answered until a Close frame has come', () => {
    const closing = ['HANDSHAKE_SUCCEEDED', 'CLOSE_REQUESTED', 'RCV_PING'];
    expect(play('server', closing).does).toContain('sendPong');
    expect(play('client', ['HANDSHAKE_SUCCEEDED', 'RCV_CLOSE', 'RCV_PING']).does).not.toContain(
      'sendPong',
    );
  });

  it('§7.1.7: after failing the connection no frame is processed', () => {
    const failed = [
      'HANDSHAKE_SUCCEEDED',
      'PROTOCOL_VIOLATED',
      'RCV_MESSAGE',
      'RCV_PING',
      'RCV_CLOSE',
    ];
    expect(play('server', failed)).toEqual({
      state: 'CLOSING.failed',
      does: ['reportOpen', 'sendClose', 'closeTcp'],
    });
  });

  it('a peer that never answers the Close frame is destroyed when patience ends', () => {
    expect(play('server', ['HANDSHAKE_SUCCEEDED', 'CLOSE_REQUESTED', 'closeTimeout'])).toEqual({
      state: 'CLOSED_ABNORMALLY',
      does: ['reportOpen', 'sendClose', 'reportCloseTimeout', 'destroyTcp', 'reportAbnormal'],
    });
  });

  it('a transport that does not end after both Close frames is destroyed then too, and that is no 1006', () => {
    expect(play('client', ['HANDSHAKE_SUCCEEDED', 'RCV_CLOSE', 'closeTimeout'])).toEqual({
      state: 'CLOSED_CLEANLY',
      does: ['reportOpen', 'echoClose', 'reportCloseTimeout', 'destroyTcp', 'reportClosed'],
    });
  });

  it('ws lib/websocket.js: one timer covers the whole closing, from our own Close frame on', () => {
    const table = webSocketTable('server');
    const timers = runningTimers(table, afterTimers);
    const closing = table.states.filter((name) => name.startsWith('CLOSING.'));
    expect(closing.map((name) => timers.get(name))).toEqual(closing.map(() => ['closeTimeout']));
    const arming = cellsOf(table).filter(({ effects }) => effects.includes('arm closeTimeout'));
    expect(new Set(arming.map(({ from }) => from))).toEqual(new Set(['OPEN']));
  });

  it.each(['server', 'client'] as const)(
    '%s: whichever way it ends, its descriptor is closed once and its end told once, in that order',
    (role) => {
      const ending = cellsOf(webSocketTable(role)).filter(({ to }) => to.startsWith('CLOSED_'));
      // DESTROYED and TCP_CLOSED in OPEN and, with the timer, in the three of CLOSING; in CONNECTING also
      // HANDSHAKE_FAILED and CLOSE_REQUESTED.
      expect(ending).toHaveLength(2 + 3 * 3 + 5);
      for (const { effects } of ending) {
        const last = effects.filter((name) => /Tcp$|^report(Closed|Abnormal)$/.test(name));
        expect(last.join(' ')).toMatch(/^(destroy|release)Tcp report(Closed|Abnormal)$/);
      }
    },
  );

  it.each(['server', 'client'] as const)(
    '%s: an event without an edge is ignored by a clause, or cannot happen',
    (role) => {
      const table: Table = webSocketTable(role);
      const missing = table.states.flatMap((state, row) =>
        webSocketEvents
          .filter(
            (name) =>
              table.next[row * table.events.length + (table.eventIndex[name] ?? NaN)] === NO_EDGE,
          )
          .map((name) => `${state} ${name}`),
      );
      const ignored = Object.entries(webSocketIgnores).flatMap(([state, names]) =>
        names.map((name) => `${state} ${name}`),
      );
      expect(ignored.filter((cell) => !missing.includes(cell))).toEqual([]);
      // The handshake is over once, and nothing is read before it or after the end.
      const handshake = ['HANDSHAKE_SUCCEEDED', 'HANDSHAKE_FAILED'];
      const read = webSocketEvents.filter((name) => name.startsWith('RCV_'));
      const afterwards = table.states.filter((state) => state !== 'CONNECTING');
      const impossible = [
        ...afterwards.flatMap((state) => handshake.map((name) => `${state} ${name}`)),
        ...['CONNECTING', 'CLOSED_CLEANLY', 'CLOSED_ABNORMALLY'].flatMap((state) =>
          [...read, 'PROTOCOL_VIOLATED'].map((name) => `${state} ${name}`),
        ),
      ];
      expect([...ignored, ...impossible].toSorted()).toEqual(missing.toSorted());
    },
  );

  it.each(['server', 'client'] as const)('%s: only OPEN waits without a timer', (role) => {
    expect(statesWithoutDeadline(webSocketTable(role), afterTimers)).toEqual(['OPEN']);
  });

  it.each(['server', 'client'] as const)('%s: is the same as its table, event by event', (role) => {
    const subject = {
      machine: webSocketMachine,
      table: webSocketTable(role),
      events: webSocketEvents.map((name) => ({ name, event: { type: name } })),
      input: { role, timeouts: { handshakeMs: 1, closeMs: 2 } },
      delaysMs: { handshakeTimeout: 1, closeTimeout: 2 },
    };
    let steps = 0;
    fc.assert(
      fc.property(drawnSteps, (draws) => {
        steps += expectSameSteps(subject, draws);
      }),
      cases(200),
    );
    expect(steps).toBeGreaterThan(asMany(300));
  });
});

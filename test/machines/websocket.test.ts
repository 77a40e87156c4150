import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectKey } from '../../model/compile/effects.ts';
import { NO_EDGE } from '../../model/compile/table.ts';
import {
  webSocketEvents,
  webSocketMachine,
  webSocketTable,
} from '../../model/machines/websocket/index.ts';
import type { WebSocketRole } from '../../model/machines/websocket/index.ts';
import { drawnSteps, expectSameSteps } from '../compile/actor-driver.ts';
import { afterTimers, statesWithoutDeadline } from '../compile/armed.ts';
import { propertyOptions } from './property-options.ts';

/** Plays events by name on the table; gives the last state and all effects. */
function play(role: WebSocketRole, events: readonly string[]): { state: string; does: string[] } {
  const table = webSocketTable(role);
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

describe('the WebSocket endpoint', () => {
  it('RFC 6455 §7.1.1: after both Close frames the server ends the transport, the client waits', () => {
    const opened = ['HANDSHAKE_SUCCEEDED', 'RCV_CLOSE'];
    expect(play('server', opened).does).toEqual(['reportOpen', 'echoClose', 'closeTcp']);
    expect(play('client', opened).does).toEqual(['reportOpen', 'echoClose']);
    const began = ['HANDSHAKE_SUCCEEDED', 'CLOSE_REQUESTED', 'RCV_CLOSE'];
    expect(play('server', began).does).toEqual(['reportOpen', 'sendClose', 'closeTcp']);
    expect(play('client', [...began, 'TCP_CLOSED'])).toEqual({
      state: 'CLOSED_CLEANLY',
      does: ['reportOpen', 'sendClose', 'reportClosed'],
    });
  });

  it('§7.1.5: without a Close frame the code is 1006', () => {
    expect(play('server', ['HANDSHAKE_SUCCEEDED', 'TCP_CLOSED'])).toEqual({
      state: 'CLOSED_ABNORMALLY',
      does: ['reportOpen', 'reportAbnormal'],
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
      does: ['reportOpen', 'sendClose', 'destroyTcp', 'reportAbnormal'],
    });
  });

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
      propertyOptions({ numRuns: 200 }),
    );
    expect(steps).toBeGreaterThan(300);
  });
});

/** What the owner of a server is told without asking: what is off, what still holds, and who is not watched. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { attachReaper as attachToNode } from '../../adapter/node.ts';
import { attachReaper, type ReaperWarning } from '../../adapter/ws.ts';
import { definePolicy, type MechanismInput } from '../../model/policy/index.ts';
import { portOf } from '../support/servers.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function policy(...mechanisms: MechanismInput[]) {
  return definePolicy({ name: 'chat', mechanisms });
}

const PING: MechanismInput = { kind: 'ping', intervalMs: '25s', replyTimeoutMs: '10s' };
const STALL: MechanismInput = { kind: 'send-stall', graceMs: '30s' };

function reaperOn(server: WebSocketServer, ...mechanisms: MechanismInput[]) {
  const warnings: ReaperWarning[] = [];
  const reaper = attachReaper(server, policy(...mechanisms), {
    kernel: 'none',
    onWarning: (warning) => warnings.push(warning),
  });
  cleanups.push(() => {
    reaper.detach();
  });
  return { reaper, warnings };
}

describe('a mechanism that is off', () => {
  it('is told once, with what still holds', () => {
    const { warnings } = reaperOn(new WebSocketServer({ noServer: true }), PING, STALL);
    expect(warnings).toEqual([
      {
        code: 'mechanisms-off',
        message:
          "policy 'chat' does not work as a whole here. send-stall is off: it is switched off by the option " +
          "kernel: 'none'. What the process still decides: a silent peer stands 35 s, a send path that is stuck without a limit.",
      },
    ]);
  });

  it('is a warning of the process where nobody listens', async () => {
    const heard = once(process, 'warning') as Promise<[Error & { code?: string }]>;
    const server = new WebSocketServer({ noServer: true });
    const reaper = attachReaper(server, policy(PING, STALL), { kernel: 'none' });
    cleanups.push(() => {
      reaper.detach();
    });
    const [{ name, code, message }] = await heard;
    expect([name, code]).toEqual(['GhostboundWarning', 'GHOSTBOUND_MECHANISMS_OFF']);
    expect(message).toContain('send-stall is off');
  });

  it('is not told of where the policy says so itself, or waits for the shutdown', () => {
    const drains: MechanismInput = { kind: 'drain', deadlineMs: '10s' };
    const lost: MechanismInput = { ...PING, lost: 'timer' };
    const { warnings } = reaperOn(new WebSocketServer({ noServer: true }), drains, lost);
    expect(warnings).toEqual([]);
  });
});

describe('the bound of what runs here', () => {
  it('has what is off taken out', () => {
    const { reaper } = reaperOn(new WebSocketServer({ noServer: true }), PING, STALL);
    expect(reaper.bound.silence).toMatchObject({ maxMs: 35_000, toleranceMs: 10_000, by: 0 });
    expect(reaper.bound.stuck).toMatchObject({ maxMs: null, toleranceMs: null });
    expect(reaper.bound.closingMs).toBe(30_000);
  });

  it('has the limit of closings that the policy states', () => {
    const closing: MechanismInput = { kind: 'close-handshake', timeoutMs: '5s' };
    const { reaper } = reaperOn(new WebSocketServer({ noServer: true }), PING, closing);
    expect(reaper.bound.closingMs).toBe(5_000);
  });

  it('of bytes alone is longer by the step at which they are asked', () => {
    const deadline: MechanismInput = {
      kind: 'receive-deadline',
      timeoutMs: '5s',
      life: ['any-byte'],
    };
    const reaper = attachToNode(createTcpServer(), policy(deadline));
    cleanups.push(() => {
      reaper.detach();
    });
    expect(reaper.bound.silence).toMatchObject({ maxMs: 5_500, toleranceMs: 5_000 });
  });
});

describe('a client that nobody announced', () => {
  async function upgraded(clientTracking: boolean, announce: boolean) {
    const server = new WebSocketServer({ noServer: true, clientTracking });
    const { reaper, warnings } = reaperOn(server, PING);
    const http = createServer();
    http.on('upgrade', (request, socket, head) => {
      server.handleUpgrade(request, socket, head, (client) => {
        if (announce) server.emit('connection', client, request);
        cleanups.push(() => {
          client.terminate();
        });
      });
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const client = new WebSocket(`ws://127.0.0.1:${portOf(http)}`);
    cleanups.push(() => {
      client.terminate();
      http.close();
    });
    await once(client, 'open');
    vi.advanceTimersByTime(60_000);
    return { reaper, warnings };
  }

  it.each([true, false])('is counted and told of once (clientTracking: %s)', async (tracking) => {
    const { reaper, warnings } = await upgraded(tracking, false);
    expect(reaper.status.unwatched).toBe(1);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.code).toBe('unwatched');
    expect(warnings[0]?.message).toContain("1 of this server's clients are not watched");
  });

  it.each([true, false])('and one that was is not (clientTracking: %s)', async (tracking) => {
    const { reaper, warnings } = await upgraded(tracking, true);
    expect(reaper.status.unwatched).toBe(0);
    expect(reaper.connections).toBe(1);
    expect(warnings).toEqual([]);
  });
});

describe('without a policy', () => {
  function standardOn(kernel: 'auto' | 'none') {
    const warnings: ReaperWarning[] = [];
    const reaper = attachReaper(new WebSocketServer({ noServer: true }), undefined, {
      kernel,
      onWarning: (warning) => warnings.push(warning),
    });
    cleanups.push(() => {
      reaper.detach();
    });
    return { reaper, warnings };
  }

  it.skipIf(process.platform !== 'linux')('the standard one runs, all of it', () => {
    const { reaper, warnings } = standardOn('auto');
    expect(reaper.policy.name).toBe('standard');
    expect(reaper.status.mechanisms.map(({ state }) => state)).toEqual(['on', 'on', 'on']);
    expect(warnings).toEqual([]);
    // 60 s and 41 s by its tables; the send path is looked at every half second.
    expect(reaper.bound.stuck.maxMs).toBe(41_500);
    expect(reaper.bound.silence).toMatchObject({ maxMs: 60_500, toleranceMs: 40_000 });
  });

  it('and where sockets cannot be looked at its other form, which says what it loses', () => {
    const { reaper, warnings } = standardOn('none');
    expect(reaper.policy.name).toBe('standard-without-kernel');
    expect(reaper.status.mechanisms.every(({ state }) => state === 'on')).toBe(true);
    expect(warnings.map(({ code }) => code)).toEqual(['without-kernel']);
    expect(warnings[0]?.message).toContain('stands five minutes');
  });
});

/** How a verdict is carried out, what counts as life, and what is refused: the policy's vocabulary on `ws` and on `net`. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { attachReaper as attachToNode } from '../../adapter/node.ts';
import { attachReaper, type ReapEvent } from '../../adapter/ws.ts';
import { definePolicy, type MechanismInput } from '../../model/policy/index.ts';
import { loopback, sleep, type Loopback } from '../support/loopback.ts';
import { bench, tlsHttpServer, type Bench } from '../support/servers.ts';

const SLACK_MS = 400;

let loop: Loopback;
let on: Bench;
beforeEach(async () => {
  loop = await loopback();
  on = bench();
});
afterEach(async () => {
  await loop.close();
  await on.close();
});

function reaper(...mechanisms: MechanismInput[]) {
  const events: ReapEvent<WebSocket>[] = [];
  const handle = attachReaper(loop.server, definePolicy({ name: 'test', mechanisms }), {
    onReap: (event) => events.push(event),
  });
  return { handle, events };
}

const SILENCE = { kind: 'receive-deadline', timeoutMs: 200, life: ['message'] } as const;

describe('a verdict', () => {
  it('resets where the policy says so: the peer reads ECONNRESET', async () => {
    const { events } = reaper({ ...SILENCE, verdict: 'reset' });
    const { socket } = await loop.mute();
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    expect(events).toMatchObject([{ verdict: 'destroyed', mechanism: 'receive-deadline' }]);
  });

  it('ends an idle connection in the way that the policy says, in order where it says nothing', async () => {
    const idle = { kind: 'idle', timeoutMs: 200 } as const;
    const { events } = reaper({ ...idle, verdict: 'reset' });
    const { socket } = await loop.mute();
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    expect(events).toMatchObject([{ verdict: 'destroyed', mechanism: 'idle' }]);

    const server = createServer();
    await on.listen(server);
    attachToNode(server, { name: 'idle', mechanisms: [idle] });
    const { client } = await on.connect(server);
    client.resume();
    await once(client, 'end');
  });

  it('resets below TLS, and on a server of net', async () => {
    const mechanisms = [{ ...SILENCE, verdict: 'reset' }] as const;
    for (const server of [tlsHttpServer(), createServer()]) {
      await on.listen(server);
      const handle = attachToNode(server, { name: 'reset', mechanisms });
      const secure = server instanceof Object && 'setSecureContext' in server;
      const client = secure ? await on.connectTls(server) : (await on.connect(server)).client;
      const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
      expect(error.code).toBe('ECONNRESET');
      expect([handle.reaped, handle.connections]).toEqual([1, 0]);
    }
  });

  it('closes with 1011 where the policy says so, within the limit it states', async () => {
    const limit = { kind: 'close-handshake', timeoutMs: 300, clock: 'enqueued' } as const;
    const { events, handle } = reaper({ ...SILENCE, verdict: 'close' }, limit);
    const polite = await loop.client();
    const mute = await loop.mute();
    const [code] = (await once(polite, 'close')) as [number];
    expect(code).toBe(1011);
    // 200 ms of silence, 300 ms for a Close frame that never comes
    const endedMs = await mute.ended;
    expect(endedMs).toBeGreaterThanOrEqual(200 + 300 - 2);
    expect(endedMs).toBeLessThan(200 + 300 + SLACK_MS);
    expect(events.map(({ verdict }) => verdict)).toEqual(['closing', 'closing']);
    expect(handle.status.mechanisms[1]).toMatchObject({
      state: 'on',
      reason:
        'of closings that this policy begins, of a FIN, and of others from the next look at them on',
    });
  });

  it('flushes where the policy says so: what was sent arrives before the end', async () => {
    reaper({ ...SILENCE, verdict: 'flush' });
    const arrivals = once(loop.server, 'connection');
    const { socket, ended } = await loop.mute(false);
    const [side] = (await arrivals) as [WebSocket];
    const bytes = 16 << 20;
    side.send(Buffer.alloc(bytes));
    await sleep(400);
    let got = 0;
    socket.on('data', (chunk: Buffer) => (got += chunk.length)).resume();
    await ended;
    expect(got).toBeGreaterThan(bytes);
  });

  it('draws the age of each connection where it has jitter', async () => {
    const { events } = reaper({ kind: 'age', maxMs: 400, jitterPercent: 50 });
    const clients = await Promise.all(Array.from({ length: 12 }, () => loop.client()));
    await Promise.all(clients.map((client) => once(client, 'close')));
    const ages = events.map(({ openMs }) => openMs);
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(200 - 2);
    expect(Math.max(...ages)).toBeLessThan(600 + SLACK_MS);
    // Twelve draws over 400 ms fall within 40 ms of one another once in 10^10 runs.
    expect(Math.max(...ages) - Math.min(...ages)).toBeGreaterThan(40);
  });
});

describe('life', () => {
  it.each([
    ['ping', (client: WebSocket) => client.ping()],
    ['pong', (client: WebSocket) => client.pong()],
    ['message', (client: WebSocket) => client.send('x')],
  ] as const)('is a %s where it says so', async (sign, show) => {
    const { handle } = reaper({ kind: 'receive-deadline', timeoutMs: 300, life: [sign] });
    const client = await loop.client();
    await loop.client();
    const showing = setInterval(() => {
      show(client);
    }, 50);
    await sleep(700);
    clearInterval(showing);
    expect([handle.reaped, handle.connections]).toEqual([1, 1]);
  });

  it('is no pong that nobody asked for, where a matching one is', async () => {
    const ping = { kind: 'ping', intervalMs: 100, replyTimeoutMs: null } as const;
    const { handle } = reaper(
      { ...ping, life: ['matching-pong'] },
      { kind: 'receive-deadline', timeoutMs: 500, life: ['matching-pong'] },
    );
    const answering = await loop.client();
    const other = await loop.client();
    other.pause(); // reads no ping of ours
    const unasked = setInterval(() => {
      other.pong();
      for (let guess = 0; guess < 20; guess++) other.pong(String(guess));
    }, 20);
    await sleep(1200);
    clearInterval(unasked);
    expect([handle.reaped, handle.connections]).toEqual([1, 1]);
    expect(answering.readyState).toBe(answering.OPEN);
  });
});

describe('a limit on the send queue', () => {
  it('needs nothing of the kernel', async () => {
    const { handle, events } = reaper({
      kind: 'send-queue-limit',
      hardBytes: 1 << 20,
      softBytes: null,
      softForMs: 1000,
      everyMs: 100,
    });
    expect(handle.status.backend).toBe('none');
    const arrivals = once(loop.server, 'connection');
    await loop.mute(false);
    const [side] = (await arrivals) as [WebSocket];
    await loop.client();
    side.send(Buffer.alloc(32 << 20));
    await expect.poll(() => events.length).toBe(1);
    expect(events[0]).toMatchObject({ mechanism: 'send-queue-limit', socket: side });
    expect(events[0]?.sample?.userQueueBytes).toBeGreaterThan(1 << 20);
    expect(handle.connections).toBe(1);
  });
});

describe('what an adapter cannot see', () => {
  it('is refused, with what counts on it', async () => {
    const { handle } = reaper(
      { kind: 'ping', intervalMs: 100, replyTimeoutMs: 50, answeredBy: 'application' },
      { kind: 'receive-deadline', timeoutMs: 100, life: ['any-byte'] },
      { kind: 'receive-deadline', timeoutMs: 100, life: ['any-byte', 'send-accepted'] },
      { kind: 'close-handshake', timeoutMs: null, clock: 'enqueued' },
      { kind: 'ping-strikes', minIntervalMs: '5m', maxStrikes: 2 },
    );
    await loop.client();
    await sleep(300);
    expect(handle.connections).toBe(1);
    expect(handle.status.mechanisms.map(({ state, reason }) => `${state}: ${reason}`)).toEqual([
      "off: it needs a ping that the peer's application answers, and ws pings its library",
      'off: it counts on pings that are off',
      'off: Node tells nobody of what counts as life here: send-accepted',
      'off: ws itself ends a closing handshake after its closeTimeout, 30 s unless set',
      'on: a message of ours forgives where messageSent tells of it',
    ]);
  });

  it('does not keep a peer from its strikes', async () => {
    const { events } = reaper({ kind: 'ping-strikes', minIntervalMs: '5m', maxStrikes: 2 });
    const client = await loop.client();
    for (let i = 0; i < 4; i++) client.ping();
    // The first is free, two strikes are forgiven, the third is not.
    await once(client, 'close');
    expect(events).toMatchObject([{ mechanism: 'ping-strikes' }]);
  });
});

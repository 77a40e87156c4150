/** The watchdog on the send path that needs no native code, and the limit on openings: real sockets, real time. */
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import net, { type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { attachReaper as attachToNode } from '../../adapter/node.ts';
import { hasMovedOn, SendPath } from '../../adapter/reaper/send-path.ts';
import { attachReaper, type ReapEvent } from '../../adapter/ws.ts';
import { definePolicy, type MechanismInput } from '../../model/policy/index.ts';
import { loopback, sleep, type Loopback } from '../support/loopback.ts';
import {
  bench,
  GET,
  portOf,
  SWITCHING,
  tlsHttpServer,
  UPGRADE,
  type Bench,
} from '../support/servers.ts';

const SLACK_MS = 400;
const CLOCKS_APART_MS = 2;
const MIB = 1 << 20;

describe('a blocked send path', () => {
  class FakeSocket extends EventEmitter {
    writableLength = 0;
    bytesWritten = 0;
    writableNeedDrain = false;
  }
  function pathOf(): { path: SendPath; socket: FakeSocket } {
    const socket = new FakeSocket();
    return { path: new SendPath(socket as unknown as Socket), socket };
  }

  it('is one while more than the high-water mark waits, until drain', () => {
    const { path, socket } = pathOf();
    expect(path.look()).toBe('none');
    Object.assign(socket, { writableLength: 100, bytesWritten: 100, writableNeedDrain: true });
    expect(path.look()).toBe('blocked');
    // All of that has gone, and as much has come: it was never empty, for nothing told so.
    Object.assign(socket, { bytesWritten: 300 });
    expect(path.look()).toBe('moved');
    expect(path.look()).toBe('none');
    socket.emit('drain');
    expect(path.look()).toBe('free-and-blocked');
    Object.assign(socket, { writableLength: 0 });
    expect(path.look()).toBe('free');
    expect(path.look()).toBe('none');
  });

  it('of which nothing tells when it is over, is over when what waited has gone', () => {
    const { path, socket } = pathOf();
    Object.assign(socket, { writableLength: 10, bytesWritten: 110 });
    expect(path.look()).toBe('blocked');
    Object.assign(socket, { writableLength: 20, bytesWritten: 129 });
    expect(path.look()).toBe('moved');
    Object.assign(socket, { writableLength: 20, bytesWritten: 130 });
    expect(path.look()).toBe('free-and-blocked');
  });

  it.each([
    // A part of what waited was acknowledged.
    [100, 30, true],
    [100, 99, true],
    // All of it was: nothing of that waits.
    [100, 100, false],
    [0, 10, false],
    [100, 0, false],
  ])('in the kernel: %d bytes waited, %d were acknowledged: %s', (queueBytes, acked, moved) => {
    const before = { queueBytes, bytesAcked: 1_000 };
    expect(hasMovedOn(before, { queueBytes: 50, bytesAcked: 1_000 + acked })).toBe(moved);
  });

  it('listens no more once released', () => {
    const { path, socket } = pathOf();
    path.release();
    expect(socket.listenerCount('drain')).toBe(0);
  });
});

describe('a write deadline without native code', () => {
  let loop: Loopback;
  beforeEach(async () => {
    loop = await loopback();
  });
  afterEach(() => loop.close());

  function reaper(timeoutMs: number): ReapEvent<WebSocket>[] {
    const events: ReapEvent<WebSocket>[] = [];
    const policy = definePolicy({
      name: 'test',
      mechanisms: [{ kind: 'write-deadline', timeoutMs }],
    });
    attachReaper(loop.server, policy, {
      kernel: 'none',
      requireAll: true,
      onReap: (event) => events.push(event),
    });
    return events;
  }

  it('ends a peer that reads nothing, so long after its path was blocked', async () => {
    const events = reaper(400);
    const frozen = await loop.mute(false);
    const [socket] = [...loop.server.clients];
    const beganMs = performance.now();
    socket?.send(Buffer.alloc(64 * MIB));
    await expect.poll(() => events.length, { timeout: 3_000 }).toBe(1);
    const tookMs = performance.now() - beganMs;
    // Blocked at once; seen within the step of 40 ms.
    expect(tookMs).toBeGreaterThanOrEqual(400 - CLOCKS_APART_MS);
    expect(tookMs).toBeLessThan(400 + 40 + SLACK_MS);
    expect(events[0]).toMatchObject({ mechanism: 'write-deadline', verdict: 'destroyed' });
    frozen.socket.destroy();
  });

  it('spares one that reads, however much it is sent', async () => {
    const events = reaper(1_000);
    const client = await loop.client();
    const [socket] = [...loop.server.clients];
    const beganMs = performance.now();
    // Blocked most of the time, and for longer than the deadline in all.
    while (performance.now() - beganMs < 2_000) {
      await new Promise((taken) => socket?.send(Buffer.alloc(4 * MIB), taken));
    }
    expect(events).toEqual([]);
    expect(client.readyState).toBe(client.OPEN);
  });
});

describe('a limit on openings', () => {
  let made: Bench;
  beforeEach(() => {
    made = bench();
  });
  afterEach(() => made.close());

  function limited(server: net.Server): ReapEvent<Socket>[] {
    const events: ReapEvent<Socket>[] = [];
    const opening: MechanismInput = { kind: 'handshake-deadline', timeoutMs: 300 };
    attachToNode(server, definePolicy({ name: 'test', mechanisms: [opening] }), {
      requireAll: true,
      onReap: (event) => events.push(event),
    });
    return events;
  }

  it('ends a peer that sends its header a byte at a time', async () => {
    const server = await made.http((_, response) => response.end());
    const events = limited(server);
    const { client, ended } = await made.connect(server, 'GET / HTTP/1.1\r\nX: ');
    const drips = setInterval(() => client.write('x'), 50);
    const endedMs = await ended;
    clearInterval(drips);
    expect(endedMs).toBeGreaterThanOrEqual(300 - 60);
    expect(endedMs).toBeLessThan(300 + SLACK_MS);
    expect(events).toMatchObject([{ mechanism: 'handshake-deadline', verdict: 'destroyed' }]);
  });

  it('is over with the header: an answer may take its time, and so may what follows', async () => {
    const server = await made.http((request, response) => {
      if (request.url === '/late') setTimeout(() => response.end('late'), 600);
      else response.end('soon');
    });
    const events = limited(server);
    const slow = await made.connect(server, GET('/late'));
    const kept = await made.connect(server, GET('/soon'));
    kept.client.write('GET / HTTP/1.1\r\nX: ');
    await sleep(700);
    expect(events).toEqual([]);
    expect(slow.text()).toContain('late');
    expect(kept.client.destroyed).toBe(false);
  });

  it('is over with an upgrade that somebody takes, also one that came to listen later', async () => {
    const server = await made.http();
    const events = limited(server);
    server.on('upgrade', (_, socket) => socket.write(SWITCHING));
    const upgraded = await made.connect(server, UPGRADE);
    await sleep(500);
    expect(events).toEqual([]);
    expect(upgraded.client.destroyed).toBe(false);
  });

  it('holds for the handshake of TLS, too', async () => {
    const server = await made.listen(tlsHttpServer((_, response) => response.end('hello')));
    const events = limited(server);
    const silent = net.connect(portOf(server), '127.0.0.1');
    silent.on('error', () => undefined);
    const living = await made.connectTls(server, GET('/'));
    await once(silent, 'close');
    expect(events).toHaveLength(1);
    await sleep(300);
    expect(events).toHaveLength(1);
    expect(living.destroyed).toBe(false);
  });

  it('is refused where there is no opening', () => {
    const opening: MechanismInput = { kind: 'handshake-deadline', timeoutMs: 300 };
    const policy = definePolicy({ name: 'test', mechanisms: [opening] });
    const reaper = attachToNode(net.createServer(), policy, { onWarning: () => undefined });
    expect(reaper.status.mechanisms[0]?.reason).toBe(
      'a connection of this server is open as soon as it is accepted',
    );
    const ofHttp = attachToNode(createServer(), policy);
    expect(ofHttp.status.mechanisms[0]?.state).toBe('on');
    ofHttp.detach();
  });
});

/** A shutdown by its deadline, with every kind of connection that Node leaves standing. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { attachReaper, drain, InputError, type DrainProgress } from '../../adapter/node.ts';
import { attachReaper as attachToWebSockets } from '../../adapter/ws.ts';
import { definePolicy, presets } from '../../model/policy/index.ts';
import { muteClient, sleep } from '../support/loopback.ts';
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

let on: Bench;
beforeEach(() => {
  on = bench();
});
afterEach(() => on.close());

async function issuesOf(refused: Promise<unknown>): Promise<string[]> {
  try {
    await refused;
  } catch (error) {
    if (error instanceof InputError) return error.issues.map(({ code, path }) => `${code} ${path}`);
    throw error;
  }
  return [];
}

describe('draining an http server', () => {
  it('ends what is idle at once, lets a request finish, and then is done', async () => {
    const server = await on.http((request, response) => {
      if (request.url === '/slow') setTimeout(() => response.end('slow'), 400);
      else response.end('fast');
    });
    const silent = await on.connect(server);
    const kept = await on.connect(server, GET('/'));
    const slow = await on.connect(server, GET('/slow'));
    await expect.poll(kept.text).toContain('fast');
    const progress: DrainProgress[] = [];
    const startedAt = performance.now();
    const draining = drain(server, { deadlineMs: '5s', onProgress: (one) => progress.push(one) });
    await Promise.all([silent.ended, kept.ended]);
    expect(performance.now() - startedAt).toBeLessThan(200);
    const { closed, destroyed, elapsedMs } = await draining;
    expect([closed, destroyed]).toEqual([3, 0]);
    expect(elapsedMs).toBeLessThan(400 + SLACK_MS);
    expect(slow.text()).toMatch(/Connection: close\r\n[^]*slow$/);
    expect(progress.map(({ connections }) => connections).at(-1)).toBe(0);
    expect(server.listening).toBe(false);
  });

  it('lets a response be read to its end that Node itself would cut', async () => {
    const bytes = 32 << 20;
    const server = await on.http((_, response) => response.end(Buffer.alloc(bytes)));
    const { client, ended } = await on.connect(server, GET('/'));
    let got = 0;
    client.on('data', (chunk: Buffer) => (got += chunk.length));
    await once(client, 'data');
    client.pause();
    await sleep(100);
    const draining = drain(server, { deadlineMs: '10s' });
    await sleep(200);
    client.resume();
    await ended;
    expect(got).toBeGreaterThan(bytes);
    expect((await draining).destroyed).toBe(0);
  });

  it('takes no new connection, and tells later requests on an old one that they were the last', async () => {
    const server = await on.http((request, response) => {
      if (request.method === 'POST') request.resume().on('end', () => response.end('posted'));
    });
    const { client, text, ended } = await on.connect(
      server,
      'POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nab',
    );
    await sleep(50);
    const port = portOf(server);
    const draining = drain(server, { deadlineMs: '5s' });
    const late = new WebSocket(`ws://127.0.0.1:${port}`);
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    client.write('cd');
    await ended;
    expect(text()).toMatch(/Connection: close\r\n[^]*posted$/);
    expect(await draining).toMatchObject({ closed: 1, destroyed: 0 });
  });

  it('destroys at the deadline what never ends: half a request, a hung one, an upgraded socket', async () => {
    const server = await on.http(() => undefined);
    server.on('upgrade', (_, socket) => socket.write(SWITCHING));
    const half = await on.connect(server, 'GET / HT');
    const hung = await on.connect(server, GET('/'));
    const upgraded = await on.connect(server, UPGRADE);
    await expect.poll(upgraded.text).toContain('101');
    const asked: Socket[] = [];
    const result = await drain(server, { deadlineMs: 300, goAway: (socket) => asked.push(socket) });
    expect(result).toMatchObject({ closed: 0, destroyed: 3 });
    expect(result.elapsedMs).toBeGreaterThanOrEqual(300 - CLOCKS_APART_MS);
    expect(result.elapsedMs).toBeLessThan(300 + SLACK_MS);
    expect(asked).toEqual([upgraded.side]);
    await Promise.all([half.ended, hung.ended, upgraded.ended]);
  });

  it('asks nobody to go whom it has just destroyed, even when a late loop runs deadline and look at once', async () => {
    const server = await on.http(() => undefined);
    const hung = await on.connect(server, GET('/'));
    await expect.poll(() => hung.side.bytesRead).toBeGreaterThan(0);
    const asked: Socket[] = [];
    const draining = drain(server, { deadlineMs: 20, goAway: (socket) => asked.push(socket) });
    const until = performance.now() + 200;
    while (performance.now() < until);
    expect(await draining).toMatchObject({ closed: 0, destroyed: 1 });
    expect(asked).toEqual([]);
  });

  it('does the same over TLS, also with a handshake that never began', async () => {
    const server = await on.listen(
      tlsHttpServer((request, response) => {
        if (request.url === '/') response.end('fast');
      }),
    );
    const silent = await on.connect(server);
    const kept = await on.connectTls(server, GET('/'));
    await once(kept, 'data');
    const hung = await on.connectTls(server, GET('/hung'));
    await sleep(50);
    const keptEnds = once(kept, 'close');
    const draining = drain(server, { deadlineMs: 400 });
    await Promise.all([keptEnds, silent.ended]);
    expect(hung.destroyed).toBe(false);
    expect(await draining).toMatchObject({ closed: 2, destroyed: 1 });
  });
});

describe('draining WebSockets', () => {
  it('says 1001 to each, and destroys the ghosts at the deadline', async () => {
    const server = await on.http();
    const webSocketServer = new WebSocketServer({ server });
    const url = `ws://127.0.0.1:${portOf(server)}`;
    const living = [new WebSocket(url), new WebSocket(url)];
    await Promise.all(living.map((client) => once(client, 'open')));
    const ghost = await muteClient(portOf(server), '127.0.0.1', true);
    const codes = Promise.all(living.map((client) => once(client, 'close')));
    const asked: Socket[] = [];
    const result = await drain(server, {
      deadlineMs: 500,
      webSocketServer,
      goAway: (socket) => asked.push(socket),
    });
    // RFC 6455 §7.4.1: 1001, going away, "such as a server going down"
    expect((await codes).map(([code]: number[]) => code)).toEqual([1001, 1001]);
    expect(result).toMatchObject({ closed: 2, destroyed: 1 });
    expect(asked).toEqual([]);
    await ghost.ended;
  });

  it('takes a WebSocketServer that has a server of its own', async () => {
    const webSocketServer = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(webSocketServer, 'listening');
    const { port } = webSocketServer.address() as { port: number };
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    await once(client, 'open');
    const code = once(client, 'close');
    expect(await drain(webSocketServer, { deadlineMs: 2000 })).toMatchObject({ closed: 1 });
    expect((await code)[0]).toBe(1001);
    expect(await issuesOf(drain(new WebSocketServer({ noServer: true })))).toEqual([
      'bad-server server',
    ]);
  });
});

describe('draining a net server', () => {
  it('asks once where it can, and leaves alone until the deadline whose protocol it does not know', async () => {
    const server = await on.listen(createServer());
    const polite = await on.connect(server);
    const deaf = await on.connect(server); // never sent a byte, and may well be waiting for one
    polite.side.resume();
    polite.client.on('data', () => polite.client.end());
    let asked = 0;
    const result = await drain(server, {
      deadlineMs: 400,
      goAway: (socket) => {
        asked += 1;
        if (socket === polite.side) socket.end('BYE');
      },
    });
    expect(asked).toBe(2);
    expect(result).toMatchObject({ closed: 1, destroyed: 1 });
    expect(result.elapsedMs).toBeGreaterThanOrEqual(400 - CLOCKS_APART_MS);
    await deaf.ended;
  });

  it('finds sockets that were unrefed where a reaper knows them', async () => {
    const server = await on.listen(createServer());
    const reaper = attachReaper(server, definePolicy({ name: 'none-here', mechanisms: [] }));
    const { side } = await on.connect(server);
    side.unref();
    expect(await drain(server, { deadlineMs: 100 })).toMatchObject({ destroyed: 1 });
    reaper.detach();
  });
});

describe('the deadline', () => {
  const hung = async (): Promise<Server> => {
    const server = await on.listen(createServer());
    await on.connect(server);
    return server;
  };

  it('is that of the policy, and its mechanism is then on', async () => {
    const server = await hung();
    const webSocketServer = new WebSocketServer({ noServer: true });
    const policy = definePolicy({ name: 'd', mechanisms: [{ kind: 'drain', deadlineMs: 300 }] });
    const reaper = attachReaper(server, policy);
    const above = attachToWebSockets(webSocketServer, policy);
    const states = (): (string | undefined)[] =>
      [reaper, above].map(({ status }) => status.mechanisms[0]?.state);
    expect(states()).toEqual(['off', 'off']);
    const draining = drain(server, { webSocketServer });
    expect(states()).toEqual(['on', 'on']);
    expect(reaper.status.mechanisms[0]?.reason).toBeUndefined();
    const { elapsedMs } = await draining;
    expect(elapsedMs).toBeGreaterThanOrEqual(300 - CLOCKS_APART_MS);
    expect(elapsedMs).toBeLessThan(300 + SLACK_MS);
    reaper.detach();
    above.detach();
  });

  it('may be given otherwise, and the status says so', async () => {
    const server = await hung();
    const reaper = attachReaper(server, presets['drain-15s'] ?? { name: 'x', mechanisms: [] });
    await drain(server, { deadlineMs: 50 });
    expect(reaper.status.mechanisms.find(({ kind }) => kind === 'drain')).toMatchObject({
      state: 'on',
      reason: 'drain() was given 50 ms instead',
    });
    reaper.detach();
  });

  it('is brought forward by a second call, which answers the same promise', async () => {
    const server = await hung();
    const first = drain(server, { deadlineMs: null });
    await sleep(100);
    expect(drain(server)).toBe(first);
    expect(drain(server, { deadlineMs: '1h' })).toBe(first);
    expect(drain(server, { deadlineMs: 100 })).toBe(first);
    const { destroyed, elapsedMs } = await first;
    expect(destroyed).toBe(1);
    expect(elapsedMs).toBeGreaterThanOrEqual(200 - CLOCKS_APART_MS);
    expect(elapsedMs).toBeLessThan(200 + SLACK_MS);
  });

  it('of no time at all destroys at once; a closed server has nothing to drain', async () => {
    const server = await hung();
    expect(await drain(server, { deadlineMs: 0 })).toMatchObject({ closed: 0, destroyed: 1 });
    expect(await drain(server)).toMatchObject({ closed: 0, destroyed: 0 });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await on.connect(server);
    expect(await drain(server, { deadlineMs: 0 })).toMatchObject({ closed: 0, destroyed: 1 });
  });
});

describe('a drain', () => {
  it('leaves no listener and no timer', async () => {
    const server = await on.http();
    const before = server.eventNames().map((name) => server.listenerCount(name));
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const armed = timers();
    await on.connect(server);
    await drain(server, { deadlineMs: '1h' });
    expect(server.eventNames().map((name) => server.listenerCount(name))).toEqual(before);
    expect(timers()).toBeLessThanOrEqual(armed);
    expect(Object.hasOwn(server, 'closeIdleConnections')).toBe(false);
  });

  it('contains what its callbacks throw', async () => {
    const server = await on.listen(createServer());
    await on.connect(server);
    const errors: unknown[] = [];
    const fail = (what: string) => () => {
      throw new Error(what);
    };
    const result = await drain(server, {
      deadlineMs: 100,
      goAway: fail('goAway'),
      onProgress: fail('onProgress'),
      onError: (error) => errors.push(error),
    });
    expect(result.destroyed).toBe(1);
    expect(new Set(errors.map(String))).toEqual(new Set(['Error: goAway', 'Error: onProgress']));
  });

  it('is refused with what is wrong', async () => {
    const server = await on.listen(createServer());
    const wrong = (options: unknown): Promise<string[]> =>
      issuesOf(drain(server, options as object));
    expect(await issuesOf(drain(undefined as unknown as Server))).toEqual(['bad-server server']);
    expect(await wrong({ deadline: 1 })).toEqual(['unknown-field options.deadline']);
    expect(await wrong({ deadlineMs: '15' })).toEqual(['bad-duration options.deadlineMs']);
    expect(await wrong({ webSocketServer: [1] })).toEqual(['bad-type options.webSocketServer']);
    expect(await wrong({ policy: { name: 'x' } })).not.toEqual([]);
    expect(server.listening).toBe(true);
  });
});

/** Connections that owe more than one answer: HTTP/1.1 requests sent without waiting, and HTTP/2 streams. */
import { once } from 'node:events';
import http2 from 'node:http2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { attachReaper, drain } from '../../adapter/node.ts';
import { attachReaper as attachToWebSockets } from '../../adapter/ws.ts';
import type { PolicyInput } from '../../model/policy/index.ts';
import { sleep } from '../support/loopback.ts';
import { bench, GET, portOf, type Bench } from '../support/servers.ts';

let on: Bench;
beforeEach(() => {
  on = bench();
});
afterEach(() => on.close());

const AGE = { name: 'age', mechanisms: [{ kind: 'age', maxMs: 150 }] } as const;
const AGE_OF_AN_HOUR = { name: 'age', mechanisms: [{ kind: 'age', maxMs: '1h' }] } as const;
const IDLE = { name: 'idle', mechanisms: [{ kind: 'idle', timeoutMs: 150 }] } as const;

const answersIn = (text: string): number => text.match(/HTTP\/1\.1 200/g)?.length ?? 0;

/** The nth answer is ready after n times as long. */
async function slowServer(eachMs: number): Promise<Awaited<ReturnType<Bench['http']>>> {
  let requests = 0;
  return on.http((request, response) => {
    requests += 1;
    setTimeout(() => response.end(request.url), requests * eachMs);
  });
}

describe('three requests sent without waiting', () => {
  const THREE = GET('/1') + GET('/2') + GET('/3');

  it('are all answered when a drain begins meanwhile; only the last answer says close', async () => {
    const server = await slowServer(200);
    const { text } = await on.connect(server, THREE);
    await sleep(50);
    const { closed, destroyed } = await drain(server, { deadlineMs: 3000 });
    expect([closed, destroyed]).toEqual([1, 0]);
    expect(answersIn(text())).toBe(3);
    expect(text().match(/Connection: close/g)).toHaveLength(1);
    expect(text()).toMatch(/Connection: close\r\n[^]*\/3/);
  });

  it('are all answered when they come after it began', async () => {
    const server = await slowServer(100);
    const { client, text } = await on.connect(server, GET('/0'));
    await sleep(20);
    const drained = drain(server, { deadlineMs: 3000 });
    client.write(THREE);
    await drained;
    expect(text()).toContain('/0');
    expect(answersIn(text())).toBe(4);
  });

  it('are all answered when age ends their connection', async () => {
    const server = await slowServer(300);
    const reaper = attachReaper(server, AGE);
    const { text, ended } = await on.connect(server, THREE);
    await ended;
    expect(reaper.reaped).toBe(1);
    expect(answersIn(text())).toBe(3);
    reaper.detach();
  });
});

describe('idle', () => {
  it('does not run while an answer is owed', async () => {
    const server = await slowServer(700);
    const reaper = attachReaper(server, IDLE, { closeTimeoutMs: 50 });
    const { text, ended } = await on.connect(server, GET('/slow'));
    await ended;
    expect(text()).toMatch(/200 OK[^]*\/slow$/);
    expect(reaper.reaped).toBe(1);
    reaper.detach();
  });
});

describe('HTTP/2', () => {
  async function oneStream(answerMs: number, policy?: PolicyInput) {
    const server = http2.createServer();
    const reaper =
      policy === undefined ? undefined : attachReaper(server, policy, { closeTimeoutMs: 2000 });
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      stream.respond({ ':status': 200 });
      stream.write('a');
      setTimeout(() => stream.end('z'), answerMs);
    });
    await on.listen(server);
    const session = http2.connect(`http://127.0.0.1:${portOf(server)}`);
    session.on('error', () => undefined);
    let goAways = 0;
    session.on('goaway', () => (goAways += 1));
    const stream = session.request({ ':path': '/' });
    let text = '';
    stream.setEncoding('utf8');
    stream.on('data', (part: string) => (text += part));
    stream.on('error', () => undefined);
    await once(stream, 'response');
    const ended = once(session, 'close');
    return { server, reaper, ended, text: () => text, goAways: () => goAways };
  }

  it.each([
    ['where a reaper saw it begin', AGE_OF_AN_HOUR],
    ['where nobody did', undefined],
  ])('gets GOAWAY from a drain, and its stream comes to its end, %s', async (_where, policy) => {
    const { server, reaper, ended, text, goAways } = await oneStream(400, policy);
    const { closed, destroyed, elapsedMs } = await drain(server, { deadlineMs: 4000 });
    await ended;
    expect([closed, destroyed, text()]).toEqual([1, 0, 'az']);
    expect(goAways()).toBeGreaterThan(0);
    expect(elapsedMs).toBeLessThan(3000);
    reaper?.detach();
  });

  it('gets GOAWAY from age, and its stream comes to its end', async () => {
    const { reaper, ended, text, goAways } = await oneStream(500, AGE);
    await ended;
    expect([text(), reaper?.reaped]).toEqual(['az', 1]);
    expect(goAways()).toBeGreaterThan(0);
    reaper?.detach();
  });

  it('that began before the reaper came is not idle while a stream is open', async () => {
    const { server, ended, text } = await oneStream(600);
    const reaper = attachReaper(server, IDLE, { closeTimeoutMs: 2000 });
    await ended;
    expect(text()).toBe('az');
    reaper.detach();
  });

  it('is not idle while a stream is open', async () => {
    const { reaper, ended, text } = await oneStream(600, IDLE);
    await ended;
    expect(text()).toBe('az');
    reaper?.detach();
  });
});

describe('a WebSocket server that does not track its clients', () => {
  it('has them asked to go, where a reaper knows them', async () => {
    const server = await on.http();
    const webSocketServer = new WebSocketServer({ server, clientTracking: false });
    const reaper = attachToWebSockets(webSocketServer, AGE_OF_AN_HOUR);
    const client = new WebSocket(`ws://127.0.0.1:${portOf(server)}`);
    await once(client, 'open');
    await expect.poll(() => reaper.connections).toBe(1);
    const closing = once(client, 'close');
    const { destroyed } = await drain(server, { deadlineMs: 2000, webSocketServer });
    expect([(await closing)[0], destroyed]).toEqual([1001, 0]);
    reaper.detach();
  });
});

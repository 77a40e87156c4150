/**
 * What Node's own `http.Server` does with its connections at shutdown, on real sockets: why a drain cannot rely
 * on it. Recorded on Node 20.20.2, the same as nodejs/node#53536, and held against later releases here; what one does otherwise is said.
 */
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sleep } from '../support/loopback.ts';

/** Far more than a FIN takes over loopback, far less than any timeout of the server (5 s and up). */
const SETTLE_MS = 150;

/** Node 26 takes a connection on which nothing was sent yet for an idle one (26.10.0; 24.21.0 does not). */
const CLOSES_UNUSED = Number(process.versions.node.split('.', 1)[0]) >= 26;

let server: http.Server;
let sockets: (Socket | Duplex)[];

beforeEach(async () => {
  sockets = [];
  server = http.createServer((_request, response) => response.end('done'));
  server.on('upgrade', (_request, socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n',
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  server.close();
});

/** A connection on which the client has sent `text` and nothing else; what came back has been read. */
async function connected(text: string, answers: boolean): Promise<Socket> {
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  if (answers) await once(socket, 'data');
  else await sleep(SETTLE_MS);
  socket.resume();
  return socket;
}

/** After which of the three calls the client's connection was over, and whether the callback came. */
async function shutDown(client: Socket): Promise<{ endedBy: string; callback: boolean }> {
  let callback = false;
  let endedBy = 'nothing';
  const calls = {
    'close()': () => server.close(() => (callback = true)),
    'closeIdleConnections()': () => server.closeIdleConnections(),
    'closeAllConnections()': () => server.closeAllConnections(),
  };
  for (const [name, call] of Object.entries(calls)) {
    const before = client.closed || client.readableEnded;
    call();
    await sleep(SETTLE_MS);
    if (!before && (client.closed || client.readableEnded)) endedBy = name;
  }
  return { endedBy, callback };
}

describe('http.Server at shutdown', () => {
  it.each([
    {
      what: 'a connection that waits for its next request',
      text: 'GET / HTTP/1.1\r\nHost: t\r\n\r\n',
      answers: true,
      endedBy: 'close()',
    },
    {
      what: 'one that never sent a byte',
      text: '',
      answers: false,
      endedBy: CLOSES_UNUSED ? 'close()' : 'closeAllConnections()',
    },
    {
      what: 'one that sent half a request line',
      text: 'GET / HT',
      answers: false,
      endedBy: 'closeAllConnections()',
    },
  ])('$what: ended by $endedBy', async ({ text, answers, endedBy }) => {
    expect(await shutDown(await connected(text, answers))).toEqual({ endedBy, callback: true });
  });

  it('an upgraded socket survives all three, and close() never calls back', async () => {
    const upgrade = 'GET / HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n';
    const client = await connected(upgrade, true);
    expect(await shutDown(client)).toEqual({ endedBy: 'nothing', callback: false });
    expect(client.readyState).toBe('open');
  });
});

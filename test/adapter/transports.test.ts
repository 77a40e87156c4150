/** Below a WebSocket there may be TLS, a Unix-domain socket, or a connection that the host itself holds up. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { attachReaper } from '../../adapter/ws.ts';
import { definePolicy } from '../../model/policy/index.ts';
import { sleep } from '../support/loopback.ts';
import { socketOptions } from '../support/socket-options.ts';

const onLinux = process.platform === 'linux';
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
});

const POLICY = definePolicy({
  name: 'everything',
  mechanisms: [
    { kind: 'keepalive', idleMs: '10s', intervalMs: '5s', probes: 3 },
    { kind: 'user-timeout', timeoutMs: '20s' },
    { kind: 'send-stall', graceMs: 300, everyMs: 100 },
    { kind: 'peer-closed', everyMs: 100 },
    { kind: 'ping', intervalMs: 100, replyTimeoutMs: 90, life: ['pong'] },
  ],
});

/** A key both ends know, so that the test needs no certificate (RFC 4279). */
const PRE_SHARED = {
  ciphers: 'PSK',
  maxVersion: 'TLSv1.2',
  key: Buffer.alloc(32, 7),
} as const;

function tlsServer(): HttpsServer {
  const { ciphers, maxVersion, key } = PRE_SHARED;
  return createHttpsServer({ ciphers, maxVersion, pskCallback: () => key });
}

const TLS_CLIENT = {
  ciphers: PRE_SHARED.ciphers,
  maxVersion: PRE_SHARED.maxVersion,
  pskCallback: () => ({ psk: PRE_SHARED.key, identity: 'test' }),
  checkServerIdentity: () => undefined,
};

interface Open {
  readonly handle: ReturnType<typeof attachReaper>;
  readonly client: WebSocket;
  readonly side: WebSocket;
}

async function open(
  http: HttpServer | HttpsServer,
  url: () => string,
  options: object = {},
): Promise<Open> {
  const server = new WebSocketServer({ server: http });
  const handle = attachReaper(server, POLICY);
  const arrivals = once(server, 'connection');
  const client = new WebSocket(url(), options);
  client.on('error', () => undefined);
  const [side] = (await arrivals) as [WebSocket];
  if (client.readyState !== client.OPEN) await once(client, 'open');
  cleanups.push(() => {
    handle.detach();
    client.terminate();
    side.terminate();
    http.close();
  });
  return { handle, client, side };
}

describe('over TLS', () => {
  async function openTls(): Promise<Open> {
    const http = tlsServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const { port } = http.address() as AddressInfo;
    return open(http, () => `wss://127.0.0.1:${port}`, TLS_CLIENT);
  }

  it('pings go through, and an answering client under load is left alone', async () => {
    const { handle, client, side } = await openTls();
    const traffic = setInterval(() => side.send('x'), 20);
    await sleep(700);
    clearInterval(traffic);
    expect(client.readyState).toBe(client.OPEN);
    expect(handle.status.pings).toBeGreaterThan(2);
  });

  it.skipIf(!onLinux)('options and looks reach the TCP socket below', async () => {
    const { handle, client, side } = await openTls();
    const { _socket: below } = side as unknown as { _socket: Socket };
    expect(socketOptions(below)).toMatchObject({ idleS: 10, userTimeoutMs: 20_000 });
    client.pause();
    side.send(Buffer.alloc(32 << 20));
    await expect.poll(() => handle.reaped, { timeout: 3000 }).toBe(1);
    expect(handle.status.mechanisms.map(({ refused }) => refused)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe.skipIf(!onLinux)('over a Unix-domain socket', () => {
  it('pings work, what is of TCP is refused and said, and nobody dies of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ghostbound-'));
    cleanups.push(() => {
      rmSync(folder, { recursive: true });
    });
    const path = join(folder, 'socket');
    const http = createHttpServer().listen(path);
    await once(http, 'listening');
    const { handle, client } = await open(http, () => `ws+unix://${path}:/`);
    await sleep(700);
    expect(client.readyState).toBe(client.OPEN);
    const { mechanisms, pings } = handle.status;
    expect(pings).toBeGreaterThan(2);
    // One connection, counted once by each mechanism but the ping.
    expect(mechanisms.map(({ refused }) => refused)).toEqual([1, 1, 1, 1, 0]);
    expect(mechanisms[0]?.lastRefusal).toBe('setsockopt(TCP_KEEPIDLE, 10) failed with ENOTSUP');
    expect(mechanisms[2]?.lastRefusal).toBe('the state of this socket cannot be read');
  });
});

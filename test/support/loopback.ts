/** A `ws` server on loopback and the clients that tests hold against it, all closed by `close`. */
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** A client that completes the upgrade by hand and then does only what the test tells it to. */
export interface RawClient {
  readonly socket: Socket;
  /** Resolves when the server has ended the connection, with the time since the upgrade, ms. */
  readonly ended: Promise<number>;
}

export interface Loopback {
  readonly server: WebSocketServer;
  readonly port: number;
  /** A client of `ws`, which answers pings by itself. */
  client(): Promise<WebSocket>;
  /** A client that never answers anything. It reads unless `reads` is false. */
  mute(reads?: boolean): Promise<RawClient>;
  close(): Promise<void>;
}

// RFC 6455 §1.2: the sample nonce
const UPGRADE =
  'GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

/** Connects, upgrades, and leaves the socket to the test. */
export async function muteClient(port: number, host: string, reads: boolean): Promise<RawClient> {
  const socket = net.connect(port, host);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(UPGRADE);
  await once(socket, 'data');
  const openedAt = performance.now();
  const ended = new Promise<number>((resolve) => {
    socket.once('close', () => {
      resolve(performance.now() - openedAt);
    });
  });
  if (!reads) socket.pause();
  return { socket, ended };
}

/** Starts a server on a free port of 127.0.0.1. */
export async function loopback(): Promise<Loopback> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clients: (WebSocket | Socket)[] = [];
  return {
    server,
    port,
    async client() {
      const client = new WebSocket(`ws://127.0.0.1:${port}`);
      client.on('error', () => undefined);
      clients.push(client);
      await once(client, 'open');
      return client;
    },
    async mute(reads = true) {
      const client = await muteClient(port, '127.0.0.1', reads);
      clients.push(client.socket);
      return client;
    },
    async close() {
      for (const client of clients) {
        if (client instanceof WebSocket) client.terminate();
        else client.destroy();
      }
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Waits so many milliseconds of real time. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

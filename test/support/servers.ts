/** Servers of `net`, `http` and `https` on loopback, raw clients, and their end with each test. */
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import tls from 'node:tls';

/** A key both ends know, so that no certificate is needed (RFC 4279). */
const PRE_SHARED = {
  ciphers: 'PSK',
  maxVersion: 'TLSv1.2',
  key: Buffer.alloc(32, 7),
} as const;

const TLS_SERVER = {
  ciphers: PRE_SHARED.ciphers,
  maxVersion: PRE_SHARED.maxVersion,
  pskCallback: () => PRE_SHARED.key,
};

/** What a client needs to speak with {@link tlsHttpServer}. */
export const TLS_CLIENT = {
  ciphers: PRE_SHARED.ciphers,
  maxVersion: PRE_SHARED.maxVersion,
  pskCallback: () => ({ psk: PRE_SHARED.key, identity: 'test' }),
  checkServerIdentity: () => undefined,
};

export function tlsHttpServer(listener?: RequestListener): HttpsServer {
  return createHttpsServer(TLS_SERVER, listener);
}

export const GET = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;
// RFC 9110 §7.8, of a protocol that nobody knows
export const UPGRADE =
  'GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n';
export const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n';

export interface Bench {
  /** Starts `server` on a free port of 127.0.0.1. */
  listen<S extends Server>(server: S): Promise<S>;
  http(listener?: RequestListener): Promise<ReturnType<typeof createHttpServer>>;
  /** A connection that reads, and has written `text`; both sides are there when it is answered. */
  connect(server: Server, text?: string): Promise<Connected>;
  connectTls(server: Server, text?: string): Promise<Socket>;
  /** Closes everything that was made here. */
  close(): Promise<void>;
}

export interface Connected {
  readonly client: Socket;
  /** The server's side. */
  readonly side: Socket;
  /** What was read so far. */
  text(): string;
  /** Resolves when the connection has ended, with the time since it was opened, ms. */
  readonly ended: Promise<number>;
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

export function bench(): Bench {
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const keep = <S extends Socket>(socket: S): S => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    return socket;
  };
  const listen = async <S extends Server>(server: S): Promise<S> => {
    servers.push(server);
    server.on('connection', (socket: Socket) => sockets.add(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  return {
    listen,
    http: (listener) => listen(createHttpServer(listener)),
    async connect(server, text = '') {
      const arrivals = once(server, 'connection');
      const client = keep(net.connect(portOf(server), '127.0.0.1'));
      const [side] = (await arrivals) as [Socket];
      const openedAt = performance.now();
      let read = '';
      client.on('data', (chunk: Buffer) => (read += chunk.toString('latin1')));
      if (text !== '') client.write(text);
      const ended = new Promise<number>((resolve) => {
        client.once('close', () => {
          resolve(performance.now() - openedAt);
        });
      });
      return { client, side, text: () => read, ended };
    },
    async connectTls(server, text = '') {
      const options = { ...TLS_CLIENT, port: portOf(server), host: '127.0.0.1' };
      const client = keep(tls.connect(options));
      await once(client, 'secureConnect');
      client.resume();
      if (text !== '') client.write(text);
      return client;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

// The way between clients and server: bytes are passed on until somebody cuts it. A connection that is cut stands on both sides, and nothing
// passes any more: what a phone leaves behind that lost its network.
import { connect, createServer } from 'node:net';

/** Listens on a port of 127.0.0.1 and passes everything on to `serverPort`. */
export async function layWire(port, serverPort) {
  const ways = new Map(); // by the port that the server sees
  const wire = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ port: serverPort, host: '127.0.0.1', allowHalfOpen: true }, () => {
      ways.set(server.localPort, { client, server });
      client.pipe(server).pipe(client);
    });
    const ends = () => {
      ways.delete(server.localPort);
      client.destroy();
      server.destroy();
    };
    for (const side of [client, server]) side.on('error', ends).on('close', ends);
  });
  await new Promise((done) => wire.listen(port, '127.0.0.1', done));
  return {
    port: wire.address().port,
    /** Nothing passes any more, and nobody is told. */
    cut(seenPort) {
      const way = ways.get(seenPort);
      if (way === undefined) return false;
      const { client, server } = way;
      client.unpipe(server).pause();
      server.unpipe(client).resume(); // The server's kernel goes on acknowledging: only the application is silent.
      return true;
    },
    close() {
      wire.close();
      for (const { client, server } of ways.values()) {
        client.destroy();
        server.destroy();
      }
    },
  };
}

// A client of process-node-server.mjs as its own process: upgrades, reads, answers each PING, and closes when it is told
// BYE. Told by one JSON argument (ClientOrder in child.ts).
import net from 'node:net';

const { url, localAddress, closesAfterMs } = JSON.parse(process.argv[2]);
const { hostname, port, pathname } = new URL(url);
const socket = net.connect({ host: hostname, port: Number(port), localAddress });
socket.on('error', () => undefined);
socket.write(
  `GET ${pathname} HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: bytes\r\n\r\n`,
);
socket.on('data', (chunk) => {
  if (chunk.includes('PING')) socket.write('PONG');
  if (chunk.includes('BYE')) socket.end();
});
if (closesAfterMs !== undefined) setTimeout(() => socket.end(), closesAfterMs);

// One `ws` client as its own process, so that a signal can freeze it. Argument: { url, localAddress, closeAfterMs, readBytesPerS }.
import { WebSocket } from 'ws';

const { url, localAddress, closeAfterMs } = JSON.parse(process.argv[2]);
const client = new WebSocket(url, { localAddress, perMessageDeflate: false });
client.on('error', () => undefined);
client.on('open', () => {
  if (closeAfterMs !== undefined) setTimeout(() => client.close(1000), closeAfterMs);
});
client.on('close', (code) => {
  process.stdout.write(`${JSON.stringify({ event: 'close', code })}\n`);
});

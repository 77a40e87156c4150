// One `ws` client as its own process, so that a signal can freeze it. Told by one JSON argument (ClientOrder in child.ts).
import { WebSocket } from 'ws';

const { url, localAddress, closesAfterMs } = JSON.parse(process.argv[2]);
const client = new WebSocket(url, { localAddress, perMessageDeflate: false });
client.on('error', () => undefined);
client.on('open', () => {
  if (closesAfterMs !== undefined) setTimeout(() => client.close(1000), closesAfterMs);
});

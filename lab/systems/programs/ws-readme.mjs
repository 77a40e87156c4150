// The README of ws, "How to detect and close broken connections?", with the interval as argument.
import { WebSocketServer } from 'ws';

const [host, port, intervalMs] = process.argv.slice(2);
const wss = new WebSocketServer({ host, port: Number(port) });
wss.on('connection', (ws) => {
  ws.isAlive = true;
  ws.on('error', () => {});
  ws.on('pong', () => {
    ws.isAlive = true;
  });
});
setInterval(() => {
  for (const ws of wss.clients) {
    if (ws.isAlive === false) {
      ws.terminate();
      continue;
    }
    ws.isAlive = false;
    ws.ping();
  }
}, Number(intervalMs));

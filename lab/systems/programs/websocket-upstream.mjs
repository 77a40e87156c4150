// What stands behind a recorded proxy: a WebSocket server that pings nobody and judges nobody.
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: process.argv[2], port: Number(process.argv[3]) });
server.on('error', (error) => {
  throw error;
});

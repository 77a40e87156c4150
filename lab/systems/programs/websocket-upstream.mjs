// What stands behind a recorded proxy: a WebSocket server that pings nobody and judges nobody.
import { WebSocketServer } from 'ws';

new WebSocketServer({ host: process.argv[2], port: Number(process.argv[3]) });

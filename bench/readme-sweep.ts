/** What a reaper is measured beside: the heartbeat that most servers have. */
import type { WebSocket, WebSocketServer } from 'ws';

export const SWEEP_MS = 20_000;

/** The sweep as the README of `ws` has it. */
export function sweepOfReadme(server: WebSocketServer): void {
  const alive = new WeakMap<WebSocket, boolean>();
  server.on('connection', (socket) => {
    alive.set(socket, true);
    socket.on('pong', () => alive.set(socket, true));
  });
  setInterval(() => {
    for (const socket of server.clients) {
      if (alive.get(socket) === false) {
        socket.terminate();
        continue;
      }
      alive.set(socket, false);
      socket.ping();
    }
  }, SWEEP_MS);
}

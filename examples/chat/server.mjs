#!/usr/bin/env node
// A chat whose dead connections go in time: `node examples/chat/server.mjs [port]`, then open the page that it names in several windows, and cut one.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { drain } from 'ghostbound/node';
import { attachReaper } from 'ghostbound/ws';
import { WebSocketServer } from 'ws';
import { layWire } from './wire.mjs';

const page = readFileSync(new URL('page.html', import.meta.url));

/** A ghost stands 8 s at the most; a guest who is out of reach for less than 3 s is left alone. */
const POLICY = {
  name: 'chat',
  mechanisms: [{ kind: 'ping', intervalMs: '5s', replyTimeoutMs: '3s', life: ['any-byte'] }],
};

/**
 * Starts the chat behind a wire that can be cut.
 *
 * @param port where guests come, 0 = any
 * @param policy what ends connections whose guest is gone
 * @param told called with each line of the log
 */
export async function startChat({ port = 8080, policy = POLICY, told = console.log } = {}) {
  const guests = new Map(); // WebSocket → { id, name, seenPort, sinceMs }
  let ids = 0;

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://chat');
    const cut = /^\/cut\/(\d+)$/.exec(pathname);
    if (request.method === 'POST' && cut !== null) {
      const guest = [...guests.values()].find(({ id }) => id === Number(cut[1]));
      const done = guest !== undefined && wire.cut(guest.seenPort);
      if (done) told(`${guest.name} is cut off`);
      response.writeHead(done ? 204 : 404).end();
    } else if (pathname === '/guests') {
      const listed = [...guests.values()].map(({ id, name }) => ({ id, name }));
      const { silence } = reaper.bound;
      response.setHeader('Content-Type', 'application/json');
      response.end(
        JSON.stringify({ guests: listed, boundMs: silence.maxMs, reaped: reaper.reaped }),
      );
    } else {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(page);
    }
  });

  const chat = new WebSocketServer({ server });
  const reaper = attachReaper(chat, policy, {
    label: (_socket, request) => new URL(request.url, 'http://chat').searchParams.get('name'),
    onReap: ({ label, reason, silentMs }) =>
      told(`${label} is gone: ${reason}, silent for ${Math.round(silentMs)} ms`),
  });
  const tellAll = (message) => {
    const text = JSON.stringify(message);
    for (const guest of guests.keys()) guest.send(text);
  };
  chat.on('connection', (socket, request) => {
    const name = new URL(request.url, 'http://chat').searchParams.get('name') ?? 'somebody';
    const seenPort = request.socket.remotePort;
    guests.set(socket, { id: (ids += 1), name, seenPort });
    tellAll({ from: '', text: `${name} is here` });
    socket.on('message', (data) => {
      const text = String(data);
      // The client asks every so often whether the server is still there: any answer will do.
      if (text === '') socket.send('{}');
      else tellAll({ from: name, text });
    });
    socket.on('close', () => {
      guests.delete(socket);
      tellAll({ from: '', text: `${name} is gone` });
    });
    socket.on('error', () => undefined);
  });

  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const wire = await layWire(port, server.address().port);
  const { silence } = reaper.bound;
  told(
    `http://127.0.0.1:${wire.port} · a guest who is gone stands ${silence.maxMs / 1000} s at the most`,
  );
  return {
    port: wire.port,
    boundMs: silence.maxMs,
    /** Goodbye to everybody, and the process may end. */
    async close() {
      await drain(server, { webSocketServer: chat, deadlineMs: 2_000 });
      reaper.detach();
      wire.close();
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const chat = await startChat({ port: Number(process.argv[2] ?? 8080) });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void chat.close());
}

// A `ws` server under a policy, as its own process: the compiled package, as users run it. Told what to do by one JSON
// argument { host, policy, saturate, chatterMs, exitWhenClosed }; tells what happens as one JSON line per event.
import { WebSocketServer } from 'ws';
import { attachReaper } from '../../dist/adapter/ws.js';

const {
  host,
  policy,
  options = {},
  saturate = false,
  chatterMs,
  closeAtOnce = false,
} = JSON.parse(process.argv[2]);
const CHUNK = Buffer.alloc(64 * 1024);
// Enough that a saturated sender always has data in user space, too.
const SATURATED_BYTES = 4 << 20;

const tell = (event, more = {}) =>
  process.stdout.write(`${JSON.stringify({ event, atMs: Date.now(), ...more })}\n`);

const server = new WebSocketServer({ port: 0, host });
const reaper = attachReaper(server, policy, {
  ...options,
  onReap: ({ socket, verdict, mechanism, reason, silentMs }) =>
    tell('reap', { client: socket.name, verdict, mechanism, reason, silentMs }),
  onError: (error) => tell('error', { message: String(error) }),
});

server.on('connection', (socket, request) => {
  socket.name = request.url.slice(1);
  socket.on('error', () => undefined);
  const load = setInterval(() => {
    if (saturate)
      while (socket.readyState === 1 && socket.bufferedAmount < SATURATED_BYTES) socket.send(CHUNK);
  }, 10);
  const chatter =
    chatterMs === undefined
      ? undefined
      : setInterval(() => socket.send('x'.repeat(1024)), chatterMs);
  socket.on('close', (code) => {
    clearInterval(load);
    clearInterval(chatter);
    tell('close', {
      client: socket.name,
      code,
      connections: reaper.connections,
      status: reaper.status,
    });
  });
  tell('connection', { client: socket.name });
});
server.on('listening', () => {
  tell('listening', { port: server.address().port, status: reaper.status });
  if (closeAtOnce) server.close();
});

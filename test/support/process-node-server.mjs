// An `http` server under a policy, whose clients all upgrade to a protocol of bytes, as its own process: the
// compiled package. Told what to do by one JSON argument (ServerOrder in lab/stories/processes.ts); one JSON line per event.
import { createServer } from 'node:http';

const { adapter, host, policy, kernel, saturates, chatterMs, closesAtOnce, drainMs } = JSON.parse(
  process.argv[2],
);
const { attachReaper, drain } = await import(adapter);

const CHUNK = Buffer.alloc(64 * 1024);
// As in the lab's server: up to 20 MB/s, and always something waiting in user space for who is slower.
const SATURATED_BYTES = 1 << 20;
const SATURATED_EVERY_MS = 50;

function tell(event, more = {}) {
  process.stdout.write(`${JSON.stringify({ event, atMs: Date.now(), ...more })}\n`);
}

const server = createServer();
const names = new WeakMap();
const reaper = attachReaper(server, policy, {
  kernel,
  ping: (socket) => new Promise((resolve) => socket.write('PING', resolve)),
  onReap: ({ socket, verdict, mechanism, silentMs }) =>
    tell('reap', { client: names.get(socket), verdict, mechanism, silentMs }),
  onError: (error) => tell('error', { message: String(error) }),
});

server.on('upgrade', ({ url }, socket) => {
  const client = url.slice(1);
  names.set(socket, client);
  // Sockets of an http server may be half open: the server's side is ended by whoever took them over.
  socket.on('error', () => undefined).on('end', () => socket.end());
  socket.resume();
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n');
  const fill = () => {
    while (!socket.destroyed && socket.writableLength < SATURATED_BYTES) socket.write(CHUNK);
  };
  const load = saturates
    ? setInterval(fill, SATURATED_EVERY_MS)
    : setInterval(() => socket.write('x'.repeat(1024)), chatterMs ?? 2 ** 30);
  socket.on('close', () => {
    clearInterval(load);
    tell('close', { client, status: reaper.status });
  });
  tell('connection', { client });
});
server.listen(0, host, () => {
  tell('listening', { port: server.address().port, status: reaper.status });
  if (closesAtOnce) server.close();
});
process.on('SIGTERM', async () => {
  tell(
    'drained',
    await drain(server, { deadlineMs: drainMs, goAway: (socket) => socket.write('BYE') }),
  );
});
process.on('exit', () => tell('exit'));

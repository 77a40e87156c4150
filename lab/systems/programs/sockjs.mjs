// A bare sockjs server: `node sockjs.mjs HOST PORT HEARTBEAT_DELAY`, in a folder that has sockjs.
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [host, port, delay] = process.argv.slice(2);
const sockjs = createRequire(join(process.cwd(), 'package.json'))('sockjs');
const server = createServer();
sockjs
  .createServer({ heartbeat_delay: Number(delay), log: () => {} })
  .installHandlers(server, { prefix: '/echo' });
server.listen(Number(port), host);

// A bare engine.io server: `node engine-io.mjs HOST PORT PING_INTERVAL PING_TIMEOUT`, in a folder that has engine.io.
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [host, port, pingInterval, pingTimeout] = process.argv.slice(2);
const { attach } = createRequire(join(process.cwd(), 'package.json'))('engine.io');
const server = createServer();
attach(server, { pingInterval: Number(pingInterval), pingTimeout: Number(pingTimeout) });
server.listen(Number(port), host);

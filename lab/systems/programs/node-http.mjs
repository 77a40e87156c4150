// node:http as it comes, with keepAliveTimeout as argument: `node node-http.mjs HOST PORT KEEP_ALIVE_TIMEOUT`.
import { createServer } from 'node:http';

const [host, port, keepAliveTimeout] = process.argv.slice(2);
const server = createServer((_request, response) => response.end('ok'));
server.keepAliveTimeout = Number(keepAliveTimeout);
server.listen(Number(port), host);

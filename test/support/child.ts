/** Helper processes of the tests: those of the lab on the compiled package, and an http server with its clients. */
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  spawnHere,
  spawnScript,
  type ClientOrder,
  type ServerOrder,
  type ServerProcess,
} from '../../lab/stories/processes.ts';

export {
  spawnClient,
  spawnServer,
  type ServerEvent,
  type ServerOrder,
  type ServerProcess,
} from '../../lab/stories/processes.ts';

const NODE_SERVER_SCRIPT = fileURLToPath(new URL('./process-node-server.mjs', import.meta.url));
const RAW_CLIENT_SCRIPT = fileURLToPath(new URL('./process-raw-client.mjs', import.meta.url));

/** The adapter of the compiled package. */
export const COMPILED_ADAPTER = new URL('../../dist/adapter/ws.js', import.meta.url).href;

/** `ghostbound/node` of the compiled package. */
export const COMPILED_NODE_ADAPTER = new URL('../../dist/adapter/node.js', import.meta.url).href;

/** Starts a client of `process-node-server.mjs`, which answers each PING. */
export function spawnRawClient(order: ClientOrder, spawnIn = spawnHere): ChildProcess {
  return spawnIn(process.execPath, [RAW_CLIENT_SCRIPT, JSON.stringify(order)]);
}

/** A server of `process-node-server.mjs`: http, whose clients upgrade. */
export function spawnNodeServer(order: ServerOrder, spawnIn = spawnHere): Promise<ServerProcess> {
  return spawnScript(NODE_SERVER_SCRIPT, order, spawnIn);
}

/** Helper processes of the tests: a client to be frozen, a server that is the compiled package. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What `process-client.mjs` is told. */
export interface ClientOrder {
  readonly url: string;
  readonly localAddress?: string;
  readonly closeAfterMs?: number;
}

export const CLIENT_SCRIPT = fileURLToPath(new URL('process-client.mjs', import.meta.url));

/** Starts a `ws` client in a process of its own. */
export function spawnClient(order: ClientOrder): ChildProcess {
  const args = [CLIENT_SCRIPT, JSON.stringify(order)];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

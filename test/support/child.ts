/** Helper processes of the tests: a server that runs the compiled package, and clients to be frozen. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ReaperStatus } from '../../adapter/ws.ts';
import type { PolicyInput } from '../../model/policy/index.ts';

/** What `process-client.mjs` and `process-raw-client.mjs` are told. */
export interface ClientOrder {
  readonly url: string;
  readonly localAddress?: string;
  readonly closesAfterMs?: number;
}

/** What `process-server.mjs` and `process-node-server.mjs` are told. */
export interface ServerOrder {
  /** The module that exports `attachReaper`. */
  readonly adapter: string;
  readonly host: string;
  readonly policy: PolicyInput;
  readonly kernel?: 'auto' | 'koffi' | 'node' | 'none';
  /** Sends to every client as fast as it takes it, up to 20 MB/s. */
  readonly saturates?: boolean;
  /** Sends 1 KiB to every client so often. */
  readonly chatterMs?: number;
  readonly closesAtOnce?: boolean;
  /** Drains at SIGTERM (`process-node-server.mjs`). */
  readonly drainMs?: number;
}

/** What they tell; which fields are there depends on the event. */
export interface ServerEvent {
  readonly event: 'listening' | 'connection' | 'reap' | 'close' | 'drained' | 'error' | 'exit';
  readonly atMs: number;
  readonly client?: string;
  readonly port?: number;
  readonly status?: ReaperStatus;
  readonly koffi?: boolean;
  readonly mechanism?: string;
  readonly message?: string;
  readonly closed?: number;
  readonly destroyed?: number;
  readonly elapsedMs?: number;
}

const CLIENT_SCRIPT = fileURLToPath(new URL('./process-client.mjs', import.meta.url));
const SERVER_SCRIPT = fileURLToPath(new URL('./process-server.mjs', import.meta.url));
const NODE_SERVER_SCRIPT = fileURLToPath(new URL('./process-node-server.mjs', import.meta.url));
const RAW_CLIENT_SCRIPT = fileURLToPath(new URL('./process-raw-client.mjs', import.meta.url));

/** The adapter of the compiled package. */
export const COMPILED_ADAPTER = new URL('../../dist/adapter/ws.js', import.meta.url).href;

/** `ghostbound/node` of the compiled package. */
export const COMPILED_NODE_ADAPTER = new URL('../../dist/adapter/node.js', import.meta.url).href;

/** Starts a program; the default starts it here, namespaces start it elsewhere. */
export type Spawn = (command: string, args: readonly string[]) => ChildProcess;

const spawnHere: Spawn = (command, args) =>
  spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });

/** Starts a `ws` client in a process of its own. */
export function spawnClient(order: ClientOrder, spawnIn = spawnHere): ChildProcess {
  return spawnIn(process.execPath, [CLIENT_SCRIPT, JSON.stringify(order)]);
}

/** Starts a client of `process-node-server.mjs`, which answers each PING. */
export function spawnRawClient(order: ClientOrder, spawnIn = spawnHere): ChildProcess {
  return spawnIn(process.execPath, [RAW_CLIENT_SCRIPT, JSON.stringify(order)]);
}

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly port: number;
  /** Everything told so far. */
  readonly events: readonly ServerEvent[];
  /** The first event of a kind (for one client), past or future. */
  event(kind: ServerEvent['event'], client?: string): Promise<ServerEvent>;
}

/** Starts a `ws` server under a policy in a process of its own, and waits until it listens. */
export function spawnServer(order: ServerOrder, spawnIn = spawnHere): Promise<ServerProcess> {
  return spawnScript(SERVER_SCRIPT, order, spawnIn);
}

/** The same with an `http` server whose clients upgrade. */
export function spawnNodeServer(order: ServerOrder, spawnIn = spawnHere): Promise<ServerProcess> {
  return spawnScript(NODE_SERVER_SCRIPT, order, spawnIn);
}

async function spawnScript(
  script: string,
  order: ServerOrder,
  spawnIn: Spawn,
): Promise<ServerProcess> {
  const child = spawnIn(process.execPath, [script, JSON.stringify(order)]);
  if (child.stdout === null) throw new Error('the server process has no output to read');
  const events: ServerEvent[] = [];
  /** Called after each event, and once more at the end. */
  const waiting = new Set<() => void>();
  let ended = false;
  const wakeAll = (): void => {
    for (const wake of waiting) wake();
  };
  createInterface(child.stdout)
    .on('line', (line) => {
      events.push(JSON.parse(line) as ServerEvent);
      wakeAll();
    })
    .on('close', () => {
      ended = true;
      wakeAll();
    });
  const event: ServerProcess['event'] = (kind, client) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = events.find(
          (one) => one.event === kind && (client === undefined || one.client === client),
        );
        if (found === undefined && !ended) return;
        waiting.delete(look);
        if (found !== undefined) resolve(found);
        else reject(new Error(`the server ended without "${kind}" of ${client ?? 'anybody'}`));
      };
      waiting.add(look);
      look();
    });
  const { port } = await event('listening');
  return { child, port: port ?? 0, events, event };
}

/** The programs of a story: a server under a policy, and clients to be frozen. Each is told by one JSON argument, and tells by JSON lines. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { PolicyInput } from '../../model/policy/index.ts';

/** Beside the sources, and from the command line in `dist`. */
const places = [
  './programs/',
  '../recorder/programs/',
  '../lab/stories/programs/',
  '../lab/recorder/programs/',
];

/** The file of a program, wherever this runs from. */
export function programFile(name: string): string {
  const found = places
    .map((place) => fileURLToPath(new URL(`${place}${name}.mjs`, import.meta.url)))
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error(`the program ${name} is not where it should be`);
  return found;
}

/** What a client is told. */
export interface ClientOrder {
  readonly url: string;
  readonly localAddress?: string;
  readonly closesAfterMs?: number;
  /** Sends a message of so many bytes so often. */
  readonly chatterMs?: number;
  readonly chatterBytes?: number;
  /** Tells of each write(2). */
  readonly tellsWrites?: boolean;
  /** Ends when nobody can tell it anything any more. */
  readonly endsWithInput?: boolean;
}

/** What a server is told. */
export interface ServerOrder {
  /** The module that exports `attachReaper`; of this package unless said. */
  readonly adapter?: string;
  readonly host: string;
  readonly policy: PolicyInput;
  readonly kernel?: 'auto' | 'koffi' | 'node' | 'none';
  /** Sends to every client as fast as it takes it, up to 20 MB/s. */
  readonly saturates?: boolean;
  /** Sends a message, of 1 KiB unless said, to every client so often. */
  readonly chatterMs?: number;
  readonly chatterBytes?: number;
  readonly closesAtOnce?: boolean;
  /** Drains at SIGTERM (an http server of the tests). */
  readonly drainMs?: number;
  readonly tellsWrites?: boolean;
  readonly endsWithInput?: boolean;
}

/** A mechanism's state as a server tells it: the adapter's own status. */
export interface ToldMechanism {
  readonly kind: string;
  readonly state: 'on' | 'off';
  readonly reason?: string;
}

/** What they tell; which fields are there depends on the event. */
export interface ServerEvent {
  readonly event:
    'listening' | 'connection' | 'reap' | 'close' | 'drained' | 'error' | 'exit' | 'wrote';
  readonly atMs: number;
  readonly client?: string;
  readonly address?: string;
  readonly port?: number;
  readonly status?: { readonly backend: string; readonly mechanisms: readonly ToldMechanism[] };
  readonly koffi?: boolean;
  readonly mechanism?: string;
  readonly verdict?: string;
  readonly message?: string;
  readonly bytes?: number;
  readonly closed?: number;
  readonly destroyed?: number;
  readonly elapsedMs?: number;
}

/** Starts a program; the default starts it here, namespaces start it elsewhere. */
export type Spawn = (command: string, args: readonly string[]) => ChildProcess;

export const spawnHere: Spawn = (command, args) =>
  spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly port: number;
  /** Everything told so far. */
  readonly events: readonly ServerEvent[];
  /** The first event of a kind (for one client), past or future. */
  event(kind: ServerEvent['event'], client?: string): Promise<ServerEvent>;
}

/** Starts a `ws` client in a process of its own. */
export function spawnClient(order: ClientOrder, spawnIn = spawnHere): ChildProcess {
  return spawnIn(process.execPath, [programFile('client'), JSON.stringify(order)]);
}

/** Starts a `ws` server under a policy in a process of its own, and waits until it listens. */
export function spawnServer(order: ServerOrder, spawnIn = spawnHere): Promise<ServerProcess> {
  return spawnScript(programFile('server'), order, spawnIn);
}

/** Starts a server's program, and waits until it listens. */
export async function spawnScript(
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

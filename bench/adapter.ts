/**
 * What a reaper costs on one connection, beside the sweep of the README of `ws` on the very same connections: heap after collection, processor time to begin
 * watching, and processor time per message received. Rounds are interleaved; printed are medians, with the least and the most.
 * Of the compiled package: `npm run -s build && npx tsx bench/adapter.ts [connections] [rounds]`.
 *
 * All clients live in another process. Messages are handed to the server's sockets as the kernel would hand them, so that none of its work is in the figure.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { WebSocket, WebSocketServer } from 'ws';
import type * as Adapter from '../adapter/ws.ts';
import { cpuUs, heldBytes } from './process.ts';

/** As users load it: what tsx makes of the sources keeps names at a price. */
const { attachReaper } = (await import(
  new URL('../dist/adapter/ws.js', import.meta.url).href
)) as typeof Adapter;

const OPENING_AT_ONCE = 200;
const SWEEP_MS = 30_000;
const MESSAGES = 30;
const TRIES = 5;
/** A masked text frame with the word `word` (RFC 6455 §5.2), masked with zeroes. */
const FRAME = Buffer.from([0x81, 0x84, 0, 0, 0, 0, ...Buffer.from('word')]);
const US_TO_NS = 1000;

function doesNothing(): void {
  return;
}

/** `ws` keeps it in `_socket`. */
function socketBelow(client: WebSocket): Socket {
  return (client as unknown as { _socket: Socket })._socket;
}

/** Begins to watch all clients of a server, and answers how to stop. */
type Watch = (server: WebSocketServer) => () => void;

type Flagged = WebSocket & { isAlive?: boolean };

function heartbeat(this: Flagged): void {
  this.isAlive = true;
}

/** The sweep as the README of `ws` has it. */
const sweepOfReadme: Watch = (server) => {
  for (const socket of server.clients as Set<Flagged>) {
    socket.isAlive = true;
    socket.on('pong', heartbeat);
  }
  const timer = setInterval(() => {
    for (const socket of server.clients as Set<Flagged>) {
      if (socket.isAlive === false) {
        socket.terminate();
        continue;
      }
      socket.isAlive = false;
      socket.ping();
    }
  }, SWEEP_MS);
  return () => {
    clearInterval(timer);
    for (const socket of server.clients) socket.off('pong', heartbeat);
  };
};

/** A listener that does nothing, on each socket: what nobody can do without who wants to know of bytes. */
const bareListener: Watch = (server) => {
  const sockets = [...server.clients].map(socketBelow);
  for (const socket of sockets) socket.on('data', doesNothing);
  return () => {
    for (const socket of sockets) socket.off('data', doesNothing);
  };
};

const sweep = { kind: 'sweep', intervalMs: SWEEP_MS, life: ['pong'] } as const;

const WATCHES: Readonly<Record<string, Watch>> = {
  'ws alone': () => () => undefined,
  'one bare listener of bytes': bareListener,
  'sweep of the README': sweepOfReadme,
  'ghostbound, sweep': (server) => {
    const reaper = attachReaper(server, { name: 'sweep', mechanisms: [sweep] });
    return () => {
      reaper.detach();
    };
  },
  'ghostbound, standard policy': (server) => {
    const reaper = attachReaper(server);
    return () => {
      reaper.detach();
    };
  },
};

interface Figures {
  readonly heapBytes: number;
  readonly attachUs: number;
  readonly messageNs: number;
  /** Before it was watched. */
  readonly bareNs: number;
}

interface Bare {
  readonly heapBytes: number;
  readonly openUs: number;
}

/** Processor time for one message on each connection, with all that `ws` does: the least of several tries. */
function messageNs(raws: readonly Socket[]): number {
  let leastNs = Infinity;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const sentUs = cpuUs();
    for (let message = 0; message < MESSAGES; message += 1) {
      for (const raw of raws) raw.emit('data', FRAME);
    }
    leastNs = Math.min(leastNs, ((cpuUs() - sentUs) * US_TO_NS) / (raws.length * MESSAGES));
  }
  return leastNs;
}

function measure(server: WebSocketServer, watch: Watch): Figures {
  const count = server.clients.size;
  const raws = [...server.clients].map(socketBelow);
  const bareNs = messageNs(raws);
  const emptyBytes = heldBytes();
  const beganUs = cpuUs();
  const unwatch = watch(server);
  const attachUs = (cpuUs() - beganUs) / count;
  const heapBytes = (heldBytes() - emptyBytes) / count;
  const watchedNs = messageNs(raws);
  unwatch();
  return { heapBytes, attachUs, bareNs, messageNs: watchedNs - bareNs };
}

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const [least, middle, most] = [0, sorted.length >> 1, sorted.length - 1].map((place) =>
    (sorted[place] ?? 0).toPrecision(3),
  );
  return `${middle} (${least} to ${most})`;
}

/** Opens so many connections whenever it is told to, and drops those before. */
function connect(port: number, count: number): void {
  let clients: WebSocket[] = [];
  const open = async (): Promise<void> => {
    const client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    client.on('error', () => undefined);
    clients.push(client);
    await once(client, 'open');
  };
  process.on('message', () => {
    for (const client of clients) client.terminate();
    clients = [];
    void openAll();
  });
  const openAll = async (): Promise<void> => {
    for (let opened = 0; opened < count; opened += OPENING_AT_ONCE) {
      const several = Math.min(OPENING_AT_ONCE, count - opened);
      await Promise.all(Array.from({ length: several }, open));
    }
    process.send?.('open');
  };
}

async function run(count: number, rounds: number): Promise<void> {
  const server = new WebSocketServer({ port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.on('message', () => undefined));
  const { port } = server.address() as AddressInfo;
  const clients = fork(fileURLToPath(import.meta.url), ['connect', String(port), String(count)]);
  const figures = new Map<string, Figures[]>(Object.keys(WATCHES).map((name) => [name, []]));
  const bare: Bare[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, watch] of Object.entries(WATCHES)) {
      const beforeBytes = heldBytes();
      const beforeUs = cpuUs();
      clients.send('connect');
      await once(clients, 'message');
      while (server.clients.size > count) await new Promise((later) => setTimeout(later, 10));
      const openUs = (cpuUs() - beforeUs) / count;
      const heapBytes = (heldBytes() - beforeBytes) / count;
      const found = measure(server, watch);
      // The first round is for the compiler, and finds no connections to take the place of.
      if (round === 0) bare.push({ heapBytes, openUs });
      else figures.get(name)?.push(found);
    }
  }
  clients.kill();
  console.log(
    `${count} connections, ${rounds} rounds, Node ${process.versions.node}; median (least to most)`,
  );
  const [first] = bare;
  console.log(
    `ws itself: ${first?.heapBytes.toFixed(0)} bytes and ${first?.openUs.toFixed(0)} µs for a connection\n`,
  );
  console.log(
    '| on top of ws | heap, bytes a connection | attach, µs | received message, ns | the same in ws itself |',
  );
  console.log('|---|---|---|---|---|');
  for (const [name, rows] of figures) {
    const cells = (['heapBytes', 'attachUs', 'messageNs', 'bareNs'] as const).map((figure) =>
      spread(rows.map((row) => row[figure])),
    );
    console.log(`| ${[name, ...cells].join(' | ')} |`);
  }
  process.exit();
}

const [, , role, first, second] = process.argv;
if (role === 'connect') connect(Number(first), Number(second));
else await run(Number(role ?? 2_000), Number(first ?? 5));

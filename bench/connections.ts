/**
 * What a reaper costs beside the sweep of the README of `ws`, in the same run: heap after collection, and processor time, per connection.
 * Of the compiled package: `npm run -s build && npx tsx bench/connections.ts [connections] [seconds]`; 100 000 need as many descriptors (ulimit -n) and several addresses of loopback, which it takes.
 *
 * Every server is a process of its own with `--expose-gc`; all clients of one live in another. They answer pings and say a word a minute.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { WebSocket, WebSocketServer } from 'ws';
import type * as Adapter from '../adapter/ws.ts';
import { definePolicy } from '../model/policy/parse.ts';
import { SWEEP_MS, sweepOfReadme } from './readme-sweep.ts';

/** As users load it: what tsx makes of the sources keeps names at a price. */
const { attachReaper } = (await import(
  new URL('../dist/adapter/ws.js', import.meta.url).href
)) as typeof Adapter;

const CONNECTIONS_PER_ADDRESS = 25_000;
const OPENING_AT_ONCE = 200;
const WORD_EVERY_MS = 60_000;
const US_PER_S = 1e6;

const SERVERS = ['ws alone', 'sweep of the README', 'ghostbound sweep', 'standard policy'] as const;
type Served = (typeof SERVERS)[number];

interface Reading {
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly cpuUs: number;
}

function isServed(word: string | undefined): word is Served {
  return SERVERS.some((served) => served === word);
}

const sweep = { kind: 'sweep', intervalMs: SWEEP_MS, life: ['pong'] } as const;

const REAPERS: Readonly<Record<Served, (server: WebSocketServer) => unknown>> = {
  'ws alone': () => undefined,
  'sweep of the README': sweepOfReadme,
  'ghostbound sweep': (server) =>
    attachReaper(server, definePolicy({ name: 'sweep', mechanisms: [sweep] })),
  'standard policy': (server) => attachReaper(server),
};

async function serve(served: Served): Promise<void> {
  const server = new WebSocketServer({ port: 0, host: '0.0.0.0', perMessageDeflate: false });
  await once(server, 'listening');
  REAPERS[served](server);
  server.on('connection', (socket) => socket.on('message', () => undefined));
  process.on('message', () => {
    globalThis.gc?.();
    const { heapUsed: heapBytes, external, rss: rssBytes } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const reading: Reading = { heapBytes: heapBytes + external, rssBytes, cpuUs: user + system };
    process.send?.({ ...reading, clients: server.clients.size });
  });
  process.send?.((server.address() as AddressInfo).port);
}

async function connect(port: number, count: number): Promise<void> {
  const open = async (index: number): Promise<void> => {
    const address = `127.0.0.${1 + Math.floor(index / CONNECTIONS_PER_ADDRESS)}`;
    const client = new WebSocket(`ws://${address}:${port}`, { perMessageDeflate: false });
    client.on('error', () => undefined);
    await once(client, 'open');
    setInterval(() => {
      client.send('word');
    }, WORD_EVERY_MS);
  };
  for (let from = 0; from < count; from += OPENING_AT_ONCE) {
    const several = Math.min(OPENING_AT_ONCE, count - from);
    await Promise.all(Array.from({ length: several }, (_, index) => open(from + index)));
  }
  process.send?.('open');
}

function start(...words: string[]): ChildProcess {
  const execArgv = [...process.execArgv, '--expose-gc'];
  return fork(fileURLToPath(import.meta.url), words, { execArgv });
}

async function told(child: ChildProcess): Promise<unknown> {
  const [message] = (await once(child, 'message')) as [unknown];
  return message;
}

async function read(server: ChildProcess): Promise<Reading> {
  const answer = told(server);
  server.send('read');
  return (await answer) as Reading;
}

async function measure(served: Served, count: number, seconds: number): Promise<string> {
  const server = start('serve', served);
  const port = Number(await told(server));
  const before = await read(server);
  const clients = start('connect', String(port), String(count));
  await told(clients);
  const opened = await read(server);
  await new Promise((later) => setTimeout(later, seconds * 1000));
  const later = await read(server);
  server.kill();
  clients.kill();
  const heap = (later.heapBytes - before.heapBytes) / count;
  const rss = (later.rssBytes - before.rssBytes) / count;
  const cpu = (100 * (later.cpuUs - opened.cpuUs)) / (seconds * US_PER_S);
  const cells = [Math.round(heap), Math.round(rss), cpu.toFixed(2)].map(String);
  return `| ${[served, ...cells].join(' | ')} |`;
}

const [, , role, first, second] = process.argv;
if (role === 'serve' && isServed(first)) await serve(first);
else if (role === 'connect') await connect(Number(first), Number(second));
else {
  const count = Number(role ?? 2_000);
  const seconds = Number(first ?? 40);
  console.log(`${count} connections, ${seconds} s, Node ${process.versions.node}\n`);
  console.log('| server | heap, bytes a connection | RSS | processor, % of one core |');
  console.log('|---|---|---|---|');
  for (const served of SERVERS) console.log(await measure(served, count, seconds));
}

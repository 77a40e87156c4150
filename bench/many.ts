/**
 * A hundred thousand connections in one process without a hundred thousand descriptors: `ws` upgrades streams that are held in memory, whose far ends
 * answer pings and say nothing else. What a reaper costs beside the sweep of the README of `ws`: bytes a connection after collection, and processor time.
 * Of the compiled package: `npm run -s build && npx tsx bench/many.ts [connections] [seconds]`.
 *
 * Not in it: what the kernel's sockets cost, and looks at them; the streams have no descriptor, so `send-stall` finds nothing to ask.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import type * as Adapter from '../adapter/ws.ts';
import { cpuUs, heldBytes } from './process.ts';
import { SWEEP_MS, sweepOfReadme } from './readme-sweep.ts';

/** As users load it: what tsx makes of the sources keeps names at a price. */
const { attachReaper } = (await import(
  new URL('../dist/adapter/ws.js', import.meta.url).href
)) as typeof Adapter;

const SETTLES_MS = 2_000;
const US_PER_S = 1e6;
const PING = 0x89;
/** A masked pong without a payload (RFC 6455 §5.5.3). */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

const sweep = { kind: 'sweep', intervalMs: SWEEP_MS, life: ['pong'] } as const;

const WATCHES: Readonly<Record<string, (server: WebSocketServer) => unknown>> = {
  'ws alone': () => undefined,
  'sweep of the README': sweepOfReadme,
  'ghostbound, sweep': (server) => attachReaper(server, { name: 'sweep', mechanisms: [sweep] }),
  'ghostbound, standard policy': (server) =>
    attachReaper(server, undefined, { onWarning: () => undefined }),
};

/** The server's end of a connection; the far end answers every ping, whatever it carries. */
class Held extends Duplex {
  readonly remoteAddress = '127.0.0.1';
  /** As a socket counts them: by these a reaper knows that nothing was written since it looked. */
  bytesWritten = 0;
  bytesRead = 0;
  override _read(): void {
    return;
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.bytesWritten += chunk.length;
    if (chunk[0] === PING) {
      setImmediate(() => {
        this.#answer();
      });
    }
    done();
  }
  #answer(): void {
    this.bytesRead += PONG.length;
    this.push(PONG);
  }
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
}

function upgrade(): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.method = 'GET';
  Object.assign(request.headers, {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    // RFC 6455 §1.2: the sample nonce
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  });
  return request;
}

const pass = (ms: number): Promise<void> => new Promise((later) => setTimeout(later, ms));

async function serve(name: string, count: number, seconds: number): Promise<void> {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  WATCHES[name]?.(server);
  const emptyBytes = heldBytes();
  const request = upgrade();
  for (let opened = 0; opened < count; opened += 1) {
    server.handleUpgrade(request, new Held(), Buffer.alloc(0), (socket) => {
      server.emit('connection', socket, request);
    });
    if (opened % 1_000 === 0) await pass(0);
  }
  await pass(SETTLES_MS);
  const bytes = (heldBytes() - emptyBytes) / count;
  const beganUs = cpuUs();
  await pass(seconds * 1_000);
  const cpu = (100 * (cpuUs() - beganUs)) / (seconds * US_PER_S);
  const left = server.clients.size;
  process.send?.(`| ${name} | ${Math.round(bytes)} | ${cpu.toFixed(2)} | ${left} |`);
  process.disconnect?.();
  process.exit();
}

const [, , first = '100000', second = '60', name] = process.argv;
if (name !== undefined) await serve(name, Number(first), Number(second));
else {
  console.log(`${first} connections, ${second} s, Node ${process.versions.node}\n`);
  console.log('| server | bytes a connection | processor, % of one core | still open |');
  console.log('|---|---|---|---|');
  for (const watch of Object.keys(WATCHES)) {
    const child = fork(fileURLToPath(import.meta.url), [first, second, watch]);
    const [row] = (await once(child, 'message')) as [string];
    console.log(row);
  }
}

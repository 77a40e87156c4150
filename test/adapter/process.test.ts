/**
 * The compiled package in processes of its own: what it loads, what it says where koffi is not
 * installed, and that it lets the process go.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setsWholeKeepalive } from '../../adapter/kernel/node.ts';
import type { PolicyInput } from '../../model/policy/index.ts';
import {
  COMPILED_ADAPTER,
  COMPILED_NODE_ADAPTER,
  spawnNodeServer,
  spawnServer,
} from '../support/child.ts';

const HEARTBEAT: PolicyInput = {
  name: 'heartbeat',
  mechanisms: [{ kind: 'ping', intervalMs: '25s', replyTimeoutMs: '10s' }],
};
const KERNEL: PolicyInput = {
  name: 'kernel',
  mechanisms: [
    { kind: 'keepalive', idleMs: '10s', intervalMs: '5s', probes: 3 },
    { kind: 'user-timeout', timeoutMs: '20s' },
    { kind: 'send-stall', graceMs: '30s' },
  ],
};
const EXITS_BY_ITSELF = { host: '127.0.0.1', closesAtOnce: true } as const;
const onLinux = process.platform === 'linux';

describe('the process of a server', () => {
  it.each([HEARTBEAT, KERNEL])(
    'ends by itself once the server is closed ($name)',
    async (policy) => {
      const server = await spawnServer({ ...EXITS_BY_ITSELF, adapter: COMPILED_ADAPTER, policy });
      const [code] = (await once(server.child, 'exit')) as [number];
      expect(code).toBe(0);
      expect(server.events.map(({ event }) => event)).toEqual(['listening', 'exit']);
    },
  );

  it('loads koffi only for a policy that needs it', async () => {
    for (const policy of [HEARTBEAT, KERNEL]) {
      const server = await spawnServer({ ...EXITS_BY_ITSELF, adapter: COMPILED_ADAPTER, policy });
      const { koffi } = await server.event('listening');
      expect(koffi).toBe(onLinux && policy === KERNEL);
    }
  });
});

/** Runs a module of so many lines; answers what it printed, and fails unless it ends by itself in time. */
function runs(lines: string[]): string {
  const args = ['--input-type=module', '--eval', lines.join('\n')];
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const ran = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 10_000, cwd: root });
  expect([ran.signal, ran.status, ran.stderr]).toEqual([null, 0, '']);
  return ran.stdout.trim();
}

describe('the process of an http server', () => {
  it.each([HEARTBEAT, KERNEL])(
    'ends by itself once the server is closed ($name)',
    async (policy) => {
      const order = { ...EXITS_BY_ITSELF, adapter: COMPILED_NODE_ADAPTER, policy };
      const server = await spawnNodeServer(order);
      const [code] = (await once(server.child, 'exit')) as [number];
      expect(code).toBe(0);
      expect(server.events.map(({ event }) => event)).toEqual(['listening', 'exit']);
    },
  );

  it('is not held by the poll of a connection whose sockets hold nothing', () => {
    const policy = JSON.stringify({ name: 'x', mechanisms: [{ kind: 'idle', timeoutMs: '1h' }] });
    const told = runs([
      `import { attachReaper } from ${JSON.stringify(COMPILED_NODE_ADAPTER)};`,
      `import net from 'node:net';`,
      `const server = net.createServer((socket) => { socket.unref(); server.unref(); client.unref(); });`,
      `const reaper = attachReaper(server, ${policy});`,
      `let client;`,
      `server.listen(0, () => { client = net.connect(server.address().port); });`,
      `process.on('exit', () => console.log(reaper.connections));`,
    ]);
    expect(told).toBe('1');
  });

  it('is held by a drain until its promise is kept, even when nothing else holds it', () => {
    const told = runs([
      `import { drain } from ${JSON.stringify(COMPILED_NODE_ADAPTER)};`,
      `import net from 'node:net';`,
      `import { once } from 'node:events';`,
      `const server = net.createServer((socket) => socket.unref());`,
      `server.listen(0);`,
      `await once(server, 'listening');`,
      `const client = net.connect(server.address().port);`,
      `await once(server, 'connection');`,
      `client.unref();`,
      `client.on('error', () => undefined);`,
      `await drain(server, { deadlineMs: 200 });`,
      `console.log('kept');`,
    ]);
    expect(told).toBe('kept');
  });
});

describe('the process of a client', () => {
  const compiled = JSON.stringify(new URL('../../dist/adapter/client.js', import.meta.url).href);

  it('ends by itself after close(), and after giving up', () => {
    for (const end of [`client.on('waiting', () => client.close());`, '']) {
      const told = runs([
        `import { createClient } from ${compiled};`,
        `import { WebSocket } from 'ws';`,
        `const policy = { baseMs: 10, capMs: 10, jitterMs: 0, maxAttempts: 2 };`,
        `const client = createClient('ws://127.0.0.1:1', policy, { WebSocket, silenceMs: '1h' });`,
        end,
        `process.on('exit', () => console.log(client.state));`,
      ]);
      expect(told).toBe(end === '' ? 'gaveUp' : 'stopped');
    }
  });

  it('leaks nothing over many lives', () => {
    const told = runs([
      `import { createClient } from ${compiled};`,
      `import { WebSocket, WebSocketServer } from 'ws';`,
      `const server = new WebSocketServer({ port: 0 });`,
      `server.on('connection', (socket) => socket.terminate());`,
      `let opens = 0;`,
      `server.on('listening', () => {`,
      `  const url = 'ws://127.0.0.1:' + server.address().port;`,
      `  const policy = { baseMs: 1, factor: 1, capMs: 1, jitterMs: 0 };`,
      `  const heartbeat = { intervalMs: '1h', replyTimeoutMs: '1s', message: () => 'x' };`,
      `  const client = createClient(url, policy, { WebSocket, heartbeat });`,
      `  client.on('open', () => {`,
      `    opens += 1;`,
      `    const held = process.getActiveResourcesInfo().length;`,
      `    if (opens === 20) console.log(held);`,
      `    if (opens === 200) { console.log(held); client.close(); server.close(); }`,
      `  });`,
      `});`,
    ]);
    const [early, late] = told.split('\n').map(Number);
    expect(late).toBeLessThanOrEqual((early ?? 0) + 3); // a socket or two may be on its way out
  });
});

describe('an installation with nothing optional: no koffi, no simulator, no charts', () => {
  let folder: string;
  let adapter: string;
  let nodeAdapter: string;
  beforeAll(() => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    folder = mkdtempSync(join(tmpdir(), 'ghostbound-'));
    mkdirSync(join(folder, 'node_modules'));
    cpSync(join(root, 'package.json'), join(folder, 'package.json'));
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    for (const room of ['adapter', 'model']) {
      cpSync(join(root, 'dist', room), join(folder, 'dist', room), { recursive: true });
    }
    for (const name of Object.keys(manifest.dependencies)) {
      const place = join(folder, 'node_modules', name);
      mkdirSync(dirname(place), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), place);
    }
    adapter = pathToFileURL(join(folder, 'dist/adapter/ws.js')).href;
    nodeAdapter = pathToFileURL(join(folder, 'dist/adapter/node.js')).href;
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs a policy that needs none of it', async () => {
    const server = await spawnServer({ ...EXITS_BY_ITSELF, adapter, policy: HEARTBEAT });
    const { status } = await server.event('listening');
    expect(status?.mechanisms).toMatchObject([{ kind: 'ping', state: 'on' }]);
  });

  it('has the entries that need nothing of anybody', () => {
    const entries = ['node', 'client', 'metrics'].map((name) =>
      nodeAdapter.replace('node.js', `${name}.js`),
    );
    const imports = entries.map((entry) => `await import(${JSON.stringify(entry)});`);
    expect(runs([...imports, `console.log('loaded');`])).toBe('loaded');
  });

  it.skipIf(!onLinux)('says which package is missing and the command that adds it', async () => {
    const server = await spawnServer({ ...EXITS_BY_ITSELF, adapter, policy: KERNEL });
    const { status } = await server.event('listening');
    const missing =
      'it needs the optional package koffi, which is not installed; add it with: npm install koffi';
    expect(status?.backend).toBe('node');
    const cannot =
      `Node ${process.versions.node} by itself would probe every 1 s, 10 times, instead of every 5 s, 3 times ` +
      `(Node 24 can; here ${missing})`;
    const takesAll = setsWholeKeepalive(Socket.prototype.setKeepAlive);
    expect(status?.mechanisms.map(({ state, reason }) => [state, reason])).toEqual([
      takesAll ? ['on', undefined] : ['off', cannot],
      ['off', missing],
      ['off', missing],
    ]);
  });

  it.skipIf(!onLinux)('fails at attach where koffi is demanded', () => {
    const code =
      `import { attachReaper } from ${JSON.stringify(adapter)};` +
      'const server = { prependListener() {}, handleUpgrade() {} };' +
      `try { attachReaper(server, ${JSON.stringify(KERNEL)}, { kernel: 'koffi' }); }` +
      'catch (error) { console.log(error.name, error.issues[0].path, error.message); }';
    const args = ['--input-type=module', '--eval', code];
    const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stdout).toMatch(/^InputError options\.kernel .*npm install koffi/);
  });
});

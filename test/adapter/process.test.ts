/**
 * The compiled package in processes of its own: what it loads, what it says where koffi is not
 * installed, and that it lets the process go.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyInput } from '../../model/policy/index.ts';
import { COMPILED_ADAPTER, spawnServer } from '../support/child.ts';

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

describe('an installation with nothing optional: no koffi, no simulator, no charts', () => {
  let folder: string;
  let adapter: string;
  beforeAll(() => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    folder = mkdtempSync(join(tmpdir(), 'ghostbound-'));
    mkdirSync(join(folder, 'node_modules'));
    cpSync(join(root, 'package.json'), join(folder, 'package.json'));
    for (const room of ['adapter', 'model']) {
      cpSync(join(root, 'dist', room), join(folder, 'dist', room), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules/xstate'), join(folder, 'node_modules/xstate'));
    adapter = pathToFileURL(join(folder, 'dist/adapter/ws.js')).href;
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs a policy that needs none of it', async () => {
    const server = await spawnServer({ ...EXITS_BY_ITSELF, adapter, policy: HEARTBEAT });
    const { status } = await server.event('listening');
    expect(status?.mechanisms).toMatchObject([{ kind: 'ping', state: 'on' }]);
  });

  it.skipIf(!onLinux)('says which package is missing and the command that adds it', async () => {
    const server = await spawnServer({ ...EXITS_BY_ITSELF, adapter, policy: KERNEL });
    const { status } = await server.event('listening');
    const missing =
      'it needs the optional package koffi, which is not installed; add it with: npm install koffi';
    expect(status?.backend).toBe('node');
    expect(status?.mechanisms.map(({ state, reason }) => [state, reason])).toEqual([
      [
        'off',
        'Node by itself would probe every 1 s, 10 times, instead of every 5 s, 3 times ' +
          `(${missing})`,
      ],
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

/**
 * The JavaScript of docs/adapter.md runs, each block in a process of its own that has the compiled package, `ws`, and
 * a stand-in for `prom-client` in its node_modules. A block that speaks of a server or a reaper of an earlier one gets one.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../house/sources.ts';
import { toTestCode } from './doc-examples.ts';

const page = readFileSync(join(root, 'docs/adapter.md'), 'utf8');
const blocks = [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);

/** What earlier blocks of the page would have made. */
const EARLIER = `
const { attachReaper } = await __import('ghostbound/ws');
const { WebSocketServer } = await __import('ws');
const server = new WebSocketServer({ noServer: true });
const reaper = attachReaper(new WebSocketServer({ noServer: true }), {
  name: 'earlier',
  mechanisms: [{ kind: 'sweep', intervalMs: '30s' }],
});
`;

/** What is compared with `// =>`, then a SIGTERM for the block that waits for one. */
const HARNESS = `
import { isDeepStrictEqual } from 'node:util';
const __import = (specifier) => import(specifier);
const __same = (actual, expected) => {
  if (!isDeepStrictEqual(actual, expected)) throw new Error('shown is not ' + String(actual));
};
`;

const PROM_CLIENT = `
export class Registry {
  #metrics = new Map();
  registerMetric(metric) { this.#metrics.set(metric.name, metric); }
  getSingleMetric(name) { return this.#metrics.get(name); }
  removeSingleMetric(name) { this.#metrics.delete(name); }
}
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ghostbound-page-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'prom-client'), { recursive: true });
  symlinkSync(root, join(modules, 'ghostbound'));
  symlinkSync(join(root, 'node_modules/ws'), join(modules, 'ws'));
  writeFileSync(
    join(modules, 'prom-client/package.json'),
    '{"name":"prom-client","type":"module","exports":"./index.js"}',
  );
  writeFileSync(join(modules, 'prom-client/index.js'), PROM_CLIENT);
  const verified = spawnSync(
    process.execPath,
    [
      join(root, 'dist/cli/main.js'),
      'verify',
      '--policy=alive-flag-sweep',
      '--scenario=vanish-idle',
      '--runs=5',
      '--quiet',
      `--out=${join(folder, 'my-policy.certificate.json')}`,
    ],
    { encoding: 'utf8' },
  );
  if (verified.status !== 0) throw new Error(verified.stderr);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a block until it has nothing more to do at once; answers what it wrote to stderr. */
async function run(code: string, name: string): Promise<{ code: number | null; stderr: string }> {
  const own = ['server', 'reaper'].some((made) => code.includes(`const ${made} =`));
  const text = code.replaceAll('8080', '0');
  const file = join(folder, name);
  const ends = text.includes('SIGTERM')
    ? "setTimeout(() => process.kill(process.pid, 'SIGTERM'), 200);"
    : 'setTimeout(() => process.exit(0), 200);';
  const body = own ? toTestCode(text) : `${EARLIER}${toTestCode(text)}`;
  writeFileSync(file, `${HARNESS}${body}\n${ends}\n`);
  const child = spawn(process.execPath, [file], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [exit] = (await once(child, 'close')) as [number | null];
  return { code: exit, stderr };
}

describe('the JavaScript of docs/adapter.md', () => {
  it('is there', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(7);
  });

  it.each(
    blocks.map((code, index) => [code.trim().split('\n', 3).join(' '), code, index] as const),
  )('runs: %s', async (_, code, index) => {
    expect(await run(code, `block-${index}.mjs`)).toEqual({ code: 0, stderr: '' });
  });
});

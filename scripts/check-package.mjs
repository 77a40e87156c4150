#!/usr/bin/env node
// Packs the package, installs the tarball into an empty project, and uses it as a stranger would:
// once with everything, once without the packages that are each asked for by name (charts, kernel access).
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'ghostbound-package-'));
const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];

function run(command, args, cwd) {
  return execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** What every installation must do, whatever is left out. */
const consumer = `
import { compare, definePolicy, parsePolicy, presets, simulate, bounds, verify } from 'ghostbound';
import { attachReaper } from 'ghostbound/ws';
import { attachReaper as attachToNode, drain } from 'ghostbound/node';
import { createClient } from 'ghostbound/client';
import { registerMetrics } from 'ghostbound/metrics';
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
require('ghostbound/schema/policy.json');
require('ghostbound/schema/certificate.json');
const functions = {
  compare, definePolicy, parsePolicy, simulate, bounds, verify,
  attachReaper, attachToNode, drain, createClient, registerMetrics,
};
for (const [name, value] of Object.entries(functions)) {
  if (typeof value !== 'function') throw new Error(name + ' is not exported');
}
if (!presets['alive-flag-sweep']) throw new Error('no presets');
`;

const typed = `
import { definePolicy, type Policy, type Scenario, simulate } from 'ghostbound';
import { attachReaper } from 'ghostbound/ws';
import * as node from 'ghostbound/node';
import { createClient, type ReconnectingClient } from 'ghostbound/client';
import { registerMetrics } from 'ghostbound/metrics';
import { createServer } from 'node:http';
import { Registry } from 'prom-client';
import { WebSocket, WebSocketServer } from 'ws';
const policy: Policy = definePolicy({ name: 'mine', title: 'Mine', mechanisms: [] });
const scenario: Scenario | undefined = undefined;
const server = new WebSocketServer({ noServer: true });
const http = createServer();
const reapers = { chat: attachReaper(server, policy), api: node.attachReaper(http, policy) };
registerMetrics(new Registry(), reapers)();
registerMetrics(new Registry(), reapers.chat)();
reapers.chat.detach();
reapers.api.detach();
const drained: Promise<node.DrainResult> = node.drain(http, { webSocketServer: server, deadlineMs: '15s' });
const client: ReconnectingClient = createClient('ws://127.0.0.1', { capMs: '30s' }, { WebSocket });
client.on('lost', ({ cause, code }) => console.log(cause, code));
client.close();
export { drained, scenario, simulate };
`;

/** The same in CommonJS, as NestJS compiles to: types, values, classes, and a policy in a variable. */
const required = `
import { definePolicy, type Policy, type PolicyInput } from 'ghostbound/policy';
import { attachReaper, InputError, type ReapEvent, type ReaperHandle } from 'ghostbound/ws';
import { attachReaper as attachToNode, drain, type DrainResult } from 'ghostbound/node';
import { createClient, type ReconnectingClient } from 'ghostbound/client';
import { registerMetrics } from 'ghostbound/metrics';
import { simulate } from 'ghostbound';
import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
const input: PolicyInput = { name: 'mine', mechanisms: [{ kind: 'idle', timeoutMs: '2m' }] };
const policy: Policy = definePolicy(input);
const server = new WebSocketServer({ noServer: true });
const reaper: ReaperHandle = attachReaper(server, policy, {
  onReap: (event: ReapEvent<WebSocket>) => console.log(event.reason),
});
reaper.setPolicy(input);
reaper.detach();
const http = createServer();
attachToNode(http, policy).detach();
const drained: Promise<DrainResult> = drain(http, { webSocketServer: server });
const client: ReconnectingClient = createClient('ws://127.0.0.1:9', {}, { WebSocket });
client.close();
try {
  attachReaper(server, { name: 'none', mechanisms: [] }, { kernel: 'nothing' as never });
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  const issues: readonly unknown[] = (error as InputError).issues;
  if (issues.length !== 1) throw error;
}
for (const value of [simulate, registerMetrics]) if (typeof value !== 'function') throw new Error('not exported');
void drained;
`;

/** The registry of the real prom-client takes the metrics, in both of its formats. */
const scraped = `
import { createServer } from 'node:net';
import { Registry } from 'prom-client';
import { attachReaper } from 'ghostbound/node';
import { registerMetrics } from 'ghostbound/metrics';
const policy = { name: 'api', mechanisms: [{ kind: 'idle', timeoutMs: '2m' }] };
const reaper = attachReaper(createServer(), policy);
for (const type of [Registry.PROMETHEUS_CONTENT_TYPE, Registry.OPENMETRICS_CONTENT_TYPE]) {
  const registry = new Registry(type);
  const unregister = registerMetrics(registry, reaper);
  const text = await registry.metrics();
  if (!text.includes('ghostbound_reaped_total{server="api",mechanism="idle"} 0'))
    throw new Error('no counter in ' + text);
  unregister();
  if ((await registry.metrics()).includes('ghostbound')) throw new Error('not taken off');
}
`;

/** A production server must not load the simulator, the charts or the native part. */
const production = `
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`
  export async function load(url, context, next) {
    const own = url.split('node_modules/ghostbound').pop();
    if (/[/](sim|scenarios|viz|lab|proof|cli)[/]|node_modules[/](vega|vega-lite|koffi|@resvg|commander|xstate)[/]/.test(own))
      throw new Error('production import loads ' + url);
    return next(url, context);
  }\`));
for (const entry of ['ws', 'node', 'client', 'metrics', 'policy']) await import('ghostbound/' + entry);
`;

/** The client runs in browsers: it may load nothing of Node. */
const browser = `
import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`
  export async function load(url, context, next) {
    if (url.startsWith('node:')) throw new Error('the client loads ' + url);
    return next(url, context);
  }\`));
await import('ghostbound/client');
`;

function compile(folder, file, module, ...flags) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const common = ['--strict', '--module', module, '--target', 'es2023', '--types', 'node'];
  run(process.execPath, [tsc, ...common, ...flags, file], folder);
}

function project(name, extra) {
  const folder = join(work, name);
  execFileSync('mkdir', ['-p', folder]);
  writeFileSync(join(folder, 'package.json'), '{"name":"consumer","private":true,"type":"module"}');
  run('npm', ['install', ...quiet, ...extra, join(work, tarball)], folder);
  writeFileSync(join(folder, 'consumer.mjs'), consumer);
  writeFileSync(join(folder, 'production.mjs'), production);
  run(process.execPath, ['consumer.mjs'], folder);
  run(process.execPath, ['production.mjs'], folder);
  writeFileSync(join(folder, 'browser.mjs'), browser);
  run(process.execPath, ['browser.mjs'], folder);
  const version = run('npx', ['--no-install', 'ghostbound', '--version'], folder).trim();
  if (version !== JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version)
    throw new Error(`ghostbound --version printed ${version}`);
  const compared = run(
    'npx',
    [
      '--no-install',
      'ghostbound',
      'compare',
      '--policy',
      'alive-flag-sweep',
      '--scenario',
      'vanish-idle',
      '--runs',
      '5',
      '--json',
    ],
    folder,
  );
  if (JSON.parse(compared).rows.length !== 1) throw new Error('compare --json has no row');
  return folder;
}

/** What nobody asked for is not installed. */
const MOST_PACKAGES = 9;
const MOST_BYTES = 13e6;

/** Ghostbound alone, in an empty folder: how many packages, and how large. */
function empty() {
  const folder = join(work, 'empty');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"name":"consumer","private":true,"type":"module"}');
  run('npm', ['install', ...quiet, join(work, tarball)], folder);
  const lock = JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8'));
  const packages = Object.keys(lock.packages);
  const bytes = readdirSync(join(folder, 'node_modules'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  console.log(`an empty install: ${packages.length} packages, ${(bytes / 1e6).toFixed(1)} MB`);
  if (packages.length > MOST_PACKAGES || bytes > MOST_BYTES)
    throw new Error(`more than ${MOST_PACKAGES} packages or ${MOST_BYTES / 1e6} MB`);
}

let tarball = '';
try {
  run(process.execPath, ['scripts/build.mjs'], root);
  tarball = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work], root),
  )[0].filename;
  empty();
  project('bare', ['ws@8']);
  const full = project('full', [
    'ws@8',
    'prom-client@15',
    '@types/ws',
    '@types/node@20',
    'koffi@3',
    'vega@6',
    'vega-lite@6',
    '@resvg/resvg-js@2',
  ]);
  writeFileSync(join(full, 'scraped.mjs'), scraped);
  run(process.execPath, ['scraped.mjs'], full);
  writeFileSync(join(full, 'typed.ts'), typed);
  compile(full, 'typed.ts', 'nodenext', '--noEmit', '--skipLibCheck');
  writeFileSync(join(full, 'required.cts'), required);
  compile(full, 'required.cts', 'node16', '--skipLibCheck', 'false');
  if (!readFileSync(join(full, 'required.cjs'), 'utf8').includes('require("ghostbound/ws")'))
    throw new Error('required.cts was not compiled to CommonJS');
  run(process.execPath, ['required.cjs'], full);
  run(
    'npx',
    [
      '--no-install',
      'ghostbound',
      'report',
      '--policy',
      'alive-flag-sweep',
      '--scenario',
      'vanish-idle',
      '--runs',
      '20',
      '--out',
      'report.html',
    ],
    full,
  );
  console.log('1 passed, 0 failed');
} finally {
  rmSync(work, { recursive: true, force: true });
}

#!/usr/bin/env node
/**
 * `npm run record -- NAME …`: plays the stories of real systems on this machine's kernel, in namespaces of their own, and
 * writes what was seen to test/systems/NAME.json. Needs root, iproute2, nftables and the system itself.
 */
import { spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { clientAddress, createNamespaces, SERVER_ADDRESS } from '../namespaces.ts';
import type { Namespaces } from '../namespaces.ts';
import { systems } from './index.ts';
import { socketOptionsOf } from './socket-options.ts';
import { socketsAt } from './sockets.ts';
import type {
  Place,
  RecordedLife,
  RecordedOptions,
  RecordedStory,
  RecordedSystem,
  SystemRecording,
} from './types.ts';

/** Connections of one story: their openings and faults are spread, so that phases differ. */
const CLIENTS = 12;
const OPENINGS_APART_MS = 437;
const FIRST_FAULT_AFTER_MS = 1_500;
const FAULTS_APART_MS = 613;
const LOOK_EVERY_MS = 5;
const STARTS_WITHIN_MS = 30_000;
const PORT = 7_000;

const programs = fileURLToPath(new URL('programs/', import.meta.url));
const recordings = fileURLToPath(new URL('../../test/systems/', import.meta.url));

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): string {
  const done = spawnSync(command, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8' });
  if (done.status !== 0) {
    throw new Error(`${command} ${args.join(' ')}: ${done.error?.message ?? done.stderr}`);
  }
  return `${done.stdout}${done.stderr}`;
}

function placeIn(folder: string): Place {
  return {
    address: SERVER_ADDRESS,
    port: PORT,
    folder,
    program: (file) => join(programs, file),
    go(file) {
      const executable = join(folder, basename(file, '.go'));
      const env = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' };
      run('go', ['build', '-o', executable, join(programs, file)], folder, env);
      return executable;
    },
    npm(...packages) {
      writeFileSync(join(folder, 'package.json'), '{"private":true}');
      run('npm', ['install', '--silent', '--no-audit', '--no-fund', ...packages], folder);
    },
    write(file, text) {
      writeFileSync(join(folder, file), text);
      return join(folder, file);
    },
    run: (command, ...args) => void run(command, args, folder),
  };
}

/** One client process, from the start of its opening. */
interface Client {
  readonly index: number;
  readonly child: ChildProcess;
  /** When its handshake had ended. */
  readonly readyAtMs: number;
}

function openClient(
  namespaces: Namespaces,
  system: RecordedSystem,
  index: number,
): Promise<Client> {
  const { protocol, path, beatS, database } = system;
  const host = SERVER_ADDRESS;
  const localAddress = clientAddress(index);
  const order = { protocol, path, beatS, database, host, port: PORT, localAddress };
  const args = [join(programs, 'client.mjs'), JSON.stringify(order)];
  const child = namespaces.spawn('client', process.execPath, args);
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => resolve({ index, child, readyAtMs: performance.now() }));
    child.on('exit', () => reject(new Error(`client ${index} of ${system.name} was not served`)));
  });
}

/** Looks at the server's sockets until they have left ESTABLISHED, or the watch is over. */
class Watch {
  readonly #pid: number;
  readonly #leftAtMs = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;
  readonly #seen = new Set<number>();

  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  leftAtMs(index: number): number | null {
    return this.#leftAtMs.get(index) ?? null;
  }

  inodeOf(index: number): string {
    const from = `${clientAddress(index)}:`;
    const socket = socketsAt(this.#pid, PORT).find(({ peer }) => peer.startsWith(from));
    if (socket === undefined) throw new Error(`the server holds no connection from ${from}`);
    return socket.inode;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    const open = new Set(
      socketsAt(this.#pid, PORT)
        .filter(({ established }) => established)
        .map(({ peer }) => peer.split(':')[0]),
    );
    for (let index = 0; index < CLIENTS; index += 1) {
      if (open.has(clientAddress(index))) this.#seen.add(index);
      else if (this.#seen.has(index) && !this.#leftAtMs.has(index))
        this.#leftAtMs.set(index, nowMs);
    }
  }
}

async function listening(pid: number, of: string): Promise<void> {
  const deadlineMs = performance.now() + STARTS_WITHIN_MS;
  const port = PORT.toString(16).toUpperCase();
  while (performance.now() < deadlineMs) {
    const lines = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').split('\n');
    if (lines.some((line) => new RegExp(`:${port} \\S+ 0A `).test(line))) return;
    await sleep(50);
  }
  throw new Error(`${of} does not listen on port ${PORT} after ${STARTS_WITHIN_MS / 1000} s`);
}

const NO_OPTIONS: RecordedOptions = { keepalive: null, userTimeoutMs: 0 };

interface Played {
  readonly lives: readonly RecordedLife[];
  readonly options: RecordedOptions;
}

async function playStory(
  system: RecordedSystem,
  story: RecordedStory,
  watchS: number,
): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), 'ghostbound-system-'));
  const namespaces = createNamespaces(CLIENTS);
  try {
    namespaces.loopback();
    const starts = system.start(placeIn(folder));
    const children = starts.map(({ command, args }) =>
      namespaces.spawn('server', command, args, folder),
    );
    const pid = children.at(-1)?.pid ?? 0;
    await listening(pid, system.name);
    const watch = new Watch(pid);
    const clients: Client[] = [];
    let options: RecordedOptions | undefined;
    for (let index = 0; index < CLIENTS; index += 1) {
      clients.push(await openClient(namespaces, system, index));
      options ??= socketOptionsOf(watch.inodeOf(index));
      await sleep(OPENINGS_APART_MS);
    }
    const faults: number[] = [];
    if (story === 'quiet') faults.push(...clients.map(({ readyAtMs }) => readyAtMs));
    else {
      await sleep(FIRST_FAULT_AFTER_MS);
      for (const { index, child } of clients) {
        faults.push(performance.now());
        if (story === 'vanish') namespaces.cut(index);
        else child.kill('SIGSTOP');
        await sleep(FAULTS_APART_MS);
      }
    }
    const endMs = (faults.at(-1) ?? 0) + watchS * 1000;
    while (performance.now() < endMs) {
      if (clients.every(({ index }) => watch.leftAtMs(index) !== null)) break;
      await sleep(100);
    }
    watch.stop();
    const lives = clients.map(({ index, readyAtMs }): RecordedLife => {
      const leftAtMs = watch.leftAtMs(index);
      const faultAtMs = faults[index] ?? 0;
      const whole = (ms: number): number => Math.round(ms);
      return {
        ageMs: whole(faultAtMs - readyAtMs),
        kernelClosedMs: leftAtMs === null ? null : whole(leftAtMs - faultAtMs),
      };
    });
    return { lives, options: options ?? NO_OPTIONS };
  } finally {
    namespaces.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

function versionOf({ version }: RecordedSystem): string {
  const text = run(version.command, version.args, '/');
  return /\d+(?:\.\d+)+/.exec(text)?.[0] ?? text.trim();
}

async function record(system: RecordedSystem): Promise<SystemRecording> {
  const stories: SystemRecording['stories'][number][] = [];
  let options = NO_OPTIONS;
  for (const { story, watchS } of system.stories) {
    const played = await playStory(system, story, watchS);
    options = played.options;
    stories.push({ story, watchMs: watchS * 1000, lives: played.lives });
    const seen = played.lives.map(({ kernelClosedMs }) => kernelClosedMs ?? 'open').join(' ');
    process.stdout.write(`${system.name} ${story}: ${seen}\n`);
  }
  return {
    schemaVersion: 1,
    system: system.name,
    version: versionOf(system),
    kernel: /^\d+\.\d+\.\d+/.exec(release())?.[0] ?? release(),
    policy: system.policy,
    options,
    stories,
  };
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !systems.some((system) => system.name === name));
if (names.length === 0 || unknown.length > 0) {
  process.stderr.write(
    `usage: npm run record -- NAME …\nsystems: ${systems.map(({ name }) => name).join(' ')}\n`,
  );
  process.exit(2);
}
mkdirSync(recordings, { recursive: true });
for (const system of systems.filter(({ name }) => names.includes(name))) {
  const missing = system.debian.filter(
    (name) => spawnSync('dpkg', ['-s', name], { stdio: 'ignore' }).status !== 0,
  );
  if (missing.length > 0) {
    process.stderr.write(`${system.name}: first apt-get install ${missing.join(' ')}\n`);
    process.exitCode = 1;
    continue;
  }
  const recording = await record(system);
  const file = join(recordings, `${system.name}.json`);
  writeFileSync(file, `${JSON.stringify(recording, null, 2)}\n`);
  if (existsSync(file)) process.stdout.write(`wrote ${file}\n`);
}

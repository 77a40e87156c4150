/**
 * A story on this machine's real kernel: a `ws` server of a process of its own that runs the compiled adapter under a policy, real clients behind a
 * wire of the scenario's delay and loss, and what the story does, done to them. Beside those whom it happens to there is one to whom nothing happens.
 */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Act } from '../../model/faults/acts.ts';
import type { Policy } from '../../model/policy/types.ts';
import { rhythmOf } from '../../model/rhythm/index.ts';
import { serverLoad } from '../../model/scenario/load.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { clientAddress, SERVER_ADDRESS } from '../namespaces.ts';
import { carryOut, deedOf, type Victim } from './acts.ts';
import {
  spawnClient,
  spawnServer,
  type ServerOrder,
  type ServerProcess,
  type ToldMechanism,
} from './processes.ts';
import type { Told } from './recording.ts';
import { createHosts, type Hosts } from './wire.ts';

/** How it is to be played. */
export interface PlayOptions {
  /** Those whom it happens to. */
  readonly clients: number;
  /** How long they are waited for, ms after the last of them. */
  readonly watchMs: number;
  readonly seed: number;
  /** The module that exports `attachReaper`; this package's own unless said. */
  readonly adapter?: string;
  /** Told of what happens, in a line. */
  readonly report?: (line: string) => void;
  /** When it is aborted, everything that was made is taken away, and the play rejects. */
  readonly signal?: AbortSignal;
}

/** What became of one connection, ms after what happened to it. */
export interface LabLife {
  readonly client: string;
  /** When the server decided, or its kernel; null = it did not. */
  readonly decidedMs: number | null;
  /** When its application was told that the connection is closed. */
  readonly closedMs: number | null;
  /** What ended it: a mechanism, `kernel`, `other`; null = nothing. */
  readonly by: string | null;
  /** How long the fault took to be made, ms: the instant is known so well. */
  readonly withinMs: number;
}

/** What was seen. */
export interface LabLives {
  readonly lives: readonly LabLife[];
  /** Whether the one to whom nothing happens was left alone; what ended it. */
  readonly bystander: string | null;
  /** As the adapter says it: which of the policy's mechanisms ran. */
  readonly mechanisms: readonly ToldMechanism[];
  /** Of the first connection: what was handed to the kernels, and what was on the wire. */
  readonly told: Told;
}

/** All are open so long before it begins. */
const SETTLES_MS = 1_500;
/** Openings and faults are spread over no longer. */
const LONGEST_SPREAD_MS = 60_000;
const LOOKS_EVERY_MS = 20;
const BYSTANDER = 'bystander';

const ENDING_SIGNALS = ['SIGTERM', 'SIGHUP'] as const;
const ENDED_BY_SIGNAL = 130;

/** Instants of all processes here, ms. */
const nowMs = (): number => performance.timeOrigin + performance.now();

/** Plays it once, in real time. */
export async function playStory(
  policy: Policy,
  scenario: Scenario,
  options: PlayOptions,
): Promise<LabLives> {
  const { path } = scenario;
  const hosts = await createHosts(options.clients + 1, {
    oneWayMs: path.rttMs / 2,
    lossShare: (path.lossPercent ?? 0) / 100,
    seed: options.seed,
  });
  const stop = (): void => hosts.destroy();
  // What ends a process by itself takes nothing away: it is to end in order, which does.
  const ends = (): void => process.exit(ENDED_BY_SIGNAL);
  process.on('exit', stop);
  for (const signal of ENDING_SIGNALS) process.on(signal, ends);
  try {
    const aborted = new Promise<never>((_resolve, reject) => {
      const { signal } = options;
      const abort = (): void => reject(new Error('interrupted'));
      if (signal?.aborted === true) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
    return await Promise.race([new Play(policy, scenario, options, hosts).run(), aborted]);
  } finally {
    process.off('exit', stop);
    for (const signal of ENDING_SIGNALS) process.off(signal, ends);
    stop();
  }
}

/** What the scenario says of the kernels, for sysctl(8). */
function sysctlsOf(settings: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key.includes('.') ? key : `net.ipv4.${key}`,
      Array.isArray(value) ? value.join(' ') : String(value),
    ]),
  );
}

class Play {
  readonly #policy: Policy;
  readonly #scenario: Scenario;
  readonly #options: PlayOptions;
  readonly #hosts: Hosts;
  readonly #lives: LabLife[] = [];
  readonly #deeds: { atMs: number; act: Act }[] = [];
  readonly #wrote: { side: 'server' | 'client'; atMs: number; bytes: number }[] = [];

  constructor(policy: Policy, scenario: Scenario, options: PlayOptions, hosts: Hosts) {
    this.#policy = policy;
    this.#scenario = scenario;
    this.#options = options;
    this.#hosts = hosts;
  }

  async run(): Promise<LabLives> {
    const { clients } = this.#options;
    const { kernel } = this.#scenario;
    this.#hosts.sysctls('server', sysctlsOf(kernel.serverSysctls));
    this.#hosts.sysctls('client', sysctlsOf(kernel.clientSysctls));
    await this.#hosts.record(0);
    const server = await this.#serve();
    const mechanisms = (await server.event('listening')).status?.mechanisms ?? [];
    const spreadMs = Math.min(rhythmOf(this.#policy, this.#scenario).longestMs, LONGEST_SPREAD_MS);
    const names = Array.from({ length: clients }, (_, index) => `client-${index}`);
    const processes: ChildProcess[] = [];
    for (const [index, name] of [...names, BYSTANDER].entries()) {
      processes.push(await this.#open(server, index, name));
    }
    await sleep(SETTLES_MS);
    this.#options.report?.(
      `${clients} clients are open; what happens is spread over ${Math.round(spreadMs / 1000)} s`,
    );
    const done = names.map(async (name, index) => {
      await sleep((spreadMs * index) / clients);
      const client = processes[index];
      if (client === undefined) throw new Error(`${name} was never started`);
      const victim = { hosts: this.#hosts, index, client, server: server.child };
      this.#lives.push(await this.#happens(server, name, victim));
    });
    await Promise.all(done);
    const ended = server.events.find(
      ({ event, client }) => event === 'close' && client === BYSTANDER,
    );
    for (const { event, address, bytes, atMs } of server.events) {
      if (event === 'wrote' && address === clientAddress(0)) {
        this.#wrote.push({ side: 'server', atMs, bytes: bytes ?? 0 });
      }
    }
    return {
      lives: this.#lives.toSorted((a, b) => a.client.localeCompare(b.client)),
      bystander: ended === undefined ? null : (endOf(server, BYSTANDER)?.by ?? 'other'),
      mechanisms,
      told: {
        wrote: this.#wrote.toSorted((a, b) => a.atMs - b.atMs),
        deeds: this.#deeds,
        packets: await this.#hosts.packets(),
      },
    };
  }

  #serve(): Promise<ServerProcess> {
    const load = serverLoad(this.#scenario);
    const { adapter } = this.#options;
    const order: ServerOrder = {
      host: SERVER_ADDRESS,
      policy: this.#policy,
      tellsWrites: true,
      endsWithInput: true,
      ...(adapter !== undefined && { adapter }),
      ...(load.kind === 'periodic' &&
        load.direction !== 'client' && { chatterMs: load.everyMs, chatterBytes: load.bytes }),
      ...(load.kind === 'saturated' && { saturates: true }),
    };
    return spawnServer(order, (command, args) => this.#hosts.spawn('server', command, args));
  }

  async #open(server: ServerProcess, index: number, name: string): Promise<ChildProcess> {
    const { load } = this.#scenario;
    const order = {
      url: `ws://${SERVER_ADDRESS}:${server.port}/${name}`,
      localAddress: clientAddress(index),
      tellsWrites: index === 0,
      endsWithInput: true,
      ...(load.kind === 'periodic' &&
        load.direction !== 'server' && { chatterMs: load.everyMs, chatterBytes: load.bytes }),
    };
    const child = spawnClient(order, (command, args) => this.#hosts.spawn('client', command, args));
    child.stdout?.on('data', (text: Buffer) => {
      for (const line of String(text).split('\n')) {
        if (!line.startsWith('{')) continue;
        const { atMs, bytes } = JSON.parse(line) as {
          readonly atMs: number;
          readonly bytes: number;
        };
        this.#wrote.push({ side: 'client', atMs, bytes });
      }
    });
    await server.event('connection', name);
    return child;
  }

  async #do(acts: readonly Act[], victim: Victim, lengthMs: number): Promise<void> {
    if (victim.index === 0) for (const act of acts) this.#deeds.push({ atMs: nowMs(), act });
    await carryOut(acts, victim, lengthMs);
  }

  /** The story of one connection, to its end or to the end of the watch. */
  async #happens(server: ServerProcess, name: string, victim: Victim): Promise<LabLife> {
    const { begins, ends, lengthMs } = deedOf(this.#scenario);
    const fromMs = nowMs();
    await this.#do(begins, victim, lengthMs ?? 0);
    const withinMs = nowMs() - fromMs;
    if (lengthMs !== null) {
      await sleep(lengthMs);
      await this.#do(ends, victim, lengthMs);
    }
    const untilMs = nowMs() + this.#options.watchMs;
    while (endOf(server, name)?.closedAtMs === undefined && nowMs() < untilMs) {
      await sleep(LOOKS_EVERY_MS);
    }
    const end = endOf(server, name);
    const since = (atMs: number | undefined): number | null =>
      atMs === undefined ? null : atMs - fromMs;
    const decidedMs = since(end?.decidedAtMs);
    this.#options.report?.(
      decidedMs === null
        ? `${name}: stands`
        : `${name}: ${end?.by} after ${(decidedMs / 1000).toFixed(2)} s`,
    );
    return {
      client: name,
      decidedMs,
      closedMs: since(end?.closedAtMs),
      by: end?.by ?? null,
      withinMs,
    };
  }
}

/** What the server has told of the end of a connection; undefined while it stands. */
function endOf(
  server: ServerProcess,
  name: string,
): { decidedAtMs: number; closedAtMs: number | undefined; by: string } | undefined {
  const of = (kind: 'reap' | 'close') =>
    server.events.find(({ event, client }) => event === kind && client === name);
  const [reap, close] = [of('reap'), of('close')];
  const decidedAtMs = reap?.atMs ?? close?.atMs;
  if (decidedAtMs === undefined) return undefined;
  return { decidedAtMs, closedAtMs: close?.atMs, by: reap?.mechanism ?? 'other' };
}

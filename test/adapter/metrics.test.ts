/** What a registry is told of reapers at work, in the words of the Prometheus text format. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import {
  InputError,
  registerMetrics,
  reportMetrics,
  type MeasuredReaper,
  type Metric,
  type MetricsRegistry,
} from '../../adapter/metrics.ts';
import { OBSERVED, PULLED } from '../../adapter/metrics/catalogue.ts';
import { attachReaper as attachToNode } from '../../adapter/node.ts';
import { attachReaper } from '../../adapter/ws.ts';
import { definePolicy } from '../../model/policy/index.ts';
import { loopback, sleep, type Loopback } from '../support/loopback.ts';

let loop: Loopback;
beforeEach(async () => {
  loop = await loopback();
});
afterEach(() => loop.close());

/** A registry as `prom-client` has it, reduced to names and samples. */
class Registry implements MetricsRegistry {
  readonly metrics = new Map<string, Metric>();

  registerMetric(metric: never): void {
    const { name } = metric as Metric;
    if (this.metrics.has(name)) throw new Error(`${name} has already been registered`);
    this.metrics.set(name, metric);
  }

  getSingleMetric(name: string): Metric | undefined {
    return this.metrics.get(name);
  }

  removeSingleMetric(name: string): void {
    this.metrics.delete(name);
  }

  /** Lines `name{label="value"} value`. */
  async lines(): Promise<string[]> {
    const all = await Promise.all([...this.metrics.values()].map((metric) => metric.get()));
    return all.flatMap(({ name, values }) =>
      values.map(({ metricName = name, labels, value }) => {
        const words = Object.entries(labels).map(([label, word]) => `${label}="${word}"`);
        return `${metricName}{${words.join(',')}} ${value}`;
      }),
    );
  }
}

const PING = definePolicy({
  name: 'ping',
  mechanisms: [
    { kind: 'ping', intervalMs: 100, replyTimeoutMs: 60, life: ['pong'] },
    { kind: 'drain', deadlineMs: '15s' },
  ],
});

describe('metrics', () => {
  it('tell what the reapers of several servers see', async () => {
    const registry = new Registry();
    const chat = attachReaper(loop.server, PING);
    const idle = { name: 'idle', mechanisms: [{ kind: 'idle', timeoutMs: '1h' }] } as const;
    const api = attachToNode(createServer(), idle);
    const unregister = registerMetrics(registry, { chat, api });
    await loop.client();
    const mute = await loop.mute();
    await mute.ended;
    await expect.poll(() => [...chat.closeCodes]).toEqual([[1006, 1]]);
    const lines = await registry.lines();
    for (const line of [
      'ghostbound_connections{server="chat"} 1',
      'ghostbound_connections{server="api"} 0',
      'ghostbound_reaped_total{server="chat",mechanism="ping"} 1',
      'ghostbound_reaped_total{server="api",mechanism="idle"} 0',
      'ghostbound_kernel_timeouts_total{server="chat"} 0',
      'ghostbound_mechanism_on{server="chat",mechanism="ping",position="0"} 1',
      'ghostbound_mechanism_on{server="chat",mechanism="drain",position="1"} 0',
      'ghostbound_mechanism_on{server="api",mechanism="idle",position="0"} 1',
      'ghostbound_close_codes_total{server="chat",code="1006"} 1',
      // An interval and a reply timeout; nobody judges a stuck send path; what ws gives a closing.
      'ghostbound_bound_seconds{server="chat",of="silence"} 0.16',
      'ghostbound_bound_seconds{server="chat",of="stuck"} Infinity',
      'ghostbound_bound_seconds{server="chat",of="closing"} 30',
      'ghostbound_tolerance_seconds{server="chat",of="silence"} 0.06',
      'ghostbound_unwatched{server="chat"} 0',
      'ghostbound_queue_bytes{server="chat"} 0',
      'ghostbound_attached{server="chat"} 1',
      'ghostbound_draining{server="chat"} 0',
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.join('\n')).not.toContain('ghostbound_close_wait'); // nobody can read TCP_INFO here
    // The living one has answered pings, and the reaper's timer has rung.
    const counts = (name: string) =>
      lines.find((line) => line.startsWith(`${name}_count{server="chat"}`));
    expect(counts('ghostbound_ping_round_trip_seconds')).toMatch(/ [1-9]/);
    expect(counts('ghostbound_loop_lag_seconds')).toMatch(/ [1-9]/);
    expect(lines.find((line) => line.startsWith('ghostbound_pings_total{server="chat"}'))).toMatch(
      / [1-9]/,
    );
    unregister();
    unregister();
    expect(registry.metrics.size).toBe(0);
    chat.detach();
    api.detach();
  });

  it('tell how long the reaped had been silent, until they are taken off', async () => {
    const registry = new Registry();
    const reaper = attachReaper(loop.server, PING);
    const unregister = registerMetrics(registry, reaper);
    const histogram = registry.metrics.get('ghostbound_reap_silence_seconds');
    await (
      await loop.mute()
    ).ended;
    const samples = (await histogram?.get())?.values ?? [];
    const labels = { server: 'ping', mechanism: 'ping' };
    // Silent since the upgrade, for an interval and a reply timeout: 0.16 s, in the bucket up to 1 s.
    expect(samples[0]).toEqual({
      metricName: 'ghostbound_reap_silence_seconds_bucket',
      labels: { ...labels, le: 1 },
      value: 1,
    });
    expect(samples.at(-3)?.labels['le']).toBe('+Inf');
    expect(samples.at(-2)?.value).toBeGreaterThanOrEqual(0.158);
    expect(samples.at(-1)).toMatchObject({ labels, value: 1 });
    histogram?.reset();
    expect((await histogram?.get())?.values).toEqual([]);
    unregister();
    await (
      await loop.mute()
    ).ended;
    expect((await histogram?.get())?.values).toEqual([]);
    reaper.detach();
  });

  it.skipIf(process.platform !== 'linux')(
    'count CLOSE_WAIT where TCP_INFO can be read',
    async () => {
      const registry = new Registry();
      const mechanisms = [{ kind: 'peer-closed', everyMs: '1h' }] as const;
      const reaper = attachReaper(loop.server, { name: 'watchdog', mechanisms });
      registerMetrics(registry, reaper);
      const arrivals = once(loop.server, 'connection');
      const client = await loop.client();
      const [side] = (await arrivals) as [WebSocket];
      side.pause();
      client.terminate();
      const line = 'ghostbound_close_wait{server="watchdog"} 1';
      await expect.poll(() => registry.lines()).toContain(line);
      reaper.detach();
    },
  );

  it('take in a server that starts later, and go with the last one', async () => {
    const registry = new Registry();
    const chat = attachReaper(loop.server, PING);
    const takeOffChat = registerMetrics(registry, { chat });
    const api = attachToNode(createServer(), { name: 'api', mechanisms: [] });
    const takeOffApi = registerMetrics(registry, { api });
    expect(await registry.lines()).toContain('ghostbound_connections{server="api"} 0');
    takeOffChat();
    expect((await registry.lines()).join()).not.toContain('server="chat"');
    expect(registry.metrics.size).toBeGreaterThan(0);
    takeOffApi();
    expect(registry.metrics.size).toBe(0);
    chat.detach();
    api.detach();
  });

  it('tell how long a state needs to be acknowledged', async () => {
    const registry = new Registry();
    const mechanisms = [
      { kind: 'send-stall', progress: 'application-ack', graceMs: '30s' },
    ] as const;
    const reaper = attachReaper(loop.server, { name: 'sync', mechanisms });
    registerMetrics(registry, reaper);
    await loop.client();
    const [side] = [...loop.server.clients];
    if (side === undefined) throw new Error('nobody is there');
    reaper.messageSent(side);
    await sleep(30);
    reaper.messageSent(side);
    reaper.acknowledged(side);
    reaper.acknowledged(side);
    const lines = await registry.lines();
    expect(lines).toContain('ghostbound_state_sync_seconds_count{server="sync"} 1');
    const sum = lines.find((line) => line.startsWith('ghostbound_state_sync_seconds_sum'));
    expect(Number(sum?.split(' ').at(-1))).toBeGreaterThanOrEqual(0.028);
    reaper.detach();
  });

  it('are the same for a meter of OpenTelemetry, whose library counts in no total', () => {
    const seen = new Map<string, string[]>();
    const note = (name: string) => (value: number, attributes?: object) => {
      seen.set(name, [...(seen.get(name) ?? []), `${JSON.stringify(attributes)} ${value}`]);
    };
    type Callback = (result: { observe: ReturnType<typeof note> }) => void;
    const callbacks = new Map<Callback, string>();
    const observable = (name: string) => ({
      addCallback: (callback: Callback) => void callbacks.set(callback, name),
      removeCallback: (callback: Callback) => void callbacks.delete(callback),
    });
    const meter = {
      createObservableGauge: observable,
      createObservableCounter: observable,
      createHistogram: (name: string) => ({ record: note(name) }),
    };
    const chat = attachReaper(loop.server, PING);
    const stop = reportMetrics(meter, { chat });
    for (const [callback, name] of callbacks) callback({ observe: note(name) });
    expect(seen.get('ghostbound.connections')).toEqual(['{"server":"chat"} 0']);
    expect(seen.get('ghostbound.reaped')).toContain('{"server":"chat","mechanism":"ping"} 0');
    expect(seen.get('ghostbound.bound')).toEqual([
      '{"server":"chat","of":"silence"} 0.16',
      '{"server":"chat","of":"closing"} 30',
    ]);
    stop();
    expect(callbacks.size).toBe(0);
    expect(() => reportMetrics({} as never, chat)).toThrow(InputError);
    chat.detach();
  });

  it('keep a hostile variety of close codes within a limit', async () => {
    const registry = new Registry();
    const reaper = attachReaper(loop.server, PING);
    const closeCodes = new Map(Array.from({ length: 100 }, (_, i) => [4000 + i, 2]));
    registerMetrics(registry, { a: Object.assign(Object.create(reaper), { closeCodes }) });
    const codes = (await registry.lines()).filter((line) =>
      line.startsWith('ghostbound_close_codes'),
    );
    expect(codes).toHaveLength(65);
    // 100 codes, 64 told apart, two closings each
    expect(codes.at(-1)).toBe('ghostbound_close_codes_total{server="a",code="other"} 72');
    reaper.detach();
  });

  it('refuse wrong arguments and names that are taken', () => {
    const fails = (registry: unknown, reapers: unknown): string[] => {
      try {
        registerMetrics(registry as MetricsRegistry, reapers as MeasuredReaper);
      } catch (error) {
        if (error instanceof InputError)
          return error.issues.map(({ code, path }) => `${code} ${path}`);
        throw error;
      }
      return [];
    };
    const reaper = attachReaper(loop.server, PING);
    const registry = new Registry();
    expect(fails({}, reaper)).toEqual(['bad-type registry']);
    expect(fails(registry, 7)).toEqual(['bad-type reapers']);
    expect(fails(registry, { chat: {}, api: reaper })).toEqual(['bad-type reapers.chat']);
    expect(registry.metrics.size).toBe(0);
    const unregister = registerMetrics(registry, reaper);
    expect(fails(registry, reaper)).toEqual(['already-registered reapers']);
    unregister();
    registry.metrics.set('ghostbound_connections', {} as Metric);
    expect(fails(registry, reaper)).toEqual(['already-registered registry']);
    registry.metrics.clear();
    registerMetrics(registry, reaper);
    reaper.detach();
  });
});

/** What Prometheus itself says of names, dashboard and rules. */
describe('promtool', () => {
  const has = spawnSync('promtool', ['--version']).error === undefined;
  it('is there where it must be', () => {
    expect(has || process.env['GHOSTBOUND_REQUIRE_PROMTOOL'] === undefined).toBe(true);
  });

  it.skipIf(!has)('finds nothing to say about the metrics', async () => {
    const registry = new Registry();
    const chat = attachReaper(loop.server, PING);
    registerMetrics(registry, { chat });
    const all = await Promise.all([...registry.metrics.values()].map((metric) => metric.get()));
    const text = all.map(({ name, help, type, values }) => {
      const lines = values.map(({ metricName = name, labels, value }) => {
        const words = Object.entries(labels).map(([label, word]) => `${label}="${word}"`);
        return `${metricName}{${words.join(',')}} ${value === Infinity ? '+Inf' : value}`;
      });
      return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n');
    });
    const { stdout, stderr, status } = spawnSync('promtool', ['check', 'metrics'], {
      input: `${text.join('\n')}\n`,
      encoding: 'utf8',
    });
    expect(`${stdout}${stderr}`).toBe('');
    expect(status).toBe(0);
    chat.detach();
  });

  it.skipIf(!has)('accepts the alert rules', () => {
    const { stderr, status } = spawnSync('promtool', ['check', 'rules', monitoring('alerts.yml')], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

function monitoring(file: string): string {
  return fileURLToPath(new URL(`../../docs/monitoring/${file}`, import.meta.url));
}

it.each(['alerts.yml', 'dashboard.json'])('%s asks for metrics that there are', (file) => {
  const text = readFileSync(monitoring(file), 'utf8');
  const names = new Set([...PULLED, ...OBSERVED].map(({ name }) => name));
  const asked = [...text.matchAll(/ghostbound_[a-z_]+/g)].map(([name]) =>
    name.replace(/_bucket$/, ''),
  );
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((name) => !names.has(name))).toEqual([]);
});

it('the page of the adapter lists every metric', () => {
  const page = readFileSync(monitoring('../adapter.md'), 'utf8');
  const missing = [...PULLED, ...OBSERVED].filter(({ name }) => !page.includes(`\`${name}\``));
  expect(missing.map(({ name }) => name)).toEqual([]);
});

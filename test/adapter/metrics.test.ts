/** What a registry is told of reapers at work, in the words of the Prometheus text format. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import {
  InputError,
  registerMetrics,
  type MeasuredReaper,
  type Metric,
  type MetricsRegistry,
} from '../../adapter/metrics.ts';
import { attachReaper as attachToNode } from '../../adapter/node.ts';
import { attachReaper } from '../../adapter/ws.ts';
import { definePolicy } from '../../model/policy/index.ts';
import { loopback, type Loopback } from '../support/loopback.ts';

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
      'ghostbound_mechanism_on{server="chat",mechanism="ping",index="0"} 1',
      'ghostbound_mechanism_on{server="chat",mechanism="drain",index="1"} 0',
      'ghostbound_mechanism_on{server="api",mechanism="idle",index="0"} 1',
      'ws_connections_active{server="chat"} 1',
      'ws_close_codes_distribution{server="chat",code="1006"} 1',
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.join('\n')).not.toContain('ghostbound_close_wait'); // nobody can read TCP_INFO here
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

  it('keep a hostile variety of close codes within a limit', async () => {
    const registry = new Registry();
    const reaper = attachReaper(loop.server, PING);
    const closeCodes = new Map(Array.from({ length: 100 }, (_, i) => [4000 + i, 2]));
    registerMetrics(registry, { a: Object.assign(Object.create(reaper), { closeCodes }) });
    const codes = (await registry.lines()).filter((line) => line.startsWith('ws_close_codes'));
    expect(codes).toHaveLength(65);
    // 100 codes, 64 told apart, two closings each
    expect(codes.at(-1)).toBe('ws_close_codes_distribution{server="a",code="other"} 72');
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
    expect(new Set(fails(registry, reaper))).toEqual(new Set(['already-registered registry']));
    unregister();
    registerMetrics(registry, reaper);
    reaper.detach();
  });
});

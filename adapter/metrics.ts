/**
 * `ghostbound/metrics`: what reapers do, for a registry of `prom-client`.
 *
 * Nothing is counted twice: each metric asks the reapers when it is scraped, but for the histogram, which listens to
 * their verdicts. The metrics are objects with the few members that a registry uses, so nothing of `prom-client` is
 * loaded here, and any copy of it will do.
 */
import { InputError, type Issue } from '../model/issue.ts';
import type { Handle } from './reaper/handle.ts';
import { Histogram, PulledMetric, type Metric, type Sample } from './metrics/metric.ts';
import type { ReapEvent } from './reaper/options.ts';

export type { Metric, Sample } from './metrics/metric.ts';
export { InputError } from '../model/issue.ts';

/** The part of a `Registry` of `prom-client` (14 or later) that is used. */
export interface MetricsRegistry {
  registerMetric(metric: never): void;
  getSingleMetric(name: string): unknown;
  removeSingleMetric(name: string): void;
}

/** A handle of `attachReaper`, of `ghostbound/ws` or `ghostbound/node`. */
export interface MeasuredReaper extends Pick<
  Handle<unknown>,
  'policy' | 'status' | 'connections' | 'closeWait'
> {
  observe(
    listener: (event: Pick<ReapEvent<unknown>, 'mechanism' | 'silentMs'>) => void,
  ): () => void;
  /** Of `ghostbound/ws` only. */
  readonly closeCodes?: ReadonlyMap<number, number>;
}

/** A server's name in the label `server`, and its reaper. */
type Named = readonly [name: string, reaper: MeasuredReaper];

/**
 * Upper bounds of the histogram's buckets, s: from a ping's patience to the quarter of an hour of `tcp_retries2` and
 * the two hours of keepalive's default.
 */
const SILENCE_BUCKETS_S = [1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300, 600, 1000, 7900];
/** A peer may close with any of thousands of codes: so many different ones are told apart, the rest is `other`. */
const CLOSE_CODES_LIMIT = 64;

/**
 * Registers the metrics of one or several reapers.
 *
 * | metric | type | labels |
 * |---|---|---|
 * | `ghostbound_connections` | gauge | `server` |
 * | `ghostbound_reaped_total` | counter | `server`, `mechanism` |
 * | `ghostbound_kernel_timeouts_total` | counter | `server` |
 * | `ghostbound_reap_silence_seconds`: how long a reaped peer had been silent | histogram | `server`, `mechanism` |
 * | `ghostbound_mechanism_on`: 1 or 0 | gauge | `server`, `mechanism`, `index` |
 * | `ghostbound_refused_total`: sockets on which the kernel refused a mechanism | counter | `server`, `mechanism` |
 * | `ghostbound_pings_total`, `ghostbound_errors_total` | counter | `server` |
 * | `ghostbound_longest_stall_seconds`: of the event loop | gauge | `server` |
 * | `ghostbound_close_wait`: where TCP_INFO can be read | gauge | `server` |
 * | `ws_connections_active`: of `ghostbound/ws` | gauge | `server` |
 * | `ws_close_codes_distribution`: of `ghostbound/ws` | counter | `server`, `code` |
 *
 * @param registry - a `Registry` of `prom-client`.
 * @param reapers - one handle of `attachReaper`, whose label is its policy's name, or several by the name that their
 *   label `server` shall have.
 * @returns the function that takes the metrics off the registry again.
 * @throws InputError when an argument is not what it must be, or the registry has one of the names already.
 *
 * @example
 * import { createServer } from 'node:net';
 * import { attachReaper } from 'ghostbound/node';
 * import { registerMetrics } from 'ghostbound/metrics';
 *
 * const names = []; // stands in for `new Registry()` of prom-client
 * const registry = {
 *   registerMetric: ({ name }) => names.push(name),
 *   getSingleMetric: () => undefined,
 *   removeSingleMetric: () => undefined,
 * };
 * const policy = { name: 'quiet', mechanisms: [{ kind: 'idle', timeoutMs: '2m' }] };
 * const reaper = attachReaper(createServer(), policy);
 * const unregister = registerMetrics(registry, { api: reaper });
 * names[0] // => 'ghostbound_connections'
 * unregister();
 */
export function registerMetrics(
  registry: MetricsRegistry,
  reapers: MeasuredReaper | Readonly<Record<string, MeasuredReaper>>,
): () => void {
  const named = namedReapers(reapers);
  const silence = new Histogram(
    'ghostbound_reap_silence_seconds',
    'How long a reaped peer had been silent, by the mechanism that decided',
    SILENCE_BUCKETS_S,
  );
  const metrics: Metric[] = [...pulledMetrics(named), silence];
  checkRegistry(registry, metrics);
  const names = metrics.map(({ name }) => name);
  for (const metric of metrics) registry.registerMetric(metric as never);
  const unobserve = named.map(([server, reaper]) =>
    reaper.observe(({ mechanism, silentMs }) => {
      silence.observe({ server, mechanism }, silentMs / 1000);
    }),
  );
  return () => {
    for (const stop of unobserve.splice(0)) stop();
    for (const name of names.splice(0)) registry.removeSingleMetric(name);
  };
}

function isReaper(value: unknown): value is MeasuredReaper {
  if (typeof value !== 'object' || value === null) return false;
  const { observe, closeWait } = value as Partial<MeasuredReaper>;
  return typeof observe === 'function' && typeof closeWait === 'function';
}

function namedReapers(reapers: unknown): Named[] {
  if (isReaper(reapers)) return [[reapers.policy.name, reapers]];
  const expected = 'a handle of attachReaper, or several by name';
  const received = reapers === null ? 'null' : typeof reapers;
  if (typeof reapers !== 'object' || reapers === null) {
    throw new InputError([{ code: 'bad-type', path: 'reapers', expected, received }]);
  }
  const wrong = Object.entries(reapers).flatMap(([name, one]): Issue[] =>
    isReaper(one)
      ? []
      : [{ code: 'bad-type', path: `reapers.${name}`, expected, received: typeof one }],
  );
  if (wrong.length > 0) throw new InputError(wrong);
  return Object.entries(reapers);
}

function checkRegistry(registry: unknown, metrics: readonly Metric[]): void {
  const { registerMetric, getSingleMetric, removeSingleMetric } = (registry ??
    {}) as Partial<MetricsRegistry>;
  const members = [registerMetric, getSingleMetric, removeSingleMetric];
  if (!members.every((member) => typeof member === 'function')) {
    const expected = 'a Registry of prom-client';
    throw new InputError([
      { code: 'bad-type', path: 'registry', expected, received: typeof registry },
    ]);
  }
  const taken = metrics.filter(
    ({ name }) => (registry as MetricsRegistry).getSingleMetric(name) !== undefined,
  );
  if (taken.length === 0) return;
  throw new InputError(
    taken.map(({ name }) => ({
      code: 'already-registered',
      path: 'registry',
      expected: 'a registry without these names',
      received: name,
      hint: 'register all reapers of a registry in one call, or unregister first',
    })),
  );
}

/** One sample per reaper that has a value. */
function each(
  named: readonly Named[],
  read: (reaper: MeasuredReaper) => number | undefined,
): Sample[] {
  return named.flatMap(([server, reaper]) => {
    const value = read(reaper);
    return value === undefined ? [] : [{ labels: { server }, value }];
  });
}

function gauge(
  name: string,
  help: string,
  samples: () => Sample[],
  aggregator: Metric['aggregator'] = 'sum',
): Metric {
  return new PulledMetric('gauge', name, help, samples, aggregator);
}

function counter(name: string, help: string, samples: () => Sample[]): Metric {
  return new PulledMetric('counter', name, help, samples);
}

/** All but the histogram; those that can never have a sample are left out. */
function pulledMetrics(named: readonly Named[]): Metric[] {
  const webSockets = named.filter(([, { closeCodes }]) => closeCodes !== undefined);
  const readsTcp = named.some(([, reaper]) => reaper.closeWait() !== undefined);
  return [
    gauge('ghostbound_connections', 'Connections under watch', () =>
      each(named, ({ connections }) => connections),
    ),
    counter('ghostbound_reaped_total', 'Connections ended by the policy', () =>
      byMechanism(named, 'reaped'),
    ),
    counter(
      'ghostbound_kernel_timeouts_total',
      'Connections that the kernel gave up: keepalive, user timeout or retransmissions',
      () => each(named, ({ status }) => status.kernelTimeouts),
    ),
    gauge(
      'ghostbound_mechanism_on',
      'Whether a mechanism of the policy works here',
      () => mechanismsOn(named),
      'min',
    ),
    counter('ghostbound_refused_total', 'Sockets on which the kernel refused a mechanism', () =>
      byMechanism(named, 'refused'),
    ),
    counter('ghostbound_pings_total', 'Pings sent', () =>
      each(named, ({ status }) => status.pings),
    ),
    counter('ghostbound_errors_total', 'Errors contained, of callbacks and of the reaper', () =>
      each(named, ({ status }) => status.errors),
    ),
    gauge(
      'ghostbound_longest_stall_seconds',
      'The longest stall of the event loop that the reaper has met',
      () => each(named, ({ status }) => status.longestStallMs / 1000),
      'max',
    ),
    ...(readsTcp ? [closeWaitGauge(named)] : []),
    ...(webSockets.length > 0 ? webSocketMetrics(webSockets) : []),
  ];
}

function closeWaitGauge(named: readonly Named[]): Metric {
  const help = 'Connections whose peer has closed and which this process has not closed';
  return gauge('ghostbound_close_wait', help, () => each(named, (reaper) => reaper.closeWait()));
}

function webSocketMetrics(named: readonly Named[]): Metric[] {
  return [
    gauge('ws_connections_active', 'Open WebSocket connections', () =>
      each(named, ({ connections }) => connections),
    ),
    counter('ws_close_codes_distribution', 'WebSocket connections by close code', () =>
      closeCodes(named),
    ),
  ];
}

function byMechanism(named: readonly Named[], what: 'reaped' | 'refused'): Sample[] {
  return named.flatMap(([server, { status }]) => {
    const sums = new Map<string, number>();
    for (const mechanism of status.mechanisms) {
      sums.set(mechanism.kind, (sums.get(mechanism.kind) ?? 0) + mechanism[what]);
    }
    return [...sums].map(([mechanism, value]) => ({ labels: { server, mechanism }, value }));
  });
}

function mechanismsOn(named: readonly Named[]): Sample[] {
  return named.flatMap(([server, { status }]) =>
    status.mechanisms.map(({ kind, index, state }) => ({
      labels: { server, mechanism: kind, index },
      value: state === 'on' ? 1 : 0,
    })),
  );
}

function closeCodes(named: readonly Named[]): Sample[] {
  return named.flatMap(([server, { closeCodes: counts }]) => {
    const all = [...(counts ?? [])];
    const told = all.slice(0, CLOSE_CODES_LIMIT).map(([code, value]): Sample => {
      return { labels: { server, code }, value };
    });
    const others = all.slice(CLOSE_CODES_LIMIT).reduce((sum, [, value]) => sum + value, 0);
    return others === 0 ? told : [...told, { labels: { server, code: 'other' }, value: others }];
  });
}
